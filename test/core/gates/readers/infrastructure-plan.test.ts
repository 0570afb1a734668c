import { describe, expect, it } from "vitest";
import { facts, reading } from "./read.ts";

const resource = (type: string, actions: readonly string[], after: unknown = {}, more: object = {}) => ({
  address: `${type}.one`,
  mode: "managed",
  type,
  name: "one",
  provider_name: "registry.terraform.io/hashicorp/aws",
  change: { actions, before: null, after, after_unknown: { arn: true }, ...more },
});
const plan = (...resource_changes: readonly unknown[]) => ({
  format_version: "1.2",
  terraform_version: "1.13.4",
  planned_values: { root_module: {} },
  resource_changes,
  complete: true,
  errored: false,
});
const terraform = (...changes: readonly unknown[]) => facts("iac-plan", "terraform-plan", plan(...changes)).plans?.[0];
const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: statement });
const variant = { variant_name: "a", instance_type: "ml.m5.large", initial_instance_count: 2 };

describe("a Terraform plan", () => {
  it.each([
    [["create"], ["create"]],
    [["update"], ["update"]],
    [["delete"], ["delete"]],
    [["forget"], ["delete"]],
    [["delete", "create"], ["replace"]],
    [["create", "delete"], ["replace"]],
    [["no-op"], []],
    [["read"], []],
  ])("takes %j for %j", (actions, expected) => {
    expect(terraform(resource("aws_s3_bucket", actions))?.changes.map(({ action }) => action)).toEqual(expected);
  });

  it("is not read where its policies allow more than anybody reads, in one statement or in many", () => {
    const many = (length: number, of: string) => Array.from({ length }, (_, each) => `${of}${each}`);
    const allowing = (actions: number, resources: number) =>
      resource("aws_iam_policy", ["create"], {
        policy: policy({
          Effect: "Allow",
          Action: many(actions, "s3:Get"),
          Resource: many(resources, "arn:aws:s3:::"),
        }),
      });
    const read = (...changes: readonly unknown[]) => reading("iac-plan", "terraform-plan", plan(...changes));
    expect(read(allowing(100, 500), allowing(500, 100)).kind).toBe("read");
    const whyNot = {
      kind: "unreadable",
      where: "doc#/resource_changes",
      sentence: expect.stringContaining("more than 100,000 pairs of an action and a resource") as string,
    };
    expect(read(allowing(100_000, 100_000))).toMatchObject(whyNot);
    expect(read(allowing(100, 500), allowing(100, 500), allowing(1, 1))).toMatchObject(whyNot);
  });

  it("names what is changed, and where it stands", () => {
    expect(terraform(resource("aws_s3_bucket", ["create"]))).toEqual({
      where: "doc#/resource_changes",
      changes: [
        {
          address: "aws_s3_bucket.one",
          type: "aws_s3_bucket",
          action: "create",
          where: "doc#/resource_changes/0",
          instances: [],
          allows: [],
        },
      ],
    });
  });

  it("knows the machines of a resource before its change", () => {
    const changed = resource(
      "aws_instance",
      ["update"],
      { instance_type: "t3.large" },
      { before: { instance_type: "t3.micro" } },
    );
    const [one] = terraform(changed)?.changes ?? [];
    expect(one?.instancesBefore).toEqual([{ type: "t3.micro", count: 1 }]);
  });

  it.each([
    ["aws_instance", { instance_type: "t3.micro" }, [{ type: "t3.micro", count: 1 }]],
    ["aws_sagemaker_endpoint_configuration", { production_variants: [variant] }, [{ type: "ml.m5.large", count: 2 }]],
    [
      "aws_sagemaker_endpoint_configuration",
      { production_variants: [{ ...variant, initial_instance_count: undefined }] },
      [{ type: "ml.m5.large", count: null }],
    ],
    ["aws_autoscaling_group", { min_size: 1, max_size: 5 }, [{ type: null, count: 5 }]],
    [
      "aws_eks_node_group",
      { scaling_config: [{ max_size: 3 }], instance_types: ["g5.xlarge"] },
      [{ type: "g5.xlarge", count: 3 }],
    ],
  ])("knows the machines of %s", (type, after, instances) => {
    expect(terraform(resource(type, ["create"], after))?.changes[0]?.instances).toEqual(instances);
  });

  it.each<[string, object, object, readonly string[] | null]>([
    [
      "what a policy allows",
      { policy: policy({ Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::a/*" }) },
      {},
      ["s3:GetObject on arn:aws:s3:::a/*", "s3:PutObject on arn:aws:s3:::a/*"],
    ],
    [
      "all but a few as everything",
      { policy: policy({ Effect: "Allow", NotAction: "iam:*", Resource: "*" }) },
      {},
      ["* on *"],
    ],
    ["no denial", { policy: policy({ Effect: "Deny", Action: "*", Resource: "*" }) }, {}, []],
    [
      "a managed policy",
      { policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
      {},
      ["arn:aws:iam::aws:policy/AdministratorAccess on *"],
    ],
    ["nothing of a policy that is only known later", {}, { after_unknown: { policy: true } }, null],
    ["nothing of a policy that is none", { policy: "{}" }, {}, null],
  ])("tells %s", (_name, after, more, allows) => {
    expect(terraform(resource("aws_iam_role_policy", ["create"], after, more))?.changes[0]?.allows).toEqual(allows);
  });

  it.each([
    ["aws_cloudformation_stack", null],
    ["awscc_iam_role", null],
    ["aws_s3_bucket", []],
  ])("says of what %s allows: %j", (type, allows) => {
    expect(terraform(resource(type, ["create"]))?.changes[0]?.allows).toEqual(allows);
    expect(terraform(resource(type, ["delete"]))?.changes[0]?.allows).toEqual([]);
  });

  it.each([
    ["an error", { errored: true }, /error/],
    ["a part", { complete: false }, /later one/],
    ["actions beside it", { action_invocations: [{ address: "action.aws_lambda_invoke.x" }] }, /actions invoked/],
    ["actions for later", { deferred_action_invocations: [{ reason: "unknown" }] }, /actions invoked/],
    ["another format", { format_version: "2.0" }, /format 1\.x/],
    ["no list of changes", { resource_changes: undefined }, /list is expected/],
    ["an action that nobody knows", { resource_changes: [resource("a", ["explode"])] }, /'explode' is not one/],
  ])("is unreadable with %s", (_name, change, sentence) => {
    expect(reading("iac-plan", "terraform-plan", { ...plan(), ...change })).toMatchObject({
      kind: "unreadable",
      sentence: expect.stringMatching(sentence),
    });
  });
});

describe("a change set of CloudFormation", () => {
  const change = (ResourceChange: object) => ({ Type: "Resource", ResourceChange });
  const set = (...changes: readonly object[]) => ({
    ChangeSetName: "release",
    StackName: "serving",
    ExecutionStatus: "AVAILABLE",
    Status: "CREATE_COMPLETE",
    Changes: changes.map(change),
  });
  const table = { LogicalResourceId: "Table", ResourceType: "AWS::DynamoDB::Table" };
  const read = (...changes: readonly object[]) =>
    facts("iac-plan", "cloudformation-change-set", set(...changes)).plans?.[0]?.changes;
  const context = (Properties: object) => JSON.stringify({ Properties });

  it.each([
    [{ Action: "Add" }, ["create"]],
    [{ Action: "Import" }, ["create"]],
    [{ Action: "Remove", PolicyAction: "Delete" }, ["delete"]],
    [{ Action: "Modify", Replacement: "False" }, ["update"]],
    [{ Action: "Modify", Replacement: "True" }, ["replace"]],
    [{ Action: "Modify", Replacement: "Conditional" }, ["replace"]],
    [{ Action: "Modify" }, ["replace"]],
    [{ Action: "Dynamic" }, ["replace"]],
    [{ Action: "SyncWithActual" }, []],
  ])("takes %j for %j", (action, expected) => {
    expect(read({ ...table, ...action })?.map((each) => each.action)).toEqual(expected);
  });

  it("knows machines and permissions from the properties after the change", () => {
    const Policies = [
      { PolicyName: "a", PolicyDocument: { Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] } },
    ];
    const ProductionVariants = [{ InstanceType: "ml.m5.large", InitialInstanceCount: "2" }];
    const found = read(
      { LogicalResourceId: "Role", ResourceType: "AWS::IAM::Role", Action: "Add", AfterContext: context({ Policies }) },
      {
        LogicalResourceId: "Config",
        ResourceType: "AWS::SageMaker::EndpointConfig",
        Action: "Add",
        AfterContext: context({ ProductionVariants }),
      },
    );
    expect(found?.map(({ allows }) => allows)).toEqual([["* on *"], []]);
    expect(found?.map(({ instances }) => instances)).toEqual([[], [{ type: "ml.m5.large", count: 2 }]]);
  });

  it("leaves open what it does not show", () => {
    const found = read(
      { LogicalResourceId: "Role", ResourceType: "AWS::IAM::Role", Action: "Add" },
      { LogicalResourceId: "Config", ResourceType: "AWS::SageMaker::EndpointConfig", Action: "Add" },
      {
        LogicalResourceId: "Inner",
        ResourceType: "AWS::CloudFormation::Stack",
        Action: "Modify",
        Replacement: "False",
      },
      { LogicalResourceId: "Gone", ResourceType: "AWS::CloudFormation::Stack", Action: "Remove" },
    );
    expect(found?.map(({ allows, instances }) => [allows, instances])).toEqual([
      [null, []],
      [[], [{ type: null, count: null }]],
      [null, []],
      [[], []],
    ]);
  });

  it.each([
    ["more pages", { NextToken: "t" }, /join its pages/],
    ["no end", { Status: "CREATE_IN_PROGRESS" }, /not complete/],
    ["an action that nobody knows", { Changes: [change({ ...table, Action: "Explode" })] }, /'Explode' is not one/],
  ])("is unreadable with %s", (_name, other, sentence) => {
    expect(reading("iac-plan", "cloudformation-change-set", { ...set(), ...other })).toMatchObject({
      kind: "unreadable",
      sentence: expect.stringMatching(sentence),
    });
  });
});
