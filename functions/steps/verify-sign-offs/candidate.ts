import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { madeBy, versionIn } from "../../../core/encoding/generation.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { earlierReleasesName, readEarlierReleases } from "../../../core/gates/earlier-releases.ts";
import { gateGenerations } from "../../../core/gates/gate-generations.ts";
import type { Judgement } from "../../../core/gates/judge.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";
import { judgedInShadow } from "../../../core/gates/shadow/rules.ts";
import { readStrictJson } from "../../../core/gates/strict-json.ts";
import type { GateThresholds } from "../../../core/gates/thresholds.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type ShadowPlan, shadowSettled } from "../../../core/promotion/shadow.ts";
import { candidateFiles } from "../candidate-files.ts";

/** What a frozen copy was found to be. */
interface MeasuredArtifact {
  readonly sha256: Sha256;
  readonly size: number;
  readonly versionId: string;
}

/** The copies that were read and hashed in this run already, by their keys. */
export type MeasuredArtifacts = Map<string, MeasuredArtifact>;

export interface CandidatePorts {
  readonly now: () => Instant;
  readonly artifacts: { measure(key: string): Promise<MeasuredArtifact> };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  readonly thresholds: (modelType: string, target: string) => GateThresholds | undefined;
  readonly shadowPlan: (promotion: Promotion) => ShadowPlan | undefined;
  readonly wasm: Uint8Array;
  readonly evaluate: EvaluatePolicy;
}

/** Throws unless the bytes that would run, the evidence about them and the gates' report are what was signed off. */
export function candidateCheck(ports: CandidatePorts) {
  return async (promotion: Promotion, measured: MeasuredArtifacts = new Map()): Promise<void> => {
    const { manifest } = promotion;
    if (freezeDigest(manifest) !== promotion.freezeDigest) {
      throw new Failure("digest-mismatch", "The freeze manifest is not the one that was signed off.");
    }
    for (const artifact of manifest.artifacts) {
      const copy = promotion.frozen?.find(({ name }) => name === artifact.name);
      if (copy === undefined) throw new Failure("digest-mismatch", `The artifact '${artifact.name}' was never frozen.`);
      const found = measured.get(copy.key) ?? (await ports.artifacts.measure(copy.key));
      measured.set(copy.key, found);
      if (found.sha256 !== artifact.sha256 || found.size !== artifact.size) {
        throw new Failure(
          "digest-mismatch",
          `The frozen artifact '${artifact.name}' was replaced: its bytes hash to ${found.sha256}, and ${artifact.sha256} was signed off.`,
        );
      }
      if (found.versionId !== copy.versionId) {
        throw new Failure(
          "digest-mismatch",
          `The frozen artifact '${artifact.name}' was written again after it was frozen.`,
        );
      }
    }
    const plan = ports.shadowPlan(promotion);
    if (!shadowSettled(plan, promotion))
      throw new Failure("gates-failed", "The candidate has not run in shadow as its rule asks.");
    const recorded = await judgedBefore(promotion);
    const { thresholds, added } = judgedInShadow(
      ports.thresholds(manifest.model.type, manifest.target.name),
      plan,
      promotion,
    );
    // As it was judged then: this version of Countersign may be newer than the review.
    const judge = madeBy("gate-report.json", await reportVersion(promotion), gateGenerations.reports);
    const { report } = judge({
      manifest,
      ...(await candidateFiles(promotion, ports.blobs, added)),
      added,
      thresholds,
      wasmDigest: sha256Hex(ports.wasm),
      evaluate: ports.evaluate,
      ...recorded,
    });
    if (report.outcome !== "passed" || sha256Hex(canonicalJsonBytes(report)) !== promotion.gates?.report) {
      throw new Failure(
        "gates-failed",
        "The gates, evaluated again, do not come to the report that reviewers were shown.",
      );
    }
    const now = ports.now();
    const ended = report.findings.find(
      ({ status, dryRunUntil }) => status !== "passed" && dryRunUntil !== undefined && dryRunUntil <= now,
    );
    if (ended !== undefined)
      throw new Failure("gates-failed", `A rule that was on trial blocks by now: ${ended.sentence}`);
  };

  async function reportVersion({ gates }: Promotion): Promise<number | undefined> {
    if (gates === undefined) return undefined;
    const report = readStrictJson(await ports.blobs.get(gates.report));
    return report.kind === "value" ? versionIn(report.value, "reportVersion") : undefined;
  }

  /** When the gates were evaluated and what the candidate was compared with: the report that both make must be the signed one. */
  async function judgedBefore(promotion: Promotion): Promise<Pick<Judgement, "now" | "releases">> {
    const fact = promotion.history.findLast(({ type }) => type === "gates");
    if (fact === undefined) throw new Failure("gates-failed", "The gates were never evaluated.");
    const compared = fact.attachments.find(({ name }) => name === earlierReleasesName);
    if (compared === undefined) return { now: fact.at };
    return { now: fact.at, releases: readEarlierReleases(await ports.blobs.get(compared.sha256)) };
  }
}
