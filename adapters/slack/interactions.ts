import * as v from "valibot";
import { Failure } from "../../core/failure.ts";
import { type Exchange, handOver } from "../../core/notification/channel.ts";
import { type ChatEvent, chatDeeds, type Dialog } from "../../core/notification/chat.ts";
import type { ChatUser } from "../../core/promotion/identity.ts";
import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";
import { textPlace, viewOf } from "./dialogs.ts";
import { isSigned } from "./signature.ts";

/** A Slack app that channels write with. */
export interface SlackApp {
  /** The Web API's address. */
  readonly api: string;
  readonly token: string;
  readonly signingSecret: string;
}

/** A request that one of the apps sent. */
export interface SlackRequest {
  readonly app: SlackApp;
  /** Belongs to this request alone. */
  readonly signature: string;
  readonly sentAtSeconds: number;
  readonly event: ChatEvent;
}

/** Slack says so long: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const toleratedSeconds = 5 * 60;

/**
 * What came to the address for interactions. Throws `not-found` where no app sends any, `token-invalid` where none of them
 * signed it, and `token-expired` for one that is older, or younger, than five minutes.
 */
export function readSlackRequest(
  { headers, body }: { readonly headers: Readonly<Record<string, string | undefined>>; readonly body: Uint8Array },
  apps: readonly SlackApp[],
  nowMs: number,
): SlackRequest {
  if (apps.length === 0) throw new Failure("not-found", "No Slack channel of this deployment has buttons.");
  const { "x-slack-request-timestamp": timestamp, "x-slack-signature": signature = "" } = headers;
  const app = apps.find(({ signingSecret }) => isSigned({ body, timestamp, signature }, signingSecret));
  if (app === undefined)
    throw new Failure("token-invalid", "The request is not signed by a Slack app of this deployment.");
  const sentAtSeconds = /^[0-9]{1,12}$/.test(timestamp ?? "") ? Number(timestamp) : Number.NaN;
  if (!(Math.abs(nowMs / 1000 - sentAtSeconds) <= toleratedSeconds))
    throw new Failure("token-expired", "The request was signed more than five minutes from now.");
  return { app, signature, sentAtSeconds, event: eventIn(body) };
}

const name = v.pipe(v.string(), v.maxLength(64));
const user = v.object({ id: name, team_id: v.nullish(name) });
/** Of an app that is installed for a whole organisation there is none. */
const team = v.nullish(v.object({ id: name }));
const promotion = v.custom<PromotionId>(isPromotionId);
const deed = v.picklist(chatDeeds);
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and …/view-interactions-payload
const pressed = v.object({
  type: v.literal("block_actions"),
  user,
  team,
  trigger_id: v.pipe(v.string(), v.maxLength(200)),
  actions: v.tuple([v.object({ action_id: deed, value: promotion })]),
});
const filledIn = v.object({
  type: v.literal("view_submission"),
  user,
  team,
  view: v.object({
    id: v.string(),
    callback_id: deed,
    private_metadata: promotion,
    state: v.object({
      values: v.object({
        [textPlace.block]: v.object({ [textPlace.action]: v.object({ value: v.nullish(v.string(), "") }) }),
      }),
    }),
  }),
});
const payload = v.pipe(v.string(), v.parseJson(), v.variant("type", [pressed, filledIn]));

/** Slack tells of every button, also of those that only lead to a page. */
function eventIn(body: Uint8Array): ChatEvent {
  const read = v.safeParse(payload, new URLSearchParams(Buffer.from(body).toString("utf8")).get("payload"));
  if (!read.success) return { kind: "nothing" };
  const said = read.output;
  switch (said.type) {
    case "block_actions": {
      const [{ action_id, value }] = said.actions;
      return { kind: "pressed", deed: action_id, promotion: value, user: userOf(said), trigger: said.trigger_id };
    }
    case "view_submission": {
      const { id, callback_id, private_metadata, state } = said.view;
      const text = state.values[textPlace.block][textPlace.action].value;
      return {
        kind: "filled-in",
        deed: callback_id,
        promotion: private_metadata,
        user: userOf(said),
        dialog: id,
        text,
      };
    }
    default:
      return said satisfies never;
  }
}

function userOf({ user, team }: v.InferOutput<typeof pressed> | v.InferOutput<typeof filledIn>): ChatUser {
  const workspace = user.team_id ?? team?.id;
  return {
    id: user.id,
    ...(workspace === undefined ? {} : { workspace }),
    ...(team == null ? {} : { in: team.id }),
  };
}

/** Shows a dialog to whoever pressed the button; Slack lets that be done for three seconds. https://docs.slack.dev/reference/methods/views.open */
export function openDialog(exchange: Exchange) {
  return async ({ api, token }: SlackApp, trigger: string, dialog: Dialog): Promise<void> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json; charset=utf-8" };
    const body = JSON.stringify({ trigger_id: trigger, view: viewOf(dialog) });
    const posted = await handOver(exchange, { method: "POST", url: `${api}/views.open`, headers, body }, (answer) =>
      v.is(v.pipe(v.string(), v.parseJson(), v.object({ ok: v.literal(true) })), answer)
        ? { kind: "sent", messageId: "" }
        : { kind: "refused", code: "not-opened" },
    );
    if (posted.kind === "refused")
      throw new Failure("unavailable", "Slack did not open the dialog; press the button again.");
  };
}

/** The answer to a form that was filled in: another dialog takes its place. */
export function inItsPlace(dialog: Dialog): object {
  return { response_action: "update", view: viewOf(dialog) };
}
