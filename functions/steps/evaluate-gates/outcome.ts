import { attachmentOf, type Blob } from "../../../core/attestation/recorded-sign-off.ts";
import { cutText } from "../../../core/encoding/cut-text.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { blocks, type GateReport } from "../../../core/gates/gate-report.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { CandidateFacts, Promotion } from "../../../core/promotion/promotion.ts";

/** What the gates came to, with everything that they were judged by; `undefined` where that is recorded. Throws `conflict` where nobody asks any more. */
export function withGates(
  promotion: Promotion,
  {
    report,
    requirements,
    shadowRun,
    facts,
    problem,
    policy,
  }: {
    readonly report: GateReport;
    readonly requirements: Sha256;
    readonly shadowRun: Sha256 | undefined;
    readonly facts: CandidateFacts;
    /** Why nobody can be asked though the gates pass. */
    readonly problem: Failure | undefined;
    /** Of the version of the policies that judged. */
    readonly policy: Sha256;
  },
  documents: readonly Blob[],
): Promotion | undefined {
  const [reportFile, summaryFile] = documents.map(attachmentOf);
  if (reportFile === undefined || summaryFile === undefined)
    throw new Failure("internal", "The gate report was not written.");
  if (isRecorded(promotion, requirements, shadowRun) || promotion.status === "superseded") return undefined;
  if (promotion.status !== "gating")
    throw new Failure("conflict", `The promotion is ${promotion.status}; its gates are not evaluated any more.`);
  const failed = report.findings.filter(blocks);
  const onTrial = report.findings.filter((finding) => finding.status !== "passed" && !blocks(finding));
  const undecided = report.outcome === "passed" ? problem : undefined;
  const reason = undecided?.message ?? failed.map(({ sentence }) => sentence).join(" ");
  const blocked = report.outcome === "blocked" || undecided !== undefined;
  return advance(
    promotion,
    {
      requirements: { sha256: requirements },
      facts,
      gates: {
        outcome: report.outcome,
        report: reportFile.sha256,
        summary: summaryFile.sha256,
        ...(shadowRun === undefined ? {} : { shadowRun }),
      },
      ...(blocked ? { status: "blocked", reason } : {}),
    },
    {
      type: blocked ? "blocked" : "gates",
      // The moment of judging, so that whoever judges again does it by the same dry runs.
      at: report.evaluatedAt,
      summary: blocked ? cutText(reason, 2000) : passedText(report.findings.length, onTrial.length),
      body: {
        outcome: report.outcome,
        step: undecided === undefined ? "gates" : "matrix",
        requirements,
        policy,
        failed: failed.map(({ rule }) => rule),
        ...(onTrial.length === 0 ? {} : { onTrial: onTrial.map(({ rule }) => rule) }),
      },
      attachments: documents.map(attachmentOf),
    },
  );
}

/** Its execution may have begun, or been redriven, long after it was submitted: nobody is asked any more, and it takes nobody's place. */
export function expired(promotion: Promotion, at: Instant): Promotion | undefined {
  if (promotion.status !== "gating" || at < promotion.expiresAt) return undefined;
  const reason = `The promotion expired before ${whatWasDue(promotion)}.`;
  return advance(
    promotion,
    { status: "expired", reason },
    { type: "expired", at, summary: reason, body: {}, attachments: [] },
  );
}

function whatWasDue(promotion: Promotion): string {
  const evaluated = "its gates were evaluated";
  if (ranInShadowSince(promotion)) return `${evaluated} again, over its run in shadow`;
  // The step runs again where its answer was lost.
  if (promotion.gates !== undefined) return "its review opened";
  return promotion.review > 1 ? `${evaluated} again, under the requirements that changed` : evaluated;
}

/** The promotion blocked, because the policy in force has no rule for it any more. */
export function withoutRule(promotion: Promotion, why: Failure, at: Instant): Promotion | undefined {
  if (promotion.status !== "gating") return undefined;
  const reason = `The policies changed, and there is no rule for it any more: ${why.message}`;
  return advance(
    promotion,
    { status: "blocked", reason },
    { type: "blocked", at, summary: cutText(reason, 2000), body: { step: "policy", code: why.code }, attachments: [] },
  );
}

export function wasWithoutRule({ history }: Promotion): boolean {
  return history.some(({ type, body }) => type === "blocked" && body["step"] === "policy");
}

/** Whether a run in shadow was reported after the gates were evaluated last. */
export function ranInShadowSince({ history }: Promotion): boolean {
  const reported = history.findLastIndex(({ type, body }) => type === "shadow-run" && body["state"] === "reported");
  return reported > history.findLastIndex(({ type }) => type === "gates");
}

/** Whether these gates were evaluated already, over the same run in shadow: the step runs again where its answer was lost. */
export function isRecorded(
  { gates, status, requirements: pinned }: Promotion,
  requirements: Sha256,
  shadowRun: Sha256 | undefined,
): boolean {
  if (gates === undefined || gates.shadowRun !== shadowRun || pinned.sha256 !== requirements) return false;
  return status === "gating" || status === "blocked";
}

function passedText(all: number, onTrial: number): string {
  if (onTrial === 0) return `All ${all} gates pass.`;
  const others = onTrial === 1 ? "the other one is on trial and does" : `the other ${onTrial} are on trial and do`;
  return `${all - onTrial} of ${all} gates pass; ${others} not block yet.`;
}
