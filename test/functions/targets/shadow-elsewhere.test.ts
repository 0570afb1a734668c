import { S3Client } from "@aws-sdk/client-s3";
import { DescribeEndpointConfigCommand } from "@aws-sdk/client-sagemaker";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { sagemakerStaging } from "../../../adapters/sagemaker/staged.ts";
import type { Order } from "../../../core/deployment/order.ts";
import type { Shadowing } from "../../../core/deployment/shadow-target.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { deploymentTargets, shadowEnds, shadowTargets } from "../../../functions/targets/deployment-targets.ts";
import { listenOnLoopback } from "../../../local/loopback-server.ts";
import { startSts } from "../../../local/sts.ts";
import { credentials, RecordedCalls } from "../../local/recorded-calls.ts";
import { hosting, localSageMaker, modelAt, repository, scorer } from "../../local/sagemaker/setup.ts";

const local = localSageMaker("in-process");
const id = promotionId(sha256Hex(utf8("candidate")), 1);
const account = {
  role: "arn:aws:iam::222233334444:role/countersign-deploys",
  externalId: "seven",
  servingRole: "arn:aws:iam::222233334444:role/countersign-serving",
};
const here = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  instanceType: "ml.m5.large",
  instanceCount: 1,
} as const;
const uri = "s3://models/candidate/model.json";
const order: Order = {
  promotion: id,
  target: { ...here, account },
  image: `${repository}@${scorer.digest}`,
  model: { uri, versionId: "v1", sha256: sha256Hex(utf8(uri)) },
};
const captures = `shadow/accounts/222233334444/${id}/champion`;

afterEach(() => vi.unstubAllEnvs());

async function scene() {
  const roles = [{ arn: account.role, externalId: "seven", principal: "THEIRS" }];
  const sts = await startSts({ roles, log: new RecordedCalls() });
  const listed: string[] = [];
  const s3 = await listenOnLoopback((request, response) => {
    listed.push(new URL(`http://s3${request.url}`).searchParams.get("prefix") ?? "");
    response.writeHead(200, { "content-type": "application/xml" });
    response.end("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
  });
  onTestFinished(async () => {
    await sts.close();
    await s3.close();
  });
  const { sagemaker, cloudWatch } = local.urls();
  vi.stubEnv("AWS_ENDPOINT_URL_SAGEMAKER", sagemaker);
  vi.stubEnv("AWS_ENDPOINT_URL_CLOUDWATCH", cloudWatch);
  vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.url);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OURS");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  const client = new S3Client({ endpoint: s3.url, region: "us-east-1", credentials, forcePathStyle: true });
  const shadow = shadowTargets(client, hosting)["sagemaker-endpoint"] ?? expect.unreachable();
  const ends = shadowEnds()["sagemaker-endpoint"] ?? expect.unreachable();
  const reports = { load: () => Promise.resolve(undefined), facts: () => Promise.resolve([]) };
  const running = deploymentTargets({ step: "audit-running", hosting, reports, secretId: "" })["sagemaker-endpoint"];
  await local.configure("champion", modelAt("champion/model.json"));
  await local.create("champion");
  await local.settled("InService");
  const askedAt = instantFromMs(Date.now());
  await sagemakerStaging(local.client(), hosting).stage(order);
  local.calls.length = 0;
  const run = { plan: sha256Hex(utf8("plan")), askedAt, beside: "champion" };
  const shadowing: Shadowing & Order = { ...order, run };
  const whoCalled = () => [...new Set(local.calls.map(({ principal }) => principal))];
  return { shadow, ends, running, shadowing, listed, whoCalled };
}

it("a candidate runs in shadow of an endpoint in another account, in sessions there, and is captured below that account's number", async () => {
  const { shadow, running, shadowing, listed, whoCalled } = await scene();
  expect(await shadow.footing(order)).toEqual({ kind: "possible", beside: "champion" });
  await shadow.start(order, "champion");
  await vi.waitFor(async () => expect((await shadow.check(shadowing)).kind).toBe("running"), { timeout: 15_000 });
  expect(await shadow.measure(shadowing, instantFromMs(Date.now()))).toMatchObject({ candidate: { invocations: 0 } });
  expect(whoCalled()).toEqual(["THEIRS"]);
  const config = await local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: `shadow-${id}` }));
  expect(config.DataCaptureConfig?.DestinationS3Uri).toBe(`s3://exchange/${captures}`);
  // The same name in our own account would be somebody else's capture.
  expect(await running.describeRunning(order.target)).toMatchObject({ revision: "champion" });
  expect(await running.describeRunning(here)).toMatchObject({ revision: `shadow-${id}` });
  for await (const _ of shadow.captured?.(shadowing, "candidate") ?? expect.unreachable()) expect.unreachable();
  expect(listed).toEqual([`${captures}/credit-scoring/candidate/`]);
});

it("clean-up ends it there, too", async () => {
  const { shadow, ends, shadowing, whoCalled } = await scene();
  await shadow.start(order, "champion");
  await vi.waitFor(async () => expect((await shadow.check(shadowing)).kind).toBe("running"), { timeout: 15_000 });
  local.calls.length = 0;
  await vi.waitFor(async () => expect(await ends.end(shadowing)).toBe("gone"), { timeout: 15_000 });
  expect(whoCalled()).toEqual(["THEIRS"]);
  expect((await local.endpoint()).EndpointConfigName).toBe("champion");
});
