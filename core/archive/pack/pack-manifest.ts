import * as v from "valibot";
import { equalBytes } from "../../encoding/bytes.ts";
import { canonicalJsonBytes } from "../../encoding/canonical-json.ts";
import { refuseNewer, versionIn } from "../../encoding/generation.ts";
import { type Instant, isInstant } from "../../encoding/instant.ts";
import { isSha256, type Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import { readStrictJson } from "../../gates/strict-json.ts";
import { personalNames } from "../../promotion/personal-documents.ts";
import { isPromotionId, type PromotionId } from "../../promotion/promotion-id.ts";
import type { PackVersion } from "../documents/pack-version.ts";

/**
 * What a pack is about. A promotion is always in it as a whole: `time` means every promotion of which something was
 * recorded from `from` up to, not including, `to`.
 */
export type PackScope =
  | { readonly kind: "everything" }
  | { readonly kind: "promotion"; readonly promotion: PromotionId }
  | { readonly kind: "model"; readonly model: string }
  | { readonly kind: "time"; readonly from: Instant; readonly to: Instant }
  /** Every record since a checkpoint of so many entries, and every promotion that one of them is about. */
  | { readonly kind: "since"; readonly size: number; readonly root: string };

/** A document that a record names and the pack does not hold, on purpose. */
export interface LeftOut {
  readonly sha256: Sha256;
  readonly name: string;
  readonly why: string;
}

/** The version that packs are made of. */
export const packVersion = 2 satisfies PackVersion;

/** `manifest.json`: what the pack is. Signed by nobody: it says where to look, and proves nothing. */
export interface PackManifest {
  readonly packVersion: PackVersion;
  readonly createdAt: Instant;
  readonly scope: PackScope;
  /** The log, and the head up to which this pack goes. */
  readonly log: { readonly origin: string; readonly size: number; readonly root: string };
  readonly records: number;
  readonly promotions: readonly PromotionId[];
  /** Indices of the records that tell what the installation is: what sign-ins and statements are held against. */
  readonly installationRecords: readonly number[];
  /** Indices of the records that publish and retire the service's keys. */
  readonly keyRecords: readonly number[];
  /** Indices of the records about passkeys: they are verified before the sign-offs that need them. */
  readonly passkeyRecords: readonly number[];
  /** Indices of the records about delegations: as those of passkeys. */
  readonly delegationRecords: readonly number[];
  /** Records of the log that are here by their hash alone. */
  readonly recordsLeftOut: number;
  readonly documentsLeftOut: readonly LeftOut[];
  /** Records in scope that were left out as well, where personal data was; by their leaf hashes in hex. */
  readonly personalRecordsLeftOut?: readonly PersonalRecord[];
}

/** A record about a person alone, which a pack without personal data does not hold. */
export interface PersonalRecord {
  readonly index: number;
  readonly type: string;
  readonly leafHash: string;
}

/** Whether a pack holds the whole log: every entry, and not only the hashes of some. */
export function holdsWholeLog({ scope, personalRecordsLeftOut }: PackManifest): boolean {
  return scope.kind === "everything" && personalRecordsLeftOut === undefined;
}

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2000));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const instant = v.custom<Instant>(isInstant);
const promotion = v.custom<PromotionId>(isPromotionId);
const schema = v.strictObject({
  packVersion: v.picklist([1, 2]),
  createdAt: instant,
  scope: v.variant("kind", [
    v.strictObject({ kind: v.literal("everything") }),
    v.strictObject({ kind: v.literal("promotion"), promotion }),
    v.strictObject({ kind: v.literal("model"), model: text }),
    v.strictObject({ kind: v.literal("time"), from: instant, to: instant }),
    v.strictObject({ kind: v.literal("since"), size: count, root: v.custom<string>(isSha256) }),
  ]),
  log: v.strictObject({ origin: text, size: count, root: v.custom<string>(isSha256) }),
  records: count,
  promotions: v.array(promotion),
  installationRecords: v.array(count),
  keyRecords: v.array(count),
  passkeyRecords: v.array(count),
  delegationRecords: v.array(count),
  recordsLeftOut: count,
  documentsLeftOut: v.array(v.strictObject({ sha256: v.custom<Sha256>(isSha256), name: text, why: text })),
  personalRecordsLeftOut: v.exactOptional(
    v.array(v.strictObject({ index: count, type: text, leafHash: v.custom<string>(isSha256) })),
  ),
});

/** The manifest's bytes. */
export function packManifestBytes(manifest: PackManifest): Uint8Array {
  return canonicalJsonBytes(manifest);
}

/** Reads a manifest; throws `pack-invalid` where it is none of this version, `newer-version` where it is of a later one. */
export function readPackManifest(bytes: Uint8Array): PackManifest {
  const read = readStrictJson(bytes);
  if (read.kind === "problem") throw invalid(read.sentence);
  refuseNewer("The pack", versionIn(read.value, "packVersion"), packVersion);
  if (!equalBytes(canonicalJsonBytes(read.value), bytes)) throw invalid("it is not written in canonical JSON.");
  const result = v.safeParse(schema, read.value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(`${v.getDotPath(issue) ?? "it"} is not as in packs of version 1 or 2.`);
}

function invalid(sentence: string): Failure {
  return new Failure("pack-invalid", `manifest.json cannot be read: ${sentence}`);
}

/** Whether a pack is one without personal data. */
export function isWithoutPersonalData({ personalRecordsLeftOut }: PackManifest): boolean {
  return personalRecordsLeftOut !== undefined;
}

/** Documents that are not in the pack on purpose. */
export function documentsLeftOut(manifest: Pick<PackManifest, "documentsLeftOut">): ReadonlySet<Sha256> {
  const personal = manifest.documentsLeftOut.filter(({ name }) => personalNames.includes(name));
  return new Set(personal.map(({ sha256 }) => sha256));
}
