import { describe, expect, it } from "vitest";
import {
  type Notification,
  notificationState,
  notificationTag,
  queuedFact,
  queuedId,
  refusedFact,
  reportFact,
  sentFact,
} from "../../../core/promotion/notification.ts";
import { id, now } from "./promotion-in-review.ts";

const letter: Notification = {
  id: `${id}/asked/1/0/abc`,
  promotion: id,
  purpose: "asked",
  channel: "email",
  form: "letter",
  stage: 0,
  reviewer: "abc",
  name: "Cora",
  summary: "Cora was asked to sign.",
};
const about = { notification: letter.id, channel: "email", purpose: "asked", stage: 0, reviewer: "abc", name: "Cora" };
const common = { at: now, promotion: id, attachments: [] };

describe("how far a letter has come", () => {
  it.each<[string, readonly string[], object]>([
    ["nothing was told of it", [], { kind: "new", attempt: 1 }],
    ["its first attempt began", ["queued/1"], { kind: "in-doubt", attempt: 1 }],
    ["its first attempt was refused", ["queued/1", "refused/1"], { kind: "new", attempt: 2 }],
    ["its second attempt began", ["queued/1", "refused/1", "queued/2"], { kind: "in-doubt", attempt: 2 }],
    ["two were refused", ["refused/1", "refused/2"], { kind: "new", attempt: 3 }],
    ["it was delivered", ["queued/1", "delivered"], { kind: "sent" }],
    ["it came back", ["bounced"], { kind: "sent" }],
    ["somebody complained", ["complained"], { kind: "sent" }],
  ])("is told by its facts: %s", (_, facts, state) => {
    expect(notificationState(letter.id, new Set(facts.map((fact) => `${letter.id}/${fact}`)))).toEqual(state);
  });

  it("is sent once that is a fact", () => {
    expect(notificationState(letter.id, new Set([letter.id]))).toEqual({ kind: "sent" });
  });
});

describe("the facts of a letter", () => {
  it("say what was tried, taken and refused", () => {
    expect(queuedFact(letter, 2, now)).toEqual({
      ...common,
      id: `${letter.id}/queued/2`,
      type: "notification-queued",
      summary: "A letter to Cora was handed over for sending.",
      body: { ...about, attempt: 2 },
    });
    expect(queuedId(letter, 2)).toBe(`${letter.id}/queued/2`);
    expect(sentFact(letter, "m-1", now)).toEqual({
      ...common,
      id: letter.id,
      type: "notification-sent",
      summary: "Cora was asked to sign.",
      body: { ...about, messageId: "m-1" },
    });
    expect(refusedFact(letter, 2, "Throttled", now)).toEqual({
      ...common,
      id: `${letter.id}/refused/2`,
      type: "notification-refused",
      summary: "A letter to Cora was not taken.",
      body: { ...about, attempt: 2, code: "Throttled" },
    });
  });

  it("name no reviewer and no stage where there is none", () => {
    const { stage: _, reviewer: __, ...room } = letter;
    expect(sentFact(room, "m-1", now).body).toEqual({
      notification: letter.id,
      channel: "email",
      purpose: "asked",
      name: "Cora",
      messageId: "m-1",
    });
  });

  it.each([
    ["delivered", "A letter to Cora was delivered to their mail server."],
    ["bounced", "A letter to Cora came back."],
    ["complained", "A letter to Cora was marked as unwanted."],
  ] as const)("say that it was %s", (report, summary) => {
    expect(reportFact(queuedFact(letter, 1, now), report, "m-1", { code: "5.1.1" }, now)).toEqual({
      ...common,
      id: `${letter.id}/${report}`,
      type: `notification-${report}`,
      summary,
      body: { ...about, messageId: "m-1", code: "5.1.1" },
    });
  });

  it("belong to no promotion where the letter did not", () => {
    const { promotion: _, ...queued } = queuedFact(letter, 1, now);
    expect(reportFact(queued, "bounced", "m-1", {}, now)).not.toHaveProperty("promotion");
    expect(reportFact({ ...queued, body: {} }, "bounced", "m-1", {}, now).body).toEqual({
      notification: "",
      name: "",
      messageId: "m-1",
    });
  });

  it("are found by a tag that a mail system takes", () => {
    expect(notificationTag(letter.id)).toMatch(/^[0-9a-f]{32}$/);
    expect(notificationTag(`${letter.id}x`)).not.toBe(notificationTag(letter.id));
  });
});
