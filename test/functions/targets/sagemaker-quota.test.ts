import { afterEach, describe, expect, it, vi } from "vitest";
import { stagingTargets } from "../../../functions/targets/deployment-targets.ts";
import { type LoopbackServer, listenOnLoopback } from "../../../local/loopback-server.ts";
import { digestOf, id, manifest } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";

let server: LoopbackServer | undefined;

afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
});

describe("a quota of SageMaker's", () => {
  it("refuses a deployment in words that name it, and is not tried again", async () => {
    const message = "The account-level service limit 'ml.m5.large for endpoint usage' is 2 Instances.";
    let calls = 0;
    server = await listenOnLoopback((_, response) => {
      calls += 1;
      response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ __type: "ResourceLimitExceeded", Message: message }));
    });
    vi.stubEnv("AWS_ENDPOINT_URL_SAGEMAKER", server.url);
    vi.stubEnv("AWS_REGION", "us-east-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDSTAGE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    const staging = stagingTargets({
      step: "stage",
      hosting: { servingRoleArn: "arn:aws:iam::000000000000:role/hosting", captures: "s3://exchange/shadow" },
      reports: { load: () => Promise.resolve(undefined), facts: () => Promise.resolve([]) },
      secretId: "",
    })["sagemaker-endpoint"];
    const model = { uri: "s3://frozen/model.tar.gz", versionId: "v1", sha256: digestOf("model") };
    const order = { promotion: id, target: manifest.target, image: "scorer@sha256:0", model };
    expect([await refused(staging.stage(order)), calls]).toEqual([
      { code: "deployment-refused", sentence: `A quota of the account keeps SageMaker from it: ${message}` },
      1,
    ]);
  });
});
