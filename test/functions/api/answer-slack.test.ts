import { describe, expect, it } from "vitest";
import { inItsPlace, openDialog, readSlackRequest } from "../../../adapters/slack/interactions.ts";
import type { Person } from "../../../core/approval/people.ts";
import { followReviewLink, reviewerMark } from "../../../core/attestation/review-link.ts";
import { base64url, fromBase64url } from "../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { msOfInstant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { questionsIn } from "../../../core/promotion/question.ts";
import { answerSlack } from "../../../functions/api/answer-slack/handler.ts";
import { otherEnd } from "../../adapters/message.ts";
import { filledIn, pressed, signed, slackApp } from "../../adapters/slack/slack-requests.ts";
import {
  cora,
  digestOf,
  everybody,
  id,
  member,
  now,
  openStage,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { MemoryTurnBooks } from "../memory-turn-books.ts";
import { apiRequest } from "./api-request.ts";

const person = (name: string, slack: string): Person => ({
  name,
  addresses: [`${name.toLowerCase()}@example.org`],
  accounts: [],
  identities: [],
  outside: false,
  slack,
});
const gone = { ...member("Gus", "sre"), enabled: false };
/** Everybody has approved it, and a freeze window keeps it from its verdict. */
const held = promotionInReview({ status: "approved", stage: openStage(0, { open: false }) });

/** Cora, Priya without a role and Gus, whose account is disabled, are linked; Slack is the other end. */
function scene(promotion: Promotion = promotionInReview()) {
  const promotions = new MemoryPromotions([promotion]);
  const slack = otherEnd(() => ({ status: 200, body: { ok: true } }));
  const seen = new Set<string>();
  const handler = answerSlack({
    now: () => now,
    portalUrl: "https://portal.example",
    people: [person("Cora", "U0CORA000"), person("Priya", "U0PRIYA00"), person("Gus", "U0GUS0000")],
    groups: ["compliance-officers", "lead-data-scientists", "sre"],
    directory: memoryDirectory([...everybody, member("Priya"), gone]),
    promotions,
    turns: new MemoryTurnBooks(),
    mac: async () => new Uint8Array(32),
    receive: async (request) => {
      const { app, signature, event } = readSlackRequest(request, [slackApp], msOfInstant(now));
      return {
        event,
        first: async () => seen.size < seen.add(signature).size,
        show: (trigger, dialog) => openDialog(slack.exchange)(app, trigger, dialog),
      };
    },
    inItsPlace,
  });
  const send = (payload: unknown) =>
    handler(apiRequest({ method: "POST", route: "/v1/slack/interactions", ...signed(payload, msOfInstant(now)) }));
  const answered = async (payload: unknown) => JSON.stringify((await send(payload)).json);
  return { promotions, slack, send, answered };
}

describe("a button in Slack", () => {
  it.each(["reject", "ask"])("that says '%s' opens a form and records nothing", async (deed) => {
    const { promotions, slack, send } = scene();
    expect(await send(pressed(deed))).toEqual({ status: 200 });
    expect(slack.last()).toMatchObject({ view: { callback_id: deed, private_metadata: id, submit: {} } });
    expect(promotions.recordedFacts()).toEqual([]);
  });

  it("is answered by how to be linked to whoever is linked to nobody", async () => {
    const { slack, send } = scene();
    await send(pressed("ask", "U0NOBODY0"));
    expect(slack.last()).toMatchObject({ view: { title: { text: "Who are you?" } } });
    expect(JSON.stringify(slack.last())).toContain("people.yaml");
  });

  it("of a guest with the same id is nobody whom people.yaml names", async () => {
    const { slack, send } = scene();
    await send({ ...pressed("ask"), user: { id: "U0CORA000", team_id: "T2" } });
    expect(slack.last()).toMatchObject({ view: { title: { text: "Who are you?" } } });
  });

  it("that leads to the page is answered by nothing", async () => {
    const { slack, send } = scene();
    expect(await send({ ...pressed("open") })).toEqual({ status: 200 });
    expect(slack.requests).toEqual([]);
  });
});

describe("a question from Slack", () => {
  it("is a record that names who asked and who vouches for them", async () => {
    const { promotions, answered } = scene();
    expect(await answered(filledIn("ask", "Why <b>so</b>?"))).toContain("Your question is recorded");
    const facts = promotions.recordedFacts();
    expect(questionsIn(facts)).toMatchObject([
      { by: { name: "Cora", identity: cora.identity }, text: "Why <b>so</b>?" },
    ]);
    expect(facts[0]).toMatchObject({ summary: "Cora asked a question in Slack.", body: { through: "Slack" } });
  });

  it("that is sent again from the same form is asked once", async () => {
    const { promotions, send } = scene();
    await send(filledIn("ask", "Why?"));
    await send({ ...filledIn("ask", "Why?"), again: true });
    expect(promotions.recordedFacts()).toHaveLength(1);
  });

  it.each([
    ["is linked to nobody", filledIn("ask", "Why?", "U0NOBODY0"), "Nobody here is linked"],
    ["holds no role", filledIn("ask", "Why?", "U0PRIYA00"), "You hold no role"],
    ["has a disabled account", filledIn("ask", "Why?", "U0GUS0000"), "You hold no role"],
    ["asks nothing", filledIn("ask", "  "), "text must not be empty"],
  ])("of somebody who %s is not recorded", async (_, payload, sentence) => {
    const { promotions, answered } = scene();
    expect(await answered(payload)).toContain(sentence);
    expect(promotions.recordedFacts()).toEqual([]);
  });

  it.each([new Failure("internal", "Out of order."), new TypeError("It is undefined.")])(
    "is not answered as a mistake of theirs where something is broken here: $message",
    async (error) => {
      const { promotions, send } = scene();
      Object.assign(promotions, { recordFact: () => Promise.reject(error) });
      await expect(send(filledIn("ask", "Why?"))).rejects.toBe(error);
    },
  );

  it("is not taken once the promotion is decided, or where there is none", async () => {
    expect(await scene(promotionInReview({ status: "rejected" })).answered(filledIn("ask", "Why?"))).toContain(
      "nothing is asked about it any more",
    );
    const elsewhere = filledIn("ask", "Why?");
    const other = `${id.slice(0, -1)}9`;
    const { answered } = scene();
    expect(await answered({ ...elsewhere, view: { ...elsewhere.view, private_metadata: other } })).toContain(
      "There is no such promotion.",
    );
  });
});

describe("a rejection from Slack", () => {
  it("is handed on to the reader's own link, and recorded nowhere", async () => {
    const { promotions, send } = scene();
    const { json } = await send(filledIn("reject", "Zu groß."));
    const [address = ""] = /https:[^"]+/.exec(JSON.stringify(json)) ?? [];
    const { pathname, searchParams } = new URL(address);
    expect(await followReviewLink(pathname.slice("/r/".length), now, async () => true)).toMatchObject({
      promotion: id,
      stage: 0,
      reviewer: reviewerMark(identityKey(cora.identity)),
    });
    expect(fromUtf8(fromBase64url(searchParams.get("reject") ?? ""))).toBe("Zu groß.");
    expect(JSON.stringify(json)).toContain("Nothing is decided yet");
    expect(JSON.stringify(json)).not.toContain("can be rejected until");
    expect([promotions.recordedFacts(), promotions.recordedSignOffs(), promotions.moves]).toEqual([[], [], []]);
  });

  it("stays short enough for an address, whatever it is written in", async () => {
    const { send, answered } = scene();
    const { json } = await send(filledIn("reject", "🙂".repeat(300)));
    const [address = ""] = /https:[^"]+/.exec(JSON.stringify(json)) ?? [];
    expect(new URL(address).searchParams.has("reject")).toBe(true);
    expect(new URL(address).search.length).toBeLessThan(2000);
    expect(await answered(filledIn("reject", "x".repeat(301)))).toContain("at most 300 characters");
  });

  it("of what is approved and waits for the end of a freeze window is handed on to its page", async () => {
    const { promotions, answered } = scene(held);
    const told = await answered(filledIn("reject", "Zu groß."));
    expect(told).toContain("can be rejected until its verdict is signed");
    const [address = ""] = /https:[^"]+/.exec(told) ?? [];
    expect(new URL(address).hash).toBe(`#/promotions/${id}?reject=${base64url(utf8("Zu groß."))}`);
    expect([promotions.recordedFacts(), promotions.recordedSignOffs(), promotions.moves]).toEqual([[], [], []]);
    expect(await answered(filledIn("reject", "x".repeat(301)))).toContain("at most 300 characters");
  });

  it.each([
    [
      "its verdict is signed",
      { ...held, verdict: { sha256: digestOf("the verdict"), result: "PASSED" as const, at: now } },
      "approved",
    ],
    ["it has ended", promotionInReview({ status: "rejected", stage: openStage(0, { open: false }) }), "rejected"],
  ])("is not offered once %s", async (_, promotion, status) => {
    const told = await scene(promotion).answered(filledIn("reject", "No."));
    expect(told).toContain(`The promotion is ${status}; no stage of it is open.`);
    expect(told).not.toContain("reject=");
  });
});

describe("a request that came before", () => {
  it("is refused", async () => {
    const { promotions, send } = scene();
    await send(filledIn("ask", "Why?"));
    expect((await refused(send(filledIn("ask", "Why?")))).code).toBe("token-replayed");
    expect(promotions.recordedFacts()).toHaveLength(1);
  });

  it("is refused before anything is read where it is too large", async () => {
    const { send } = scene();
    expect((await refused(send({ ...pressed("ask"), more: "x".repeat(300_000) }))).code).toBe("body-too-large");
  });
});
