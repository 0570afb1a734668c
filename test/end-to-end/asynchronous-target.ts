import {
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
} from "@aws-sdk/client-sagemaker";
import { Failure } from "../../core/failure.ts";
import { buildCandidate } from "../../examples/credit-scoring/candidate.ts";
import { approval, ended, expect, promote, ringUntil, taken } from "../../examples/credit-scoring/demo/acts.ts";
import { asking, whileItBakes } from "../../examples/credit-scoring/demo/applications.ts";
import { failingImage } from "../../examples/credit-scoring/demo/canary-breach.ts";
import type { Cast } from "../../examples/credit-scoring/demo/cast.ts";
import {
  type Answered,
  answerRead,
  question,
  scoresFromEndpoint,
} from "../../examples/credit-scoring/demo/endpoint.ts";
import { result, type StoryResult } from "../../examples/credit-scoring/demo/stories.ts";
import { putObject, readObject } from "../../local/s3/objects.ts";
import type { RunningStack } from "../../local/stack.ts";
import { platformTeam } from "./component-target.ts";
import { eventually } from "./trial.ts";

const endpoint = "credit-scoring-overnight";
const application = "APPLICATION";
/** A bucket of whoever runs the platform. */
export const answersBucket = "platform-answers";
const questions = "questions/credit-scoring";
const answers = "answers/credit-scoring";

/** As policies/targets.yaml would have it. */
export const asynchronousTarget = `
  asynchronous:
    kind: sagemaker-endpoint
    endpoint: "{model}-overnight"
    instanceType: ml.m5.large
    instanceCount: 2
    asynchronous:
      output: "s3://${answersBucket}/answers/{model}"
      failures: "s3://${answersBucket}/answers/{model}/failed"
      concurrency: 4
    traffic: { canary: { percent: 50, wait: 5m } }
    alarms: { errorPercent: 5 }`;

/** What the serving role gets by the contexts `asyncInputs` and `asyncOutputs`, as test/infra/permissions.test.ts has it. */
export const asynchronousGrants = [
  { actions: ["s3:GetObject"], resource: `arn:aws:s3:::${answersBucket}/${questions}/*` },
  { actions: ["s3:PutObject"], resource: `arn:aws:s3:::${answersBucket}/${answers}/*` },
] as const;

/** It is said to reviewers where answers go, and there they are; who asks as of other endpoints gets none. */
async function asynchronous(cast: Cast): Promise<StoryResult> {
  const version = "11.0.0";
  const { id, promotion: before } = await promote(cast, "champion", version, undefined, "asynchronous");
  const told = before.timeline.find(({ type }) => type === "staged")?.summary ?? "";
  const where = `It queues what it is asked, and leaves its answers below s3://${answersBucket}/${answers}, and what failed below s3://${answersBucket}/${answers}/failed.`;
  expect(told.includes(where), `reviewers are told where answers go, not: ${told}`);
  await signedByOperations(cast, id);
  const promotion = await ended(cast, id, "deployed");
  await answersAs(cast, version);
  const refused = await scoresFromEndpoint(cast.stack, endpoint).catch(String);
  expect(String(refused).includes("asynchronous invocations only"), `nobody is answered at once: ${refused}`);
  return result("asynchronous", promotion);
}

/** Everything that the next leaves is an error: SageMaker goes back by itself, and the queue is answered by the one before. */
async function goneBack(cast: Cast): Promise<StoryResult> {
  const version = "11.1.0";
  const { id } = await promote(
    cast,
    "champion",
    version,
    () => buildCandidate("champion", failingImage, version),
    "asynchronous",
  );
  const {
    result: promotion,
    asked: { failed },
  } = await whileItBakes(cast.stack, async () => {
    await signedByOperations(cast, id);
    return asking(() => queuedScores(cast.stack), ended(cast, id, "rolled-back"));
  });
  expect(failed > 0, "some of what was queued met the canary");
  await answersAs(cast, "11.0.0");
  return result("asynchronous-breach", promotion);
}

/** One that people reject is neither deployed nor left staged. */
async function rejected(cast: Cast): Promise<StoryResult> {
  const { id } = await promote(cast, "champion", "11.2.0", undefined, "asynchronous");
  const reason = "Answers of this kind must not lie there.";
  await taken(cast.reliabilityEngineer.decide(id, { result: "reject", reason, roles: ["sre"] }));
  const promotion = await ended(cast, id, "rejected");
  await answersAs(cast, "11.0.0");
  return result("asynchronous-rejected", promotion);
}

/** Somebody makes the configuration anew by hand, with answers left elsewhere: the audit of what runs finds it. */
async function moved(cast: Cast): Promise<StoryResult> {
  const client = platformTeam(cast);
  const { EndpointConfigName } = await client.send(new DescribeEndpointCommand({ EndpointName: endpoint }));
  const { ProductionVariants } = await client.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
  await client.send(new DeleteEndpointConfigCommand({ EndpointConfigName }));
  const OutputConfig = { S3OutputPath: `s3://${answersBucket}/elsewhere` };
  await client.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName,
      ProductionVariants,
      AsyncInferenceConfig: { OutputConfig },
    }),
  );
  const isTold = ({ type }: { readonly type: string }) => type === "intruder-found";
  const found = await ringUntil(cast, "AuditRunningSchedule", EndpointConfigName ?? "", ({ timeline }) =>
    timeline.some(isTold),
  );
  return {
    ...result("asynchronous-moved", found),
    explanation: found.timeline.find(isTold)?.summary ?? "",
  };
}

/** One after the other, of one endpoint. */
export const asynchronousStories = {
  asynchronous,
  "asynchronous-breach": goneBack,
  "asynchronous-rejected": rejected,
  "asynchronous-moved": moved,
};

async function signedByOperations(cast: Cast, id: string): Promise<void> {
  await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
}

async function answersAs(cast: Cast, wanted: string): Promise<void> {
  const { version } = await queuedScores(cast.stack);
  expect(version === wanted, `the endpoint answers as ${wanted}, not ${version}`);
}

/** Asks about real rows by what lies in S3, and reads what is left there, as an application would (SageMaker InvokeEndpointAsync). */
async function queuedScores({ addresses }: RunningStack): Promise<Answered> {
  const key = `${questions}/rows.json`;
  await putObject(addresses.s3, { bucket: answersBucket, key, body: question() }, application);
  const asked = await fetch(`${addresses.sagemaker}/endpoints/${endpoint}/async-invocations`, {
    method: "POST",
    headers: {
      "x-amzn-sagemaker-content-type": "application/json",
      "x-amzn-sagemaker-inputlocation": `s3://${answersBucket}/${key}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${application}/20260101/us-east-1/sagemaker/aws4_request`,
    },
  });
  const [output, failure] = ["output", "failure"].map((which) =>
    asked.headers.get(`x-amzn-sagemaker-${which}location`),
  );
  if (!asked.ok || !output || !failure) throw new Error(`It was not queued: ${asked.status} ${await asked.text()}`);
  const left = (address: string) =>
    readObject(addresses.s3, address, application).catch((error: unknown) => {
      if (error instanceof Failure && error.code === "not-found") return undefined;
      throw error;
    });
  return eventually("what is left of it", async () => {
    const why = await left(failure);
    if (why !== undefined) throw new Error(`It was not answered: ${Buffer.from(why).toString("utf8")}`);
    const answer = await left(output);
    return answer === undefined ? undefined : answerRead(JSON.parse(Buffer.from(answer).toString("utf8")));
  });
}
