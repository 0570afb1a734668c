import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { orUnavailable } from "../../../functions/unavailable.ts";

export const throttled = () => Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });

/**
 * The n-th call of both services from now on is answered with an error, once, until it is over. Answers how many calls there
 * were, and how to end it.
 */
export function faultAt(
  { client, alarms }: { readonly client: () => SageMakerClient; readonly alarms: () => CloudWatchClient },
  call: number,
  error: () => Error = throttled,
): { readonly calls: () => number; readonly end: () => void } {
  let calls = 0;
  let over = false;
  const middleware =
    <Given, Answer>(next: (given: Given) => Promise<Answer>) =>
    async (given: Given): Promise<Answer> => {
      calls += 1;
      if (calls === call && !over) throw error();
      return next(given);
    };
  for (const [{ middlewareStack }, service] of [
    [client(), "SageMaker"],
    [alarms(), "CloudWatch"],
  ] as const) {
    middlewareStack.add(middleware, { step: "initialize" });
    middlewareStack.add(orUnavailable(service), { step: "initialize", priority: "high" });
  }
  return {
    calls: () => calls,
    end: () => {
      over = true;
    },
  };
}
