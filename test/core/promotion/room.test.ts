import { describe, expect, it } from "vitest";
import { isEndpointHere, isSamePlace } from "../../../core/promotion/room.ts";
import type { KubernetesTarget, SageMakerTarget, Target } from "../../../core/promotion/target.ts";

const accountOf = (number: string, role = "deploys") => ({
  role: `arn:aws:iam::${number}:role/${role}`,
  externalId: "3141592653",
  servingRole: `arn:aws:iam::${number}:role/serves`,
});
const endpoint: SageMakerTarget = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "scoring",
  instanceType: "ml.m5.large",
  instanceCount: 1,
  account: accountOf("222233334444"),
};
const workload: KubernetesTarget = {
  name: "cluster",
  kind: "kubernetes",
  endpoint: "scoring",
  cluster: "prod",
  namespace: "models",
  workload: "rollout",
  container: "scorer",
  fetcher: "fetch",
  port: 8080,
  readinessPath: "/ping",
};
const receiver: Target = {
  name: "edge",
  kind: "webhook",
  endpoint: "devices",
  url: "https://edge.example/hooks",
  secret: "edge",
  withinSeconds: 3600,
};
const { account: _, ...here } = endpoint;

describe("two targets", () => {
  it.each<[string, Target, Target]>([
    ["are called otherwise", endpoint, { ...endpoint, name: "live" }],
    ["differ in instances", endpoint, { ...endpoint, instanceType: "ml.c5.large", instanceCount: 4 }],
    [
      "are entered by other roles of one account",
      endpoint,
      { ...endpoint, account: accountOf("222233334444", "other") },
    ],
    ["are written otherwise", endpoint, { ...endpoint, endpoint: "Scoring" }],
    ["differ in container and fetcher", workload, { ...workload, container: "serve", fetcher: "newer" }],
    ["have another secret", receiver, { ...receiver, secret: "newer" }],
  ])("are one place where they %s", (_, a, b) => {
    expect([isSamePlace(a, b), isSamePlace(b, a)]).toEqual([true, true]);
  });

  it.each<[string, Target, Target]>([
    ["endpoint", endpoint, { ...endpoint, endpoint: "fraud" }],
    ["account", endpoint, { ...endpoint, account: accountOf("999999999999") }],
    ["account, of which one is ours", endpoint, here],
    ["kind", here, { ...workload, name: "production" }],
    ["cluster", workload, { ...workload, cluster: "trial" }],
    ["cluster's account", workload, { ...workload, account: accountOf("222233334444") }],
    ["namespace", workload, { ...workload, namespace: "blue" }],
    ["workload", workload, { ...workload, workload: "deployment" }],
    ["receiver", receiver, { ...receiver, url: "https://other.example/hooks" }],
  ])("are two of another %s", (_, a, b) => {
    expect([isSamePlace(a, b), isSamePlace(b, a)]).toEqual([false, false]);
  });
});

it("an endpoint is here where it is in our own account", () => {
  expect([here, endpoint, workload].map((target) => isEndpointHere(target))).toEqual([true, false, false]);
});
