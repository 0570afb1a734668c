import { createHmac } from "node:crypto";
import { id } from "../../core/promotion/promotion-in-review.ts";

export const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";
export const slackApp = { api: "https://slack.com/api", token: "xoxb-1", signingSecret };

/** A request as Slack sends and signs it. */
export function signed(
  payload: unknown,
  atMs: number,
  { secret = signingSecret, timestamp = String(Math.floor(atMs / 1000)) } = {},
) {
  const body = Buffer.from(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
  const signature = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex");
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${signature}`,
  };
  return { body, headers };
}

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export function pressed(deed: string, user = "U0CORA000") {
  return {
    type: "block_actions",
    team: { id: "T1", domain: "example" },
    user: { id: user, username: "cora", team_id: "T1" },
    api_app_id: "A1",
    trigger_id: "12.34.ab",
    container: { type: "message", message_ts: "1763895600.000100" },
    actions: [{ type: "button", block_id: "b", action_id: deed, value: id, action_ts: "1763895600.1" }],
  };
}

/** https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
export function filledIn(deed: string, text: string, user = "U0CORA000") {
  return {
    type: "view_submission",
    team: { id: "T1", domain: "example" },
    user: { id: user, username: "cora", team_id: "T1" },
    view: {
      id: "V0DIALOG",
      type: "modal",
      callback_id: deed,
      private_metadata: id,
      hash: "1.abc",
      state: { values: { text: { text: { type: "plain_text_input", value: text } } } },
    },
  };
}
