import { canonicalJson, type Json } from "../encoding/canonical-json.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import {
  type ArtifactRole,
  type EvidenceKind,
  type FreezeManifest,
  inManifestOrder,
} from "../promotion/freeze-manifest.ts";
import { shadowReportName } from "../promotion/shadow.ts";
import type { ApprovalRule, Judged } from "./matrix.ts";

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

/**
 * Which members of the gates' thresholds bear on which parts (core/gates/thresholds.ts). One that is not named here, or
 * of another version, bears on every part.
 */
const partsOfThreshold: Readonly<Record<string, (was: Json, is: Json) => readonly Judged[]>> = {
  // Whether the thresholds are those of the target or of all targets changes nothing that they ask.
  target: () => [],
  artifacts: (was, is) => named(was, is).flatMap((role) => own(partsOfArtifact, role)),
  evidence: (was, is) => named(was, is).flatMap((kind) => own(partsOfEvidence, kind)),
  quality: () => ["model"],
  fairness: () => ["model", "data"],
  data: () => ["data"],
  security: () => partsOfEvidence["security-scan"],
  measures: (was, is) => changedMembers(was, is).flatMap((kind) => own(partsOfEvidence, kind)),
  infrastructure: () => ["infrastructure"],
  modelCard: () => partsOfEvidence["model-card"],
  capacity: () => ["model", "infrastructure"],
  champion: () => ["model", "data"],
};

/** The parts of a candidate of which the gates ask something else than before. */
export function partsAskedOtherwise(
  was: { readonly wasm: Sha256; readonly thresholds: Json },
  is: { readonly wasm: Sha256; readonly thresholds: Json },
): readonly Judged[] {
  // What other compiled rules ask of what, nobody can tell from their bytes.
  if (was.wasm !== is.wasm) return parts;
  const [before, now] = [was.thresholds, is.thresholds];
  if (canonicalJson(before) === canonicalJson(now)) return [];
  if (!isObject(before) || !isObject(now)) return parts;
  const asked = changedMembers(before, now).flatMap((name) =>
    Object.hasOwn(partsOfThreshold, name)
      ? (partsOfThreshold[name]?.(before[name] ?? null, now[name] ?? null) ?? parts)
      : parts,
  );
  return parts.filter((part) => asked.includes(part));
}

/**
 * Which members of a rule bear on which parts. Who may sign is judged again in any case, and stages, conditions and
 * escalation by themselves. One that is not named here bears on every part.
 */
const partsOfRule: Readonly<Record<keyof ApprovalRule | "shadow", readonly Judged[]>> = {
  modelType: [],
  target: [],
  when: [],
  expiresAfterSeconds: [],
  excludes: [],
  unlinkableAuthors: [],
  carryOverSeconds: [],
  onDrift: [],
  ifNotReapproved: [],
  onIntruder: [],
  loan: [],
  conditions: [],
  stages: [],
  escalation: [],
  // Whether, and how, it runs beside what serves before people are asked.
  shadow: ["model"],
};

/** The parts of a candidate that a rule has looked at otherwise than another. */
export function partsRuledOtherwise(was: object, is: object): readonly Judged[] {
  const changed = changedMembers(was as Json, is as Json).flatMap((name) => own(partsOfRule, name));
  return parts.filter((part) => changed.includes(part));
}

/** Documents that gates judge by beside the manifest, by their names in the record; one that is not known bears on all. */
const partsOfDocument: Readonly<Record<string, readonly Judged[]>> = {
  "earlier-releases.json": ["model", "data"],
  [shadowReportName]: ["model"],
};

/** The parts of a candidate that were judged beside other documents than before. */
export function partsJudgedBeside(
  was: ReadonlyMap<string, Sha256>,
  is: ReadonlyMap<string, Sha256>,
): readonly Judged[] {
  const names = [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name));
  const judged = names.flatMap((name) => own(partsOfDocument, name));
  return parts.filter((part) => judged.includes(part));
}

function own(table: Readonly<Record<string, readonly Judged[]>>, name: string): readonly Judged[] {
  return Object.hasOwn(table, name) ? (table[name] ?? parts) : parts;
}

/** What only one of two lists names. */
function named(was: Json, is: Json): readonly string[] {
  const [before, now] = [textsIn(was), textsIn(is)];
  return [...before.filter((name) => !now.includes(name)), ...now.filter((name) => !before.includes(name))];
}

function textsIn(list: Json): readonly string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

function changedMembers(was: Json, is: Json): readonly string[] {
  const [before, now] = [isObject(was) ? was : {}, isObject(is) ? is : {}];
  // Of its own alone: every object has a member 'constructor' that nobody wrote.
  const written = (members: typeof before, name: string) =>
    canonicalJson(Object.hasOwn(members, name) ? (members[name] ?? null) : null);
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (name) => written(before, name) !== written(now, name),
  );
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
