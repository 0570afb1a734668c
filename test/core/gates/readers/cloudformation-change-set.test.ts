import { describe, expect, it } from "vitest";
import { facts, reading } from "./read.ts";

const set = (...Changes: readonly unknown[]) => ({ Status: "CREATE_COMPLETE", Changes });
const changesOf = (...changes: readonly unknown[]) =>
  facts("iac-plan", "cloudformation-change-set", set(...changes)).plans?.[0]?.changes ?? [];
/** What is read of one resource that is to have these properties. */
function resource(type: string, Properties: object, over: object = {}) {
  const [change] = changesOf({
    Type: "Resource",
    ResourceChange: {
      ...{ LogicalResourceId: "It", ResourceType: type, Action: "Add" },
      ...{ AfterContext: JSON.stringify({ Properties }), ...over },
    },
  });
  return change;
}
const machine = (InstanceType: unknown, InitialInstanceCount: unknown) => ({ InstanceType, InitialInstanceCount });
const policy = (Action: string, Resource: string) => ({ Statement: [{ Effect: "Allow", Action, Resource }] });

describe("a change set of CloudFormation", () => {
  it("names what is changed, and where it stands", () => {
    expect(facts("iac-plan", "cloudformation-change-set", { ...set(), NextToken: null }).plans).toEqual([
      { where: "doc#/Changes", changes: [] },
    ]);
    expect(resource("AWS::S3::Bucket", {})).toEqual({
      ...{ address: "It", type: "AWS::S3::Bucket", action: "create", where: "doc#/Changes/0/ResourceChange" },
      ...{ instances: [], allows: [] },
    });
  });

  it("lists no hook, and a resource although its change is not called one", () => {
    const ResourceChange = { LogicalResourceId: "It", ResourceType: "AWS::S3::Bucket", Action: "Add" };
    expect(changesOf({ Type: "Hook" }, { ResourceChange }).map(({ address }) => address)).toEqual(["It"]);
  });

  it("is unreadable where a change of a resource does not say which", () => {
    expect(reading("iac-plan", "cloudformation-change-set", set({ Type: "Resource" }))).toMatchObject({
      kind: "unreadable",
      where: expect.stringMatching(/^doc#\/Changes\/0\/ResourceChange/),
    });
  });

  it("says where it goes on", () => {
    expect(reading("iac-plan", "cloudformation-change-set", { ...set(), NextToken: "t" })).toMatchObject({
      ...{ kind: "unreadable", where: "doc#/NextToken" },
      sentence: "There are more changes than it lists: join its pages.",
    });
  });

  it.each([
    ["an instance", "AWS::EC2::Instance", { InstanceType: "t3.micro" }, [{ type: "t3.micro", count: 1 }]],
    ["an instance of an open type", "AWS::EC2::Instance", { InstanceType: { Ref: "T" } }, [{ type: null, count: 1 }]],
    ["a group at its largest", "AWS::AutoScaling::AutoScalingGroup", { MaxSize: "12" }, [{ type: null, count: 12 }]],
    [
      "an endpoint and its shadow, not of what is serverless",
      "AWS::SageMaker::EndpointConfig",
      {
        ProductionVariants: [machine("ml.m5.large", 2), { ServerlessConfig: { MaxConcurrency: 5 } }],
        ShadowProductionVariants: [machine("ml.m5.xlarge", 0)],
      },
      [
        { type: "ml.m5.large", count: 2 },
        { type: "ml.m5.xlarge", count: 0 },
      ],
    ],
    ["an endpoint without a list", "AWS::SageMaker::EndpointConfig", { ProductionVariants: { Ref: "V" } }, []],
    ["what has none", "AWS::S3::Bucket", { InstanceType: "t3.micro", MaxSize: 3 }, []],
  ])("knows the machines of %s", (_name, type, properties, instances) => {
    expect(resource(type, properties)?.instances).toEqual(instances);
  });

  it.each(["AWS::EC2::Instance", "AWS::AutoScaling::AutoScalingGroup", "AWS::SageMaker::EndpointConfig"])(
    "leaves the machines of %s open without its properties, and has none where it goes",
    (type) => {
      const open = [{ type: null, count: null }];
      expect(resource(type, {}, { AfterContext: undefined })?.instances).toEqual(open);
      expect(resource(type, {}, { AfterContext: "{" })?.instances).toEqual(open);
      expect(resource(type, { InstanceType: "t3.micro" }, { Action: "Remove" })?.instances).toEqual([]);
    },
  );

  it.each(["-1", "1.5", "12a", "a12", "1234567890", "", -1, 1.5, 1e20, null, { Ref: "Size" }])(
    "leaves open how many %j are",
    (MaxSize) => {
      expect(resource("AWS::AutoScaling::AutoScalingGroup", { MaxSize })?.instances).toEqual([
        { type: null, count: null },
      ]);
    },
  );

  it("tells what a role allows: who may take it, its own policies and the managed ones", () => {
    const properties = {
      AssumeRolePolicyDocument: policy("sts:AssumeRole", "*"),
      Policies: [{ PolicyDocument: policy("s3:GetObject", "arn:aws:s3:::a/*") }],
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess", { Ref: "Managed" }],
    };
    const change = (LogicalResourceId: string, ResourceType: string, Properties: object) => ({
      Type: "Resource",
      ResourceChange: { LogicalResourceId, ResourceType, Action: "Add", AfterContext: JSON.stringify({ Properties }) },
    });
    // Nothing that it makes could be the one that is known later.
    expect(resource("AWS::IAM::Role", properties)?.allows).toBeNull();
    const managed = change("Managed", "AWS::IAM::ManagedPolicy", { PolicyDocument: policy("s3:*", "b") });
    const [role, made] = changesOf(change("It", "AWS::IAM::Role", properties), managed);
    expect(made?.allows).toEqual(["s3:* on b"]);
    expect(role?.allows).toEqual([
      "sts:AssumeRole on *",
      "s3:GetObject on arn:aws:s3:::a/*",
      "arn:aws:iam::aws:policy/AdministratorAccess on *",
      '{"Ref":"Managed"} on its resources',
    ]);
  });

  const later = "{{changeSet:KNOWN_AFTER_APPLY}}";
  const changing = (LogicalResourceId: string, ResourceType: string, Properties: object, more: object) => ({
    Type: "Resource",
    ResourceChange: { LogicalResourceId, ResourceType, AfterContext: JSON.stringify({ Properties }), ...more },
  });
  const document = { PolicyDocument: policy("s3:GetObject", "b") };
  const roleOf = (...causes: readonly (string | undefined)[]) =>
    changing(
      "It",
      "AWS::IAM::Role",
      { ManagedPolicyArns: [later] },
      {
        ...{ Action: "Modify", Replacement: "False" },
        Details: causes.map((cause) => ({
          ...(cause === undefined ? {} : { CausingEntity: cause }),
          Target: { Attribute: "Properties", Name: "ManagedPolicyArns" },
        })),
      },
    );
  const newPolicy = changing("Own", "AWS::IAM::ManagedPolicy", document, { Action: "Add" });
  const newRole = changing("It", "AWS::IAM::Role", { ManagedPolicyArns: [later] }, { Action: "Add" });
  const text = (type: string) => changing("Text", type, {}, { Action: "Modify", Replacement: "False" });
  it.each<[string, readonly object[]]>([
    ["the one that it adds, which caused the change", [roleOf("Own", undefined), newPolicy]],
    ["an attribute of that", [roleOf("Own.PolicyArn"), newPolicy]],
    ["what a role that it adds is given, where it adds one", [newRole, newPolicy]],
  ])("takes for a policy of its own %s", (_name, changes) => {
    expect(changesOf(...changes)[0]?.allows).toEqual([`${later} on its resources`]);
  });

  it.each<[string, readonly object[]]>([
    ["what something else caused", [roleOf("Own", "Custom.Arn"), newPolicy]],
    ["what nothing is named to have caused", [roleOf(undefined), newPolicy]],
    [
      "one whose description changes",
      [roleOf("Own"), changing("Own", "AWS::IAM::ManagedPolicy", document, { Action: "Modify", Replacement: "False" })],
    ],
    ["what a role that it adds is given beside a custom resource", [newRole, newPolicy, text("Custom::Text")]],
    ["and beside a condition that waits", [newRole, newPolicy, text("AWS::CloudFormation::WaitCondition")]],
  ])("leaves open %s", (_name, changes) => {
    expect(changesOf(...changes)[0]?.allows).toBeNull();
  });

  it("tells what a policy allows", () => {
    const found = resource("AWS::IAM::ManagedPolicy", { PolicyDocument: policy("s3:*", "*") });
    expect(found?.allows).toEqual(["s3:* on *"]);
  });

  it.each([
    ["a policy without a document", "AWS::IAM::Role", { Policies: [{ PolicyName: "a" }] }],
    ["a document that cannot be read", "AWS::IAM::Policy", { PolicyDocument: { Ref: "Document" } }],
    ["managed policies that a function makes", "AWS::IAM::Role", { ManagedPolicyArns: { "Fn::Split": [",", "a"] } }],
    ["a managed policy for later", "AWS::IAM::Role", { ManagedPolicyArns: ["{{changeSet:KNOWN_AFTER_APPLY}}"] }],
    ["an action for later", "AWS::IAM::Policy", { PolicyDocument: policy("{{changeSet:KNOWN_AFTER_APPLY}}", "a") }],
    ["a permission set", "AWS::SSO::PermissionSet", {}],
    ["a nested stack", "AWS::CloudFormation::Stack", {}],
    ["nested stacks", "AWS::CloudFormation::StackSet", {}],
  ])("leaves open what %s allows, and it allows nothing where it goes", (_name, type, properties) => {
    expect(resource(type, properties)?.allows).toBeNull();
    expect(resource(type, properties, { Action: "Remove" })?.allows).toEqual([]);
  });
});
