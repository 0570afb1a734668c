import { createPublicKey } from "node:crypto";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from "@sigstore/verify";
import { describe, expect, it } from "vitest";
import type { Envelope } from "../../../core/attestation/dsse.ts";
import { sigstoreBundle } from "../../../core/attestation/sigstore-bundle.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { cora, promotionInReview } from "../promotion/promotion-in-review.ts";
import { givenSignOff } from "./given-sign-off.ts";
import { attestation, attestationKey } from "./signing-keys.ts";

const { envelope } = await givenSignOff(promotionInReview(), cora);
type TrustedKeys = Exclude<Parameters<typeof toTrustMaterial>[1], ((hint: string) => unknown) | undefined>;

/** Sigstore's own verifier, with the PEM that GET /v1/service publishes as the only thing it trusts. */
function verified(bundled: Envelope, key = attestation.key) {
  const bundle = bundleFromJSON(JSON.parse(JSON.stringify(sigstoreBundle(bundled))));
  const root = { mediaType: "", tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
  // 6: PKIX_ECDSA_P256_SHA_256 of sigstore_common.proto.
  const keys: TrustedKeys = {
    [key.keyid]: { rawBytes: createPublicKey(key.pem).export({ format: "der", type: "spki" }), keyDetails: 6 },
  };
  const verifier = new Verifier(toTrustMaterial(root, keys), {
    tlogThreshold: 0,
    ctlogThreshold: 0,
    timestampThreshold: 0,
  });
  return verifier.verify(toSignedEntity(bundle));
}

describe("a sign-off's Sigstore bundle", () => {
  it("is accepted by Sigstore's verifier with nothing but the public key", () => {
    expect(verified(envelope).key.asymmetricKeyType).toBe("ec");
  });

  it.each<[string, Envelope, typeof attestation.key | undefined]>([
    ["another payload", { ...envelope, payload: base64(utf8("{}")) }, undefined],
    ["another payload type", { ...envelope, payloadType: "application/json" }, undefined],
    ["a key that is not trusted", envelope, attestationKey().key],
  ])("is refused by it with %s", (_, changed, key) => {
    expect(() => verified(changed, key)).toThrow(VerificationError);
  });

  it("names the key and nothing that a public log would hold", () => {
    const { verificationMaterial, mediaType } = sigstoreBundle(envelope);
    expect(mediaType).toBe("application/vnd.dev.sigstore.bundle.v0.3+json");
    expect(verificationMaterial).toEqual({ publicKey: { hint: attestation.key.keyid }, tlogEntries: [] });
  });
});
