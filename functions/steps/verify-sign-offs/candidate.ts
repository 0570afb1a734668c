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
import { inHashingOrder } from "../../../core/promotion/artifact-sizes.ts";
import { type FrozenFile, freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { FrozenCopy, Promotion } from "../../../core/promotion/promotion.ts";
import { type ShadowPlan, shadowSettled } from "../../../core/promotion/shadow.ts";
import { candidateFiles } from "../candidate-files.ts";
import { type HashingInput, type HashingTime, hashingTime } from "../hashing-time.ts";

/** What a frozen copy was found to be. */
interface MeasuredArtifact {
  readonly sha256: Sha256;
  readonly size: number;
  readonly versionId: string;
}

/** How far a candidate's bytes were read and hashed. */
export interface CandidateReading {
  /** The copies that were hashed in this run already, by their keys. */
  readonly measured: Map<string, MeasuredArtifact>;
  /** So many artifacts, in hashing order, were hashed in earlier runs of this step. */
  readonly before: number;
  /** Absent where everything is hashed in one run, however long it takes. */
  readonly time: HashingTime | undefined;
  /** The artifact, in hashing order, with which the next run goes on, since the time of this one is over. */
  goesOnAt?: number;
}

/** @param answer the one that says that it goes on, which its execution has to know */
export function candidateReading(
  { hashed = 0, understands = [] }: HashingInput,
  answer: string,
  now: () => Instant,
): CandidateReading {
  const time = understands.includes(answer) ? hashingTime(now, hashed) : undefined;
  return { measured: new Map(), before: hashed, time };
}

export interface CandidatePorts {
  readonly now: () => Instant;
  readonly artifacts: {
    measure(key: string): Promise<MeasuredArtifact>;
    /** What S3 itself says that the bytes came to; `undefined` where it does not say. */
    recorded(key: string): Promise<MeasuredArtifact | undefined>;
  };
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  readonly thresholds: (modelType: string, target: string) => GateThresholds | undefined;
  readonly shadowPlan: (promotion: Promotion) => ShadowPlan | undefined;
  readonly wasm: Uint8Array;
  readonly evaluate: EvaluatePolicy;
}

/**
 * Throws unless the bytes that would run, the evidence about them and the gates' report are what was signed off. All bytes are
 * read and hashed; where that takes more than one run, of those that an earlier run has read S3 is asked whether they still are
 * the same version, with the digest that it computed itself when it took them. Where the time is over before that, nothing more is
 * looked at, and `reading` says so.
 */
export function candidateCheck(ports: CandidatePorts) {
  return async (promotion: Promotion, reading: CandidateReading): Promise<void> => {
    const { manifest } = promotion;
    if (freezeDigest(manifest) !== promotion.freezeDigest) {
      throw new Failure("digest-mismatch", "The freeze manifest is not the one that was signed off.");
    }
    for (const [at, artifact] of inHashingOrder(manifest.artifacts).entries()) {
      const copy = promotion.frozen?.find(({ name }) => name === artifact.name);
      if (copy === undefined) throw new Failure("digest-mismatch", `The artifact '${artifact.name}' was never frozen.`);
      const known = reading.measured.get(copy.key);
      if (known === undefined && reading.time?.isOver(artifact, at)) {
        reading.goesOnAt = at;
        return;
      }
      const found = known ?? (at < reading.before ? await ports.artifacts.recorded(copy.key) : undefined);
      requireSigned(artifact, copy, found ?? (await measured(copy.key, reading)));
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

  async function measured(key: string, reading: CandidateReading): Promise<MeasuredArtifact> {
    const found = await ports.artifacts.measure(key);
    reading.measured.set(key, found);
    return found;
  }

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

function requireSigned({ name, sha256, size }: FrozenFile, copy: FrozenCopy, found: MeasuredArtifact): void {
  if (found.sha256 !== sha256 || found.size !== size) {
    throw new Failure(
      "digest-mismatch",
      `The frozen artifact '${name}' was replaced: its bytes hash to ${found.sha256}, and ${sha256} was signed off.`,
    );
  }
  if (found.versionId !== copy.versionId) {
    throw new Failure("digest-mismatch", `The frozen artifact '${name}' was written again after it was frozen.`);
  }
}
