import { setTimeout as delay } from "node:timers/promises";
import type { RunningStack } from "../../../local/stack.ts";

/** What applications got that asked all the time. */
export interface Asked {
  readonly answered: number;
  readonly failed: number;
}

/** Asks again and again, as applications do, while something happens; `pause` in milliseconds between two times. */
export async function asking<T>(
  ask: () => Promise<unknown>,
  meanwhile: Promise<T>,
  pause = 20,
): Promise<{ readonly result: T; readonly asked: Asked }> {
  const done = new AbortController();
  const asked = askOn(ask, pause, done.signal);
  const result = await meanwhile.finally(() => done.abort());
  return { result, asked: await asked };
}

/**
 * What is released bakes until `work` is over, or an alarm is raised: five of its minutes are half a second here, in which a busy
 * machine lets nobody ask anything.
 */
export async function whileItBakes<T>(stack: Pick<RunningStack, "holdTime">, work: () => Promise<T>): Promise<T> {
  const release = stack.holdTime();
  try {
    return await work();
  } finally {
    release();
  }
}

async function askOn(ask: () => Promise<unknown>, pause: number, signal: AbortSignal): Promise<Asked> {
  let answered = 0;
  let failed = 0;
  while (!signal.aborted) {
    await ask().then(
      () => (answered += 1),
      () => (failed += 1),
    );
    await delay(pause);
  }
  return { answered, failed };
}
