import type { VerifySignature } from "../../../../core/attestation/dsse.ts";
import type { Jwk, VerifyJws } from "../../../../core/attestation/id-token.ts";
import { concatBytes, utf8 } from "../../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";

/** A signature that the rules ask about. */
export type SignatureCheck =
  | {
      readonly kind: "ecdsa-p256";
      /** SPKI in PEM. */
      readonly pem: string;
      readonly message: Uint8Array;
      /** In DER. */
      readonly signature: Uint8Array;
    }
  | {
      readonly kind: "jws";
      readonly algorithm: string;
      readonly jwk: Jwk;
      readonly message: Uint8Array;
      readonly signature: Uint8Array;
    }
  | {
      readonly kind: "ed25519";
      /** 32 bytes. */
      readonly publicKey: Uint8Array;
      readonly message: Uint8Array;
      readonly signature: Uint8Array;
    };

/** What the rules are given to check signatures with. */
export interface SignatureVerifiers {
  readonly verifySignature: VerifySignature;
  readonly verifyJws: VerifyJws;
  readonly verifyEd25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
}

/**
 * With every signature taken for good, the rules ask about nearly all that they will ever ask about. What they ask only
 * once another was refused, such as a second key of the same id, comes up one pass later.
 */
const mostPasses = 4;

/**
 * Runs rules that want to know at once whether a signature holds, where that is told later only, as by WebCrypto: they
 * run, each signature that is not known yet counts as good and is noted, those are checked, and the rules run again.
 * The result is that of a pass in which every answer was the real one; in the last pass whatever was never checked
 * counts as refused.
 */
export async function withLaterAnswers<Value>(
  judge: (verifiers: SignatureVerifiers) => Promise<Value>,
  check: (asked: SignatureCheck) => Promise<boolean>,
): Promise<Value> {
  const answers = new Map<string, boolean>();
  for (let pass = 1; pass < mostPasses; pass += 1) {
    const asked = new Map<string, SignatureCheck>();
    const result = await judge(
      verifiersOf((one) => {
        const id = idOf(one);
        const answer = answers.get(id);
        // Copied: the rules may use the memory again.
        if (answer === undefined)
          asked.set(id, { ...one, message: one.message.slice(), signature: one.signature.slice() });
        return answer ?? true;
      }),
    );
    if (asked.size === 0) return result;
    for (const [id, one] of asked) answers.set(id, await check(one));
  }
  return await judge(verifiersOf((one) => answers.get(idOf(one)) ?? false));
}

function verifiersOf(answer: (asked: SignatureCheck) => boolean): SignatureVerifiers {
  return {
    verifySignature: (pem, message, signature) => answer({ kind: "ecdsa-p256", pem, message, signature }),
    verifyJws: (algorithm, jwk, message, signature) => answer({ kind: "jws", algorithm, jwk, message, signature }),
    verifyEd25519: (publicKey, message, signature) => answer({ kind: "ed25519", publicKey, message, signature }),
  };
}

/** Two checks have the same id only if key, message and signature are the same: each part is preceded by its length. */
function idOf(asked: SignatureCheck): string {
  const parts = [utf8(asked.kind), ...keyParts(asked), asked.message, asked.signature];
  return sha256Hex(concatBytes(parts.flatMap((part) => [utf8(`${part.length} `), part])));
}

function keyParts(asked: SignatureCheck): readonly Uint8Array[] {
  switch (asked.kind) {
    case "ecdsa-p256":
      return [utf8(asked.pem)];
    case "jws":
      return [utf8(asked.algorithm), utf8(JSON.stringify(asked.jwk))];
    case "ed25519":
      return [asked.publicKey];
    default:
      return asked satisfies never;
  }
}
