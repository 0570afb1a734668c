import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { describe, expect, it } from "vitest";
import { steps } from "../../statemachine/contract.ts";

const read = (name: string) => ({ name, text: readFileSync(`infra/guardrails/${name}.json`, "utf8") });
const serving = read("what-serves");
const shipped = [serving, read("who-is-countersign"), read("what-is-kept")];
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html: white space counts, unless the console took it out.
const longest = 5120;
const account = "111122223333";
const everything = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};
const arn = (resource: string) => `arn:aws:sagemaker:eu-central-1:${account}:${resource}`;
const endpoint = arn("endpoint/credit-scoring");
const component = arn("inference-component/credit-scoring");
const tagged = { "aws:ResourceTag/countersign": "enforced" };

/** What an administrator, or a role of that name, could do with every right of their own. */
async function outcome(
  role: string,
  action: string,
  resource: string,
  context: Readonly<Record<string, string>> = {},
): Promise<string> {
  const result = await runSimulation(
    {
      request: {
        principal: `arn:aws:sts::${account}:assumed-role/${role}/somebody`,
        action,
        resource: { resource, accountId: account },
        contextVariables: { "aws:PrincipalArn": `arn:aws:iam::${account}:role/${role}`, ...context },
      },
      identityPolicies: [{ name: "everything", policy: everything }],
      serviceControlPolicies: [
        {
          orgIdentifier: "o-1",
          policies: [
            { name: "everything", policy: everything },
            ...shipped.map(({ name, text }) => ({ name, policy: JSON.parse(text) })),
          ],
        },
      ],
      resourceControlPolicies: [],
    },
    {},
  );
  if (result.resultType === "error") throw new Error(JSON.stringify(result.errors));
  return result.overallResult;
}

const entries = (name: string) =>
  ["endpoint", "inference-component"].map((kind) => `"arn:aws:sagemaker:*:*:${kind}/${name}"`).join(",\n        ");
const releaseAlarm = `arn:aws:cloudwatch:eu-central-1:${account}:alarm:countersign-p-0123-1-errors`;
const iamRole = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const execution = `cdk-hnb659fds-cfn-exec-role-${account}-eu-central-1`;
const deployRole = `cdk-hnb659fds-deploy-role-${account}-eu-central-1`;
const reader = `arn:aws:lambda:eu-central-1:${account}:function:CountersignService-Archive0A-1`;
const mapping = `arn:aws:lambda:eu-central-1:${account}:event-source-mapping:0a1b`;
const logGroup = (name: string) => `arn:aws:logs:eu-central-1:${account}:log-group:${name}`;
const table = `arn:aws:dynamodb:eu-central-1:${account}:table/CountersignData-LedgerTable0A-1`;
const bucket = "arn:aws:s3:::countersigndata-ledgerbucket0a-1";
const [key = ""] = /key\/[0-9a-f-]{36}/.exec(shipped.at(-1)?.text ?? "") ?? [];
const keyArn = `arn:aws:kms:eu-central-1:${account}:${key}`;
const page = "arn:aws:s3:::countersignservice-portalfiles-0a1/index.html";
const [distribution = ""] = /distribution\/E[0-9A-Z]+/.exec(shipped.at(1)?.text ?? "") ?? [];
const [api = ""] = /restapis\/[0-9a-z]+/.exec(shipped.at(1)?.text ?? "") ?? [];
const edge = `arn:aws:cloudfront::${account}:function/CountersignService-eu-central-1-UnknownPaths`;
const run = `arn:aws:states:eu-central-1:${account}:execution:PromotionsMachine4A-1:p-0123-1`;
const toLambda = { "iam:PassedToService": "lambda.amazonaws.com" };

describe("the service control policies", () => {
  it.each(shipped)("are each short enough as they lie there: $name", ({ text }) => {
    expect(text.length).toBeLessThanOrEqual(longest);
  });

  it("leave room for the endpoints and components that have to be put in: eight as it lies there, fifteen without white space", () => {
    const named = '"arn:aws:sagemaker:*:*:inference-component/credit-scoring"';
    const withMore = (count: number) =>
      serving.text.replace(
        named,
        [named, ...Array.from({ length: count - 1 }, (_, each) => entries(`credit-scoring-${each + 10}`))].join(
          ",\n        ",
        ),
      );
    expect(withMore(8).length).toBeLessThanOrEqual(longest);
    expect(JSON.stringify(JSON.parse(withMore(15))).length).toBeLessThanOrEqual(longest);
  });

  it.each([
    ["sagemaker:UpdateEndpoint", endpoint, {}],
    ["sagemaker:CreateEndpoint", endpoint, {}],
    ["sagemaker:DeleteEndpoint", endpoint, {}],
    ["sagemaker:UpdateEndpointWeightsAndCapacities", endpoint, {}],
    ["sagemaker:CreateInferenceComponent", component, {}],
    ["sagemaker:UpdateInferenceComponent", component, {}],
    ["sagemaker:DeleteInferenceComponent", arn("inference-component/fraud"), tagged],
    ["sagemaker:UpdateEndpoint", arn("endpoint/fraud"), tagged],
    ["sagemaker:DeleteTags", arn("endpoint/fraud"), tagged],
    ["sagemaker:CreateModel", arn("model/p-0123-1"), {}],
    ["sagemaker:CreateEndpointConfig", arn("endpoint-config/p-0123-1"), {}],
    ["sagemaker:CreateEndpointConfig", arn("endpoint-config/share-p-0123-1"), {}],
    ["sagemaker:DeleteEndpointConfig", arn("endpoint-config/shadow-p-0123-1"), {}],
    ["iam:CreateRole", `arn:aws:iam::${account}:role/CountersignService-DeployRole-evil`, {}],
    ["iam:UpdateAssumeRolePolicy", `arn:aws:iam::${account}:role/CountersignService-DeployRole-A1`, {}],
    ["lambda:UpdateFunctionCode", `arn:aws:lambda:eu-central-1:${account}:function:CountersignService-Deploy`, {}],
    ["lambda:PutFunctionConcurrency", `arn:aws:lambda:eu-central-1:${account}:function:CountersignService-Audit`, {}],
    // What is asked by nobody any more, or read of no stream, does nothing, and no alarm hears of it at once.
    ["lambda:RemovePermission", reader, {}],
    ["lambda:UpdateEventSourceMapping", mapping, { "lambda:FunctionArn": reader }],
    ["lambda:DeleteEventSourceMapping", mapping, { "lambda:FunctionArn": reader }],
    ["lambda:CreateEventSourceMapping", "*", { "lambda:FunctionArn": reader }],
    ["logs:DeleteMetricFilter", logGroup("CountersignService-ArchiveLog0A-1"), {}],
    ["logs:PutMetricFilter", logGroup("CountersignService-ArchiveLog0A-1"), {}],
    ["logs:DeleteLogGroup", logGroup("/aws/vendedlogs/states/CountersignService-promotions-1"), {}],
    ["events:DisableRule", `arn:aws:events:eu-central-1:${account}:rule/CountersignService-AuditRule-1`, {}],
    ["cloudwatch:DeleteAlarms", `arn:aws:cloudwatch:eu-central-1:${account}:alarm:CountersignService-Intruder-1`, {}],
    // A rule that is put again may be disabled by it, and an alarm may hear of something else, or be told that all is well.
    ["events:PutRule", `arn:aws:events:eu-central-1:${account}:rule/CountersignService-AuditRule-1`, {}],
    ["events:PutTargets", `arn:aws:events:eu-central-1:${account}:rule/CountersignService-AuditRule-1`, {}],
    ["cloudwatch:PutMetricAlarm", `arn:aws:cloudwatch:eu-central-1:${account}:alarm:CountersignService-Intruder-1`, {}],
    ["cloudwatch:SetAlarmState", `arn:aws:cloudwatch:eu-central-1:${account}:alarm:CountersignService-Intruder-1`, {}],
    ["sns:SetTopicAttributes", `arn:aws:sns:eu-central-1:${account}:CountersignService-AlarmsTopic-1`, {}],
    ["states:DeleteStateMachine", `arn:aws:states:eu-central-1:${account}:stateMachine:PromotionsMachine4A-1`, {}],
    ["states:UpdateStateMachine", `arn:aws:states:eu-central-1:${account}:stateMachine:PromotionsMachine4A-1`, {}],
    ["states:StopExecution", run, {}],
    ["lambda:PutFunctionEventInvokeConfig", reader, {}],
    ["lambda:UpdateFunctionEventInvokeConfig", reader, {}],
    ["lambda:DeleteFunctionEventInvokeConfig", reader, {}],
    // Who serves the page chooses what people sign.
    ["s3:PutObject", page, {}],
    ["cloudfront:UpdateDistribution", `arn:aws:cloudfront::${account}:${distribution}`, {}],
    ["cloudfront:UpdateDistributionWithStagingConfig", `arn:aws:cloudfront::${account}:${distribution}`, {}],
    ["cloudfront:UpdateFunction", edge, {}],
    ["apigateway:PATCH", `arn:aws:apigateway:eu-central-1::/${api}/resources/x/methods/POST/integration`, {}],
    ["apigateway:PUT", `arn:aws:apigateway:eu-central-1::/${api}`, {}],
    // What the reader of the stream is called with goes into the log, whoever calls it, and what a step is called with may end a promotion.
    ["lambda:InvokeFunction", reader, {}],
    ["lambda:InvokeAsync", reader, {}],
    // A mark that is taken away, or an item that is put back to an earlier time.
    ["dynamodb:DeleteItem", table, {}],
    ["dynamodb:PutItem", table, {}],
    ["dynamodb:UpdateItem", table, {}],
    ["dynamodb:BatchWriteItem", table, {}],
    ["dynamodb:PartiQLUpdate", table, {}],
    ["dynamodb:UpdateTable", table, {}],
    ["dynamodb:UpdateTimeToLive", table, {}],
    ["dynamodb:UpdateContinuousBackups", table, {}],
    ["s3:PutBucketPolicy", bucket, {}],
    ["s3:PutLifecycleConfiguration", bucket, {}],
    ["s3:PutReplicationConfiguration", bucket, {}],
    ["kms:PutKeyPolicy", keyArn, {}],
    ["kms:ScheduleKeyDeletion", keyArn, {}],
    ["iam:UpdateAssumeRolePolicy", iamRole("countersign-deploys"), {}],
    ["iam:UpdateAssumeRolePolicy", iamRole("countersign-repairs"), {}],
    // A function of one's own with the role of ours would be Countersign, by whatever name it goes.
    ["iam:PassRole", iamRole("CountersignService-DeployRole-A1"), toLambda],
    ["iam:PassRole", iamRole(execution), { "iam:PassedToService": "cloudformation.amazonaws.com" }],
    ["iam:CreateRole", iamRole("cdk-hnb659fds-cfn-exec-role-of-theirs"), {}],
    ["iam:UpdateAssumeRolePolicy", iamRole(execution), {}],
    ["iam:UpdateAssumeRolePolicy", iamRole(deployRole), {}],
  ])("keep an administrator from %s on %s", async (action, resource, context) => {
    expect(await outcome("Administrator", action, resource, context)).toBe("ExplicitlyDenied");
  });

  it.each([
    ["CountersignService-DeployRole-A1", "sagemaker:UpdateEndpoint", endpoint, {}],
    ["CountersignService-DeployRole-A1", "sagemaker:UpdateInferenceComponent", component, tagged],
    ["CountersignService-RestrictRole-A1", "sagemaker:DeleteEndpoint", endpoint, tagged],
    ["CountersignService-WatchDeploymentRole-A1", "sagemaker:CreateEndpoint", endpoint, {}],
    ["CountersignService-StageRole-A1", "sagemaker:CreateModel", arn("model/p-0123-1"), {}],
    ["CountersignService-CleanUpRole-A1", "sagemaker:DeleteEndpointConfig", arn("endpoint-config/p-0123-1"), {}],
    ["CountersignService-DeployRole-A1", "sagemaker:CreateEndpointConfig", arn("endpoint-config/share-p-0123-1"), {}],
    ["CountersignService-WatchDeploymentRole-A1", "sagemaker:UpdateEndpointWeightsAndCapacities", endpoint, tagged],
    ["CountersignService-RunInShadowRole-A1", "sagemaker:UpdateEndpoint", endpoint, tagged],
    [
      "cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1",
      "iam:CreateRole",
      `arn:aws:iam::${account}:role/CountersignService-DeployRole-A1`,
      {},
    ],
    [execution, "iam:PassRole", iamRole("CountersignService-DeployRole-A1"), toLambda],
    [deployRole, "iam:PassRole", iamRole(execution), { "iam:PassedToService": "cloudformation.amazonaws.com" }],
    ["CountersignService-StageRole-A1", "iam:PassRole", iamRole("CountersignService-ServingRole-A1"), {}],
    // As which the steps work in the accounts of targets.
    ["countersign-deploys", "sagemaker:UpdateEndpoint", endpoint, tagged],
    ["countersign-deploys", "sagemaker:CreateModel", arn("model/p-0123-1"), {}],
    ["countersign-deploys", "sagemaker:CreateEndpointConfig", arn("endpoint-config/share-p-0123-1"), {}],
    // The alarms of a release are its own, and no part of what watches the service.
    ["CountersignService-DeployRole-A1", "cloudwatch:PutMetricAlarm", releaseAlarm, {}],
    [execution, "lambda:UpdateEventSourceMapping", mapping, { "lambda:FunctionArn": reader }],
    ["CountersignService-ArchiveRole-A1", "dynamodb:PutItem", table, {}],
    ["CountersignService-RecordSignOffRole-A1", "dynamodb:UpdateItem", table, {}],
    [execution, "dynamodb:UpdateTable", table, {}],
    [execution, "s3:PutBucketPolicy", bucket, {}],
    ["CountersignService-CustomCDKBucketDeployment8693BB-A1", "s3:PutObject", page, {}],
    [execution, "apigateway:PATCH", `arn:aws:apigateway:eu-central-1::/${api}`, {}],
    ["Administrator", "s3:PutObject", page.replace("countersign", "their"), {}],
    ["Administrator", "apigateway:PATCH", "arn:aws:apigateway:eu-central-1::/restapis/theirs", {}],
    ["CountersignService-PromotionsRole-A1", "lambda:InvokeFunction", reader, {}],
    // The files of the portal, at each deployment.
    [execution, "lambda:InvokeFunction", reader, {}],
    // What the runbook has done by hand.
    ["countersign-repairs", "lambda:InvokeFunction", reader, {}],
    ["Administrator", "lambda:InvokeFunction", `${reader}`.replace("Countersign", "Their"), {}],
    ["countersign-repairs", "dynamodb:UpdateItem", table, {}],
    ["countersign-repairs", "states:StopExecution", run, {}],
    ["countersign-repairs", "lambda:PutFunctionConcurrency", reader, {}],
    ["Administrator", "dynamodb:GetItem", table, {}],
    ["Administrator", "dynamodb:PutItem", `${table}`.replace("Countersign", "Their"), {}],
    ["Administrator", "states:StopExecution", `${run}`.replace("PromotionsMachine", "Their"), {}],
    // What is not Countersign's is nobody's concern here.
    [
      "Administrator",
      "lambda:UpdateEventSourceMapping",
      mapping,
      { "lambda:FunctionArn": `${reader}`.replace("Countersign", "Their") },
    ],
    ["Administrator", "logs:DeleteMetricFilter", logGroup("theirs"), {}],
    ["Administrator", "iam:PassRole", iamRole("theirs"), toLambda],
    ["Administrator", "sagemaker:UpdateEndpoint", arn("endpoint/fraud"), {}],
    ["Administrator", "sagemaker:CreateModel", arn("model/theirs"), {}],
    ["Administrator", "sagemaker:UpdateInferenceComponentRuntimeConfig", component, tagged],
    ["Administrator", "sagemaker:InvokeEndpoint", endpoint, {}],
  ])("let %s do %s on %s", async (role, action, resource, context) => {
    expect(await outcome(role, action, resource, context)).toBe("Allowed");
  });

  it("take no role for CDK's that is only called like it", async () => {
    const role = iamRole("CountersignService-DeployRole-evil");
    expect(await outcome("cdk-theirs-cfn-exec-role-1", "iam:CreateRole", role)).toBe("ExplicitlyDenied");
  });

  it("keep each of our own roles from what is another's", async () => {
    expect(await outcome("CountersignService-DeployRole-A1", "sagemaker:CreateModel", arn("model/p-0123-1"))).toBe(
      "ExplicitlyDenied",
    );
    expect(await outcome("CountersignService-StageRole-A1", "sagemaker:UpdateEndpoint", endpoint)).toBe(
      "ExplicitlyDenied",
    );
  });

  it("leave the mending of what is kept to a role of its own, which changes nothing else", async () => {
    for (const [action, resource] of [
      ["dynamodb:UpdateTable", table],
      ["s3:PutBucketPolicy", bucket],
      ["lambda:UpdateFunctionCode", reader],
      ["sagemaker:UpdateEndpoint", endpoint],
    ] as const)
      expect(await outcome("countersign-repairs", action, resource)).toBe("ExplicitlyDenied");
  });

  it.each([
    [execution, "kms:PutKeyPolicy"],
    ["countersign-repairs", "kms:DisableKey"],
  ])("leave %s's %s to the policy of the key, which is asked as well", async (role, action) => {
    expect(await outcome(role, action, keyArn)).toBe("ImplicitlyDenied");
  });

  it("name roles that there are", () => {
    const text = shipped.map((each) => each.text).join("");
    const named = [...text.matchAll(/CountersignService-(\w+)Role-/g)].map(([, name]) => name ?? "");
    const known = [...Object.keys(steps), "restrict", "promotions"].map((name) =>
      name
        .split("-")
        .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
        .join(""),
    );
    expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
  });
});
