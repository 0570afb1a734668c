import { createHash, createPublicKey, verify } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
  type SignCommandInput,
  VerifyCommand,
  VerifyMacCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it, onTestFinished } from "vitest";

import { startKms } from "../../../local/kms/kms.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../recorded-calls.ts";

const text = Buffer.from("DSSEv1 statement");
const digest = createHash("sha256").update(text).digest();

async function open(directory = scratchDirectory()) {
  const log = new RecordedCalls();
  const local = await startKms({ directory, log });
  const kms = new KMSClient({ endpoint: local.url, region: "us-east-1", credentials, maxAttempts: 1 });
  onTestFinished(() => local.close());
  onTestFinished(() => kms.destroy());
  const attestation = { logicalId: "AttestationKey", keySpec: "ECC_NIST_P256", keyUsage: "SIGN_VERIFY" };
  const checkpoint = { logicalId: "CheckpointKey", keySpec: "ECC_NIST_EDWARDS25519", keyUsage: "SIGN_VERIFY" };
  const link = { logicalId: "LinkKey", keySpec: "HMAC_256", keyUsage: "GENERATE_VERIFY_MAC" };
  const keys = {
    attestation: local.createKey(attestation).arn,
    checkpoint: local.createKey(checkpoint).arn,
    link: local.createKey(link).arn,
  };
  const sign = (more: Partial<SignCommandInput> = {}) =>
    kms.send(
      new SignCommand({
        KeyId: keys.attestation,
        Message: digest,
        MessageType: "DIGEST",
        SigningAlgorithm: "ECDSA_SHA_256",
        ...more,
      }),
    );
  const publicKey = async (KeyId: string) => {
    const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId }));
    return createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
  };
  return { directory, local, kms, log, keys, sign, publicKey, attestation };
}

describe("signing", () => {
  it("signs a digest so that OpenSSL verifies the DER signature over the text", async () => {
    const { sign, publicKey, keys } = await open();
    const { Signature = new Uint8Array() } = await sign();
    expect(verify("sha256", text, await publicKey(keys.attestation), Signature)).toBe(true);
    const raw = await sign({ Message: text, MessageType: "RAW" });
    expect(verify("sha256", text, await publicKey(keys.attestation), raw.Signature ?? new Uint8Array())).toBe(true);
  });

  it("signs checkpoints with Ed25519", async () => {
    const { sign, publicKey, keys } = await open();
    const raw = {
      KeyId: keys.checkpoint,
      Message: text,
      MessageType: "RAW",
      SigningAlgorithm: "ED25519_SHA_512",
    } as const;
    const { Signature = new Uint8Array() } = await sign(raw);
    expect(Signature).toHaveLength(64);
    expect(verify(null, text, await publicKey(keys.checkpoint), Signature)).toBe(true);
  });

  it("verifies what it signed and nothing else", async () => {
    const { sign, kms, keys } = await open();
    const { Signature = new Uint8Array() } = await sign();
    const asked = { KeyId: keys.attestation, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" } as const;
    const good = await kms.send(new VerifyCommand({ ...asked, Message: digest, Signature }));
    expect(good.SignatureValid).toBe(true);
    const invalid = { name: "KMSInvalidSignatureException" };
    const other = new VerifyCommand({ ...asked, Message: createHash("sha256").digest(), Signature });
    await expect(kms.send(other)).rejects.toMatchObject(invalid);
    const garbage = new VerifyCommand({ ...asked, Message: digest, Signature: Buffer.from("garbage") });
    await expect(kms.send(garbage)).rejects.toMatchObject(invalid);
  });

  it.each([
    ["a digest of another length", { Message: text }, "ValidationException"],
    ["an algorithm of another key", { SigningAlgorithm: "ED25519_SHA_512" }, "InvalidKeyUsageException"],
    ["a message above 4096 bytes", { Message: Buffer.alloc(4097), MessageType: "RAW" }, "ValidationException"],
    ["a grant token", { GrantTokens: ["x"] }, "ValidationException"],
    ["a dry run", { DryRun: true }, "ValidationException"],
    ["a key that is not there", { KeyId: "00000000-0000-0000-0000-000000000000" }, "NotFoundException"],
  ] as const)("refuses %s", async (_what, more, name) => {
    const { sign } = await open();
    await expect(sign(more as Partial<SignCommandInput>)).rejects.toMatchObject({ name });
  });

  it("refuses the wrong key and the wrong message type for Ed25519", async () => {
    const { sign, keys } = await open();
    await expect(sign({ KeyId: keys.link })).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
    const digested = { KeyId: keys.checkpoint, SigningAlgorithm: "ED25519_SHA_512" } as const;
    await expect(sign(digested)).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("MACs", () => {
  it("are checked", async () => {
    const { kms, keys } = await open();
    const asked = { KeyId: keys.link, Message: text, MacAlgorithm: "HMAC_SHA_256" } as const;
    const { Mac = new Uint8Array() } = await kms.send(new GenerateMacCommand(asked));
    expect((await kms.send(new VerifyMacCommand({ ...asked, Mac }))).MacValid).toBe(true);
    const forged = new VerifyMacCommand({ ...asked, Mac: Buffer.alloc(32) });
    await expect(kms.send(forged)).rejects.toMatchObject({ name: "KMSInvalidMacException" });
    const wrongKey = new GenerateMacCommand({ ...asked, KeyId: keys.attestation });
    await expect(kms.send(wrongKey)).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
  });
});

describe("keys", () => {
  it("are the same after a restart, and for their owner's eyes only", async () => {
    const first = await open();
    const second = await open(first.directory);
    expect(second.keys).toEqual(first.keys);
    const modes = readdirSync(first.directory).map((name) => statSync(join(first.directory, name)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  it("do not change their kind", async () => {
    const { local, attestation } = await open();
    expect(() => local.createKey({ ...attestation, keySpec: "ECC_NIST_EDWARDS25519" })).toThrow("cannot become");
    expect(() => local.createKey({ ...attestation, logicalId: "Rsa", keySpec: "RSA_2048" })).toThrow("has no key like");
  });

  it("describe themselves", async () => {
    const { kms, keys } = await open();
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keys.link }));
    expect(KeyMetadata).toMatchObject({ KeySpec: "HMAC_256", KeyState: "Enabled", MacAlgorithms: ["HMAC_SHA_256"] });
  });
});

it("logs the condition keys that IAM would judge, and refuses what it does not carry", async () => {
  const { sign, kms, log, keys } = await open();
  await sign();
  expect(log.calls).toMatchObject([
    {
      principal: "LOCALTESTER",
      action: "kms:Sign",
      resource: keys.attestation,
      context: { "kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "DIGEST", "kms:KeySpec": "ECC_NIST_P256" },
      status: 200,
    },
  ]);
  const encrypt = new EncryptCommand({ KeyId: keys.attestation, Plaintext: text });
  await expect(kms.send(encrypt)).rejects.toMatchObject({ name: "UnknownOperationException" });
});
