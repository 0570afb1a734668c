import type { DescribeInferenceComponentOutput } from "@aws-sdk/client-sagemaker";
import type { AlarmKeeper } from "../../core/deployment/alarms.ts";
import type { Deployment, Progress } from "../../core/deployment/deployment-target.ts";
import { releaseIn, releaseOfRevision } from "./component-release.ts";
import type { DescribedComponent } from "./component-state.ts";
import { alteration, besideAlarms, illness, withStop } from "./progress.ts";

/** How the release of a component goes, judged by what SageMaker and the alarms say at this moment. */
export async function componentProgress(
  deployment: Deployment,
  { state, evidence }: DescribedComponent,
  ask: {
    readonly alarms: Pick<AlarmKeeper, "read">;
    /** Throws `deployment-refused` where what serves, or where it does, is another by now. */
    readonly requireApproved: (described: DescribeInferenceComponentOutput) => Promise<void>;
    readonly host: string;
  },
): Promise<Progress> {
  const { promotion, previous } = deployment;
  const name = `The inference component '${deployment.target.endpoint}'`;
  const { readings, as, well } = await besideAlarms(deployment, evidence, ask.alarms);
  switch (state.kind) {
    case "absent":
      return previous === undefined
        ? as("returned", `${name} is gone; before, there was none either.`)
        : as("displaced", `${name} is gone: somebody removed it.`);
    case "busy":
      return as("under-way", `${name} is on its way (${state.status}).`);
    case "failed":
      return as("broken", `${name} failed: ${withStop(state.why)}`);
    case "in-service":
      break;
    default:
      return state satisfies never;
  }
  const { described } = state;
  if (described.EndpointName !== ask.host)
    return as("displaced", `${name} is on the endpoint '${described.EndpointName}': somebody made it anew there.`);
  if (described.Specification?.ModelName === promotion) {
    const ill = illness(readings) ?? (await alteration(() => ask.requireApproved(described)));
    return ill === undefined ? well("serving", `${name} serves the approved model.`) : as("unhealthy", ill);
  }
  const release = releaseIn(described);
  if (previous !== undefined && release !== undefined && release.model === releaseOfRevision(previous).model) {
    // SageMaker gives no reason of its own for going back.
    const ill = illness(readings);
    return as("returned", `${name} went back to the model before.${ill === undefined ? "" : ` ${ill}`}`);
  }
  return as(
    "displaced",
    `${name} serves ${release === undefined ? "what is no model of its own" : `'${release.model}'`}, which is neither what was approved nor what ran before: somebody changed it.`,
  );
}
