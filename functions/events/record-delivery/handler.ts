import * as v from "valibot";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { intrudersOfNone } from "../../../core/promotion/intruder-facts.ts";
import { notificationTag, type Report, reportFact } from "../../../core/promotion/notification.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { Log } from "../../log.ts";

export interface RecordDeliveryPorts {
  readonly now: () => Instant;
  readonly log: Log;
  readonly promotions: {
    facts(id: PromotionId): Promise<readonly Fact[]>;
    /** Facts about no promotion whose ids begin so. */
    installationFacts(prefix: string): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

// https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html: the same in EventBridge's `detail`.
// What quotes an address or the receiving server's own words is not read at all.
const code = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/));
const schema = v.object({
  detail: v.object({
    eventType: v.picklist(["Delivery", "Bounce", "Complaint", "Reject"]),
    mail: v.object({
      messageId: v.pipe(v.string(), v.regex(/^[\w.@-]{1,200}$/)),
      tags: v.object({ promotion: v.tuple([v.string()]), notification: v.tuple([v.string()]) }),
    }),
    bounce: v.optional(v.object({ bounceType: code, bounceSubType: code })),
    complaint: v.optional(v.object({ complaintFeedbackType: v.optional(v.nullable(code)) })),
  }),
});
type Detail = v.InferOutput<typeof schema>["detail"];

/**
 * Writes down what SES reports of a letter: that it was delivered, came back, or was called unwanted. The letter is
 * found by the tags that it was sent with; its own record was written before it left.
 */
export function recordDelivery(ports: RecordDeliveryPorts) {
  return async (event: unknown): Promise<void> => {
    const read = v.safeParse(schema, event);
    if (!read.success) {
      // Never what it says: it names an address.
      ports.log("error", "report not understood", { where: v.getDotPath(read.issues[0]) ?? "" });
      throw new Failure("invalid-request", "This is no report of SES about a letter of Countersign.");
    }
    const { detail } = read.output;
    const { messageId, tags } = detail.mail;
    const [promotion] = tags.promotion;
    const facts = await factsAbout(promotion);
    const queued = facts.find(
      ({ type, body }) =>
        type === "notification-queued" && notificationTag(String(body["notification"])) === tags.notification[0],
    );
    if (queued === undefined) throw new Failure("not-found", "No letter about this was tagged so.");
    const sent = facts.find(({ id }) => id === queued.body["notification"]);
    if (sent !== undefined && sent.body["messageId"] !== messageId) {
      throw new Failure("conflict", "The letter was sent under another message id than the report names.");
    }
    const fact = reportFact(queued, reportOf(detail), messageId, detailsOf(detail), ports.now());
    await ports.promotions.recordFact(fact);
    if (fact.type !== "notification-delivered") ports.log("error", "letter not delivered", { factId: fact.id });
  };

  /** A tag has no room for the id of what the letter tells of: those about no promotion are few, and all of intruders. */
  async function factsAbout(tag: string): Promise<readonly Fact[]> {
    if (tag === "installation") return await ports.promotions.installationFacts(intrudersOfNone);
    if (isPromotionId(tag)) return await ports.promotions.facts(tag);
    throw new Failure("not-found", "The letter names no promotion.");
  }
}

function reportOf({ eventType }: Detail): Report {
  switch (eventType) {
    case "Delivery":
      return "delivered";
    case "Bounce":
    case "Reject":
      return "bounced";
    case "Complaint":
      return "complained";
    default:
      return eventType satisfies never;
  }
}

function detailsOf({ eventType, bounce, complaint }: Detail): Readonly<Record<string, string>> {
  // SES found a virus in it, and sent nothing.
  if (eventType === "Reject") return { bounceType: "Rejected" };
  const feedback = complaint?.complaintFeedbackType;
  return {
    ...(bounce === undefined ? {} : { bounceType: bounce.bounceType, bounceSubType: bounce.bounceSubType }),
    ...(typeof feedback === "string" ? { complaintFeedbackType: feedback } : {}),
  };
}
