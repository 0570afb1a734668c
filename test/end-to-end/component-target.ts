import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateInferenceComponentCommand,
  DeleteInferenceComponentCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { buildCandidate } from "../../examples/credit-scoring/candidate.ts";
import { approval, ended, expect, promote, taken } from "../../examples/credit-scoring/demo/acts.ts";
import { asking, whileItBakes } from "../../examples/credit-scoring/demo/applications.ts";
import { failingImage } from "../../examples/credit-scoring/demo/canary-breach.ts";
import type { Cast } from "../../examples/credit-scoring/demo/cast.ts";
import { scoresFromEndpoint } from "../../examples/credit-scoring/demo/endpoint.ts";
import { copyModel } from "../../examples/credit-scoring/demo/intruder.ts";
import { result, type StoryResult } from "../../examples/credit-scoring/demo/stories.ts";
import { readLedger } from "./ledger.ts";
import { letters } from "./letters.ts";
import { eventually } from "./trial.ts";

const host = "models";
const name = "credit-scoring-component";

/** As policies/targets.yaml would have it. */
export const componentTarget = `
  component:
    kind: sagemaker-inference-component
    endpoint: "{model}-component"
    host: ${host}
    copies: 2
    resources: { memoryMegabytes: 2048 }
    traffic: { rolling: { copies: 1, wait: 5m } }
    alarms: { errorPercent: 5 }`;

/** On an endpoint that whoever runs the platform has made, beside nobody's model yet. */
async function component(cast: Cast): Promise<StoryResult> {
  await makeHost(platformTeam(cast));
  return promoted(cast, "10.0.0");
}

/** A newer candidate takes the place of what serves, in batches of copies. */
async function updated(cast: Cast): Promise<StoryResult> {
  return { ...(await promoted(cast, "10.1.0")), name: "component-update" };
}

/** Of the next, each answer is an error: an alarm over all copies is raised, and all of them are of the one before again. */
async function goneBack(cast: Cast): Promise<StoryResult> {
  const version = "10.2.0";
  const { id } = await promote(
    cast,
    "champion",
    version,
    () => buildCandidate("champion", failingImage, version),
    "component",
  );
  const { result: promotion } = await whileItBakes(cast.stack, async () => {
    await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
    return asking(() => scoresFromEndpoint(cast.stack, host, name), ended(cast, id, "rolled-back"));
  });
  await serves(cast, "10.1.0");
  return result("component-breach", promotion);
}

/** Beside it somebody puts what nobody approved, under a name of which no target speaks: operators hear of it, by one letter. */
async function stray(cast: Cast, before: StoryResult | undefined): Promise<StoryResult> {
  const model = "side-project";
  const client = platformTeam(cast);
  await copyModel(client, before?.promotionId ?? "", model);
  await client.send(
    new CreateInferenceComponentCommand({
      InferenceComponentName: model,
      EndpointName: host,
      VariantName: "instances",
      Specification: { ModelName: model, ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024 } },
      RuntimeConfig: { CopyCount: 1 },
    }),
  );
  const subject = "Not as approved: what runs in component";
  const audited = async (): Promise<readonly string[]> => {
    // Another story may be changing what it looks at.
    await cast.stack.ring("AuditRunningSchedule").catch(() => undefined);
    return (await readLedger(cast.stack)).facts.filter((id) =>
      id.startsWith(`installation/intruder/component/${model}/`),
    );
  };
  await eventually("a letter to operators", async () => {
    await audited();
    return (await letters(cast.stack, subject))[0];
  });
  await client.send(new DeleteInferenceComponentCommand({ InferenceComponentName: model }));
  const facts = await eventually("that it is gone", async () => {
    const told = await audited();
    return told.some((id) => id.endsWith("/1/gone")) && told.some((id) => id.endsWith("/delivered")) ? told : undefined;
  });
  expect(
    facts.filter((id) => /^[^/]+\/intruder\/[^/]+\/[^/]+\/\d+$/.test(id)).length === 1,
    `it was found once: ${facts.join(", ")}`,
  );
  const [letter, ...others] = await letters(cast.stack, subject);
  expect(
    letter?.to.join() === "mira.novak@example.com" && others.length === 0,
    `one letter leaves, to whoever operates, not ${others.length + 1} to ${letter?.to.join()}`,
  );
  const said = letter.text.split("\n").find((line) => line.includes(model)) ?? "";
  return { name: "stray", promotionId: before?.promotionId ?? "", status: before?.status ?? "", explanation: said };
}

/** One after the other, of one component. */
export const componentStories = { component, "component-update": updated, stray, "component-breach": goneBack };

async function promoted(cast: Cast, version: string): Promise<StoryResult> {
  const { id } = await promote(cast, "champion", version, undefined, "component");
  await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
  const promotion = await ended(cast, id, "deployed");
  await serves(cast, version);
  return result("component", promotion);
}

async function serves(cast: Cast, wanted: string): Promise<void> {
  const { version } = await scoresFromEndpoint(cast.stack, host, name);
  expect(version === wanted, `the component serves ${wanted}, not ${version}`);
}

/** Whoever may do everything on SageMaker. */
export function platformTeam({ stack }: Cast): SageMakerClient {
  return new SageMakerClient({
    endpoint: stack.addresses.sagemaker,
    region: "us-east-1",
    credentials: { accessKeyId: "PLATFORMTEAM", secretAccessKey: "unused" },
  });
}

async function makeHost(client: SageMakerClient): Promise<void> {
  await client.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: host,
      ExecutionRoleArn: "arn:aws:iam::000000000000:role/models",
      EnableNetworkIsolation: true,
      ProductionVariants: [{ VariantName: "instances", InstanceType: "ml.m5.large", InitialInstanceCount: 1 }],
    }),
  );
  await client.send(new CreateEndpointCommand({ EndpointName: host, EndpointConfigName: host }));
}
