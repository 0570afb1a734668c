import { Failure } from "../../core/failure.ts";
import { errorFields, type Log } from "../log.ts";
import { asUnavailable } from "../unavailable.ts";

/**
 * A task of the state machine. A `Failure` reaches Step Functions under its code as the error's name, so that the
 * machine can retry `unavailable` and nothing else; its sentence becomes the cause. What any service said that may pass,
 * such as that it has too many requests, is `unavailable`: no promotion ends by it.
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
      const failure = asUnavailable(error) ?? error;
      if (!(failure instanceof Failure)) throw failure;
      const named = new Error(failure.message);
      named.name = failure.code;
      throw named;
    }
  };
}
