import {
  CreateModelCommand,
  type CreateModelCommandInput,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  SearchCommand,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it } from "vitest";
import { localSageMaker, modelAt, roleArn } from "./setup.ts";

const local = localSageMaker();

describe("a request that SageMaker would refuse", () => {
  const model = (override: Partial<CreateModelCommandInput>) =>
    local.send(
      new CreateModelCommand({
        ModelName: "champion",
        PrimaryContainer: modelAt("champion/model.json"),
        ExecutionRoleArn: roleArn,
        ...override,
      }),
    );

  it.each<[string, Partial<CreateModelCommandInput>, string]>([
    [
      "a model without its data",
      { PrimaryContainer: modelAt("nothing/model.json") },
      "Could not find model data at s3://models/nothing/model.json",
    ],
    [
      "a version id in the address",
      { PrimaryContainer: modelAt("champion/model.json?versionId=1") },
      "is not the S3 URI of an object",
    ],
    [
      "a name with a slash",
      { ModelName: "a/b" },
      "failed to satisfy constraint: Member must satisfy regular expression",
    ],
    ["no role", { ExecutionRoleArn: undefined }, "Value null at 'executionRoleArn' failed to satisfy constraint"],
    [
      "an image from elsewhere",
      { PrimaryContainer: { ...modelAt("champion/model.json"), Image: "docker.io/x" } },
      'Using non-ECR image "docker.io/x"',
    ],
    [
      "a parameter that is not carried",
      { VpcConfig: { Subnets: ["s"], SecurityGroupIds: ["g"] } },
      "VpcConfig of CreateModel is not carried",
    ],
  ])("%s", async (_, override, message) => {
    await expect(model(override)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
  });

  it("the same model twice", async () => {
    await model({});
    await expect(model({})).rejects.toThrow(
      'Cannot create already existing model "arn:aws:sagemaker:us-east-1:000000000000:model/champion".',
    );
  });

  it("what nobody created", async () => {
    const name = "Nothing";
    await expect(local.send(new DescribeModelCommand({ ModelName: name }))).rejects.toThrow('Could not find model "');
    await expect(local.send(new DeleteModelCommand({ ModelName: name }))).rejects.toThrow('Could not find model "');
    await expect(local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name }))).rejects.toThrow(
      'Could not find endpoint configuration "arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/nothing".',
    );
    await expect(local.create(name)).rejects.toThrow('Could not find endpoint configuration "');
    await expect(local.update(name)).rejects.toThrow('Could not find endpoint "');
  });

  it("a canary without a size, and an operation that is not carried", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.create("champion");
    await local.settled("InService");
    const canary = { TrafficRoutingConfiguration: { Type: "CANARY" as const, WaitIntervalInSeconds: 60 } };
    await expect(local.update("champion", { BlueGreenUpdatePolicy: canary })).rejects.toThrow(
      "Value null at 'canarySize' failed to satisfy constraint: Member must not be null",
    );
    await expect(local.send(new SearchCommand({ Resource: "Endpoint" }))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});

describe("what is kept", () => {
  it("is described as it was given, and listed newest first", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.configure("candidate", modelAt("candidate/model.json"));
    const model = await local.send(new DescribeModelCommand({ ModelName: "champion" }));
    expect(model).toMatchObject({ ExecutionRoleArn: roleArn, PrimaryContainer: modelAt("champion/model.json") });
    expect(model.CreationTime).toBeInstanceOf(Date);
    const found = await local.send(new ListModelsCommand({ NameContains: "CAND" }));
    expect(found.Models?.map((one) => one.ModelName)).toEqual(["candidate"]);
    await local.send(new DeleteEndpointConfigCommand({ EndpointConfigName: "champion" }));
    await local.send(new DeleteModelCommand({ ModelName: "champion" }));
    expect((await local.send(new ListModelsCommand({}))).Models).toHaveLength(1);
    expect((await local.send(new ListEndpointsCommand({ StatusEquals: "InService" }))).Endpoints).toEqual([]);
  });
});

describe("the log of calls", () => {
  it("has what IAM would judge: the action, the resource, the role that was handed over", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.create("champion");
    await local.settled("InService");
    await local.invoke("{}");
    const arn = "arn:aws:sagemaker:us-east-1:000000000000";
    const seen = [
      ...new Set(local.calls.map((call) => `${call.principal} ${call.action} ${call.resource} ${call.status}`)),
    ];
    expect(seen).toEqual([
      `AKIDDEPLOY sagemaker:CreateModel ${arn}:model/champion 200`,
      `AKIDDEPLOY iam:PassRole ${roleArn} 200`,
      `AKIDDEPLOY sagemaker:CreateEndpointConfig ${arn}:endpoint-config/champion 200`,
      `AKIDDEPLOY sagemaker:CreateEndpoint ${arn}:endpoint/credit-scoring 200`,
      `AKIDDEPLOY sagemaker:CreateEndpoint ${arn}:endpoint-config/champion 200`,
      `AKIDDEPLOY sagemaker:DescribeEndpoint ${arn}:endpoint/credit-scoring 200`,
      `AKIDTELLER sagemaker:InvokeEndpoint ${arn}:endpoint/credit-scoring 424`,
    ]);
    expect(local.calls.find((call) => call.action === "iam:PassRole")?.context).toEqual({
      "iam:PassedToService": "sagemaker.amazonaws.com",
    });
  });
});
