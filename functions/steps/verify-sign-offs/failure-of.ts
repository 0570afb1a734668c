import { Failure } from "../../../core/failure.ts";

/** What a check found to be wrong, as it goes into a verdict; whatever says nothing about the promotion is thrown. */
export async function failureOf(check: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || error.code === "unavailable") throw error;
    return error;
  }
}
