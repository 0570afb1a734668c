import { createPublicKey } from "node:crypto";
import { KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it, onTestFinished } from "vitest";
import { linkMac, linkMacCheck } from "../../../adapters/kms/link-mac.ts";
import { attestationSigner, checkpointSigner, tokenSigner } from "../../../adapters/kms/signer.ts";
import { verifyEcdsa, verifyEd25519, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { openEnvelope, signEnvelope } from "../../../core/attestation/dsse.ts";
import type { Jwk } from "../../../core/attestation/id-token.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import { startKms } from "../../../local/kms/kms.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

async function open() {
  const log = new RecordedCalls();
  const local = await startKms({ directory: scratchDirectory(), log });
  onTestFinished(() => local.close());
  const kms = new KMSClient({ endpoint: local.url, region: "us-east-1", credentials });
  onTestFinished(() => kms.destroy());
  const key = (logicalId: string, keySpec: string, keyUsage: string) =>
    local.createKey({ logicalId, keySpec, keyUsage }).arn;
  return { log, kms, key };
}

describe("keys that never leave KMS", () => {
  it("sign an envelope that their public half opens", async () => {
    const { log, kms, key } = await open();
    const signer = attestationSigner(kms, key("AttestationKey", "ECC_NIST_P256", "SIGN_VERIFY"));
    const trusted = await signer.verifyingKey();
    const envelope = await signEnvelope(utf8("{}"), trusted.keyid, signer.sign);
    expect(openEnvelope(envelope, [trusted], verifyEcdsa)).toEqual(utf8("{}"));
    log.take();
    expect(await signer.verifyingKey()).toEqual(trusted);
    expect(log.take()).toEqual([]);
  });

  it("sign a token whose R and S any JWS library verifies, whatever leading zeros they have", async () => {
    const { kms, key } = await open();
    const signer = tokenSigner(kms, key("PassportKey", "ECC_NIST_P256", "SIGN_VERIFY"));
    const { pem } = await signer.verifyingKey();
    const jwk = createPublicKey(pem).export({ format: "jwk" }) as Jwk;
    // One in 128 has an R or an S of less than 32 bytes.
    for (let round = 0; round < 300; round += 1) {
      const signature = await signer.sign(sha256Bytes(utf8(`token ${round}`)));
      expect(signature).toHaveLength(64);
      expect(verifyJws("ES256", jwk, utf8(`token ${round}`), signature)).toBe(true);
    }
  });

  it("sign a checkpoint with Ed25519", async () => {
    const { kms, key } = await open();
    const signer = checkpointSigner(kms, key("CheckpointKey", "ECC_NIST_EDWARDS25519", "SIGN_VERIFY"));
    const signature = await signer.sign(utf8("checkpoint"));
    expect(verifyEd25519(await signer.publicKey(), utf8("checkpoint"), signature)).toBe(true);
    expect(verifyEd25519(await signer.publicKey(), utf8("another"), signature)).toBe(false);
  });

  it("authenticate a link, and nothing else", async () => {
    const { kms, key } = await open();
    const arn = key("LinkKey", "HMAC_256", "GENERATE_VERIFY_MAC");
    const mac = await linkMac(kms, arn)(utf8("link"));
    expect(await linkMacCheck(kms, [arn])(utf8("link"), mac)).toBe(true);
    expect(await linkMacCheck(kms, [arn])(utf8("another"), mac)).toBe(false);
  });

  it("authenticate a link of the key before, and none of a key that is not listed", async () => {
    const { kms, key } = await open();
    const [before, now, other] = ["LinkKey", "LinkKey2", "Other"].map((id) =>
      key(id, "HMAC_256", "GENERATE_VERIFY_MAC"),
    ) as [string, string, string];
    const check = linkMacCheck(kms, [now, before]);
    expect(await check(utf8("link"), await linkMac(kms, before)(utf8("link")))).toBe(true);
    expect(await check(utf8("link"), await linkMac(kms, other)(utf8("link")))).toBe(false);
  });

  it("authenticate links while a key before is disabled or gone, but not while the one in use is", async () => {
    const { kms, key } = await open();
    const arn = key("LinkKey", "HMAC_256", "GENERATE_VERIFY_MAC");
    const before = arn.replace(/[^/]+$/, "gone");
    const mac = await linkMac(kms, arn)(utf8("link"));
    expect(await linkMacCheck(kms, [arn, before])(utf8("link"), mac)).toBe(true);
    expect(await linkMacCheck(kms, [arn, before])(utf8("link"), new Uint8Array(32))).toBe(false);
    await expect(linkMacCheck(kms, [before, arn])(utf8("link"), mac)).rejects.toThrow("does not exist");
    for (const name of ["DisabledException", "KMSInvalidStateException", "AccessDeniedException"]) {
      const send = async ({ input }: { readonly input: { readonly KeyId: string } }) => {
        throw Object.assign(new Error(name), { name: input.KeyId === "now" ? "KMSInvalidMacException" : name });
      };
      const check = linkMacCheck({ send } as unknown as KMSClient, ["now", "before"])(utf8("link"), mac);
      if (name === "AccessDeniedException") await expect(check).rejects.toThrow(name);
      else expect(await check).toBe(false);
    }
  });
});
