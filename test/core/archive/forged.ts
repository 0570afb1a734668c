import type { AttestationTrust } from "../../../core/archive/people/verify-sign-offs.ts";
import { base64, base64url, fromBase64, fromBase64url } from "../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";

// Documents with other words in them, for whoever believes every signature: what is left of verification is shown then.

/** Believes every signature. */
export const credulous = { verifySignature: () => true, verifyJws: () => true } satisfies Partial<AttestationTrust>;

/** An ID token with other claims. */
export function withClaims(token: Uint8Array, claims: object): Uint8Array {
  const [header = "", payload = "", signature = ""] = fromUtf8(token).split(".");
  const told = JSON.parse(fromUtf8(fromBase64url(payload)));
  return utf8(`${header}.${base64url(canonicalJsonBytes({ ...told, ...claims }))}.${signature}`);
}

/** An envelope around another statement. */
export function withStatement(
  envelope: Uint8Array,
  change: (statement: { readonly subject: unknown; readonly predicate: Record<string, unknown> }) => object,
): Uint8Array {
  const told = JSON.parse(fromUtf8(envelope));
  const statement = JSON.parse(fromUtf8(fromBase64(told.payload)));
  return canonicalJsonBytes({ ...told, payload: base64(canonicalJsonBytes(change(statement))) });
}
