import { ResourceLimitExceeded } from "@aws-sdk/client-sagemaker";
import { Failure } from "../../core/failure.ts";

/**
 * Middleware of a client (step `initialize`): what a quota of the account does not allow, such as as many instances again
 * beside those that serve, is `deployment-refused`, and says which quota. Trying again in a while does not help.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
 */
export function refusedByQuota<Given, Answer>(next: (given: Given) => Promise<Answer>) {
  return async (given: Given): Promise<Answer> => {
    try {
      return await next(given);
    } catch (error) {
      if (!(error instanceof ResourceLimitExceeded)) throw error;
      throw new Failure("deployment-refused", `A quota of the account keeps SageMaker from it: ${error.message}`, {
        cause: error,
      });
    }
  };
}
