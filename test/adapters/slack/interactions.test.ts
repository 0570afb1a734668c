import { createHmac } from "node:crypto";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { inItsPlace, openDialog, readSlackRequest } from "../../../adapters/slack/interactions.ts";
import { isSigned } from "../../../adapters/slack/signature.ts";
import { slack, slackApps } from "../../../adapters/slack/slack.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import type { Dialog } from "../../../core/notification/chat.ts";
import { loadChannels } from "../../../core/notification/load-channels.ts";
import { id } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { otherEnd } from "../message.ts";
import { filledIn, pressed, signed, signingSecret, slackApp } from "./slack-requests.ts";

const nowMs = Date.UTC(2026, 10, 23, 12);
const read = (request: ReturnType<typeof signed>, apps = [slackApp], at = nowMs) => readSlackRequest(request, apps, at);
const reading = async (...given: Parameters<typeof read>) => read(...given);

describe("Slack's signature", () => {
  it("fits the example that Slack publishes", () => {
    // https://docs.slack.dev/authentication/verifying-requests-from-slack
    const body =
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const request = {
      body: Buffer.from(body),
      timestamp: "1531420618",
      signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    };
    expect(isSigned(request, "8f742231b10e8888abcd99yyyzzz85a5")).toBe(true);
    expect(isSigned({ ...request, timestamp: "1531420619" }, "8f742231b10e8888abcd99yyyzzz85a5")).toBe(false);
    expect(isSigned({ ...request, body: Buffer.from(`${body} `) }, "8f742231b10e8888abcd99yyyzzz85a5")).toBe(false);
    expect(isSigned(request, "another")).toBe(false);
  });

  it.each([undefined, "", "v0=", `v1=${"0".repeat(64)}`, `v0=${"0".repeat(63)}`])("is none in %s", (signature) => {
    expect(isSigned({ body: Buffer.from("x"), timestamp: "1", signature }, "secret")).toBe(false);
  });

  it("is not believed where the secret is empty", () => {
    const signature = `v0=${createHmac("sha256", "").update("v0:1:x").digest("hex")}`;
    expect(isSigned({ body: Buffer.from("x"), timestamp: "1", signature }, "")).toBe(false);
  });
});

describe("a request from Slack", () => {
  it("says which app sent it, and what was pressed or filled in", () => {
    const other = { ...slackApp, signingSecret: "another" };
    const cora = { id: "U0CORA000", workspace: "T1", in: "T1" };
    const { app, event, sentAtSeconds } = read(signed(pressed("ask"), nowMs), [other, slackApp]);
    expect(app).toBe(slackApp);
    expect(sentAtSeconds).toBe(nowMs / 1000);
    expect(event).toEqual({ kind: "pressed", deed: "ask", promotion: id, user: cora, trigger: "12.34.ab" });
    expect(read(signed(filledIn("reject", "Because."), nowMs)).event).toEqual({
      kind: "filled-in",
      deed: "reject",
      promotion: id,
      user: cora,
      dialog: "V0DIALOG",
      text: "Because.",
    });
  });

  it("says of which workspace somebody is, as far as Slack does", () => {
    const userIn = (over: object) => {
      const { event } = read(signed({ ...pressed("ask"), ...over }, nowMs));
      return event.kind === "pressed" ? event.user : undefined;
    };
    const [id, team] = ["U0CORA000", { id: "T1" }];
    expect(userIn({ user: { id, team_id: "T2" } })).toEqual({ id, workspace: "T2", in: "T1" });
    expect(userIn({ user: { id }, team })).toEqual({ id, workspace: "T1", in: "T1" });
    expect(userIn({ user: { id, team_id: "T1" }, team: null })).toEqual({ id, workspace: "T1" });
    expect(userIn({ user: { id }, team: undefined })).toEqual({ id });
  });

  it.each([
    ["a button that leads to the page", { ...pressed("ask"), actions: [{ action_id: "open" }] }],
    ["a button that would approve", { ...pressed("ask"), actions: [{ action_id: "approve", value: id }] }],
    ["a promotion that is none", { ...pressed("ask"), actions: [{ action_id: "ask", value: "p-1" }] }],
    ["a shortcut", { type: "shortcut", user: { id: "U0CORA000" } }],
    ["no object", "text"],
  ])("that tells of %s is nothing", (_, payload) => {
    expect(read(signed(payload, nowMs)).event).toEqual({ kind: "nothing" });
  });

  it.each([
    [-300, "taken"],
    [300, "taken"],
    [-301, "token-expired"],
    [301, "token-expired"],
  ])("that was signed %i seconds from now is %s", async (seconds, expected) => {
    const request = signed(pressed("ask"), nowMs + seconds * 1000);
    if (expected === "taken") expect(read(request).event.kind).toBe("pressed");
    else expect((await refused(reading(request))).code).toBe(expected);
  });

  it("is refused where its time is no number, though it is signed", async () => {
    expect((await refused(reading(signed(pressed("ask"), nowMs, { timestamp: "soon" })))).code).toBe("token-expired");
  });

  it("is refused unless one of our apps signed it", async () => {
    const request = signed(pressed("ask"), nowMs);
    const altered = { ...request, body: Buffer.from(request.body.toString().replace("ask", "reject")) };
    expect((await refused(reading(altered))).code).toBe("token-invalid");
    expect((await refused(reading(signed(pressed("ask"), nowMs, { secret: "other" })))).code).toBe("token-invalid");
    expect((await refused(reading(request, []))).code).toBe("not-found");
  });
});

const text = (maximum: number) =>
  v.strictObject({
    type: v.literal("plain_text"),
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(maximum)),
    emoji: v.boolean(),
  });
/** https://docs.slack.dev/reference/views/modal-views and …/block-kit/blocks/input-block */
const view = v.strictObject({
  type: v.literal("modal"),
  callback_id: v.optional(v.pipe(v.string(), v.maxLength(255))),
  private_metadata: v.optional(v.pipe(v.string(), v.maxLength(3000))),
  title: text(24),
  submit: v.optional(text(24)),
  close: text(24),
  blocks: v.array(
    v.variant("type", [
      v.strictObject({ type: v.literal("section"), text: text(3000) }),
      v.strictObject({
        type: v.literal("input"),
        block_id: v.string(),
        label: text(2000),
        element: v.strictObject({
          type: v.literal("plain_text_input"),
          action_id: v.string(),
          multiline: v.literal(true),
          max_length: v.pipe(v.number(), v.maxValue(3000)),
        }),
      }),
      v.strictObject({
        type: v.literal("actions"),
        elements: v.tuple([
          v.strictObject({
            type: v.literal("button"),
            action_id: v.literal("open"),
            style: v.literal("primary"),
            text: text(75),
            url: v.pipe(v.string(), v.url(), v.maxLength(3000)),
          }),
        ]),
      }),
    ]),
  ),
});

describe("a dialog in Slack", () => {
  const button = { text: "Open the page", link: "https://portal.example/" };
  it.each<Dialog>([
    { kind: "form", deed: "ask", promotion: id },
    { kind: "form", deed: "reject", promotion: id },
    { kind: "notice", title: "x".repeat(30), text: "y".repeat(4000), button },
    { kind: "notice", title: "Asked", text: "It is recorded." },
  ])("is a modal view within Slack's limits (%#)", async (dialog) => {
    const end = otherEnd(() => ({ status: 200, body: { ok: true } }));
    await openDialog(end.exchange)(slackApp, "12.34.ab", dialog);
    expect(end.requests[0]).toMatchObject({
      url: "https://slack.com/api/views.open",
      headers: { authorization: "Bearer xoxb-1" },
    });
    const opened = end.last();
    expect(opened["trigger_id"]).toBe("12.34.ab");
    expect(inItsPlace(dialog)).toEqual({ response_action: "update", view: v.parse(view, opened["view"]) });
    expect(JSON.stringify(opened).toLowerCase()).not.toContain("approve");
  });

  it.each([{ status: 200, body: { ok: false, error: "expired_trigger_id" } }, { status: 503 }])(
    "that Slack did not open is told: %j",
    async (answer) => {
      const opening = openDialog(otherEnd(() => answer).exchange);
      const failed = await refused(opening(slackApp, "12.34.ab", { kind: "form", deed: "ask", promotion: id }));
      expect(failed.code).toBe("unavailable");
    },
  );
});

describe("the apps whose buttons are answered", () => {
  const kinds = [slack(otherEnd(() => ({ status: 200 })).exchange)];
  const channels = (...lines: string[]) =>
    requireLoaded(
      "c",
      loadChannels(`channelsVersion: 1\nchannels:\n${lines.map((line) => `  - ${line}\n`).join("")}`, kinds, []),
    );
  const secrets: Readonly<Record<string, string>> = { bot: "xoxb-1", app: signingSecret };
  const apps = (...lines: string[]) => slackApps(channels(...lines), async (name) => secrets[name]);

  it("are those of channels that name a signing secret, each once", async () => {
    expect(
      await apps(
        "{ name: a, kind: slack, secret: bot, signing: app }",
        "{ name: b, kind: slack, room: C0123456789, secret: bot, signing: app }",
        "{ name: c, kind: slack, secret: bot }",
      ),
    ).toEqual([slackApp]);
  });

  it("are not those whose secrets are missing", async () => {
    expect(await apps("{ name: a, kind: slack, secret: bot, signing: other }")).toEqual([]);
    expect(await apps("{ name: a, kind: slack, secret: other, signing: app }")).toEqual([]);
  });
});
