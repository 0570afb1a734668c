/**
 * Whether what this address answers can be trusted not to be altered on its way: https, or a connection that never
 * leaves the machine (W3C Secure Contexts, section 3.1).
 */
export function isTrustworthy(address: URL): boolean {
  return address.protocol === "https:" || isLoopbackHttp(address);
}

/** Plain http to this very machine. */
export function isLoopbackHttp({ protocol, hostname }: URL): boolean {
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  return protocol === "http:" && loopback;
}
