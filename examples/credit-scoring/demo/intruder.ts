import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  DescribeModelCommand,
  SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { expect, ringOnce, ringUntil } from "./acts.ts";
import type { Cast } from "./cast.ts";
import { driftingModel } from "./drift.ts";
import { scoresFromEndpoint } from "./endpoint.ts";
import { result, type StoryResult } from "./stories.ts";

/**
 * Somebody who may do everything on SageMaker lets the endpoint serve a model that nobody approved. The audit of what runs
 * finds it, and what was approved is put back. Told after the story of the drift, of the same model.
 *
 * @param approved the promotion that should run
 */
export async function intruder(cast: Cast, approved: string): Promise<StoryResult> {
  const sagemaker = new SageMakerClient({
    endpoint: cast.stack.addresses.sagemaker,
    region: "us-east-1",
    credentials: { accessKeyId: "PLATFORMADMIN", secretAccessKey: "unused" },
  });
  await quickFix(sagemaker, approved);
  cast.say("somebody has made the endpoint serve a quick fix");

  const found = await ringUntil(cast, "AuditRunningSchedule", approved, ({ timeline }) =>
    timeline.some(({ type }) => type === "intruder-found"),
  );
  const told = found.timeline.filter(({ type }) => type === "intruder-found");
  expect(told.length === 1, `it is found once, not ${told.length} times`);
  cast.say(told[0]?.summary ?? "");
  await ringOnce(cast.stack, "AuditRunningSchedule");
  await servesAgain(sagemaker, approved);
  const promotion = await ringUntil(cast, "AuditRunningSchedule", approved, ({ timeline }) =>
    timeline.some(({ type }) => type === "intruder-gone"),
  );
  const types = promotion.timeline.map(({ type }) => type);
  expect(
    types.filter((type) => type === "intruder-found").length === 1 && types.includes("take-back"),
    "the record tells that it was found, once, and taken back",
  );
  const { version } = await scoresFromEndpoint(cast.stack, driftingModel);
  expect(version === "2.0.0", `the endpoint serves what was approved, not ${version}`);
  return { ...result("intruder", promotion), explanation: told[0]?.summary ?? "" };
}

async function quickFix(sagemaker: SageMakerClient, approved: string): Promise<void> {
  const name = "quick-fix";
  await copyModel(sagemaker, approved, name);
  const variant = {
    VariantName: "approved",
    ModelName: name,
    InstanceType: "ml.m5.large",
    InitialInstanceCount: 2,
  } as const;
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: [{ ...variant, InitialVariantWeight: 1 }],
    }),
  );
  await sagemaker.send(new UpdateEndpointCommand({ EndpointName: driftingModel, EndpointConfigName: name }));
  await servesAgain(sagemaker, name);
}

/** The approved model's own bytes, under another name: what nobody approved need not be malicious. */
export async function copyModel(sagemaker: SageMakerClient, approved: string, name: string): Promise<void> {
  const { PrimaryContainer = {}, ExecutionRoleArn } = await sagemaker.send(
    new DescribeModelCommand({ ModelName: approved }),
  );
  // The answer names the data twice over, which no model may be made with.
  const { ModelDataUrl: _, ...container } = PrimaryContainer;
  await sagemaker.send(new CreateModelCommand({ ModelName: name, ExecutionRoleArn, PrimaryContainer: container }));
}

/** Waits until the endpoint serves that configuration, and nothing is being done to it. */
async function servesAgain(sagemaker: SageMakerClient, name: string): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    const { EndpointStatus: status, EndpointConfigName: config } = await sagemaker.send(
      new DescribeEndpointCommand({ EndpointName: driftingModel }),
    );
    if (status === "InService" && config === name) return;
    if (Date.now() > end) throw new Error(`The endpoint does not serve '${name}' after a minute; it is ${status}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
