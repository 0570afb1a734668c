import { Failure, type FailureCode } from "../../core/failure.ts";

/** A refusal by its stable code and its sentence. */
export interface Refused {
  readonly code: FailureCode;
  readonly sentence: string;
}

/** How some work is refused; fails the test where it is not. */
export function codeOf(work: () => unknown): Refused {
  try {
    work();
  } catch (error) {
    return refusalOf(error);
  }
  throw new Error("This was not refused.");
}

/** How some asynchronous work is refused. */
export async function refused(work: Promise<unknown>): Promise<Refused> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (outcome === undefined) throw new Error("This was not refused.");
  return refusalOf(outcome.error);
}

function refusalOf(error: unknown): Refused {
  if (!(error instanceof Failure)) throw error;
  return { code: error.code, sentence: error.message };
}

/** A refusal as people read it: `token-expired: The sign-in has expired; please sign in again.` */
export function told({ code, sentence }: Refused): string {
  return `${code}: ${sentence}`;
}
