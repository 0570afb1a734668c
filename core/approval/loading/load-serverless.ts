import { complain, countOf, fieldsOf, type Place, secondsOf } from "../../encoding/policy-file.ts";
import type { ServerlessCapacity, ServerlessTarget } from "../../promotion/target.ts";
import { alarmsOf } from "./load-release.ts";

/** What a target says, as far as a serverless one says it otherwise. */
export interface ServerlessFields {
  readonly serverless: Place;
  readonly instanceType?: Place | undefined;
  readonly instanceCount?: Place | undefined;
  readonly traffic?: Place | undefined;
  readonly alarms?: Place | undefined;
  readonly watch?: Place | undefined;
  readonly network?: Place | undefined;
}

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html
const memorySizes = [1024, 2048, 3072, 4096, 5120, 6144];
const mostConcurrency = 200;
const longestWatch = 7 * 86_400;

/**
 * Reads what makes a target serverless. What SageMaker does not do for such endpoints is named, and what it does
 * otherwise than on instances has to be said by name, so that nobody signs it unseen
 * (https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html, feature exclusions).
 */
export function serverlessOf(
  fields: ServerlessFields,
): Pick<ServerlessTarget, "serverless" | "traffic" | "alarms" | "watchSeconds"> {
  const { serverless, instanceType, instanceCount, traffic, alarms, watch, network } = fields;
  for (const place of [instanceType, instanceCount])
    if (place !== undefined) complain(place, "A serverless endpoint has no instances that could be named here.");
  if (traffic?.value !== "all-at-once")
    complain(
      traffic ?? serverless,
      "SageMaker moves all traffic of a serverless endpoint at once, and keeps nothing to go back to: say it by name, 'traffic: all-at-once'.",
    );
  if (network?.value !== "open")
    complain(
      network ?? serverless,
      "SageMaker isolates no serverless container from the network: say it by name, 'network: open'.",
    );
  if ((alarms === undefined) !== (watch === undefined))
    complain(
      alarms ?? watch ?? serverless,
      "Countersign itself watches the alarms of a serverless endpoint, for as long as 'watch' says: the two stand together.",
    );
  return {
    serverless: capacityOf(serverless),
    traffic: { kind: "all-at-once", waitSeconds: 0 },
    ...(alarms === undefined ? {} : { alarms: alarmsOf(alarms) }),
    ...(watch === undefined ? {} : { watchSeconds: secondsOf(watch, 60, longestWatch) }),
  };
}

function capacityOf(place: Place): ServerlessCapacity {
  const { memoryMegabytes, maxConcurrency } = fieldsOf(place, ["memoryMegabytes", "maxConcurrency"]);
  const memory = countOf(memoryMegabytes, 1024, 6144);
  if (memoryMegabytes !== undefined && !memorySizes.includes(memory))
    complain(memoryMegabytes, `This must be one of ${memorySizes.join(", ")}: SageMaker has no other sizes.`);
  return { memoryMegabytes: memory, maxConcurrency: countOf(maxConcurrency, 1, mostConcurrency) };
}
