import { Failure } from "../core/failure.ts";
import { pauseAfter } from "./service/patience.ts";
import type { Surroundings } from "./surroundings.ts";

/** What may pass is answered, so that it can be tried again; everything else is thrown. */
export async function attempt<Value extends object>(
  work: () => Promise<Value>,
): Promise<Value | { readonly failure: Failure }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && error.code === "unavailable") return { failure: error };
    throw error;
  }
}

const patiencePauseMs = 5_000;
/** About ten minutes without one good answer. */
const mostAttempts = 120;

/** The value, tried again for some ten minutes while what fails may pass: whoever waits for days outlives a deployment of the service. */
export async function patiently<Value extends object>(
  work: () => Promise<Value>,
  { note, pause, random }: Pick<Surroundings, "note" | "pause" | "random">,
): Promise<Value> {
  for (let attempts = 1; ; attempts += 1) {
    const tried = await attempt(work);
    if (!("failure" in tried)) return tried;
    if (attempts === mostAttempts) throw tried.failure;
    if (attempts === 1) note(`${tried.failure.message} Trying again.`);
    await pause(pauseAfter(tried.failure, patiencePauseMs, random));
  }
}
