import { type Instant, msOfInstant } from "../encoding/instant.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import type { FreezeManifest, FrozenEvidence } from "../promotion/freeze-manifest.ts";
import type { Reading } from "./evidence-reader.ts";
import type { CheckedEvidence, EarlierRelease, EvidenceFacts, Facts, Illustrations } from "./facts.ts";
import { readerFor } from "./readers/registry.ts";
import { clipped, clippedPlace } from "./summary-size.ts";

/** What is there of a candidate, by file name. */
export interface CandidateFiles {
  /** Digests of the artifacts' bytes, computed by whoever read them; a name that is not there has no bytes. */
  readonly computedDigests: ReadonlyMap<string, Sha256>;
  /** The evidence documents' bytes. */
  readonly evidence: ReadonlyMap<string, Uint8Array>;
}

/** More than any report needs, and few enough for the policy to stay quick. */
const maximumReadings = 10_000;

/**
 * Reads all evidence that the manifest names and hashes its bytes. A document whose bytes are absent, or are not the
 * declared ones, or that no reader understands, contributes nothing but the reason.
 */
export function gatherFacts(
  manifest: FreezeManifest,
  files: CandidateFiles,
  circumstances: {
    readonly now: Instant;
    readonly releases?: readonly EarlierRelease[] | undefined;
    readonly added?: readonly FrozenEvidence[];
  },
): { readonly facts: Facts; readonly illustrations: Illustrations } {
  const read = [...manifest.evidence, ...(circumstances.added ?? [])].map((document) =>
    checkEvidence(document, files.evidence.get(document.name)),
  );
  const facts: Facts = {
    factsVersion: 1,
    now: circumstances.now,
    now_ns: msOfInstant(circumstances.now) * 1_000_000,
    model: manifest.model,
    target: manifest.target,
    artifacts: manifest.artifacts.map(({ role, name, size, sha256 }) => ({
      role,
      name,
      size,
      declared: sha256,
      computed: files.computedDigests.get(name) ?? null,
    })),
    evidence: read.map(({ checked }) => checked),
    metrics: read.flatMap(({ says }) => says.metrics ?? []),
    facets: read.flatMap(({ says }) => says.facets ?? []),
    schema: read.flatMap(({ says }) => says.schema ?? []),
    pii: read.flatMap(({ says }) => says.pii ?? []),
    scans: read.flatMap(({ says }) => says.scans ?? []),
    measures: read.flatMap(({ says }) => says.measures ?? []),
    plans: read.flatMap(({ says }) => says.plans ?? []),
    cards: read.flatMap(({ says }) => says.cards ?? []),
    gaps: read.flatMap(({ says }) => says.gaps ?? []),
    releases: circumstances.releases ?? null,
  };
  const curve = longest(read.map(({ says }) => says.curve ?? []));
  const [operatingPoint] = read.find(({ says }) => says.curve === curve)?.says.operatingPoints ?? [];
  const policyChanges = longest(read.map(({ says }) => says.policyChanges ?? []));
  return {
    facts,
    illustrations: {
      attributions: longest(read.map(({ says }) => says.attributions ?? [])),
      curve,
      ...(operatingPoint === undefined ? {} : { operatingPoint }),
      ...(policyChanges.length === 0 ? {} : { policyChanges }),
      calibration: longest(read.map(({ says }) => says.calibration ?? [])),
    },
  };
}

interface CheckedDocument {
  readonly checked: CheckedEvidence;
  readonly says: EvidenceFacts;
}

function checkEvidence(document: FrozenEvidence, bytes: Uint8Array | undefined): CheckedDocument {
  const { kind, format, name, size, sha256 } = document;
  const computed = bytes === undefined ? null : sha256Hex(bytes);
  const file = { kind, format, name, size, declared: sha256, computed };
  const reading = readDocument(document, bytes, computed);
  if (reading.kind === "read") return { checked: { ...file, readable: true }, says: reading.facts };
  const { where, sentence } = reading;
  return {
    checked: { ...file, readable: false, problem: { where: clippedPlace(where), sentence: clipped(sentence, 400) } },
    says: {},
  };
}

function readDocument(document: FrozenEvidence, bytes: Uint8Array | undefined, computed: Sha256 | null): Reading {
  const { kind, format, name, sha256 } = document;
  const unreadable = (sentence: string): Reading => ({ kind: "unreadable", where: name, sentence });
  if (bytes === undefined) return unreadable("Its bytes are not there.");
  if (computed !== sha256) return unreadable("Its bytes are not the ones that were declared.");
  const reader = readerFor(kind, format);
  if (reader === undefined) return unreadable(`No reader understands ${kind} in the format '${format}'.`);
  const reading = reader.read(bytes, name);
  if (reading.kind === "unreadable") return reading;
  const count =
    Object.values(reading.facts).reduce((sum, list) => sum + list.length, 0) +
    (reading.facts.pii ?? []).reduce((sum, { columns }) => sum + columns.length, 0) +
    (reading.facts.plans ?? []).reduce((sum, { changes }) => sum + changes.length, 0);
  return count > maximumReadings
    ? unreadable(`It says ${count} things; at most ${maximumReadings} are read.`)
    : reading;
}

/** Reviewers see the most detailed of several: two formats of one report say the same. */
function longest<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  return lists.reduce((longer, list) => (list.length > longer.length ? list : longer), []);
}
