import { Failure } from "../core/failure.ts";

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
