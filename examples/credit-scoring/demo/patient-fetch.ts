import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { passes, pauseAfter, retryAfterMs, Unavailable } from "../../../cli/service/patience.ts";
import { limitHere } from "../../../local/limit-here.ts";

/** What it needs of the world; tests have their own. */
export interface World {
  readonly fetch: (address: string, request: RequestInit) => Promise<Response>;
  readonly pause: (milliseconds: number) => Promise<unknown>;
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

const real: World = {
  fetch: (address, request) => fetch(address, request),
  pause: delay,
  now: Date.now,
  random: randomBytes,
};

const shortestPauseMs = 500;
const longestPauseMs = 10_000;
const patienceMs = 120_000;

/**
 * Asks as a well-behaved CI client does: where the service is away for a moment, again after the pause that it asks for, less and
 * less often, for two minutes at most (longer on a busy machine). For requests alone that may be repeated: the service
 * finds what it has recorded and answers with it. Throws `unavailable` with a sentence where it stays away.
 *
 * @param request made anew each time where it is a function: the token of a job is over after some minutes.
 */
export async function patientFetch(
  address: string,
  request: RequestInit | (() => Promise<RequestInit>) = {},
  world = real,
): Promise<Response> {
  const end = world.now() + limitHere(patienceMs);
  for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    const asked = await ask(address, typeof request === "function" ? await request() : request, world);
    if (asked instanceof Response) return asked;
    if (world.now() >= end) throw asked;
    await world.pause(pauseAfter(asked, pauseMs, world.random));
  }
}

/** The answer, or what may pass. */
async function ask(address: string, request: RequestInit, world: World): Promise<Response | Unavailable> {
  const what = `${request.method ?? "GET"} ${new URL(address).pathname}`;
  let answer: Response;
  try {
    answer = await world.fetch(address, request);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return new Unavailable(
      `${what} was not answered: ${cause instanceof Error ? cause.message : "it failed"}.`,
      undefined,
    );
  }
  if (!passes(answer.status)) return answer;
  const said = await answer.text();
  return new Unavailable(
    `${what} was answered ${answer.status}: ${said.slice(0, 500)}`,
    retryAfterMs(answer.headers.get("retry-after"), world.now()),
  );
}
