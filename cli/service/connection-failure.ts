import { oneLine } from "../terminal-text.ts";

/**
 * Why a request was not answered, in words that follow "cannot be reached:".
 *
 * @param timeoutMs after how long whoever asked gave up, where they did
 */
export function connectionFailure(error: unknown, timeoutMs?: number): string {
  if (!(error instanceof Error)) return "the request failed";
  if (error.name === "TimeoutError" && timeoutMs !== undefined) return `no answer within ${timeoutMs / 1000} seconds`;
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  // A machine with several addresses, of which none answers, has a code and no message.
  return (code === undefined ? undefined : networkWords[code]) ?? oneLine(code ?? cause.message, 200);
}

/** https://nodejs.org/api/cli.html#node_extra_ca_certsfile */
const untrusted = "its certificate is of nobody whom this machine trusts; NODE_EXTRA_CA_CERTS names a file of others";

/**
 * What the machine says of a connection, in words. https://nodejs.org/api/errors.html#common-system-errors,
 * https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const networkWords: Readonly<Record<string, string>> = {
  ENOTFOUND: "nobody knows a machine of that name (ENOTFOUND)",
  EAI_AGAIN: "the name could not be looked up; is there a network? (EAI_AGAIN)",
  ECONNREFUSED: "nothing listens there (ECONNREFUSED)",
  ECONNRESET: "the connection was cut off (ECONNRESET)",
  ENETUNREACH: "there is no network that leads there (ENETUNREACH)",
  EHOSTUNREACH: "there is no way to that machine (EHOSTUNREACH)",
  ETIMEDOUT: "it does not answer (ETIMEDOUT)",
  ERR_SSL_WRONG_VERSION_NUMBER: "what answers there speaks no TLS (ERR_SSL_WRONG_VERSION_NUMBER)",
  EPROTO: "what answers there speaks no TLS, or another one (EPROTO)",
  SELF_SIGNED_CERT_IN_CHAIN: `${untrusted} (SELF_SIGNED_CERT_IN_CHAIN)`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `${untrusted} (DEPTH_ZERO_SELF_SIGNED_CERT)`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `${untrusted} (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `${untrusted} (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
  CERT_HAS_EXPIRED: "its certificate has expired (CERT_HAS_EXPIRED)",
};
