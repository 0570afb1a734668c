import type { VerifyingKey, VerifySignature } from "../attestation/dsse.ts";
import type { Jwks, VerifyJws } from "../attestation/id-token.ts";
import type { IssuerClaim } from "../attestation/installation-record.ts";
import type { Instant } from "../encoding/instant.ts";
import type { NoteKey, VerifyEd25519 } from "../ledger/note-key.ts";
import type { Inspect } from "./inspect-pack.ts";
import type { KeptReceipt } from "./kept-receipts.ts";
import type { FileStates } from "./pack/file-states.ts";
import type { PackFinding, Unchecked } from "./pack/pack-findings.ts";
import type { PackManifest } from "./pack/pack-manifest.ts";
import type { StartSha256 } from "./pack/sums.ts";
import type { PromotionVerdict } from "./promotion/promotion-verdict.ts";
import type { PolicyOf } from "./promotion/verify-gates.ts";
import type { EarlierHead } from "./verify-continuation.ts";
import type { Allocate } from "./zip/zip-directory.ts";

/** `full`: everything that can be checked offline. `checkpoint`: only that the records are in the signed log. */
type VerifyMode = "full" | "checkpoint";

export interface VerifyPackOptions {
  readonly mode: VerifyMode;
  readonly now: Instant;
  /** The log must have signed that this is its latest tree no longer ago. */
  readonly maxAgeSeconds?: number;
  /** A head that was verified before: what it stands for is taken as verified, and only what came since is looked at. */
  readonly since?: EarlierHead;
  /** What people were answered as they signed, and kept: the log must have it. */
  readonly receipts?: readonly KeptReceipt[];
  /** What is known from elsewhere than the pack; for the rest the pack's own word is taken, and the result says so. */
  readonly known: {
    readonly checkpointKeys?: readonly NoteKey[];
    /** Every one of these witnesses must have cosigned the checkpoint. */
    readonly witnessKeys?: readonly NoteKey[];
    readonly attestationKeys?: readonly VerifyingKey[];
    readonly jwks?: Jwks;
    readonly issuers?: readonly string[];
    readonly audiences?: readonly string[];
    /** Which claim names the people of an issuer, for those of whom that is known. */
    readonly subjectClaims?: readonly IssuerClaim[];
    /** The pages on which passkeys may have been made. */
    readonly origins?: readonly string[];
    readonly attestationBase?: string;
  };
  readonly verifyEd25519: VerifyEd25519;
  readonly verifySignature: VerifySignature;
  readonly verifyJws: VerifyJws;
  readonly policyOf: PolicyOf;
  readonly startSha256: StartSha256;
  /** Others who do parts of the work; without them it is done here, one part after the other. */
  readonly helpers?: (states: FileStates) => Helpers;
  /** Makes the buffers that helpers get. */
  readonly allocate?: Allocate;
}

/** Whoever does parts of the work, as many at a time as they can. */
export interface Helpers {
  readonly inspect: Inspect;
  readonly dismiss: () => Promise<void>;
}

export interface PackVerification {
  readonly mode: VerifyMode;
  /** Entries that were taken as verified before. */
  readonly since?: number;
  /** Whether everything holds that this mode looks at. */
  readonly holds: boolean;
  readonly findings: readonly PackFinding[];
  readonly promotions: readonly PromotionVerdict[];
  readonly unchecked: readonly Unchecked[];
  /** Of the receipts that were given, those that the log has: a sentence each. */
  readonly receipts?: readonly string[];
  readonly scope?: PackManifest["scope"];
  /** What is about people alone was left out. */
  readonly withoutPersonalData?: true;
  readonly log?: {
    readonly origin: string;
    readonly size: number;
    readonly at?: Instant;
    readonly keys: readonly string[];
    /** Those of the witnesses that were asked for, and when they saw this tree as the log's latest. */
    readonly witnesses: readonly { readonly key: string; readonly at: Instant }[];
  };
}
