import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { p256 } from "@noble/curves/nist.js";

import { Failure } from "../../core/failure.ts";
import { localAccount, localRegion } from "../aws/aws-call.ts";

/** The kinds of keys that Countersign's template makes, and what each is for. */
export const keyKinds = {
  ECC_NIST_P256: { usage: "SIGN_VERIFY", algorithm: "ECDSA_SHA_256" },
  ECC_NIST_EDWARDS25519: { usage: "SIGN_VERIFY", algorithm: "ED25519_SHA_512" },
  HMAC_256: { usage: "GENERATE_VERIFY_MAC", algorithm: "HMAC_SHA_256" },
} as const;

type KeySpec = keyof typeof keyKinds;

/** A key as the template describes it. */
export interface KeyRequest {
  readonly logicalId: string;
  readonly keySpec: string;
  readonly keyUsage: string;
  readonly description?: string;
}

/** A key with its secret half. */
export interface LocalKey {
  readonly keyId: string;
  readonly arn: string;
  readonly logicalId: string;
  readonly keySpec: KeySpec;
  readonly description: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  /** PKCS #8 (base64 of DER), or the 32 bytes of an HMAC key. */
  readonly secret: string;
}

/** The keys under one folder: a file each, for its owner's eyes only. */
export class KeyRing {
  readonly #directory: string;
  readonly #keys = new Map<string, LocalKey>();

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory)) {
      if (!name.endsWith(".json")) continue;
      const key = JSON.parse(readFileSync(join(directory, name), "utf8")) as LocalKey;
      this.#keys.set(key.keyId, key);
    }
  }

  /** The key of `request.logicalId`: the one on disk, or a new one. Throws `conflict` where that is of another kind. */
  create(request: KeyRequest, now: number): LocalKey {
    const keySpec = kindOf(request);
    const known = [...this.#keys.values()].find((key) => key.logicalId === request.logicalId);
    if (known !== undefined) {
      if (known.keySpec === keySpec) return known;
      throw new Failure(
        "conflict",
        `The key ${request.logicalId} exists as ${known.keySpec} and cannot become ${keySpec}.`,
      );
    }
    const keyId = randomUUID();
    const key: LocalKey = {
      keyId,
      arn: `arn:aws:kms:${localRegion}:${localAccount}:key/${keyId}`,
      logicalId: request.logicalId,
      keySpec,
      description: request.description ?? "",
      createdAt: Math.floor(now / 1000),
      secret: newSecret(keySpec).toString("base64"),
    };
    const path = join(this.#directory, `${keyId}.json`);
    writeFileSync(`${path}.new`, `${JSON.stringify(key, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
    renameSync(`${path}.new`, path);
    this.#keys.set(keyId, key);
    return key;
  }

  /** The key with this id or ARN. */
  find(id: string): LocalKey | undefined {
    return this.#keys.get(id.startsWith("arn:") ? (id.split("/")[1] ?? "") : id);
  }
}

/** The public half as DER SubjectPublicKeyInfo, as GetPublicKey gives it. */
export function publicKeyOf(key: LocalKey): Buffer {
  return createPublicKey(privateKey(key)).export({ type: "spki", format: "der" });
}

/**
 * Signs as KMS does: ECDSA signatures in DER, Ed25519 as 64 bytes. With `digest` true, `message` is the SHA-256
 * already and is not hashed again.
 */
export function signWith(key: LocalKey, message: Uint8Array, digest: boolean): Uint8Array {
  if (key.keySpec === "ECC_NIST_EDWARDS25519") return sign(null, message, privateKey(key));
  if (!digest) return sign("sha256", message, privateKey(key));
  // node:crypto cannot sign a digest without hashing it once more.
  const scalar = Buffer.from(privateKey(key).export({ format: "jwk" }).d ?? "", "base64url");
  return p256.sign(message, scalar, { prehash: false, format: "der" });
}

/** Whether `signature` is the key's over `message` (see `signWith`). */
export function verifyWith(key: LocalKey, message: Uint8Array, digest: boolean, signature: Uint8Array): boolean {
  const publicKey = createPublicKey(privateKey(key));
  if (key.keySpec === "ECC_NIST_EDWARDS25519") return verify(null, message, publicKey, signature);
  if (!digest) return verify("sha256", message, publicKey, signature);
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  try {
    return p256.verify(signature, message, point, { prehash: false, format: "der", lowS: false });
  } catch {
    // The library throws for bytes that are no DER signature at all.
    return false;
  }
}

/** HMAC-SHA-256 of `message`. */
export function macWith(key: LocalKey, message: Uint8Array): Buffer {
  return createHmac("sha256", Buffer.from(key.secret, "base64")).update(message).digest();
}

/** Whether `mac` is the key's over `message`, in constant time. */
export function macMatches(key: LocalKey, message: Uint8Array, mac: Uint8Array): boolean {
  const expected = macWith(key, message);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}

const privateKeys = new WeakMap<LocalKey, KeyObject>();

function privateKey(key: LocalKey): KeyObject {
  const known = privateKeys.get(key);
  if (known !== undefined) return known;
  const parsed = createPrivateKey({ key: Buffer.from(key.secret, "base64"), format: "der", type: "pkcs8" });
  privateKeys.set(key, parsed);
  return parsed;
}

function newSecret(keySpec: KeySpec): Buffer {
  if (keySpec === "HMAC_256") return randomBytes(32);
  const pair =
    keySpec === "ECC_NIST_P256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  return pair.privateKey.export({ type: "pkcs8", format: "der" });
}

function kindOf({ logicalId, keySpec, keyUsage }: KeyRequest): KeySpec {
  const known = (Object.keys(keyKinds) as KeySpec[]).find((spec) => spec === keySpec);
  if (known === undefined || keyKinds[known].usage !== keyUsage) {
    throw new Failure("invalid-request", `The local KMS has no key like ${logicalId}: ${keySpec} for ${keyUsage}.`);
  }
  return known;
}
