import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { slack } from "../../../adapters/slack/slack.ts";
import { NotReached } from "../../../core/notification/channel.ts";
import { id } from "../../core/promotion/promotion-in-review.ts";
import { link, message, otherEnd } from "../message.ts";

const plainText = (maximum: number) =>
  v.strictObject({
    type: v.literal("plain_text"),
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(maximum)),
    emoji: v.boolean(),
  });
/** What chat.postMessage takes of Block Kit, with its limits: https://docs.slack.dev/reference/block-kit/blocks */
const posted = v.strictObject({
  channel: v.pipe(v.string(), v.regex(/^[CGU][A-Z0-9]+$/)),
  text: v.string(),
  blocks: v.tuple([
    v.strictObject({ type: v.literal("header"), text: plainText(150) }),
    v.strictObject({ type: v.literal("section"), text: plainText(3000) }),
    v.strictObject({
      type: v.literal("actions"),
      elements: v.tuple([
        v.strictObject({
          type: v.literal("button"),
          action_id: v.literal("open"),
          style: v.literal("primary"),
          text: plainText(75),
          url: v.pipe(v.string(), v.url(), v.maxLength(3000)),
        }),
      ]),
    }),
  ]),
  unfurl_links: v.literal(false),
  unfurl_media: v.literal(false),
  thread_ts: v.optional(v.string()),
  reply_broadcast: v.optional(v.literal(true)),
});

function scene(answer: unknown = { ok: true, ts: "1763895600.000100" }) {
  const end = otherEnd(({ url }) => ({
    status: 200,
    body: url.includes("users.lookupByEmail") ? { ok: true, user: { id: "U042" } } : answer,
  }));
  return { ...end, kind: slack(end.exchange) };
}
const cora = { name: "Cora", address: "cora+x@example.org" };

describe("a Slack message", () => {
  it("into a room has what Block Kit asks for, and a button that leads to the page and approves nothing", async () => {
    const { kind, requests, last } = scene();
    const done = await kind.open({ room: "C0123456789" }).post(message(), "xoxb-1");
    expect(done).toEqual({ kind: "sent", messageId: "1763895600.000100" });
    expect(requests[0]).toMatchObject({
      url: "https://slack.com/api/chat.postMessage",
      headers: { authorization: "Bearer xoxb-1", "content-type": "application/json; charset=utf-8" },
    });
    const body = v.parse(posted, last());
    expect(body.channel).toBe("C0123456789");
    expect(body.blocks[2].elements[0].url).toBe(link);
    expect(JSON.stringify(body).toLowerCase()).not.toContain("approve");
  });

  it.each([
    ["asked", ["open", "reject", "ask"]],
    ["told", ["open"]],
  ] as const)(
    "that is sent as %s has these buttons where the app's requests are verified: %j",
    async (purpose, ids) => {
      const { kind, last } = scene();
      await kind.open({ room: "C0123456789", signing: "app" }).post(message({ purpose }), "xoxb-1");
      const [, , actions] = last()["blocks"] as {
        readonly elements?: readonly { readonly action_id: string; readonly value?: string }[];
      }[];
      expect(actions?.elements?.map(({ action_id }) => action_id)).toEqual(ids);
      expect(actions?.elements?.flatMap(({ value = id }) => value)).toEqual(ids.map(() => id));
    },
  );

  it("to a person goes to whom Slack knows by that address", async () => {
    const { kind, requests, last } = scene();
    expect(kind.audience({})).toBe("person");
    await kind.open({}).post(message({ to: cora }), "xoxb-1");
    expect(requests[0]?.url).toBe("https://slack.com/api/users.lookupByEmail?email=cora%2Bx%40example.org");
    expect(v.parse(posted, last()).channel).toBe("U042");
  });

  it.each([
    ["users.lookupByEmail", "30", 30],
    ["chat.postMessage", "0", 1],
    // By a clock that is not ours.
    ["chat.postMessage", "Wed, 21 Oct 2026 07:28:00 GMT", undefined],
    ["chat.postMessage", "1e9", undefined],
  ])("that %s has no time for says when Slack takes more (%s)", async (method, retryAfter, afterSeconds) => {
    const { exchange } = scene();
    const kind = slack(async (request) =>
      request.url.includes(method) ? { status: 429, body: "", retryAfter } : exchange(request),
    );
    const became = await kind.open({}).post(message({ to: cora }), "xoxb-1");
    expect(became).toEqual({
      kind: "refused",
      code: "http-429",
      ...(afterSeconds === undefined ? {} : { afterSeconds }),
    });
  });

  it("about what was asked before goes on in the same thread", async () => {
    const { kind, last } = scene();
    await kind.open({ room: "C0123456789" }).post(message({ purpose: "told", earlier: ["1.1", "2.2"] }), "xoxb-1");
    expect(v.parse(posted, last())).toMatchObject({ thread_ts: "2.2", reply_broadcast: true });
  });

  it("stays within Slack's limits, and mentions nobody, whatever a name holds", async () => {
    const { kind, last } = scene();
    const subject = `<!channel> & <@U1> ${"x".repeat(4000)}`;
    await kind.open({ room: "C0123456789" }).post(message({ subject, note: "y".repeat(9000) }), "xoxb-1");
    expect(v.parse(posted, last()).text).toMatch(/^&lt;!channel&gt; &amp; &lt;@U1&gt;/);
  });

  it.each([
    [{ ok: false, error: "channel_not_found" }, "channel_not_found"],
    [{ ok: false, error: "ratelimited" }, "ratelimited"],
    [{ ok: false, error: "No such <thing>" }, "unknown"],
  ])("that Slack answers with %j was refused for certain", async (answer, code) => {
    const done = await scene(answer).kind.open({ room: "C0123456789" }).post(message(), "xoxb-1");
    expect(done).toEqual({ kind: "refused", code });
  });

  it("about a message that was removed meanwhile, or whose thread is locked, is posted by itself, and once", async () => {
    for (const error of ["thread_not_found", "restricted_action_thread_locked"]) {
      const end = otherEnd(({ body = "" }) => ({
        status: 200,
        body: body.includes("thread_ts") ? { ok: false, error } : { ok: true, ts: "9.9" },
      }));
      const told = message({ purpose: "told", earlier: ["1.1"] });
      const done = await slack(end.exchange).open({ room: "C0123456789" }).post(told, "xoxb-1");
      expect(done).toEqual({ kind: "sent", messageId: "9.9" });
      expect(end.requests).toHaveLength(2);
      expect(v.parse(posted, end.last())).not.toHaveProperty("reply_broadcast");
    }
    const refused = scene({ ok: false, error: "is_archived" });
    const told = message({ earlier: ["1.1"] });
    expect(await refused.kind.open({ room: "C0123456789" }).post(told, "x")).toMatchObject({ code: "is_archived" });
    expect(refused.requests).toHaveLength(1);
  });

  it.each(["internal_error", "fatal_error"])("of which Slack says %s is in doubt", async (error) => {
    const { kind } = scene({ ok: false, error });
    await expect(kind.open({ room: "C0123456789" }).post(message(), "xoxb-1")).rejects.toThrow("does not know");
  });

  it("to somebody whom Slack does not know was not sent", async () => {
    const end = otherEnd(() => ({ status: 200, body: { ok: false, error: "users_not_found" } }));
    const done = await slack(end.exchange)
      .open({})
      .post(message({ to: cora }), "xoxb-1");
    expect(done).toEqual({ kind: "refused", code: "person-not-found" });
  });

  it.each<[string, Parameters<typeof otherEnd>[0], string]>([
    [
      "the app may not look people up",
      () => ({ status: 200, body: { ok: false, error: "missing_scope" } }),
      "missing_scope",
    ],
    ["too many were looked up", () => ({ status: 429, body: { ok: false, error: "ratelimited" } }), "http-429"],
    ["Slack quotes something", () => ({ status: 200, body: { ok: false, error: "No <cora>" } }), "unknown"],
    ["a page is answered", () => ({ status: 200, body: "<h1>Slack</h1>" }), "lookup-failed"],
    [
      "it breaks off",
      () => {
        throw new Error("broken off");
      },
      "lookup-failed",
    ],
    [
      "nobody answers",
      () => {
        throw new NotReached();
      },
      "not-reached",
    ],
  ])("to somebody whom nobody looked up, as %s, was not sent, and its code says why", async (_, answer, code) => {
    const { exchange, requests } = otherEnd(answer);
    const done = await slack(exchange)
      .open({})
      .post(message({ to: cora }), "xoxb-1");
    expect(done).toEqual({ kind: "refused", code });
    expect(requests).toHaveLength(1);
  });
});
