import type { Jwk } from "../../../../core/attestation/id-token.ts";
import { spelledKeyNumber } from "../../../../core/attestation/key-number.ts";
import { isStrongKey } from "../../../../core/attestation/strong-key.ts";
import { fromBase64 } from "../../../../core/encoding/base64.ts";
import { isPointOfLargeOrder, isSoundEd25519 } from "../../../../core/encoding/ed25519-point.ts";
import { Failure } from "../../../../core/failure.ts";
import { rawFromDer } from "./ecdsa-der.ts";
import type { SignatureCheck } from "./later-answers.ts";

const p256 = { name: "ECDSA", namedCurve: "P-256" } as const;
const ecdsaSha256 = { name: "ECDSA", hash: "SHA-256" } as const;
const rs256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/**
 * Checks signatures with WebCrypto (https://www.w3.org/TR/webcrypto-2/). A key or signature that is none is refused like
 * one that does not fit. Throws `unavailable` where the browser does not know an algorithm, or has no WebCrypto, which it has
 * not on a page that came by plain http: that says nothing about the signature.
 */
export function webCryptoCheck(subtle: SubtleCrypto | undefined): (asked: SignatureCheck) => Promise<boolean> {
  if (subtle === undefined)
    return async () => {
      throw new Failure("unavailable", "This browser checks signatures only on pages that come by https.");
    };
  const keys = new Map<string, Promise<CryptoKey | undefined>>();
  const keyOf = (id: string, load: () => Promise<CryptoKey>): Promise<CryptoKey | undefined> => {
    const key = keys.get(id) ?? load().catch(withoutKey);
    keys.set(id, key);
    return key;
  };
  const verify = async (
    algorithm: AlgorithmIdentifier | EcdsaParams,
    key: CryptoKey | undefined,
    signature: Uint8Array | undefined,
    message: Uint8Array,
  ): Promise<boolean> =>
    key !== undefined &&
    signature !== undefined &&
    (await subtle.verify(algorithm, key, new Uint8Array(signature), new Uint8Array(message)));

  return async (asked) => {
    const { message, signature } = asked;
    switch (asked.kind) {
      case "ecdsa-p256": {
        const { pem } = asked;
        const key = await keyOf(pem, async () => subtle.importKey("spki", spkiOf(pem), p256, false, ["verify"]));
        return verify(ecdsaSha256, key, rawFromDer(signature), message);
      }
      case "ed25519": {
        const { publicKey } = asked;
        if (!isSoundEd25519(publicKey, signature)) return false;
        const key = await keyOf(`ed25519 ${publicKey.join()}`, async () =>
          subtle.importKey("raw", new Uint8Array(publicKey), "Ed25519", false, ["verify"]),
        );
        return verify("Ed25519", key, signature, message);
      }
      case "jws": {
        const { algorithm, jwk } = asked;
        const { kty, crv } = jwk;
        // A browser takes a number of a key in no other spelling.
        const [n, e, x, y] = [jwk.n, jwk.e, jwk.x, jwk.y].map((number) => spelledKeyNumber(kty, number));
        const load = (material: Partial<Jwk>, params: EcKeyImportParams | RsaHashedImportParams | "Ed25519") =>
          keyOf(JSON.stringify(material), async () =>
            subtle.importKey("jwk", material as JsonWebKey, params, false, ["verify"]),
          );
        if (algorithm === "RS256" && kty === "RSA" && n !== undefined && e !== undefined)
          return verify(rs256, await load({ kty, n, e }, rs256), signature, message);
        if (algorithm === "ES256" && kty === "EC" && crv === "P-256" && x !== undefined && y !== undefined)
          return verify(ecdsaSha256, await load({ kty, crv, x, y }, p256), signature, message);
        if (algorithm === "EdDSA" && kty === "OKP" && crv === "Ed25519" && x !== undefined)
          return (
            isStrongKey(jwk) &&
            isPointOfLargeOrder(signature.subarray(0, 32)) &&
            verify("Ed25519", await load({ kty, crv, x }, "Ed25519"), signature, message)
          );
        // Any other algorithm is no signature, as for `countersign verify`.
        return false;
      }
      default:
        return asked satisfies never;
    }
  };
}

function spkiOf(pem: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(fromBase64(pem.replaceAll(/-----(?:BEGIN|END) PUBLIC KEY-----|\n/g, "")));
}

function withoutKey(error: unknown): undefined {
  if (error instanceof DOMException && error.name === "NotSupportedError") {
    throw new Failure(
      "unavailable",
      "This browser cannot check one of the kinds of signature that are used here (Ed25519, ECDSA P-256, RSA). Use a newer one, or countersign verify.",
      { cause: error },
    );
  }
  return undefined;
}
