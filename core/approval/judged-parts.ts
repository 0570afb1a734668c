import { canonicalJson } from "../encoding/canonical-json.ts";
import {
  type ArtifactRole,
  type EvidenceKind,
  type FreezeManifest,
  inManifestOrder,
} from "../promotion/freeze-manifest.ts";
import type { Judged } from "./matrix.ts";

// Whatever can be frozen belongs to some part: a new kind does not compile without its row.

const partsOfArtifact: Readonly<Record<ArtifactRole, readonly [Judged, ...Judged[]]>> = {
  model: ["model"],
  // What the model computes with, and what is operated.
  environment: ["model", "infrastructure"],
  "training-data": ["data"],
  infrastructure: ["infrastructure"],
  policy: ["model", "data", "infrastructure"],
};

const partsOfEvidence: Readonly<Record<EvidenceKind, readonly [Judged, ...Judged[]]>> = {
  "model-quality": ["model"],
  bias: ["model", "data"],
  explainability: ["model"],
  toxicity: ["model"],
  "shadow-run": ["model"],
  "unit-tests": ["model"],
  "model-card": ["model", "data"],
  "data-schema": ["data"],
  "data-validation": ["data"],
  "security-scan": ["model", "infrastructure"],
  "iac-plan": ["infrastructure"],
  drift: ["model", "data"],
  "policy-check": ["model", "data", "infrastructure"],
};

const parts: readonly Judged[] = ["model", "data", "infrastructure"];

/** The parts of a candidate that are others than those of an earlier one (design 6.11). */
export function changedParts(older: FreezeManifest, newer: FreezeManifest): readonly Judged[] {
  return parts.filter((part) => partOf(older, part) !== partOf(newer, part));
}

function partOf(manifest: FreezeManifest, part: Judged): string {
  const { model, target, classification, artifacts, evidence } = inManifestOrder(manifest);
  return canonicalJson({
    ...(part === "model" ? { model } : {}),
    ...(part === "infrastructure" ? { target } : {}),
    ...(classification === undefined ? {} : { classification }),
    artifacts: artifacts.filter(({ role }) => partsOfArtifact[role].includes(part)),
    evidence: evidence.filter(({ kind }) => partsOfEvidence[kind].includes(part)),
  });
}
