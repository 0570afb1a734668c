import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { warmPolicies } from "../../../../adapters/opa/warm-policies.ts";
import type { KeptReceipt } from "../../../../core/archive/kept-receipts.ts";
import { keysOfPack } from "../../../../core/archive/pack/pack-keys.ts";
import type { StartSha256 } from "../../../../core/archive/pack/sums.ts";
import type { PackVerification, VerifyPackOptions } from "../../../../core/archive/pack-verification.ts";
import { verifyPack } from "../../../../core/archive/verify-pack.ts";
import type { PackSource } from "../../../../core/archive/zip/pack-source.ts";
import { openZip } from "../../../../core/archive/zip/read-zip.ts";
import type { Instant } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import { Failure } from "../../../../core/failure.ts";
import { accessTo } from "./file-access.ts";
import { withLaterAnswers } from "./later-answers.ts";
import { webCryptoCheck } from "./web-crypto.ts";

/** What verification came to, and the attestation keys that it was done with. */
export interface FileVerification {
  readonly result: PackVerification;
  readonly attestationKeys: readonly Sha256[];
  /** So many receipts were held against the log. */
  readonly receipts: number;
}

/**
 * Verifies an audit pack with the rules of `countersign verify` and this browser's own cryptography. Nothing is sent
 * anywhere. Throws where the file cannot be read.
 *
 * @param onRead is told how many bytes were read, after each part of the file
 */
export async function verifyFile(
  file: File,
  options: {
    readonly known: VerifyPackOptions["known"];
    readonly receipts?: readonly KeptReceipt[];
    readonly now: Instant;
    readonly subtle: SubtleCrypto;
    readonly onRead: (bytes: number) => void;
  },
): Promise<FileVerification> {
  const opened = await openZip(accessTo(file, options.onRead));
  if (opened.kind === "refused") {
    const finding = { code: "container-refused", path: file.name, sentence: opened.sentence } as const;
    return {
      result: { mode: "full", holds: false, findings: [finding], promotions: [], unchecked: [] },
      attestationKeys: [],
      receipts: 0,
    };
  }
  const { known, receipts, now } = options;
  const held = receipts === undefined ? {} : { receipts };
  const policyOf = warmPolicies();
  const result = await withLaterAnswers(
    (verifiers) =>
      verifyPack(opened.source, { mode: "full", now, known, ...held, policyOf, startSha256, ...verifiers }),
    webCryptoCheck(options.subtle),
  );
  const keys = known.attestationKeys ?? (await keysIn(opened.source));
  return { result, attestationKeys: keys.map(({ keyid }) => keyid), receipts: receipts?.length ?? 0 };
}

/** Keys that cannot be read are a finding already. */
async function keysIn(source: PackSource): Promise<Awaited<ReturnType<typeof keysOfPack>>["attestation"]> {
  try {
    return (await keysOfPack(source)).attestation;
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

const startSha256: StartSha256 = () => {
  const hash = sha256.create();
  return { update: (bytes) => void hash.update(bytes), digest: () => bytesToHex(hash.digest()) as Sha256 };
};
