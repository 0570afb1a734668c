import { describe, expect, it } from "vitest";
import { notificationTag, queuedFact, sentFact } from "../../../core/promotion/notification.ts";
import { type RecordDeliveryPorts, recordDelivery } from "../../../functions/events/record-delivery/handler.ts";
import { reportsOf } from "../../../local/channels/ses-reports.ts";
import { id, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const notification = {
  id: `${id}/asked/1/0/1/mark`,
  promotion: id,
  purpose: "asked",
  channel: "email",
  form: "letter",
  reviewer: "mark",
  name: "Cora",
  summary: "Cora was asked by email to review the stage 'compliance'.",
} as const;
const queued = queuedFact(notification, 1, now);
const sent = sentFact(notification, "message-1", now);

async function scene(facts = [queued, sent]) {
  const promotions = new MemoryPromotions();
  for (const fact of facts) await promotions.recordFact(fact);
  const lines: string[] = [];
  const ports: RecordDeliveryPorts = {
    now: () => now,
    log: (_, message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    promotions: {
      facts: promotions.facts,
      installationFacts: promotions.installationFacts,
      recordFact: promotions.recordFact,
    },
  };
  const hear = recordDelivery(ports);
  const reported = () => promotions.recordedFacts().slice(facts.length);
  return { hear, reported, lines };
}

/** What SES reports of the letter to this address. */
function reportsTo(recipient: string, over: { readonly id?: string; readonly tags?: Record<string, string> } = {}) {
  return reportsOf({
    id: "message-1",
    at: now,
    source: "countersign@example.org",
    recipients: [recipient],
    configurationSet: "letters",
    tags: { promotion: id, notification: notificationTag(notification.id) },
    ...over,
  }).map(({ detail }) => ({ source: "aws.ses", detail }));
}

describe("a report of SES", () => {
  it("about a place that no promotion is about is a fact of the installation", async () => {
    const { promotion: _, ...about } = notification;
    const stray = { ...about, id: "installation/intruder/production/old/1/email/mark", purpose: "intruder" } as const;
    const { hear, reported } = await scene([queuedFact(stray, 1, now)]);
    const tags = { promotion: "installation", notification: notificationTag(stray.id) };
    for (const event of reportsTo("cora@example.org", { tags })) await hear(event);
    expect(reported()).toMatchObject([{ id: `${stray.id}/delivered` }]);
    expect(reported()[0]).not.toHaveProperty("promotion");
  });

  it("that a letter was delivered is a fact, tied to the letter by its message id", async () => {
    const { hear, reported, lines } = await scene();
    for (const event of reportsTo("cora@example.org")) await hear(event);
    expect(reported()).toEqual([
      {
        id: `${notification.id}/delivered`,
        type: "notification-delivered",
        at: now,
        promotion: id,
        summary: "A letter to Cora was delivered to their mail server.",
        body: {
          notification: notification.id,
          channel: "email",
          purpose: "asked",
          reviewer: "mark",
          name: "Cora",
          messageId: "message-1",
        },
        attachments: [],
      },
    ]);
    expect(lines).toEqual([]);
  });

  it.each([
    ["bounce@simulator.amazonses.com", ["bounced"], { bounceType: "Permanent", bounceSubType: "General" }],
    ["complaint@simulator.amazonses.com", ["delivered", "complained"], { complaintFeedbackType: "abuse" }],
  ])("about a letter to %s raises an alarm", async (recipient, told, details) => {
    const { hear, reported, lines } = await scene();
    for (const event of reportsTo(recipient)) await hear(event);
    expect(reported().map(({ type }) => type)).toEqual(told.map((each) => `notification-${each}`));
    expect(reported().at(-1)?.body).toMatchObject(details);
    expect(lines).toEqual([`letter not delivered {"factId":"${notification.id}/${told.at(-1)}"}`]);
  });

  it("that SES sent nothing because of a virus counts as one that came back", async () => {
    const { hear, reported } = await scene();
    const [event] = reportsTo("cora@example.org");
    await hear({ detail: { ...event?.detail, eventType: "Reject", reject: { reason: "Bad content" } } });
    expect(reported()).toMatchObject([{ type: "notification-bounced", body: { bounceType: "Rejected" } }]);
  });

  it("that comes twice, or before the letter's sender wrote down that it was sent, is one fact", async () => {
    const { hear, reported } = await scene([queued]);
    const [event] = reportsTo("cora@example.org");
    await hear(event);
    await hear(event);
    expect(reported()).toHaveLength(1);
  });

  it("is found in whatever order the letter's facts are read, and says no more than there is", async () => {
    const { hear, reported } = await scene([sent, queued]);
    const [, event] = reportsTo("complaint@simulator.amazonses.com");
    await hear({ detail: { ...event?.detail, complaint: { complaintFeedbackType: null } } });
    expect(reported().map(({ id: each }) => each)).toEqual([`${notification.id}/complained`]);
    expect(reported()[0]?.body).not.toHaveProperty("complaintFeedbackType");
  });

  it("puts no address and none of a mail server's words into the fact", async () => {
    const { hear, reported } = await scene();
    for (const event of reportsTo("bounce@simulator.amazonses.com")) await hear(event);
    expect(JSON.stringify(reported())).not.toMatch(/simulator|user unknown|example\.org/);
  });

  it.each([
    ["of another message than was sent", { id: "message-2" }, "conflict"],
    ["of a letter that nobody wrote", { tags: { promotion: id, notification: "0".repeat(32) } }, "not-found"],
    ["of no promotion", { tags: { promotion: "p-1", notification: notificationTag(notification.id) } }, "not-found"],
    ["without the letter's tags", { tags: {} }, "invalid-request"],
  ])("%s is refused", async (_, over, code) => {
    const { hear, reported } = await scene();
    const [event] = reportsTo("cora@example.org", over);
    expect((await refused(hear(event))).code).toBe(code);
    expect(reported()).toEqual([]);
  });

  it.each([undefined, {}, { detail: { eventType: "Open" } }, { detail: [] }])("%j is none", async (event) => {
    const { hear, lines } = await scene();
    expect((await refused(hear(event))).code).toBe("invalid-request");
    expect(lines.join()).toContain("report not understood");
  });
});
