import * as v from "valibot";
import { cutText } from "../../core/encoding/cut-text.ts";
import { slugPattern } from "../../core/encoding/slug.ts";
import { type ChannelKind, type Exchange, handOver, NotReached, refusedBy } from "../../core/notification/channel.ts";
import { type ChatDeed, offersDeeds } from "../../core/notification/chat.ts";
import type { ChannelRule } from "../../core/notification/load-channels.ts";
import type { Message, Posted } from "../../core/notification/message.ts";
import type { SlackApp } from "./interactions.ts";

const answerSchema = v.object({ ok: v.boolean(), error: v.optional(v.string()), ts: v.optional(v.string()) });
// https://docs.slack.dev/reference/methods/users.lookupByEmail
const foundSchema = v.variant("ok", [
  v.object({ ok: v.literal(true), user: v.object({ id: v.string() }) }),
  v.object({ ok: v.literal(false), error: v.string() }),
]);
const publicApi = "https://slack.com/api";

/**
 * Posts into a room or, where none is named, to each person, whom Slack knows by their address. The secret is a bot token
 * with the scope `chat:write`, and `users:read.email` for people. Block Kit with a button that leads to the page and, where
 * the app's requests can be verified, others that begin a rejection or a question; nothing in Slack approves. https://docs.slack.dev/reference/methods/chat.postMessage
 */
export function slack(exchange: Exchange): ChannelKind {
  return {
    name: "slack",
    form: "Slack message",
    settings: {
      room: {
        pattern: /^[CG][A-Z0-9]{6,20}$/,
        sentence: "This must be the id of a Slack channel, such as C0123456789; leave it out to write to each person.",
        optional: true,
      },
      api: {
        pattern: /^https:\/\/[a-z0-9.-]+\/api$/,
        sentence: "This must be the address of Slack's API; without it https://slack.com/api.",
        optional: true,
      },
      signing: {
        pattern: slugPattern,
        sentence:
          "This must be the name under which the app's signing secret is kept; without it messages have no buttons but one.",
        optional: true,
      },
    },
    secret: true,
    audience: ({ room }) => (room === undefined ? "person" : "room"),
    open: ({ room, signing, api = publicApi }) => ({
      post: async (message, token) => {
        const authorization = `Bearer ${token}`;
        const place = room === undefined ? await findPerson(message, api, authorization) : { channel: room };
        if ("kind" in place) return place;
        const { channel } = place;
        const say = (thread: string | undefined): Promise<Posted> => {
          const body = JSON.stringify({
            channel,
            // For notifications and screen readers, which do not read blocks.
            text: escapeSlack(message.subject),
            blocks: blocksOf(message, signing !== undefined),
            unfurl_links: false,
            unfurl_media: false,
            ...(thread === undefined ? {} : { thread_ts: thread, reply_broadcast: true }),
          });
          const headers = { authorization, "content-type": "application/json; charset=utf-8" };
          return handOver(exchange, { method: "POST", url: `${api}/chat.postMessage`, headers, body }, postedOf);
        };
        const thread = message.earlier.at(-1);
        const posted = await say(thread);
        const isAlone = thread !== undefined && posted.kind === "refused" && unanswerable.includes(posted.code);
        return isAlone ? await say(undefined) : posted;
      },
    }),
  };

  /** Where somebody is written to; or why they are not, and nothing was posted yet, whatever went wrong: it is tried again. */
  async function findPerson(
    { to }: Message,
    api: string,
    authorization: string,
  ): Promise<{ channel: string } | Refused> {
    if (to === undefined) return unfound("person-not-found");
    const url = `${api}/users.lookupByEmail?email=${encodeURIComponent(to.address)}`;
    try {
      const answer = await exchange({ method: "GET", url, headers: { authorization } });
      if (answer.status !== 200) return refusedBy(answer);
      const found = v.parse(foundSchema, JSON.parse(answer.body));
      if (found.ok) return { channel: found.user.id };
      return unfound(found.error === "users_not_found" ? "person-not-found" : codeOf(found.error));
    } catch (error) {
      return unfound(error instanceof NotReached ? "not-reached" : "lookup-failed");
    }
  }
}

/**
 * What Slack says where a message cannot be answered any more: it was removed, or nobody may write into its thread. Nothing was posted
 * then, and what there is to tell is told by itself.
 */
const unanswerable: readonly string[] = [
  "cannot_reply_to_message",
  "message_not_found",
  "restricted_action_non_threadable_channel",
  "restricted_action_thread_locked",
  "thread_not_found",
];

type Refused = Extract<Posted, { readonly kind: "refused" }>;

function unfound(code: string): Refused {
  return { kind: "refused", code };
}

/** A word of Slack's, and nothing that quotes anything. */
function codeOf(error: string): string {
  return /^[a-z_]{1,64}$/.test(error) ? error : "unknown";
}

/** Slack answers 200 and says in the body whether it did it; of two of its errors it says that it may have been done. */
function postedOf(body: string): Posted {
  const { ok, error = "unknown", ts = "" } = v.parse(answerSchema, JSON.parse(body));
  if (ok) return { kind: "sent", messageId: ts };
  if (error === "fatal_error" || error === "internal_error") throw new Error("Slack does not know what became of it.");
  return { kind: "refused", code: codeOf(error) };
}

/** The apps whose buttons are answered, of all Slack channels. One whose secrets are not there is left out. */
export async function slackApps(
  channels: readonly Pick<ChannelRule, "kind" | "settings" | "secret">[],
  secret: (name: string) => Promise<string | undefined>,
): Promise<readonly SlackApp[]> {
  const apps = new Map<string, SlackApp>();
  for (const { kind, settings, secret: tokenName } of channels) {
    const { signing, api = publicApi } = settings;
    if (kind.name !== "slack" || signing === undefined || tokenName === undefined) continue;
    const [token, signingSecret] = [await secret(tokenName), await secret(signing)];
    if (token !== undefined && signingSecret !== undefined)
      apps.set(`${tokenName} ${signing} ${api}`, { api, token, signingSecret });
  }
  return [...apps.values()];
}

// Block Kit's own limits: https://docs.slack.dev/reference/block-kit/blocks
function blocksOf({ subject, note, button, link, purpose, about }: Message, interactive: boolean) {
  return [
    { type: "header", text: { type: "plain_text", text: cutText(subject, 150), emoji: false } },
    { type: "section", text: { type: "plain_text", text: cutText(note, 3000), emoji: false } },
    {
      type: "actions",
      elements: [
        {
          type: "button",
          action_id: "open",
          style: "primary",
          text: { type: "plain_text", text: cutText(button, 75), emoji: false },
          url: link,
        },
        ...(interactive && offersDeeds(purpose) && about.promotion !== undefined
          ? [deedButton("reject", "Reject", about.promotion), deedButton("ask", "Ask a question", about.promotion)]
          : []),
      ],
    },
  ];
}

function deedButton(deed: ChatDeed, text: string, promotion: string) {
  return { type: "button", action_id: deed, text: { type: "plain_text", text, emoji: false }, value: promotion };
}

/** `text` is Slack's markup: whatever a name holds, it mentions nobody and links nowhere. */
function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
