import { cutText } from "../../core/encoding/cut-text.ts";
import { type Dialog, formWords, longestHandedReason } from "../../core/notification/chat.ts";
import { longestQuestion } from "../../core/promotion/question.ts";

// Modals and their limits: https://docs.slack.dev/reference/views/modal-views
const longestTitle = 24;
const longestText = 3000;

/** Under these the text of a form comes back. */
export const textPlace = { block: "text", action: "text" } as const;

/** A dialog as Slack's modal view. */
export function viewOf(dialog: Dialog) {
  switch (dialog.kind) {
    case "form": {
      const words = formWords[dialog.deed];
      return {
        type: "modal",
        callback_id: dialog.deed,
        private_metadata: dialog.promotion,
        title: plain(words.title, longestTitle),
        submit: plain(words.button, longestTitle),
        close: plain("Cancel", longestTitle),
        blocks: [
          { type: "section", text: plain(words.hint, longestText) },
          {
            type: "input",
            block_id: textPlace.block,
            label: plain(words.label, 2000),
            element: {
              type: "plain_text_input",
              action_id: textPlace.action,
              multiline: true,
              max_length: dialog.deed === "reject" ? longestHandedReason : longestQuestion,
            },
          },
        ],
      };
    }
    case "notice":
      return {
        type: "modal",
        title: plain(dialog.title, longestTitle),
        close: plain("Close", longestTitle),
        blocks: [
          { type: "section", text: plain(dialog.text, longestText) },
          ...(dialog.button === undefined ? [] : [linkButton(dialog.button)]),
        ],
      };
    default:
      return dialog satisfies never;
  }
}

function linkButton({ text, link }: { readonly text: string; readonly link: string }) {
  const button = { type: "button", action_id: "open", style: "primary", text: plain(text, 75), url: link };
  return { type: "actions", elements: [button] };
}

function plain(text: string, maximum: number) {
  return { type: "plain_text", text: cutText(text, maximum), emoji: false };
}
