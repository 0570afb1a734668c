import { type SageMakerClient, UpdateEndpointCommand } from "@aws-sdk/client-sagemaker";
import { Failure } from "../../core/failure.ts";
import { retainInstances } from "./kept-instances.ts";
import { isOvertaken } from "./refusals.ts";

/**
 * Puts the endpoint under a configuration in which what answers has a companion, or back: instances stay as many as somebody,
 * or a scaling policy, made of them. Weights do not, for by them the two get their parts.
 */
export async function serveConfig(client: SageMakerClient, endpoint: string, configName: string): Promise<void> {
  const input = { EndpointName: endpoint, EndpointConfigName: configName, ...retainInstances };
  await unlessOvertaken(endpoint, () => client.send(new UpdateEndpointCommand(input)));
}

/** Throws `unavailable` where somebody else is changing the endpoint. */
export async function unlessOvertaken(endpoint: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isOvertaken(error)) throw error;
    throw beingChanged(endpoint, error);
  }
}

export function beingChanged(endpoint: string, cause?: unknown): Failure {
  return new Failure("unavailable", `The endpoint '${endpoint}' is being changed at the moment.`, { cause });
}
