import {
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { Shadowing } from "../../core/deployment/shadow-target.ts";
import { Failure } from "../../core/failure.ts";
import { describeAsItIs } from "./endpoint-state.ts";
import { unlessAbsent } from "./refusals.ts";
import { serveConfig } from "./serve-config.ts";
import { shadowConfigName } from "./shadow-config.ts";

/** Sends the endpoint back to what answered before, then removes the configuration of the run, and looks whether it is gone. */
export async function endShadow(
  client: SageMakerClient,
  { promotion, target: { endpoint }, run }: Shadowing,
): Promise<"gone" | "going"> {
  const own = shadowConfigName(promotion);
  const { state } = await describeAsItIs(client, endpoint);
  switch (state.kind) {
    case "busy":
      if (state.changingTo === own || state.configName === own) return "going";
      break;
    case "failed":
      // SageMaker does nothing with it any more but remove it, and then nobody answers: that is for a person.
      if (state.configName === own && state.deletable)
        throw new Failure("unavailable", `The endpoint '${endpoint}' failed while a candidate ran in its shadow.`);
      if (state.configName !== own || run.beside === undefined) break;
      await serveConfig(client, endpoint, run.beside);
      return "going";
    case "in-service":
      if (state.configName !== own || run.beside === undefined) break;
      await serveConfig(client, endpoint, run.beside);
      return "going";
    case "absent":
      break;
    default:
      return state satisfies never;
  }
  const config = { EndpointConfigName: own };
  await unlessAbsent(() => client.send(new DeleteEndpointConfigCommand(config)));
  if ((await unlessAbsent(() => client.send(new DescribeEndpointConfigCommand(config)))) !== undefined)
    throw new Failure("unavailable", `The configuration '${own}' is still there after it was removed.`);
  return "gone";
}
