import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";

export const json = (value: unknown) => sha256Hex(canonicalJsonBytes(value as Json));
export const documents = (
  name: string,
  { envelope, idToken, jwks }: Pick<RecordedSignOff, "envelope" | "idToken" | "jwks">,
) => [
  { name, mediaType: "application/vnd.in-toto+json", sha256: json(envelope) },
  { name: "id-token.jwt", mediaType: "application/jwt", sha256: sha256Hex(utf8(idToken)) },
  { name: "jwks.json", mediaType: "application/jwk-set+json", sha256: json(jwks) },
];
