import { describe, expect, it } from "vitest";
import { whyNoSuchName } from "../../../../core/approval/loading/place-name.ts";
import type { DeployedTarget } from "../../../../core/promotion/target.ts";

const base: DeployedTarget = {
  name: "staging",
  kind: "sagemaker-endpoint",
  endpoint: "scoring-staging",
  instanceType: "ml.m5.large",
  instanceCount: 1,
};
const long = "m".repeat(60);

describe("what a target makes of a model's name", () => {
  it("is a name there", () => {
    expect(whyNoSuchName(base)).toBeUndefined();
    expect(whyNoSuchName({ ...base, endpoint: "m".repeat(63) })).toBeUndefined();
  });

  it("is none where it is longer than any there", () => {
    expect(whyNoSuchName({ ...base, endpoint: `${long}-staging` })).toBe(
      `In the target 'staging' it would be called '${long}-staging', which has 68 characters; 63 are the most.`,
    );
  });

  it("is none that ends with a dash, as a model's may", () => {
    expect(whyNoSuchName({ ...base, endpoint: "scoring-" })).toBe(
      "In the target 'staging' it would be called 'scoring-', and no name there begins or ends with a dash.",
    );
  });

  const component: DeployedTarget = {
    ...{ name: "staging", kind: "sagemaker-inference-component", endpoint: "scoring", host: "shared", copies: 1 },
    ...{ resources: { memoryMegabytes: 128 }, traffic: { kind: "all-at-once", waitSeconds: 0 } },
  };
  const workload: DeployedTarget = {
    ...{
      name: "staging",
      kind: "kubernetes",
      cluster: "c",
      namespace: "n",
      workload: "deployment",
      endpoint: "scoring",
    },
    ...{ container: "c", fetcher: "f", port: 1, readinessPath: "/" },
  };
  it.each<[string, (name: string) => DeployedTarget]>([
    ["the endpoint that a component is put on", (host) => ({ ...component, host })],
    ["an Application of Argo CD", (name) => ({ ...workload, application: { name, namespace: "argocd" } })],
    ["a route whose requests are mirrored", (route) => ({ ...workload, mirror: { route, service: "s" } })],
    ["the service that they are mirrored to", (service) => ({ ...workload, mirror: { route: "r", service } })],
  ])("is none either where that is %s", (_, called) => {
    expect(whyNoSuchName(called("scoring-svc"))).toBeUndefined();
    expect(whyNoSuchName(called(`${long}-svc`))).toBe(
      `In the target 'staging' it would be called '${long}-svc', which has 64 characters; 63 are the most.`,
    );
    expect(whyNoSuchName(called("scoring-"))).toMatch(/called 'scoring-', and no name there begins or ends with/);
  });

  it("is whatever a receiver calls it", () => {
    const receiver = { kind: "webhook", url: "https://deploy.example.org", secret: "s", withinSeconds: 60 } as const;
    expect(whyNoSuchName({ name: "edge", ...receiver, endpoint: `edge/${long}/one` })).toBeUndefined();
  });
});
