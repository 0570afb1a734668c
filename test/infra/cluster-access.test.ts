import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { mostClusters } from "../../infra/settings.ts";
import { actionsOf, installations, type Json, resource, resourcesOf, statementsOf, synthesize } from "./synthesized.ts";

const { targetRoles: role, targetSecretArn: secret } = installations.elsewhere;
const { dataTemplate: data, serviceTemplate: service, clusterTemplate: clusters } = synthesize(installations.elsewhere);
if (clusters === undefined) throw new Error("There is no stack of the clusters' access entries.");
const entries = Object.values(resourcesOf(clusters)).map(({ Properties }) => Properties);

describe("the stack of the service", () => {
  it("has as many resources as docs/operations.md says, and one more whatever the number of clusters", () => {
    const number = (template: typeof service) => Object.keys(resourcesOf(template)).length;
    const plain = number(synthesize().serviceTemplate);
    const row = /\| CloudFormation \| (.*) \|/.exec(readFileSync("docs/operations.md", "utf8"))?.[1];
    expect({ each: entries.length / 2, row }).toEqual({
      each: 7,
      row: `${plain} of 500 resources in \`CountersignService\`; each cluster of \`eksClusters\` takes seven in a stack of its own within it, so ${mostClusters} fit`,
    });
    expect(number(service)).toBe(plain + 1);
    expect(mostClusters).toBe(Math.floor(500 / 7));
  });

  it("has as many alarms, filters and roles as docs/operations.md counts", () => {
    const types = Object.values(resourcesOf(synthesize().serviceTemplate)).map(({ Type }) => Type);
    const count = (type: string) => types.filter((each) => each === type).length;
    const text = readFileSync("docs/operations.md", "utf8");
    const told = [/\| alarms \| (\d+),/, /\| metrics of log filters \| (\d+) at/, /\| IAM \| (\d+) roles/].map((row) =>
      Number(row.exec(text)?.[1]),
    );
    expect(told).toEqual(["AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter", "AWS::IAM::Role"].map(count));
  });
});

/** How IAM calls the services. */
const prefixes: Readonly<Record<string, string>> = {
  CloudFormation: "cloudformation",
  CloudWatch: "cloudwatch",
  Cognito: "cognito-idp",
  DynamoDB: "dynamodb",
  EKS: "eks",
  KMS: "kms",
  S3: "s3",
  SageMaker: "sagemaker",
  "Secrets Manager": "secretsmanager",
  "Step Functions": "states",
  STS: "sts",
  "X-Ray": "xray",
};

describe("access to clusters", () => {
  it("is an entry for each function that speaks to them, and each cluster, with a group and no policy", () => {
    expect(entries).toHaveLength(14);
    expect(entries.filter((each) => "AccessPolicies" in each)).toEqual([]);
    const told = Object.values(resourcesOf(service)).find(({ Type }) => Type === "AWS::CloudFormation::Stack")
      ?.Properties["Parameters"] as Readonly<Record<string, Json>>;
    const readers = entries.filter((each) => JSON.stringify(each["KubernetesGroups"]) === '["countersign:readers"]');
    expect(
      readers.map(({ ClusterName, PrincipalArn }) => [ClusterName, told[(PrincipalArn as { Ref: string }).Ref]]),
    ).toEqual(
      ["ml-platform", "ml-trial"].flatMap((name) =>
        ["StageRole", "AuditRunningRole"].map((role) => [name, { "Fn::GetAtt": [role, "Arn"] }]),
      ),
    );
  });

  it("names the groups that the shipped roles are bound to", () => {
    const shipped = ["access.yaml", "shadow.yaml"].map((name) =>
      readFileSync(new URL(`../../infra/kubernetes/${name}`, import.meta.url), "utf8"),
    );
    const bound = shipped
      .flatMap((text) => parseAllDocuments(text))
      .map((each) => each.toJS() as { kind: string; subjects?: { name: string }[] })
      .flatMap(({ subjects = [] }) => subjects.map(({ name }) => name));
    const named = entries.flatMap((each) => each["KubernetesGroups"] as string[]);
    expect([...new Set(named)].toSorted()).toEqual([...new Set(bound)].toSorted());
  });

  it("comes from the clusters' own network where one is given, and from no other function", () => {
    const inside = Object.entries(resourcesOf(service)).filter(
      ([, { Properties }]) => Properties?.["VpcConfig"] !== undefined,
    );
    expect(inside.map(([name]) => name).toSorted()).toEqual([
      "AuditRunningFunction",
      "CleanUpFunction",
      "DeployFunction",
      "RestrictFunction",
      "RunInShadowFunction",
      "StageFunction",
      "WatchDeploymentFunction",
    ]);
    expect(resource(service, "DeployFunction").Properties["VpcConfig"]).toEqual({
      SubnetIds: ["subnet-0a1b2c3d", "subnet-0c2d3e4f"],
      SecurityGroupIds: ["sg-0e3f4a5b"],
    });
  });

  // A function in a network reaches nothing that it has no way to, and hangs.
  it("needs a way from there to each service that its functions may call, and docs/deployment.md names them", () => {
    const called = Object.entries(resourcesOf(service))
      .filter(([, { Properties }]) => Properties?.["VpcConfig"] !== undefined)
      .flatMap(([name]) => statementsOf(service, name.replace(/Function$/, "Role")))
      .flatMap((statement) => actionsOf(statement).map((action) => action.split(":")[0] ?? ""));
    // What Lambda does with the role from outside of the network (the queue is of what failed), and rights that are no calls:
    // SageMaker ends an endpoint's auto scaling in the name of whoever removes it.
    const beside = ["application-autoscaling", "ec2", "iam", "logs", "sqs"];
    const named = /and reach ([^()]+) through endpoints/.exec(
      readFileSync(new URL("../../docs/deployment.md", import.meta.url), "utf8").replaceAll(/\s+/g, " "),
    )?.[1];
    expect(named?.split(/, | and /).map((each) => prefixes[each] ?? each)).toEqual(
      expect.arrayContaining([...new Set(called)].filter((each) => !beside.includes(each))),
    );
  });

  it.each([
    ["a subnet without a security group", { eksClusters: "a", eksSubnets: "subnet-0a1b2c3d" }, "together"],
    ["a network without a cluster", { eksSubnets: "subnet-0a1b2c3d", eksSecurityGroups: "sg-0e3f4a5b" }, "give both"],
    [
      "more clusters than fit",
      { eksClusters: Array.from({ length: 72 }, (_, number) => `cluster-${number}`).join(" ") },
      "eksClusters names 72 clusters; 71 fit",
    ],
    ["something that is no cluster's name", { eksClusters: "a/b" }, "names of EKS clusters"],
  ])("%s is refused", (_, context, message) => {
    expect(() => synthesize(context)).toThrow(message);
  });
});

describe("what deploys elsewhere", () => {
  const deploying = [
    "AuditRunningRole",
    "CleanUpRole",
    "DeployRole",
    "RestrictRole",
    "StageRole",
    "WatchDeploymentRole",
  ];
  const holders = (action: string) =>
    Object.entries(resourcesOf(service))
      .filter(([, { Type, Properties }]) => Type === "AWS::IAM::Role" && Properties["Policies"] !== undefined)
      .flatMap(([name]) =>
        statementsOf(service, name)
          .filter((statement) => actionsOf(statement).includes(action))
          .map(({ Resource }) => ({ name, Resource })),
      )
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));

  it("enters other accounts by the roles that are named, with tags, and no other function does", () => {
    for (const action of ["sts:AssumeRole", "sts:TagSession"])
      expect(holders(action)).toEqual(
        [...deploying, "RunInShadowRole"].toSorted().map((name) => ({ name, Resource: role })),
      );
  });

  const letIn = Object.entries(resourcesOf(data))
    .filter(([, { Type }]) => Type === "AWS::S3::BucketPolicy")
    .flatMap(([id]) => statementsOf(data, id))
    .filter(({ Principal }) => JSON.stringify(Principal ?? null).includes("222233334444"));

  it("lets these accounts read frozen artifacts and leave what they capture of runs in shadow, and nothing else", () => {
    expect(letIn.map((statement) => actionsOf(statement)).toSorted()).toEqual([
      ["s3:GetObject", "s3:GetObjectVersion"],
      ["s3:ListBucket"],
      ["s3:PutObject"],
    ]);
    expect(JSON.stringify(letIn.find((each) => actionsOf(each).includes("s3:GetObject")))).toContain("/frozen/*");
  });

  const everyObject = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
  };
  it.each([
    ["below its own number", "shadow/accounts/222233334444/p-1/a.jsonl", "Allowed"],
    ["below another's", "shadow/accounts/555566667777/p-1/a.jsonl", "ImplicitlyDenied"],
    ["below nobody's, where ours are", "shadow/p-1/a.jsonl", "ImplicitlyDenied"],
    ["among what pipelines upload", "incoming/222233334444/a.json", "ImplicitlyDenied"],
  ])("has each of them leave captures %s: %s", async (_, key, expected) => {
    const own = letIn
      .filter((each) => actionsOf(each).includes("s3:PutObject"))
      .map((each) => ({
        ...each,
        Principal: { AWS: "arn:aws:iam::222233334444:root" },
        Resource: `arn:aws:s3:::exchange${/"(\/[^"]*)"/.exec(JSON.stringify(each.Resource))?.[1]}`,
      }));
    const result = await runSimulation(
      {
        request: {
          principal: "arn:aws:iam::222233334444:role/countersign-serving",
          action: "s3:PutObject",
          resource: { resource: `arn:aws:s3:::exchange/${key}`, accountId: "111111111111" },
          contextVariables: { "aws:PrincipalAccount": "222233334444" },
        },
        identityPolicies: [{ name: "serving", policy: everyObject }],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: { Version: "2012-10-17", Statement: own },
      },
      {},
    );
    expect(result.resultType === "error" ? JSON.stringify(result.errors) : result.overallResult).toBe(expected);
  });

  it("reads the targets' secret, together with what takes their reports", () => {
    const readers = [...deploying, "ReportDeploymentRole"].toSorted();
    expect(holders("secretsmanager:GetSecretValue")).toEqual(readers.map((name) => ({ name, Resource: secret })));
  });

  it("gives a version in the Model Registry the status that its step stands for", () => {
    const sets = (name: string) =>
      statementsOf(service, name)
        .filter((statement) => actionsOf(statement).includes("sagemaker:UpdateModelPackage"))
        .map(({ Condition }) => Condition?.["StringEquals"]?.["sagemaker:ModelApprovalStatus"]);
    expect(deploying.map((name) => [name, sets(name)])).toEqual([
      ["AuditRunningRole", []],
      ["CleanUpRole", ["Rejected", "PendingManualApproval"]],
      ["DeployRole", ["Approved"]],
      ["RestrictRole", ["Approved", "PendingManualApproval"]],
      ["StageRole", []],
      ["WatchDeploymentRole", ["PendingManualApproval"]],
    ]);
  });
});
