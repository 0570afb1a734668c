import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type CreateModelCommandInput,
  DescribeEndpointCommand,
  SageMakerClient,
  UpdateEndpointCommand,
  type UpdateEndpointCommandInput,
} from "@aws-sdk/client-sagemaker";
import { afterAll, afterEach, beforeEach, expect, vi } from "vitest";
import { scorerUrl } from "../../examples/credit-scoring/artifacts.ts";
import { buildCandidate } from "../../examples/credit-scoring/candidate.ts";
import type { AwsCall, LocalService } from "../../local/aws-call.ts";
import { startSageMaker } from "../../local/sagemaker.ts";

export const repository = "000000000000.dkr.ecr.us-east-1.amazonaws.com/scorer";
export const roleArn = "arn:aws:iam::000000000000:role/hosting";
export const scorer = imageOf(fileURLToPath(scorerUrl));

/** An image whose program answers with its NAME, and its ping once the file at GATE is there. */
export const gated = imageOf(writeGatedProgram());

/** Model files by variant. */
export const models = {
  champion: buildCandidate("champion").get("model.json") ?? "",
  candidate: buildCandidate("candidate").get("model.json") ?? "",
};

function writeGatedProgram(): string {
  const folder = mkdtempSync(join(tmpdir(), "gated-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const program = join(folder, "gated.mjs");
  writeFileSync(
    program,
    `import { existsSync } from "node:fs";
import { createServer } from "node:http";
createServer((request, response) => {
  response.statusCode = request.url === "/ping" && !existsSync(process.env.GATE) ? 503 : 200;
  response.end(process.env.NAME);
}).listen(process.env.SAGEMAKER_BIND_TO_PORT, process.env.HOST);
`,
  );
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

/** A stand-in per test, with the SDK's own client before it and the endpoint `credit-scoring` in view. */
export function localSageMaker() {
  let directory = "";
  let service: LocalService;
  let client: SageMakerClient;
  const calls: AwsCall[] = [];
  const objects = new Map<string, string>();

  const open = async (): Promise<void> => {
    service = await startSageMaker({
      directory,
      log: { record: (call) => calls.push(call) },
      readObject: async (uri) => {
        const text = objects.get(uri);
        if (text === undefined) throw new Error("NoSuchKey");
        return Buffer.from(text);
      },
      listObjects: async (prefix) => [...objects.keys()].filter((uri) => uri.startsWith(prefix)),
      images: [scorer, gated],
    });
    client = new SageMakerClient({
      endpoint: service.url,
      region: "us-east-1",
      credentials: { accessKeyId: "AKIDDEPLOY", secretAccessKey: "secret" },
      maxAttempts: 1,
    });
  };
  const close = async (): Promise<void> => {
    client.destroy();
    await service.close();
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "sagemaker-"));
    calls.length = 0;
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

  const endpoint = () => client.send(new DescribeEndpointCommand({ EndpointName: "credit-scoring" }));
  return {
    calls,
    objects,
    endpoint,
    path: (...parts: readonly string[]) => join(directory, ...parts),
    send: ((command) => client.send(command)) as SageMakerClient["send"],
    async restart(between: () => void = () => undefined) {
      await close();
      between();
      await open();
    },
    /** Creates model and endpoint configuration under one name. */
    async configure(name: string, container: Container) {
      await client.send(
        new CreateModelCommand({ ModelName: name, PrimaryContainer: container, ExecutionRoleArn: roleArn }),
      );
      await client.send(
        new CreateEndpointConfigCommand({
          EndpointConfigName: name,
          ProductionVariants: [
            { VariantName: "AllTraffic", ModelName: name, InstanceType: "ml.m5.large", InitialInstanceCount: 2 },
          ],
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
    /** InvokeEndpoint, as the runtime's SDK sends it. */
    invoke: (body: string, type = "application/json"): Promise<Response> =>
      fetch(`${service.url}/endpoints/credit-scoring/invocations`, {
        method: "POST",
        body,
        headers: {
          "content-type": type,
          authorization: "AWS4-HMAC-SHA256 Credential=AKIDTELLER/20261122/us-east-1/sagemaker/aws4_request",
        },
      }),
  };
}
