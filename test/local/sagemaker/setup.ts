import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type CreateModelCommandInput,
  DescribeEndpointCommand,
  SageMakerClient,
  UpdateEndpointCommand,
  type UpdateEndpointCommandInput,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { afterAll, afterEach, beforeEach, expect, vi } from "vitest";
import { scorerUrl } from "../../../examples/credit-scoring/artifacts.ts";
import { buildCandidate } from "../../../examples/credit-scoring/candidate.ts";
import type { AwsCall, LocalService } from "../../../local/aws/aws-call.ts";
import { type LocalCloudWatch, startCloudWatch } from "../../../local/cloudwatch/cloudwatch.ts";
import { startSageMaker } from "../../../local/sagemaker/sagemaker.ts";
import { containersInProcess } from "../containers-in-process.ts";
import { handClock } from "../hand-clock.ts";

export const repository = "000000000000.dkr.ecr.us-east-1.amazonaws.com/scorer";
export const roleArn = "arn:aws:iam::000000000000:role/hosting";
/** What the tests stage and look with. */
export const hosting = { servingRoleArn: roleArn, captures: "s3://exchange/shadow" };
export const scorer = imageOf(fileURLToPath(scorerUrl));

/** An image whose program answers with its NAME and STATUS, and its ping once the file at GATE is there. */
export const gated = imageOf(writeGatedProgram());

/** An image whose program answers its ping, and everything else with an error. */
export const failing = imageOf(
  writeProgram(`import { createServer } from "node:http";
createServer((request, response) => {
  response.statusCode = request.url === "/ping" ? 200 : 500;
  response.end();
}).listen(process.env.SAGEMAKER_BIND_TO_PORT, process.env.HOST);
`),
);

/** Model files by variant. */
export const models = {
  champion: buildCandidate("champion").get("model.json") ?? "",
  candidate: buildCandidate("candidate").get("model.json") ?? "",
};

function writeGatedProgram(): string {
  return writeProgram(
    `import { existsSync } from "node:fs";
import { createServer } from "node:http";
createServer((request, response) => {
  const ping = request.url === "/ping" && !existsSync(process.env.GATE) ? 503 : 200;
  response.statusCode = request.url === "/ping" ? ping : Number(process.env.STATUS ?? 200);
  response.end(process.env.NAME);
}).listen(process.env.SAGEMAKER_BIND_TO_PORT, process.env.HOST);
`,
  );
}

function writeProgram(text: string): string {
  // Files share this module, and are not over with the first of them: the same program lies in the same place.
  const folder = join(tmpdir(), `program-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`);
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "program.mjs");
  // Another worker may be reading it.
  const own = `${program}.${process.pid}`;
  writeFileSync(own, text);
  renameSync(own, program);
  return program;
}

function imageOf(program: string) {
  const digest = `sha256:${createHash("sha256").update(readFileSync(program)).digest("hex")}`;
  return { repository, digest, program };
}

export type Container = NonNullable<CreateModelCommandInput["PrimaryContainer"]>;

export function modelAt(key: string, image = scorer): Container {
  return {
    Image: `${image.repository}@${image.digest}`,
    ModelDataSource: {
      S3DataSource: { S3Uri: `s3://models/${key}`, S3DataType: "S3Object", CompressionType: "None" },
    },
  };
}

/** A stand-in per test, whose containers are processes or in this one; with the SDK's own client before it and the endpoint `credit-scoring` in view. */
export function localSageMaker(containers: "processes" | "in-process" = "processes") {
  const inProcess = containers === "in-process" ? containersInProcess(failing) : undefined;
  let directory = "";
  let service: LocalService;
  let cloudWatch: LocalCloudWatch;
  let alarmsClient: CloudWatchClient;
  let clock = handClock();
  let client: SageMakerClient;
  const calls: AwsCall[] = [];
  const objects = new Map<string, string | Uint8Array>();

  const open = async (): Promise<void> => {
    const log = { record: (call: AwsCall) => void calls.push(call) };
    cloudWatch = await startCloudWatch({ directory: join(directory, "cloudwatch"), log, clock });
    service = await startSageMaker({
      directory,
      log,
      clock,
      cloudWatch,
      readObject: async (uri) => {
        const content = objects.get(uri);
        if (content === undefined) throw new Error("NoSuchKey");
        return typeof content === "string" ? Buffer.from(content) : content;
      },
      writeObject: async (uri, body) => void objects.set(uri, body),
      listObjects: async (prefix) => [...objects.keys()].filter((uri) => uri.startsWith(prefix)),
      images: [scorer, gated, failing],
      ...(inProcess === undefined ? {} : { startContainer: inProcess.start }),
    });
    const caller = {
      region: "us-east-1",
      credentials: { accessKeyId: "AKIDDEPLOY", secretAccessKey: "secret" },
      maxAttempts: 1,
    };
    client = new SageMakerClient({ ...caller, endpoint: service.url });
    alarmsClient = new CloudWatchClient({ ...caller, endpoint: cloudWatch.url });
  };
  const close = async (): Promise<void> => {
    client.destroy();
    alarmsClient.destroy();
    await service.close();
    await cloudWatch.close();
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "sagemaker-"));
    calls.length = 0;
    clock = handClock();
    objects.clear();
    objects.set("s3://models/champion/model.json", models.champion);
    objects.set("s3://models/candidate/model.json", models.candidate);
    objects.set("s3://models/broken/model.json", "not a model");
    await open();
  });
  afterEach(async () => {
    await close();
    rmSync(directory, { recursive: true });
  });

  afterAll(() => inProcess?.close());

  const endpoint = () => client.send(new DescribeEndpointCommand({ EndpointName: "credit-scoring" }));
  return {
    calls,
    objects,
    endpoint,
    clock: () => clock,
    client: () => client,
    alarms: () => alarmsClient,
    urls: () => ({ sagemaker: service.url, cloudWatch: cloudWatch.url }),
    path: (...parts: readonly string[]) => join(directory, ...parts),
    send: ((command) => client.send(command)) as SageMakerClient["send"],
    async restart(between: () => void = () => undefined) {
      await close();
      between();
      await open();
    },
    /** Creates model and endpoint configuration under one name. */
    async configure(name: string, container: Container, variant = "AllTraffic") {
      await client.send(
        new CreateModelCommand({ ModelName: name, PrimaryContainer: container, ExecutionRoleArn: roleArn }),
      );
      await client.send(
        new CreateEndpointConfigCommand({
          EndpointConfigName: name,
          ProductionVariants: [
            { VariantName: variant, ModelName: name, InstanceType: "ml.m5.large", InitialInstanceCount: 2 },
          ],
        }),
      );
    },
    /** Creates a configuration of that name for inference components. */
    async hostConfig(name: string, isolated = true) {
      await client.send(
        new CreateEndpointConfigCommand({
          EndpointConfigName: name,
          ExecutionRoleArn: roleArn,
          EnableNetworkIsolation: isolated,
          ProductionVariants: [{ VariantName: "instances", InstanceType: "ml.m5.large", InitialInstanceCount: 2 }],
        }),
      );
    },
    /** An alarm over the server errors of one configuration. */
    async alarm(name: string, config: string, missing = "notBreaching") {
      await alarmsClient.send(
        new PutMetricAlarmCommand({
          AlarmName: name,
          ActionsEnabled: false,
          Namespace: "AWS/SageMaker",
          MetricName: "Invocation5XXErrors",
          Statistic: "Average",
          Dimensions: [
            { Name: "EndpointName", Value: "credit-scoring" },
            { Name: "VariantName", Value: "AllTraffic" },
            { Name: "EndpointConfigName", Value: config },
          ],
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 0.05,
          ComparisonOperator: "GreaterThanThreshold",
          TreatMissingData: missing,
        }),
      );
    },
    create: (config: string) =>
      client.send(new CreateEndpointCommand({ EndpointName: "credit-scoring", EndpointConfigName: config })),
    update: (config: string, deployment?: UpdateEndpointCommandInput["DeploymentConfig"]) =>
      client.send(
        new UpdateEndpointCommand({
          EndpointName: "credit-scoring",
          EndpointConfigName: config,
          DeploymentConfig: deployment,
        }),
      ),
    settled: (status: string): Promise<void> =>
      vi.waitFor(async () => expect((await endpoint()).EndpointStatus).toBe(status), { timeout: 15_000, interval: 20 }),
    /** Somebody, or a scaling policy, makes so many instances of the variant. */
    async scale(VariantName: string, DesiredInstanceCount: number) {
      const DesiredWeightsAndCapacities = [{ VariantName, DesiredInstanceCount }];
      await client.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: "credit-scoring", DesiredWeightsAndCapacities }),
      );
      await vi.waitFor(async () => expect((await endpoint()).EndpointStatus).toBe("InService"));
    },
    /** Registers or deregisters a variant with Application Auto Scaling. */
    async scaling(operation: "RegisterScalableTarget" | "DeregisterScalableTarget", variant: string, least = 1) {
      const answer = await fetch(service.url, {
        method: "POST",
        body: JSON.stringify({
          ServiceNamespace: "sagemaker",
          ResourceId: `endpoint/credit-scoring/variant/${variant}`,
          ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
          ...(operation === "RegisterScalableTarget" ? { MinCapacity: least, MaxCapacity: 20 } : {}),
        }),
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AnyScaleFrontendService.${operation}`,
          authorization:
            "AWS4-HMAC-SHA256 Credential=AKIDPLATFORM/20261122/us-east-1/application-autoscaling/aws4_request",
        },
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    /** InvokeEndpointAsync, as the runtime's SDK sends it; what is asked lies at `input`. */
    ask: (input: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
      fetch(`${service.url}/endpoints/credit-scoring/async-invocations`, {
        method: "POST",
        headers: {
          "x-amzn-sagemaker-inputlocation": input,
          "x-amzn-sagemaker-content-type": "application/json",
          ...headers,
          authorization: "AWS4-HMAC-SHA256 Credential=AKIDTELLER/20261122/us-east-1/sagemaker/aws4_request",
        },
      }),
    /** InvokeEndpoint, as the runtime's SDK sends it. */
    invoke: (body: string, type = "application/json", component?: string): Promise<Response> =>
      fetch(`${service.url}/endpoints/credit-scoring/invocations`, {
        method: "POST",
        body,
        headers: {
          "content-type": type,
          ...(component === undefined ? {} : { "x-amzn-sagemaker-inference-component": component }),
          authorization: "AWS4-HMAC-SHA256 Credential=AKIDTELLER/20261122/us-east-1/sagemaker/aws4_request",
        },
      }),
  };
}
