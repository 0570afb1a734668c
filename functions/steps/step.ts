import { Failure } from "../../core/failure.ts";
import { errorFields, type Log } from "../log.ts";

/**
 * A task of the state machine. A `Failure` reaches Step Functions under its code as the error's name, so that the
 * machine can retry `unavailable` and nothing else; its sentence becomes the cause.
 */
export function step<Input extends { readonly promotionId: string }, Output>(
  work: (input: Input) => Promise<Output>,
  log: Log,
): (input: Input) => Promise<Output> {
  return async (input) => {
    try {
      return await work(input);
    } catch (error) {
      log("error", "step failed", { promotionId: input.promotionId, ...errorFields(error) });
      if (!(error instanceof Failure)) throw error;
      const named = new Error(error.message);
      named.name = error.code;
      throw named;
    }
  };
}
