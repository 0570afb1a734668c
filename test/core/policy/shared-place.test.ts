import { describe, expect, it } from "vitest";
import type { Targets } from "../../../core/approval/loading/load-targets.ts";
import { sharedPlaces } from "../../../core/policy/shared-place.ts";

const sagemaker = {
  kind: "sagemaker-endpoint",
  endpoint: "{model}",
  instanceType: "ml.m5.large",
  instanceCount: 1,
} as const;
const account = (id: string) => ({
  account: {
    role: `arn:aws:iam::${id}:role/deploys`,
    externalId: "bank",
    servingRole: `arn:aws:iam::${id}:role/serves`,
  },
});
const kubernetes = {
  kind: "kubernetes",
  endpoint: "{model}",
  cluster: "ml",
  namespace: "models",
  workload: "deployment",
  container: "scorer",
  fetcher: "registry.example/aws-cli",
  port: 8080,
  readinessPath: "/ping",
} as const;
const webhook = {
  kind: "webhook",
  endpoint: "{model}",
  url: "https://a.example",
  secret: "a",
  withinSeconds: 60,
} as const;

/** Of two targets, where they are one place. */
function shared(first: Targets[string], second: Targets[string], models: readonly string[] = ["loan"]) {
  return sharedPlaces({ first, second }, models);
}

describe("two targets at one place", () => {
  it.each<[string, Targets[string], Targets[string]]>([
    ["one endpoint", sagemaker, { ...sagemaker, instanceCount: 2 }],
    [
      "one endpoint of another account, by whatever role",
      { ...sagemaker, ...account("111122223333") },
      {
        ...sagemaker,
        account: { ...account("111122223333").account, role: "arn:aws:iam::111122223333:role/other" },
      },
    ],
    // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html
    [
      "one endpoint, by a name that differs in its case",
      { ...sagemaker, endpoint: "loan" },
      { ...sagemaker, endpoint: "Loan" },
    ],
    ["one workload", kubernetes, { ...kubernetes, container: "other" }],
    [
      "one workload of another account's cluster, by whatever role",
      { ...kubernetes, ...account("111122223333") },
      { ...kubernetes, account: { role: "arn:aws:iam::111122223333:role/other", externalId: "x" } },
    ],
  ])("are found: %s", (_, first, second) => {
    expect(shared(first, second)).toEqual([{ first: "first", second: "second" }]);
  });

  it("are found where a model's name makes them so, and the models are named", () => {
    const offers = { ...sagemaker, endpoint: "{model}-offers" };
    expect(shared(sagemaker, offers, ["loan"])).toEqual([]);
    expect(shared(sagemaker, offers, ["loan", "loan-offers"])).toEqual([
      { first: "first", second: "second", models: ["loan-offers", "loan"] },
    ]);
    expect(shared(sagemaker, { ...sagemaker, endpoint: "loan" })).toEqual([
      { first: "first", second: "second", models: ["loan", "loan"] },
    ]);
  });

  it.each<[string, Targets[string], Targets[string]]>([
    ["accounts differ", sagemaker, { ...sagemaker, ...account("111122223333") }],
    ["clusters differ", kubernetes, { ...kubernetes, cluster: "other" }],
    ["two clusters of one name are in two accounts", kubernetes, { ...kubernetes, ...account("111122223333") }],
    ["namespaces differ", kubernetes, { ...kubernetes, namespace: "other" }],
    ["kinds of workload differ", kubernetes, { ...kubernetes, workload: "rollout" }],
    ["kinds differ", sagemaker, kubernetes],
    ["nobody here knows what a receiver deploys to", webhook, webhook],
  ])("are not where %s", (_, first, second) => {
    expect(shared(first, second)).toEqual([]);
  });
});
