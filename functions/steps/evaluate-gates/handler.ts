import {
  type ApprovalPolicy,
  requirementsNow,
  secondsForNextStage,
} from "../../../core/approval/promotion-approval.ts";
import { attachmentOf, type Blob } from "../../../core/attestation/recorded-sign-off.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { evidenceSummary } from "../../../core/gates/evidence-summary.ts";
import type { GateReport } from "../../../core/gates/gate-report.ts";
import { judge } from "../../../core/gates/judge.ts";
import { matrixFacts } from "../../../core/gates/matrix-facts.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";
import type { GateThresholds } from "../../../core/gates/thresholds.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { CandidateFacts, Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { candidateFiles } from "../candidate-files.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";

export interface EvaluateGatesPorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly thresholds: (modelType: string, target: string) => GateThresholds | undefined;
  readonly wasm: Uint8Array;
  readonly evaluate: EvaluatePolicy;
  readonly promotions: PromotionMoves;
  readonly blobs: {
    get(sha256: Sha256): Promise<Uint8Array>;
    put(bytes: Uint8Array, mediaType: string): Promise<Sha256>;
  };
  /** Takes the place of older candidates, or gives way to a newer one; answers the promotion as it is then. */
  readonly takeOver: (promotion: Promotion) => Promise<Promotion>;
}

export type GatesAnswer =
  | { readonly outcome: "passed"; readonly seconds: number }
  | { readonly outcome: "blocked" | "superseded" };

/** Evaluate the gates: judges the frozen evidence by the policy in force, and keeps both beside the outcome. */
export function evaluateGates(ports: EvaluateGatesPorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<GatesAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    const { manifest } = promotion;
    const judged = judge({
      manifest,
      ...(await candidateFiles(promotion, ports.blobs)),
      thresholds: ports.thresholds(manifest.model.type, manifest.target.name),
      wasmDigest: sha256Hex(ports.wasm),
      evaluate: ports.evaluate,
    });
    const facts: CandidateFacts = { ...promotion.facts, evidence: matrixFacts(judged.facts) };
    const { requirements, problem } = decidedBy(promotion, facts);
    const report = json("gate-report.json", judged.report);
    const summary = json("evidence-summary.json", evidenceSummary({ manifest, ...judged }));
    const documents: readonly Blob[] = [
      report,
      summary,
      { name: "requirements.json", mediaType: "application/json", bytes: requirements.bytes },
      { name: "gates.wasm", mediaType: "application/wasm", bytes: ports.wasm },
    ];
    for (const { bytes, mediaType } of documents) await ports.blobs.put(bytes, mediaType);
    const after = await moveOn(ports.promotions, promotionId, (current) =>
      withGates(current, { report: judged.report, requirements: requirements.sha256, facts, problem }, documents),
    );
    if (after.status === "superseded") return { outcome: "superseded" };
    if (after.status === "blocked") return { outcome: "blocked" };
    const standing = await ports.takeOver(after);
    if (standing.status === "superseded") return { outcome: "superseded" };
    return { outcome: "passed", seconds: secondsForNextStage(requirements.document.rule, standing, ports.now()) };
  };

  /** The requirements with the matrix's conditions decided by the evidence; without it where it does not decide them. */
  function decidedBy(
    promotion: Promotion,
    facts: CandidateFacts,
  ): { readonly requirements: ReturnType<typeof requirementsNow>; readonly problem?: Failure } {
    try {
      return { requirements: requirementsNow(ports.policy, { ...promotion, facts }) };
    } catch (error) {
      if (!(error instanceof Failure) || (error.code !== "missing-evidence" && error.code !== "invalid-evidence"))
        throw error;
      const { evidence: _, ...known } = facts;
      return { requirements: requirementsNow(ports.policy, { ...promotion, facts: known }), problem: error };
    }
  }

  function withGates(
    promotion: Promotion,
    {
      report,
      requirements,
      facts,
      problem,
    }: {
      readonly report: GateReport;
      readonly requirements: Sha256;
      readonly facts: CandidateFacts;
      readonly problem: Failure | undefined;
    },
    documents: readonly Blob[],
  ): Promotion | undefined {
    const [reportFile, summaryFile] = documents.map(attachmentOf);
    if (reportFile === undefined || summaryFile === undefined)
      throw new Failure("internal", "The gate report was not written.");
    if (promotion.gates?.report === reportFile.sha256 || promotion.status === "superseded") return undefined;
    if (promotion.status !== "gating")
      throw new Failure("conflict", `The promotion is ${promotion.status}; its gates are not evaluated any more.`);
    const failed = report.findings.filter(({ status }) => status !== "passed");
    const undecided = report.outcome === "passed" ? problem : undefined;
    const reason = undecided?.message ?? failed.map(({ sentence }) => sentence).join(" ");
    const blocked = report.outcome === "blocked" || undecided !== undefined;
    return advance(
      promotion,
      {
        requirements: { sha256: requirements },
        facts,
        gates: { outcome: report.outcome, report: reportFile.sha256, summary: summaryFile.sha256 },
        ...(blocked ? { status: "blocked", reason } : {}),
      },
      {
        type: blocked ? "blocked" : "gates",
        at: ports.now(),
        summary: blocked ? reason.slice(0, 2000) : `All ${report.findings.length} gates pass.`,
        body: {
          outcome: report.outcome,
          step: undecided === undefined ? "gates" : "matrix",
          requirements,
          failed: failed.map(({ rule }) => rule),
        },
        attachments: documents.map(attachmentOf),
      },
    );
  }
}

function json(name: string, value: unknown): Blob {
  return { name, mediaType: "application/json", bytes: canonicalJsonBytes(value) };
}
