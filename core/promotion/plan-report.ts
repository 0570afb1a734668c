import * as v from "valibot";
import type { Instant } from "../encoding/instant.ts";
import { requestSentence } from "../encoding/request-sentence.ts";
import { isSha256, type Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { Fact } from "./fact.ts";
import type { FrozenEvidence } from "./freeze-manifest.ts";
import type { PromotionId } from "./promotion-id.ts";
import { shortText } from "./request.ts";

export const planOutcomes = ["applied", "failed"] as const;
export type PlanOutcome = (typeof planOutcomes)[number];

/** What a pipeline says of an infrastructure plan that was signed, where nobody else can be asked. */
export interface PlanReport {
  /** Digest of the frozen plan. */
  readonly plan: Sha256;
  readonly outcome: PlanOutcome;
  /** In a sentence, for people. */
  readonly detail: string;
}

const schema = v.strictObject({
  plan: v.custom<Sha256>(isSha256, "must be a SHA-256 digest: 64 lower-case hexadecimal digits"),
  outcome: v.picklist(planOutcomes),
  detail: shortText,
});

/** Whether the body of a report is about a plan. */
export function saysOfPlan(body: unknown): boolean {
  return typeof body === "object" && body !== null && "plan" in body;
}

/** Reads the body of a report. Throws `invalid-request` naming every field that is wrong. */
export function parsePlanReport(body: unknown): PlanReport {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues));
  return result.output;
}

/** The fact of a report. Each plan has one: the first stands. */
export function planReportFact(
  promotion: PromotionId,
  { name, sha256 }: Pick<FrozenEvidence, "name" | "sha256">,
  { outcome, detail }: PlanReport,
  at: Instant,
): Fact {
  return {
    id: `${promotion}/plan-reported/${sha256}`,
    type: "plan-reported",
    at,
    promotion,
    summary: `The pipeline reported of the infrastructure plan '${name}': ${outcome}. ${detail}`,
    body: { plan: sha256, outcome, detail },
    attachments: [],
  };
}

/** What was reported of a plan, where anything was. */
export function planReportIn(facts: readonly Fact[], plan: Sha256): PlanReport | undefined {
  const fact = facts.find(({ type, body }) => type === "plan-reported" && body["plan"] === plan);
  return fact === undefined ? undefined : parsePlanReport(fact.body);
}
