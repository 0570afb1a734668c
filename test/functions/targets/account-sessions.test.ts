import type { Socket } from "node:net";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { deploymentTargets } from "../../../functions/targets/deployment-targets.ts";
import { listenOnLoopback } from "../../../local/loopback-server.ts";
import { startSts } from "../../../local/sts.ts";
import { RecordedCalls } from "../../local/recorded-calls.ts";
import { hosting } from "../../local/sagemaker/setup.ts";

const account = {
  role: "arn:aws:iam::222233334444:role/countersign-deploys",
  externalId: "seven",
  servingRole: "arn:aws:iam::222233334444:role/countersign-serving",
};
const target = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  instanceType: "ml.m5.large",
  instanceCount: 1,
  account,
} as const;

afterEach(() => vi.unstubAllEnvs());

it("looks into another account many times over and leaves no connection of each behind: a function may have 1,024 files", async () => {
  const roles = [{ arn: account.role, externalId: "seven", principal: "THEIRS" }];
  const sts = await startSts({ roles, log: new RecordedCalls() });
  const connections = new Set<Socket>();
  const sagemaker = await listenOnLoopback((request, response) => {
    connections.add(request.socket);
    request.socket.once("close", () => connections.delete(request.socket));
    response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
    response.end(
      JSON.stringify({ __type: "ValidationException", message: 'Could not find endpoint "credit-scoring".' }),
    );
  });
  onTestFinished(async () => {
    await sts.close();
    await sagemaker.close();
  });
  vi.stubEnv("AWS_ENDPOINT_URL_SAGEMAKER", sagemaker.url);
  vi.stubEnv("AWS_ENDPOINT_URL_STS", sts.url);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OURS");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  const reports = { load: () => Promise.resolve(undefined), facts: () => Promise.resolve([]) };
  const targets = deploymentTargets({ step: "audit-running", hosting, reports, secretId: "" });
  for (let looked = 0; looked < 5; looked += 1)
    expect(await targets["sagemaker-endpoint"].describeRunning(target)).toEqual({});
  expect(connections.size).toBeLessThanOrEqual(1);
});
