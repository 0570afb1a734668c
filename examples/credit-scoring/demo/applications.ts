import { setTimeout as delay } from "node:timers/promises";
import type { Cast } from "./cast.ts";
import { scoresFromEndpoint } from "./endpoint.ts";

/** What applications got that asked the endpoint all the time. */
export interface Asked {
  readonly answered: number;
  readonly failed: number;
}

/** Asks an endpoint about real rows, as applications do, while something happens; `pause` in milliseconds between two times. */
export async function asking<T>(
  cast: Cast,
  endpoint: string,
  meanwhile: Promise<T>,
  pause = 20,
): Promise<{ readonly result: T; readonly asked: Asked }> {
  const done = new AbortController();
  const asked = askOn(cast, endpoint, pause, done.signal);
  const result = await meanwhile.finally(() => done.abort());
  return { result, asked: await asked };
}

async function askOn(cast: Cast, endpoint: string, pause: number, signal: AbortSignal): Promise<Asked> {
  let answered = 0;
  let failed = 0;
  while (!signal.aborted) {
    await scoresFromEndpoint(cast.stack, endpoint).then(
      () => (answered += 1),
      () => (failed += 1),
    );
    await delay(pause);
  }
  return { answered, failed };
}
