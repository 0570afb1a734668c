import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { resource, resourcesOf, synthesize } from "./synthesized.ts";

const { serviceTemplate: service } = synthesize({
  eksClusters: "ml-platform, ml-trial",
  eksSubnets: "subnet-0a1b2c3d subnet-0c2d3e4f",
  eksSecurityGroups: "sg-0e3f4a5b",
});
const entriesOf = (template: typeof service) =>
  Object.values(resourcesOf(template)).filter(({ Type }) => Type === "AWS::EKS::AccessEntry");

describe("access to clusters", () => {
  it("is an entry for each function that speaks to them, and each cluster, with a group and no policy", () => {
    const entries = entriesOf(service).map(({ Properties }) => Properties);
    expect(entries).toHaveLength(8);
    expect(entries.filter((each) => "AccessPolicies" in each)).toEqual([]);
    const readers = entries.filter((each) => JSON.stringify(each["KubernetesGroups"]) === '["countersign:readers"]');
    expect(readers.map((each) => each["PrincipalArn"])).toEqual([
      { "Fn::GetAtt": ["StageRole", "Arn"] },
      { "Fn::GetAtt": ["StageRole", "Arn"] },
    ]);
  });

  it("names the groups that the shipped roles are bound to", () => {
    const shipped = new URL("../../infra/kubernetes/access.yaml", import.meta.url);
    const bound = parseAllDocuments(readFileSync(shipped, "utf8"))
      .map((each) => each.toJS() as { kind: string; subjects?: { name: string }[] })
      .flatMap(({ subjects = [] }) => subjects.map(({ name }) => name));
    const named = entriesOf(service).flatMap(({ Properties }) => Properties["KubernetesGroups"] as string[]);
    expect([...new Set(named)].toSorted()).toEqual(bound.toSorted());
  });

  it("comes from the clusters' own network where one is given, and from no other function", () => {
    const inside = Object.entries(resourcesOf(service)).filter(
      ([, { Properties }]) => Properties?.["VpcConfig"] !== undefined,
    );
    expect(inside.map(([name]) => name).toSorted()).toEqual([
      "CleanUpFunction",
      "DeployFunction",
      "StageFunction",
      "WatchDeploymentFunction",
    ]);
    expect(resource(service, "DeployFunction").Properties["VpcConfig"]).toEqual({
      SubnetIds: ["subnet-0a1b2c3d", "subnet-0c2d3e4f"],
      SecurityGroupIds: ["sg-0e3f4a5b"],
    });
  });

  it.each([
    ["a subnet without a security group", { eksClusters: "a", eksSubnets: "subnet-0a" }, "together"],
    ["a network without a cluster", { eksSubnets: "subnet-0a", eksSecurityGroups: "sg-0e" }, "give both"],
    ["something that is no cluster's name", { eksClusters: "a/b" }, "names of EKS clusters"],
  ])("%s is refused", (_, context, message) => {
    expect(() => synthesize(context)).toThrow(message);
  });
});
