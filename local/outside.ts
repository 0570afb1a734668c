/** The header that says where a request was going that was led to the receivers instead. */
export const outsideHeader = "x-outside-address";

/**
 * `fetch` for functions on this machine: what goes to another service on the internet is handed to the receivers, with its
 * address beside it, so that no message leaves this machine.
 */
export function keptInside(fetchThere: typeof fetch, receivers: string): typeof fetch {
  return async (input, init) => {
    const { href, protocol } = new URL(input instanceof Request ? input.url : input);
    if (protocol !== "https:") return fetchThere(input, init);
    const request = new Request(input, init);
    const headers = new Headers(request.headers);
    headers.set(outsideHeader, href);
    return fetchThere(`${receivers}/outside`, { ...init, method: request.method, headers });
  };
}
