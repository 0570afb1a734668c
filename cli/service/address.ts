import { Failure } from "../../core/failure.ts";

/** Plain http to this very machine. */
export function isLoopbackHttp({ protocol, hostname }: URL): boolean {
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  return protocol === "http:" && loopback;
}

/**
 * An address that a token may be sent to: https, or http that never leaves the machine. Throws `invalid-request`
 * for any other; `what` is whose address it is.
 */
export function trustworthyAddress(text: string, what: string): URL {
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (address === undefined)
    throw new Failure("invalid-request", `The address of ${what} is not an address; one begins with https://.`);
  if (address.protocol !== "https:" && !isLoopbackHttp(address)) {
    throw new Failure(
      "invalid-request",
      `The address of ${what} must begin with https://; plain http is for this machine only.`,
    );
  }
  if (address.username !== "" || address.password !== "") {
    throw new Failure("invalid-request", `The address of ${what} must not have a password in it.`);
  }
  return address;
}
