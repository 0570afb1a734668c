import { CreateEndpointConfigCommand, DeleteEndpointCommand } from "@aws-sdk/client-sagemaker";
import { expect, it } from "vitest";
import { localSageMaker, modelAt } from "./setup.ts";

const local = localSageMaker("in-process");

async function serving(): Promise<void> {
  await local.configure("champion", modelAt("champion/model.json"));
  await local.create("champion");
  await local.settled("InService");
}
const configured = (EndpointConfigName: string, VariantName: string, InstanceType: "ml.m5.large" | "ml.c5.large") =>
  local.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName,
      ProductionVariants: [{ VariantName, ModelName: "champion", InstanceType, InitialInstanceCount: 1 }],
    }),
  );
const mustBe = "must be deregistered as scalable targets";

it("a variant that scales keeps its name and its instances' type for as long as it is registered, a restart later as well", async () => {
  await serving();
  await configured("bigger", "AllTraffic", "ml.c5.large");
  await configured("renamed", "approved", "ml.m5.large");
  await configured("alike", "AllTraffic", "ml.m5.large");
  await local.scaling("RegisterScalableTarget", "AllTraffic");
  await local.restart();
  await expect(local.update("bigger")).rejects.toThrow(mustBe);
  await expect(local.update("renamed")).rejects.toThrow(mustBe);
  await local.update("alike");
  await local.settled("InService");
  await local.scaling("DeregisterScalableTarget", "AllTraffic");
  await local.update("bigger");
  await local.settled("InService");
});

it("whoever removes an endpoint that scales is judged by whether they may deregister it, which is done with it", async () => {
  await serving();
  await local.scaling("RegisterScalableTarget", "AllTraffic");
  await local.send(new DeleteEndpointCommand({ EndpointName: "credit-scoring" }));
  expect(local.calls.slice(-2)).toMatchObject([
    { action: "sagemaker:DeleteEndpoint", status: 200 },
    {
      action: "application-autoscaling:DeregisterScalableTarget",
      resource: expect.stringMatching(/^arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target\//),
      context: { "application-autoscaling:service-namespace": "sagemaker" },
    },
  ]);
  await expect(local.scaling("DeregisterScalableTarget", "AllTraffic")).rejects.toThrow("ObjectNotFoundException");
});

it("only a variant that is there is registered", async () => {
  await serving();
  await expect(local.scaling("RegisterScalableTarget", "another")).rejects.toThrow("were not found");
});
