import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import type { PasskeyAssertion, PasskeyCredential } from "../../../core/attestation/passkey-assertion.ts";
import { type PasskeyKey, passkeyIdOf } from "../../../core/attestation/passkey-key.ts";
import type { PasskeyRegistration } from "../../../core/attestation/read-passkey-request.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";

/** The page that the passkeys of the tests are made for. */
export const portal = { rpId: "sign.example", origin: "https://sign.example" };

/** What a browser and an authenticator say of themselves; the members replace what is true. */
export interface Said {
  readonly type?: string;
  readonly origin?: string;
  readonly rpId?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly flags?: number;
  readonly counter?: number;
}

/** UP and UV. */
export const presentAndVerified = 0x05;

/** An authenticator with one passkey, and the browser around it. */
export interface Authenticator extends PasskeyCredential {
  readonly id: Sha256;
  readonly assertion: (challenge: string, said?: Said) => PasskeyAssertion;
  readonly registration: (
    challenge: string,
    said?: Said & { readonly attStmt?: Map<string, unknown> },
  ) => PasskeyRegistration;
}

export function authenticator(algorithm: "ES256" | "EdDSA" | "RS256" = "ES256", seed = "device"): Authenticator {
  const { privateKey, publicKey } = keyPair(algorithm);
  const jwk = keyOf(publicKey);
  const credential = createHash("sha256").update(`${seed} ${algorithm}`).digest();
  const credentialId = credential.toString("base64url");
  return {
    ...portal,
    credentialId,
    publicKey: jwk,
    id: passkeyIdOf(jwk),
    assertion: (challenge, said = {}) => {
      const client = clientData("webauthn.get", challenge, said);
      const data = authenticatorData(said);
      const hash = createHash("sha256").update(client).digest();
      const signature = sign(algorithm === "EdDSA" ? null : "sha256", Buffer.concat([data, hash]), privateKey);
      return {
        credentialId,
        clientDataJSON: client.toString("base64url"),
        authenticatorData: data.toString("base64url"),
        signature: signature.toString("base64url"),
      };
    },
    registration: (challenge, { attStmt = new Map(), ...said } = {}) => {
      const length = Buffer.from([credential.length >> 8, credential.length & 0xff]);
      const attested = Buffer.concat([Buffer.alloc(16), length, credential, coseOf(jwk)]);
      const authData = Buffer.concat([authenticatorData({ flags: presentAndVerified | 0x40, ...said }), attested]);
      const object = new Map<string, unknown>([
        ["fmt", attStmt.size === 0 ? "none" : "packed"],
        ["attStmt", attStmt],
        ["authData", new Uint8Array(authData)],
      ]);
      return {
        clientDataJSON: clientData("webauthn.create", challenge, said).toString("base64url"),
        attestationObject: Buffer.from(isoCBOR.encode(object as never)).toString("base64url"),
      };
    },
  };
}

function clientData(type: string, challenge: string, said: Said): Buffer {
  const { origin = portal.origin, crossOrigin = false, topOrigin } = said;
  const members = {
    type: said.type ?? type,
    challenge,
    origin,
    crossOrigin,
    ...(topOrigin === undefined ? {} : { topOrigin }),
  };
  return Buffer.from(JSON.stringify(members));
}

function authenticatorData({ rpId = portal.rpId, flags = presentAndVerified, counter = 0 }: Said): Buffer {
  const data = Buffer.alloc(37);
  createHash("sha256").update(rpId).digest().copy(data);
  data.writeUInt8(flags, 32);
  data.writeUInt32BE(counter, 33);
  return data;
}

function keyPair(algorithm: "ES256" | "EdDSA" | "RS256"): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
} {
  switch (algorithm) {
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "EdDSA":
      return generateKeyPairSync("ed25519");
    case "RS256":
      return generateKeyPairSync("rsa", { modulusLength: 2048 });
    default:
      return algorithm satisfies never;
  }
}

function keyOf(key: KeyObject): PasskeyKey {
  return key.export({ format: "jwk" }) as unknown as PasskeyKey;
}

function coseOf(key: PasskeyKey): Uint8Array {
  const part = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
  const members: Record<PasskeyKey["kty"], () => [number, number | Uint8Array<ArrayBuffer>][]> = {
    EC: () =>
      key.kty === "EC"
        ? [
            [1, 2],
            [3, -7],
            [-1, 1],
            [-2, part(key.x)],
            [-3, part(key.y)],
          ]
        : [],
    OKP: () =>
      key.kty === "OKP"
        ? [
            [1, 1],
            [3, -8],
            [-1, 6],
            [-2, part(key.x)],
          ]
        : [],
    RSA: () =>
      key.kty === "RSA"
        ? [
            [1, 3],
            [3, -257],
            [-1, part(key.n)],
            [-2, part(key.e)],
          ]
        : [],
  };
  return isoCBOR.encode(new Map(members[key.kty]()));
}
