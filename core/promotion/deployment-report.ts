import * as v from "valibot";
import type { Instant } from "../encoding/instant.ts";
import { requestSentence } from "../encoding/request-sentence.ts";
import { Failure } from "../failure.ts";
import type { Fact } from "./fact.ts";
import type { Promotion } from "./promotion.ts";
import { isPromotionId, type PromotionId } from "./promotion-id.ts";
import { shortText } from "./request.ts";

/** What a pipeline that deploys by itself, or a target's receiver, may say came of it. `failed`: nobody knows what runs there now. */
export const reportedOutcomes = ["deployed", "rolled-back", "failed"] as const;
export type ReportedOutcome = (typeof reportedOutcomes)[number];

/** The body of `POST /v1/promotions/{id}/deployment`. */
export interface DeploymentReport {
  readonly outcome: ReportedOutcome;
  /** In a sentence, for people. */
  readonly detail: string;
}

const schema = v.strictObject({ outcome: v.picklist(reportedOutcomes), detail: shortText });
const ofReceiver = v.strictObject({
  promotion: v.custom<PromotionId>(isPromotionId, "must be a promotion's id"),
  ...schema.entries,
});

/** Reads the body of a report. Throws `invalid-request` naming every field that is wrong. */
export function parseDeploymentReport(body: unknown): DeploymentReport {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues));
  return result.output;
}

/**
 * Reads the body of a receiver's report. It names the promotion, for what is signed says nothing of the address: it could
 * be sent again for another promotion whose receiver signs with the same secret. Throws `invalid-request`.
 */
export function parseReceiverReport(body: unknown, id: PromotionId): DeploymentReport {
  const result = v.safeParse(ofReceiver, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues));
  const { promotion, ...report } = result.output;
  if (promotion !== id) throw new Failure("invalid-request", "The report is about another promotion.");
  return report;
}

/** The fact of a report. A promotion has one: the first stands. */
export function deploymentReportFact(
  { id, manifest: { target } }: Pick<Promotion, "id" | "manifest">,
  { outcome, detail }: DeploymentReport,
  at: Instant,
): Fact {
  return {
    id: `${id}/deployment-reported`,
    type: "deployment-reported",
    at,
    promotion: id,
    summary: `The ${target.kind === "webhook" ? "receiver" : "pipeline"} reported of ${target.name}: ${outcome}. ${detail}`,
    body: { outcome, detail },
    attachments: [],
  };
}

/** What was reported, where anything was. */
export function reportIn(facts: readonly Fact[]): (DeploymentReport & { readonly at: Instant }) | undefined {
  const fact = facts.find(({ type }) => type === "deployment-reported");
  return fact === undefined
    ? undefined
    : { ...parseDeploymentReport({ outcome: fact.body["outcome"], detail: fact.body["detail"] }), at: fact.at };
}
