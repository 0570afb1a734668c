import { type ChannelKind, type Exchange, handOver } from "../../core/notification/channel.ts";
import type { Message, Posted } from "../../core/notification/message.ts";

/**
 * Posts an Adaptive Card to a Teams workflow that begins 'when a Teams webhook request is received'. Its address holds its
 * own key, so the address is the secret. Teams says 202 and nothing more: the card is on its way.
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
 */
export function teams(exchange: Exchange): ChannelKind {
  return {
    name: "teams",
    form: "Teams message",
    settings: {},
    secret: true,
    audience: () => "room",
    open: () => ({
      post: async (message, address): Promise<Posted> => {
        if (!/^https:\/\/[^\s]+$/.test(address)) return { kind: "refused", code: "secret-invalid" };
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify(cardMessage(message));
        return handOver(exchange, { method: "POST", url: address, headers, body }, () => ({
          kind: "sent",
          messageId: message.id,
        }));
      },
    }),
  };
}

// The newest version that Teams shows everywhere. https://adaptivecards.io/explorer/
function cardMessage({ subject, note, button, link }: Message) {
  const lines = note.split("\n").filter((line) => line.trim() !== "");
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [plain(subject, { weight: "Bolder", size: "Medium" }), ...lines.map((line) => plain(line))],
          actions: [{ type: "Action.OpenUrl", title: button, url: link }],
        },
      },
    ],
  };
}

/**
 * Text as it is: whatever a name holds, it makes no link and no emphasis. A TextBlock would read Markdown, and programs on
 * phones show the backslashes that keep it from that (https://github.com/microsoft/AdaptiveCards/issues/5590); a TextRun reads none:
 * https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
 */
function plain(text: string, look: { readonly weight?: "Bolder"; readonly size?: "Medium" } = {}) {
  return { type: "RichTextBlock", inlines: [{ type: "TextRun", text, ...look }] };
}
