import type { Instant } from "../encoding/instant.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import type { EarlierRelease } from "../gates/facts.ts";
import { blocks, type Finding } from "../gates/gate-report.ts";
import { judge } from "../gates/judge.ts";
import { matrixFacts, whyNotKept } from "../gates/matrix-facts.ts";
import type { EvaluatePolicy } from "../gates/policy-result.ts";
import type { GateThresholds } from "../gates/thresholds.ts";
import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import type { Identity } from "../promotion/identity.ts";
import type { EvidenceFacts } from "../promotion/promotion.ts";
import type { RequestSketch } from "../promotion/request-sketch.ts";
import type { Target } from "../promotion/target.ts";

/** What gates come to with what is at hand; `undecided`: nothing blocks, and something that could is not there. */
export interface SimulatedGates {
  readonly outcome: "passed" | "blocked" | "undecided" | "not-judged";
  readonly findings: readonly Finding[];
  /** Rules that nothing can be said about: what they read is not at hand. */
  readonly undecided: readonly string[];
  /** Documents that the request names and nobody gave. */
  readonly notGiven: readonly string[];
}

export interface GatesToSimulate {
  readonly manifest: FreezeManifest;
  /** Whether the request says how large each artifact is. */
  readonly measured: boolean;
  readonly evidence: ReadonlyMap<string, Uint8Array>;
  readonly thresholds: GateThresholds | undefined;
  /** Undefined where nobody knows what was released before. */
  readonly releases: readonly EarlierRelease[] | undefined;
  readonly wasmDigest: Sha256;
  readonly evaluate: EvaluatePolicy;
  readonly now: Instant;
}

/** The manifest that a sketch would freeze to; files whose digest nobody gave are taken as they are declared. */
export function sketchedManifest(
  sketch: RequestSketch,
  evidence: ReadonlyMap<string, Uint8Array>,
  { target, requester }: { readonly target: Target; readonly requester: Identity },
): FreezeManifest {
  const mediaType = "application/octet-stream";
  return {
    manifestVersion: 1,
    model: { ...sketch.model, version: sketch.model.version ?? "unnamed" },
    target,
    artifacts: sketch.artifacts.map(({ role, name, size = 0, sha256 = unknownDigest }) => ({
      role,
      name,
      mediaType,
      size,
      sha256,
    })),
    evidence: sketch.evidence.map(({ kind, format, name, size, sha256 }) => {
      const bytes = evidence.get(name);
      return {
        kind,
        format,
        name,
        mediaType,
        size: size ?? bytes?.length ?? 0,
        sha256: sha256 ?? (bytes === undefined ? unknownDigest : sha256Hex(bytes)),
      };
    }),
    requester,
    lineage: sketch.lineage,
    ...(sketch.classification === undefined ? {} : { classification: sketch.classification }),
  };
}

const unknownDigest = "0".repeat(64) as Sha256;

/** Judges what is at hand. A rule that lacks something which nobody gave is undecided, and neither passes nor blocks. */
export function simulateGates({ manifest, measured, ...input }: GatesToSimulate): {
  readonly gates: SimulatedGates;
  /** Only where every document was read, and can be kept. */
  readonly facts?: EvidenceFacts;
  /** Why what the documents state cannot be kept with a promotion, which blocks it. */
  readonly notKept?: string;
} {
  const notGiven = manifest.evidence.filter(({ name }) => !input.evidence.has(name)).map(({ name }) => name);
  const ofNotGiven = new Set(
    manifest.evidence
      .filter(({ name }) => notGiven.includes(name))
      .flatMap(({ kind, name }) => [`evidence.${kind}`, `digest.${name}`]),
  );
  if (manifest.evidence.length === 0 || notGiven.length === manifest.evidence.length)
    return { gates: { outcome: "not-judged", findings: [], undecided: [], notGiven } };
  const computedDigests = new Map([
    ...manifest.artifacts.map(({ name, sha256 }) => [name, sha256] as const),
    ...[...input.evidence].map(([name, bytes]) => [name, sha256Hex(bytes)] as const),
  ]);
  const { report, facts } = judge({ ...input, manifest, computedDigests });
  const open = report.findings.filter((finding) => blocks(finding) && isOpen(finding));
  const outcome = report.findings.some((finding) => blocks(finding) && !isOpen(finding))
    ? "blocked"
    : open.length > 0 || (!measured && input.thresholds?.capacity !== undefined)
      ? "undecided"
      : "passed";
  const undecided = open.map(({ rule }) => rule);
  const gates = { outcome, findings: report.findings, undecided, notGiven } as const;
  const stated = matrixFacts(facts);
  const notKept = whyNotKept(stated)?.message;
  if (notKept !== undefined) return { gates, notKept };
  return notGiven.length === 0 ? { gates, facts: stated } : { gates };

  function isOpen({ status, rule }: Finding): boolean {
    if (!measured && rule.startsWith("capacity.")) return true;
    if (ofNotGiven.has(rule)) return true;
    if (status !== "missing") return false;
    return notGiven.length > 0 || (input.releases === undefined && rule.startsWith("champion."));
  }
}
