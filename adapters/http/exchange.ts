import { boundedBytes } from "../../core/encoding/bounded-bytes.ts";
import { type Exchange, NotReached } from "../../core/notification/channel.ts";

/** What an answer may hold; a message's answer is an id. */
const longestAnswer = 256 * 1024;

/** The name is nobody's, there was no connection in time, or whoever answered showed no certificate that is good: the request has not left. */
const unreached: readonly unknown[] = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  // https://nodejs.org/api/tls.html#x509-certificate-error-codes
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/**
 * Exchanges over HTTP with other services: no redirects, a time limit, a bounded answer. Each has a connection of its own: one
 * that is kept may be closed while Lambda freezes the function, and what meets it has not left, which nobody can tell then.
 */
export function httpExchange(patienceMilliseconds: number): Exchange {
  return async ({ method, url, headers, body }) => {
    const answer = await reach(url, {
      method,
      headers: { ...headers, connection: "close" },
      ...(body === undefined ? {} : { body }),
      // A message follows no redirect: it would take its token along.
      redirect: "manual",
      signal: AbortSignal.timeout(patienceMilliseconds),
    });
    const bytes = await boundedBytes(answer.body ?? [], longestAnswer);
    return { status: answer.status, body: Buffer.from(bytes).toString("utf8") };
  };
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (hasNotLeft(cause)) throw new NotReached("Nobody answered.", { cause });
    // The cause names the address, and an address may hold a key.
    throw new Error("The exchange was broken off.");
  }
}

/** Judges by what the network said, which fetch wraps: at one address, or at each of a name's. */
function hasNotLeft(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(hasNotLeft);
  if (!(error instanceof Error)) return false;
  if (!("code" in error)) return hasNotLeft(error.cause);
  return unreached.includes(error.code) || ("syscall" in error && error.syscall === "connect");
}
