import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { SignJWT } from "jose";
import { readToken } from "../../core/attestation/id-token.ts";
import { base64url } from "../../core/encoding/base64.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { signingKeyAt } from "../../local/signing-key.ts";
import type { RunningStack } from "../../local/stack.ts";

/** Claims to put in the place of a token's own; `undefined` takes one away. */
export type Changes = Readonly<Record<string, unknown>>;

/** The token with other claims, signed by its own issuer: what an issuer could have said. */
export function reissued(
  stack: RunningStack,
  issuer: "identity" | "ci-issuer",
  token: string,
  changes: Changes,
): Promise<string> {
  const { privateKey } = signingKeyAt(join(stack.stateDirectory, issuer, "signing-key.json"));
  return signed(token, changes, privateKey);
}

/** The token with other claims, signed by somebody who says to be its issuer. */
export function forged(token: string, changes: Changes = {}): Promise<string> {
  return signed(token, changes, generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
}

/** The token as an attacker sends it who hopes that `alg: none` is taken (RFC 8725 section 2.1). */
export function unsigned(token: string): string {
  const { keyId } = readToken(token);
  const header = base64url(utf8(JSON.stringify({ alg: "none", typ: "JWT", kid: keyId })));
  return `${header}.${token.split(".")[1]}.`;
}

function signed(token: string, changes: Changes, key: KeyObject): Promise<string> {
  const { claims, keyId = "" } = readToken(token);
  const payload = Object.fromEntries(
    Object.entries({ ...claims, ...changes }).filter(([, value]) => value !== undefined),
  );
  return new SignJWT(payload).setProtectedHeader({ alg: "RS256", typ: "JWT", kid: keyId }).sign(key);
}
