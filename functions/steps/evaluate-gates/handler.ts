import { keptIsTold } from "../../../core/approval/earlier-review.ts";
import { whyOutOfReach } from "../../../core/approval/out-of-reach.ts";
import {
  type ApprovalPolicy,
  groupsOf,
  type RequirementsInForce,
  requirementsInForce,
  secondsForNextStage,
  shadowPlanInForce,
} from "../../../core/approval/promotion-approval.ts";
import type { Blob } from "../../../core/attestation/recorded-sign-off.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { earlierReleasesBytes, earlierReleasesName } from "../../../core/gates/earlier-releases.ts";
import { evidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { judge } from "../../../core/gates/judge.ts";
import { matrixFacts, whyNotKept } from "../../../core/gates/matrix-facts.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";
import { judgedInShadow } from "../../../core/gates/shadow/rules.ts";
import type { ChampionThresholds, GateThresholds } from "../../../core/gates/thresholds.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { CandidateFacts, EvidenceFacts, Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { shadowSettled } from "../../../core/promotion/shadow.ts";
import { candidateFiles } from "../candidate-files.ts";
import { moveOn, type PromotionMoves } from "../promotion-store.ts";
import type { ReleasedBefore } from "./earlier-releases.ts";
import { expired, isRecorded, ranInShadowSince, wasWithoutRule, withGates, withoutRule } from "./outcome.ts";

export interface EvaluateGatesPorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  /** What is archived of the version of the policies that judges, `policies.json` first. */
  readonly policyDocuments: readonly [Blob, ...Blob[]];
  readonly thresholds: (modelType: string, target: string) => GateThresholds | undefined;
  readonly wasm: Uint8Array;
  readonly evaluate: EvaluatePolicy;
  readonly promotions: PromotionMoves;
  readonly blobs: {
    get(sha256: Sha256): Promise<Uint8Array>;
    put(bytes: Uint8Array, mediaType: string): Promise<Sha256>;
  };
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  /** What was released before the candidate, read for comparison. */
  readonly earlierReleases: (promotion: Promotion, compared: ChampionThresholds) => Promise<ReleasedBefore>;
  /** Takes the place of older candidates, or gives way to a newer one; answers the promotion as it is then. */
  readonly takeOver: (promotion: Promotion) => Promise<Promotion>;
  /** Of a promotion that was reviewed before: keeps what judges nothing of what changed; answers it as it is then. */
  readonly keepReview: (promotion: Promotion) => Promise<Promotion>;
}

export type GatesAnswer =
  | { readonly outcome: "passed" | "nothing-to-stage"; readonly seconds: number }
  | { readonly outcome: "blocked" | "superseded" };

type AskedRequirements = Extract<RequirementsInForce, { readonly kind: "asked" }>["requirements"];

interface Judged {
  readonly after: Promotion;
  /** Absent where the policy in force has nothing for the promotion, which is blocked then. */
  readonly requirements?: AskedRequirements;
}

/** Evaluate the gates: judges the frozen evidence by the policy in force, and keeps both beside the outcome. */
export function evaluateGates(ports: EvaluateGatesPorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<GatesAnswer> => {
    const promotion = await moveOn(ports.promotions, promotionId, (current) => expired(current, ports.now()));
    if (promotion.status === "expired") return { outcome: "blocked" };
    if (promotion.status === "blocked" && (promotion.gates !== undefined || wasWithoutRule(promotion)))
      return { outcome: "blocked" };
    const { after, requirements } = judgedBefore(promotion) ?? (await judgeNow(promotion));
    if (after.status === "superseded") return { outcome: "superseded" };
    if (after.status === "blocked" || requirements === undefined) return { outcome: "blocked" };
    const ahead = await ports.takeOver(after);
    // Until it has run in shadow, nobody can tell which seats judge something new.
    const settled = shadowSettled(requirements.document.rule.shadow, ahead);
    const standing = settled ? await ports.keepReview(ahead) : ahead;
    if (standing.status === "superseded") return { outcome: "superseded" };
    return {
      outcome: promotion.manifest.target.kind === "policy" ? "nothing-to-stage" : "passed",
      seconds: secondsForNextStage(requirements.document.rule, standing, ports.now()),
    };
  };

  /** What is recorded already, where the step runs again because its answer was lost. */
  function judgedBefore(promotion: Promotion): Judged | undefined {
    if (promotion.gates === undefined || promotion.status !== "gating") return undefined;
    const inForce = requirementsInForce(ports.policy, promotion);
    if (inForce.kind === "none") return undefined;
    const { requirements } = inForce;
    // What is kept was told by the requirements that it was judged by, so those stand. Before anybody is asked under what
    // changed since, the promotion comes back here in another review.
    const kept = keptIsTold(promotion) || promotion.carried?.some(({ review }) => review === promotion.review) === true;
    const told = kept && !ranInShadowSince(promotion);
    const recorded = told
      ? isRecorded(promotion, promotion.requirements.sha256, promotion.gates.shadowRun)
      : isRecorded(promotion, requirements.sha256, judgedBy(promotion).added[0]?.sha256);
    return recorded ? { after: promotion, requirements } : undefined;
  }

  /** What is asked of the candidate before it has run in shadow, or after. */
  function judgedBy(promotion: Promotion) {
    const { model, target } = promotion.manifest;
    return judgedInShadow(
      ports.thresholds(model.type, target.name),
      shadowPlanInForce(ports.policy, promotion),
      promotion,
    );
  }

  async function judgeNow(promotion: Promotion): Promise<Judged> {
    const { manifest } = promotion;
    const { thresholds, added } = judgedBy(promotion);
    const before =
      thresholds?.champion === undefined ? undefined : await ports.earlierReleases(promotion, thresholds.champion);
    const releases = before?.releases;
    const now = before?.at ?? ports.now();
    const files = await candidateFiles(promotion, ports.blobs, added);
    const judged = judge({
      manifest,
      ...files,
      added,
      thresholds,
      wasmDigest: sha256Hex(ports.wasm),
      evaluate: ports.evaluate,
      now,
      releases,
    });
    const { facts, requirements, problem } = decidedBy(promotion, matrixFacts(judged.facts));
    if (requirements === undefined) {
      const after = await moveOn(ports.promotions, promotion.id, (current) => withoutRule(current, problem, now));
      return { after };
    }
    const outOfReach = judged.report.outcome === "passed" ? await unreachable(promotion, requirements) : undefined;
    const documents: readonly Blob[] = [
      json("gate-report.json", judged.report),
      json("evidence-summary.json", evidenceSummary({ manifest, ...judged })),
      { name: "requirements.json", mediaType: "application/json", bytes: requirements.bytes },
      ...ports.policyDocuments,
      { name: "gates.wasm", mediaType: "application/wasm", bytes: ports.wasm },
      ...(releases === undefined
        ? []
        : [{ name: earlierReleasesName, mediaType: "application/json", bytes: earlierReleasesBytes(releases) }]),
      ...added.map(({ name, mediaType }) => ({ name, mediaType, bytes: files.evidence.get(name) ?? utf8("") })),
    ];
    for (const { bytes, mediaType } of documents) await ports.blobs.put(bytes, mediaType);
    const after = await moveOn(ports.promotions, promotion.id, (current) =>
      withGates(
        current,
        {
          report: judged.report,
          requirements: requirements.sha256,
          shadowRun: added[0]?.sha256,
          facts,
          problem: problem ?? outOfReach,
          policy: sha256Hex(ports.policyDocuments[0].bytes),
        },
        documents,
      ),
    );
    return { after, requirements };
  }

  /** Said at once, and not after a week in which nobody could sign. */
  async function unreachable(promotion: Promotion, { document }: AskedRequirements): Promise<Failure | undefined> {
    if (document.decided?.facts.evidence === undefined) return undefined;
    const members = await ports.directory.everybody(groupsOf(document));
    const why = whyOutOfReach(promotion, document, { members, people: ports.policy.people });
    return why === undefined ? undefined : new Failure("unreachable-quorum", why);
  }

  /** The requirements with the matrix's conditions decided by the evidence; without it where it does not decide them. */
  function decidedBy(
    promotion: Promotion,
    evidence: EvidenceFacts,
  ): { readonly facts: CandidateFacts } & (
    | { readonly requirements: AskedRequirements; readonly problem?: Failure }
    | { readonly requirements?: undefined; readonly problem: Failure }
  ) {
    const { evidence: _, ...known } = promotion.facts ?? {};
    const tooMuch = whyNotKept(evidence);
    const facts = tooMuch === undefined ? { ...known, evidence } : known;
    const decided = requirementsInForce(ports.policy, { ...promotion, facts });
    if (decided.kind === "asked")
      return { facts, requirements: decided.requirements, ...(tooMuch === undefined ? {} : { problem: tooMuch }) };
    const without = requirementsInForce(ports.policy, { ...promotion, facts: known });
    return without.kind === "asked"
      ? { facts, requirements: without.requirements, problem: decided.why }
      : { facts, problem: without.why };
  }
}

function json(name: string, value: unknown): Blob {
  return { name, mediaType: "application/json", bytes: canonicalJsonBytes(value) };
}
