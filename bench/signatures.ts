import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { bundleFromJSON } from "@sigstore/bundle";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { withPack } from "../cli/pack-file.ts";
import { blobPath } from "../core/archive/pack/pack-layout.ts";
import { namesOf, type PackSource } from "../core/archive/zip/pack-source.ts";
import { type Envelope, pae, verifyingKey } from "../core/attestation/dsse.ts";
import { type Jwk, type Jwks, readToken } from "../core/attestation/id-token.ts";
import { fromBase64 } from "../core/encoding/base64.ts";
import { fromUtf8 } from "../core/encoding/bytes.ts";
import type { Sha256 } from "../core/encoding/sha256.ts";
import type { LedgerRecord } from "../core/promotion/fact.ts";

/** A signature in a pack, with all that `crypto.verify` needs. */
export interface BareSignature {
  readonly key: "service" | "identity provider";
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Every signature over statements and tokens in a pack, and the two keys that made them. */
export async function signaturesIn(path: string): Promise<{
  readonly pem: string;
  readonly jwk: Jwk;
  readonly signatures: readonly BareSignature[];
}> {
  return await opened(path, async (source) => {
    const json = async (name: string) => JSON.parse(await text(source, name));
    const signatures: BareSignature[] = [];
    let jwk: Jwk = { kty: "RSA" };
    for (const name of namesOf(source)) {
      if (!name.startsWith("records/")) continue;
      const { attachments }: LedgerRecord = await json(name);
      const named = (wanted: string) => attachments.find((each) => each.name === wanted)?.sha256;
      const envelope = named("sign-off.dsse.json") ?? named("verdict.dsse.json");
      if (envelope !== undefined) {
        const { payload, payloadType, signatures: signed }: Envelope = await json(blobPath(envelope));
        const message = pae(payloadType, fromBase64(payload));
        signatures.push({ key: "service", message, signature: fromBase64(signed[0]?.sig ?? "") });
      }
      const token = named("id-token.jwt");
      if (token === undefined) continue;
      const { signingInput, signature } = readToken(await text(source, blobPath(token)));
      signatures.push({ key: "identity provider", message: signingInput, signature });
      const { keys }: Jwks = await json(blobPath(named("jwks.json") ?? ("" as Sha256)));
      jwk = keys[0] ?? jwk;
    }
    return { pem: await text(source, "keys/attestation.pem"), jwk, signatures };
  });
}

/** Verifies them all, and nothing else. */
export function verifyBare(pem: string, jwk: Jwk, signatures: readonly BareSignature[]): { readonly held: number } {
  const service = createPublicKey(pem);
  const provider: KeyObject = createPublicKey({ key: { ...jwk }, format: "jwk" });
  let held = 0;
  for (const { key, message, signature } of signatures) {
    if (verify("sha256", message, key === "service" ? service : provider, signature)) held += 1;
  }
  return { held };
}

/** The Sigstore bundles of a pack, at most so many, as texts. */
export async function bundlesIn(
  path: string,
  most: number,
): Promise<{ readonly pem: string; readonly bundles: string[] }> {
  return await opened(path, async (source) => {
    const bundles: string[] = [];
    for (const name of namesOf(source)) {
      if (name.startsWith("bundles/") && bundles.length < most) bundles.push(await text(source, name));
    }
    return { pem: await text(source, "keys/attestation.pem"), bundles };
  });
}

type TrustedKeys = Exclude<Parameters<typeof toTrustMaterial>[1], ((hint: string) => unknown) | undefined>;

/** Has Sigstore's own verifier verify bundles, with the pack's key and no public log. */
export function verifyBundles(pem: string, bundles: readonly string[]): void {
  const root = { mediaType: "", tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
  // 6: PKIX_ECDSA_P256_SHA_256 of sigstore_common.proto.
  const rawBytes = createPublicKey(pem).export({ format: "der", type: "spki" });
  const keys: TrustedKeys = { [verifyingKey(pem).keyid]: { rawBytes, keyDetails: 6 } };
  const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
  const verifier = new Verifier(toTrustMaterial(root, keys), thresholds);
  for (const bundle of bundles) verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(bundle))));
}

async function opened<Value>(path: string, use: (source: PackSource) => Promise<Value>): Promise<Value> {
  return await withPack(path, async (pack) => {
    if (pack.kind === "refused") throw new Error(pack.sentence);
    return await use(pack.source);
  });
}

async function text(source: PackSource, name: string): Promise<string> {
  return fromUtf8((await source.read(name)) ?? new Uint8Array());
}
