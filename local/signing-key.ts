import { createHash, createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** An RS256 key of a local issuer. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly privateJwk: JsonWebKey;
  /** The public half as it stands in a JWKS (RFC 7517). */
  readonly publicJwk: Readonly<Record<string, string>>;
}

/** The RSA key in the file `path` (mode 0600), made there at the first call. */
export function signingKeyAt(path: string): SigningKey {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(`${path}.new`, JSON.stringify(privateKey.export({ format: "jwk" })), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  const jwk = JSON.parse(readFileSync(path, "utf8")) as JsonWebKey;
  const { e = "", n = "" } = jwk;
  // RFC 7638: the thumbprint of the required members in lexicographic order.
  const keyId = createHash("sha256")
    .update(JSON.stringify({ e, kty: "RSA", n }))
    .digest("base64url");
  const privateJwk = { ...jwk, kid: keyId, use: "sig", alg: "RS256" };
  return {
    keyId,
    privateKey: createPrivateKey({ key: jwk, format: "jwk" }),
    privateJwk,
    publicJwk: { kty: "RSA", kid: keyId, use: "sig", alg: "RS256", e, n },
  };
}
