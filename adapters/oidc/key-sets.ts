import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { boundedBytes } from "../../core/encoding/bounded-bytes.ts";
import { Failure } from "../../core/failure.ts";
import { pacedFetches } from "./paced-fetches.ts";

const timeoutMs = 5_000;
/** A key is 2 KB, with its certificates 10. */
const longestAnswer = 256 * 1024;

/**
 * A cache of issuers' key sets. Fetches over TLS, or over plain HTTP from loopback, which never leaves the machine
 * (W3C Secure Contexts, 'potentially trustworthy'); the library's own fetcher knows only the former.
 */
export function keySetCache(): SimpleJwksCache {
  return new SimpleJwksCache({ fetcher: { fetch: fetchKeySet }, penaltyBox: pacedFetches() });
}

/**
 * Where an issuer publishes its keys, as it says itself (OpenID Connect Discovery 1.0 section 4): Cognito has them beside
 * that document, others (Okta, Entra ID, Keycloak) elsewhere. Throws `unavailable`, also where something else is answered in its
 * place, as while a provider is worked on; or `token-invalid` where it names no keys of this issuer.
 */
export async function keySetAddress(issuer: string): Promise<string> {
  const bytes = await fetchFrom(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, "configuration");
  let told: { readonly issuer?: unknown; readonly jwks_uri?: unknown } | null;
  try {
    told = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new Failure("unavailable", "The identity provider's configuration cannot be read at the moment.", { cause });
  }
  // Section 4.3: it is the issuer's own, or somebody else's.
  if (told?.issuer !== issuer || typeof told.jwks_uri !== "string")
    throw new Failure("token-invalid", "The identity provider's configuration does not say where its keys are.");
  requireTrustworthy(told.jwks_uri);
  return told.jwks_uri;
}

function fetchKeySet(address: string): Promise<ArrayBuffer> {
  return fetchFrom(address, "key set");
}

async function fetchFrom(address: string, what: "configuration" | "key set"): Promise<ArrayBuffer> {
  requireTrustworthy(address);
  const answer = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok)
    throw new Failure("unavailable", `The issuer's ${what} could not be fetched: status ${answer.status}.`);
  return (await boundedBytes(answer.body ?? [], longestAnswer)).buffer;
}

/** Throws `invalid-policy` for an address from which keys must not be taken. */
export function requireTrustworthy(address: string): void {
  const { protocol, hostname } = new URL(address);
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && loopback)) {
    throw new Failure("invalid-policy", "An issuer's keys are fetched over https only.");
  }
}
