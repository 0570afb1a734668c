/** The name is nobody's, there was no connection in time, or whoever answered showed no certificate that is good. */
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
 * Whether a request failed, as Node tells it, before anything of it was sent. Judges by what the network said, which fetch wraps:
 * at one address, or at each of a name's.
 */
export function hasNotLeft(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(hasNotLeft);
  if (!(error instanceof Error)) return false;
  if (!("code" in error)) return hasNotLeft(error.cause);
  return unreached.includes(error.code) || ("syscall" in error && error.syscall === "connect");
}
