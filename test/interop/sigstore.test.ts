import { createPublicKey } from "node:crypto";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from "@sigstore/verify";
import { beforeAll, describe, expect, it } from "vitest";
import { verifyingKey } from "../../core/attestation/dsse.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { type Files, packOf, recordStories } from "../core/archive/pack-fixture.ts";

let files: Files;
beforeAll(async () => {
  files = await packOf(await recordStories());
});

type TrustedKeys = Exclude<Parameters<typeof toTrustMaterial>[1], ((hint: string) => unknown) | undefined>;

function bundles(): readonly (readonly [string, string])[] {
  return [...files].flatMap(([name, bytes]) => (name.startsWith("bundles/") ? [[name, fromUtf8(bytes)] as const] : []));
}

/** Sigstore's own verifier, which trusts the pack's key and asks for no certificate and no public log. */
function verify(bundle: string): void {
  const { keyid, pem } = verifyingKey(fromUtf8(files.get("keys/attestation.pem") ?? new Uint8Array()));
  const root = { mediaType: "", tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
  // 6: PKIX_ECDSA_P256_SHA_256 of sigstore_common.proto.
  const keys: TrustedKeys = {
    [keyid]: { rawBytes: createPublicKey(pem).export({ format: "der", type: "spki" }), keyDetails: 6 },
  };
  const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
  new Verifier(toTrustMaterial(root, keys), thresholds).verify(toSignedEntity(bundleFromJSON(JSON.parse(bundle))));
}

describe("@sigstore/verify, with the pack's key alone", () => {
  it("accepts every bundle of a pack", () => {
    expect(bundles()).toHaveLength(6);
    for (const [name, bundle] of bundles()) expect(() => verify(bundle), name).not.toThrow();
  });

  it("refuses every one of them with another statement inside", () => {
    for (const [name, bundle] of bundles()) {
      const { payload } = JSON.parse(bundle).dsseEnvelope;
      const other = Buffer.from(fromUtf8(Buffer.from(payload, "base64")).replace("freeze.json", "freeze.jsom"));
      expect(() => verify(bundle.replace(payload, other.toString("base64"))), name).toThrow(VerificationError);
    }
  });

  it("refuses a bundle that names another key than the pack's", () => {
    const [[, bundle = ""] = []] = bundles();
    const other = verifyingKey(fromUtf8(utf8("another key"))).keyid;
    expect(() => verify(bundle.replace(/(?<="hint":")[0-9a-f]{64}/, other))).toThrow(VerificationError);
  });
});
