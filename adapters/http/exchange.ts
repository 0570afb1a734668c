import { boundedBytes } from "../../core/encoding/bounded-bytes.ts";
import { type Exchange, NotReached } from "../../core/notification/channel.ts";
import { hasNotLeft } from "../../core/notification/not-left.ts";

/** What an answer may hold; a message's answer is an id. */
const longestAnswer = 256 * 1024;

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
    const retryAfter = answer.headers.get("retry-after");
    return {
      status: answer.status,
      body: Buffer.from(bytes).toString("utf8"),
      ...(retryAfter === null ? {} : { retryAfter }),
    };
  };
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  requireRequest(url, init);
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (hasNotLeft(cause)) throw new NotReached("Nobody answered.", { cause });
    // The cause names the address, and an address may hold a key.
    throw new Error("The exchange was broken off.");
  }
}

/** Throws `NotReached` for a token that no header can hold, or an address that is none: what cannot be asked has not left. */
function requireRequest(url: string, init: RequestInit): void {
  try {
    void new Request(url, init);
  } catch {
    // What it throws quotes what it was given.
    throw new NotReached("This is no request that can be sent.");
  }
}
