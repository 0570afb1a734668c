import { utf8 } from "../encoding/bytes.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { by } from "../encoding/text-order.ts";
import type { Author, Identity } from "./identity.ts";
import type { Target } from "./target.ts";

/** What an artifact is to the model: the model itself, what it runs in, what it was trained on, where it will run. */
export const candidateRoles = ["model", "environment", "training-data", "infrastructure"] as const;
/** Of a change of the policies, what it brings has a role of its own. */
export const artifactRoles = [...candidateRoles, "policy"] as const;
export type ArtifactRole = (typeof artifactRoles)[number];

/** What a piece of evidence reports about. */
export const evidenceKinds = [
  "model-quality",
  "bias",
  "explainability",
  "data-schema",
  "toxicity",
  "security-scan",
  "shadow-run",
  "iac-plan",
  "unit-tests",
  "data-validation",
  "model-card",
  "drift",
  "policy-check",
] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** One frozen file: what it is called, how long it is in bytes, and the SHA-256 of its bytes. */
export interface FrozenFile {
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly sha256: Sha256;
}

export interface FrozenArtifact extends FrozenFile {
  readonly role: ArtifactRole;
}

export interface FrozenEvidence extends FrozenFile {
  readonly kind: EvidenceKind;
  /** Names the reader that understands the document, e.g. `sagemaker-model-quality`, `clarify-analysis`, `sarif`, `plain`. */
  readonly format: string;
}

export interface Model {
  readonly name: string;
  readonly type: string;
  readonly version: string;
}

/** Who made the candidate; separation of duties reads it. */
export interface Lineage {
  readonly trainedBy: readonly Author[];
  readonly codeAuthors: readonly Author[];
  readonly dataOwners: readonly Author[];
  readonly infrastructureAuthors: readonly Author[];
  readonly source?: { readonly repository: string; readonly commit: string };
}

/**
 * `freeze.json`: names every artifact and every evidence document by digest. Holds nothing that differs between
 * two runs of one pipeline over the same bytes. Everything signs its digest and nothing else.
 */
export interface FreezeManifest {
  readonly manifestVersion: 1;
  readonly model: Model;
  readonly target: Target;
  readonly artifacts: readonly FrozenArtifact[];
  readonly evidence: readonly FrozenEvidence[];
  /** The verified identity of the pipeline that asked, not of one of its runs. */
  readonly requester: Identity;
  readonly lineage: Lineage;
  /** As the pipeline declares it; may only raise what the approval matrix says of the model. */
  readonly classification?: { readonly riskTier?: string; readonly dataClass?: string };
}

/** The file name under which sign-offs and verdicts name the manifest as their one subject. */
export const freezeManifestName = "freeze.json";

/**
 * The manifest with artifacts and evidence in the order of role or kind, then name, so that the order in which CI
 * lists its files does not matter: neither to the digest nor to what is derived from the manifest.
 */
export function inManifestOrder(manifest: FreezeManifest): FreezeManifest {
  return {
    ...manifest,
    artifacts: sortedBy(manifest.artifacts, (artifact) => artifact.role),
    evidence: sortedBy(manifest.evidence, (document) => document.kind),
  };
}

/** Whether a manifest's artifacts and evidence are in that order. */
export function isInManifestOrder(manifest: FreezeManifest): boolean {
  const { artifacts, evidence } = inManifestOrder(manifest);
  return (
    artifacts.every((artifact, at) => artifact === manifest.artifacts[at]) &&
    evidence.every((document, at) => document === manifest.evidence[at])
  );
}

/** The manifest's bytes: canonical JSON (RFC 8785) of the manifest in its order. */
export function freezeManifestBytes(manifest: FreezeManifest): Uint8Array {
  return utf8(canonicalJson(inManifestOrder(manifest)));
}

/** SHA-256 of the manifest's bytes: the one thing that everybody signs. */
export function freezeDigest(manifest: FreezeManifest): Sha256 {
  return sha256Hex(freezeManifestBytes(manifest));
}

function sortedBy<File extends FrozenFile>(files: readonly File[], kind: (file: File) => string): readonly File[] {
  const key = (file: File) => `${kind(file)}\u0000${file.name}`;
  return files.toSorted(by(key));
}
