import { expect } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { parseEnvelope } from "../../../core/attestation/dsse.ts";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { HashingInput } from "../../../functions/steps/hashing-time.ts";
import { type VerifySignOffsPorts, verifySignOffs } from "../../../functions/steps/verify-sign-offs/handler.ts";
import { lenderCheck, signOffCheck } from "../../../functions/steps/verify-sign-offs/sign-off-check.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  dana,
  everybody,
  id,
  now,
  openStage,
  policy,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

export const byCora = await givenSignOff(promotionInReview(), cora);
export const second = promotionInReview({ stage: openStage(1) });
export const byDana = await givenSignOff(second, dana, { roles: ["lead-data-scientist"] });
export const bySam = await givenSignOff(second, sam, { roles: ["sre"] });
export const signOffs = [byCora, byDana, bySam];
export const seat = (role: string, { signOff }: RecordedSignOff) => ({
  role,
  person: signOff.reviewer,
  signOff: signOff.id,
});
export const approved = promotionInReview({
  status: "approved",
  stage: openStage(1, { open: false }),
  settled: [
    { index: 0, seats: [seat("compliance-officer", byCora)] },
    { index: 1, seats: [seat("lead-data-scientist", byDana), seat("sre", bySam)] },
  ],
});

export interface Scene {
  readonly promotion?: Promotion;
  readonly recorded?: readonly RecordedSignOff[];
  readonly members?: readonly Member[];
  readonly deeds?: readonly RecordedPasskeyDeed[];
  readonly ports?: Partial<VerifySignOffsPorts>;
}

export function scene({
  promotion = approved,
  recorded = signOffs,
  members = everybody,
  deeds = [],
  ports: over = {},
}: Scene = {}) {
  const promotions = new MemoryPromotions([promotion], recorded);
  const blobs = new MemoryBlobs();
  const ceremonies = {
    attestationBase,
    passkeys: new MemoryPasskeys(deeds),
    installations: async () => [installation],
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    verifyJws,
  };
  const ports: VerifySignOffsPorts = {
    now: () => now,
    attestationBase,
    policy,
    policyDocuments: [{ name: "policies.json", mediaType: "application/json", bytes: utf8("policies") }],
    salt: () => "ab".repeat(16),
    promotions: {
      load: promotions.load,
      move: promotions.move,
      signOffs: promotions.signOffs,
      loans: promotions.loans,
    },
    passkeys: new MemoryPasskeys(deeds),
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(members),
    inLedger: async () => new Map(),
    requirePolicies: async () => {},
    blobs: { get: blobs.get, put: blobs.put },
    requireCandidate: async () => {},
    requireSignOff: signOffCheck({ ...ceremonies, delegations: new MemoryDelegations() }),
    requireLender: lenderCheck(ceremonies),
    sign: attestation.sign,
    verifyingKey: async () => attestation.key,
    ...over,
  };
  const verdict = async () => {
    const { sha256 } = promotions.stored(id).verdict ?? expect.unreachable("There is no verdict.");
    return parseEnvelope(JSON.parse(fromUtf8(await blobs.get(sha256))));
  };
  const run = (asked: Partial<HashingInput> = {}) => verifySignOffs(ports)({ promotionId: id, ...asked });
  return { promotions, blobs, ports, verdict, run };
}
