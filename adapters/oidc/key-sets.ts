import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { Failure } from "../../core/failure.ts";

const timeoutMs = 5_000;

/**
 * A cache of issuers' key sets. Fetches over TLS, or over plain HTTP from loopback, which never leaves the machine
 * (W3C Secure Contexts, 'potentially trustworthy'); the library's own fetcher knows only the former.
 */
export function keySetCache(): SimpleJwksCache {
  return new SimpleJwksCache({ fetcher: { fetch: fetchKeySet } });
}

async function fetchKeySet(address: string): Promise<ArrayBuffer> {
  requireTrustworthy(address);
  const answer = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok)
    throw new Failure("unavailable", `The issuer's key set could not be fetched: status ${answer.status}.`);
  return answer.arrayBuffer();
}

/** Throws `invalid-policy` for an address from which keys must not be taken. */
export function requireTrustworthy(address: string): void {
  const { protocol, hostname } = new URL(address);
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && loopback)) {
    throw new Failure("invalid-policy", "An issuer's keys are fetched over https only.");
  }
}
