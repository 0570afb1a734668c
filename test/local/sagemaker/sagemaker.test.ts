import { readFileSync, writeFileSync } from "node:fs";
import { DeleteEndpointCommand, type UpdateEndpointCommandInput } from "@aws-sdk/client-sagemaker";
import { describe, expect, it, vi } from "vitest";
import { gated, localSageMaker, modelAt, models, repository, scorer } from "./setup.ts";

const local = localSageMaker();

const [header = "", firstRow = ""] = readFileSync("examples/credit-scoring/data/german-credit.csv", "utf8").split("\n");
const columns = header.replaceAll('"', "").split(",");
const fields = firstRow.split(",");
const applicant: Readonly<Record<string, number>> = Object.fromEntries(
  columns.map((column, index) => [column, Number(fields[index])]),
);

/** The formula of a logistic regression over the model file, without the scorer. */
function scoreByHand(text: string): number {
  const model: { intercept: number; features: { name: string; mean: number; scale: number; weight: number }[] } =
    JSON.parse(text);
  const terms = model.features.map(
    ({ name, mean, scale, weight }) => (weight * ((applicant[name] ?? Number.NaN) - mean)) / scale,
  );
  return 1 / (1 + Math.exp(-terms.reduce((sum, term) => sum + term, model.intercept)));
}

async function servedVersion(): Promise<string> {
  const response = await local.invoke(JSON.stringify({ instances: [applicant] }));
  const answer = (await response.json()) as { model: { version: string } };
  return answer.model.version;
}

describe("an endpoint", () => {
  it("serves the model file that it was deployed with", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.create("champion");
    expect((await local.endpoint()).EndpointStatus).toBe("Creating");
    await local.settled("InService");
    const response = await local.invoke(JSON.stringify({ instances: [applicant] }));
    expect(response.headers.get("x-amzn-invoked-production-variant")).toBe("AllTraffic");
    expect(await response.json()).toEqual({
      model: { name: "credit-scoring", version: "1.0.0" },
      predictions: [{ score: expect.closeTo(scoreByHand(models.champion), 12), predicted_label: "Good" }],
    });
    expect((await local.endpoint()).ProductionVariants?.[0]?.DeployedImages?.[0]?.ResolvedImage).toBe(
      `${repository}@${scorer.digest}`,
    );
  });

  it("answers with the new model after an update, and says how it was deployed", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.configure("candidate", modelAt("candidate/model.json"));
    await local.create("champion");
    await local.settled("InService");
    const deployment: UpdateEndpointCommandInput["DeploymentConfig"] = {
      BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 0 } },
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: "errors" }] },
    };
    await local.alarm("errors", "candidate");
    await local.update("candidate", deployment);
    await local.settled("InService");
    expect(await servedVersion()).toBe("2.0.0");
    expect(await local.endpoint()).toMatchObject({ EndpointConfigName: "candidate", LastDeploymentConfig: deployment });
  });

  it("keeps the old model answering until the new one is healthy", async () => {
    const gate = local.path("open");
    await local.configure("champion", modelAt("champion/model.json"));
    await local.configure("gated", {
      ...modelAt("champion/model.json", gated),
      Environment: { NAME: "the new one", GATE: gate },
    });
    await local.create("champion");
    await local.settled("InService");
    await local.update("gated");
    expect(await local.endpoint()).toMatchObject({
      EndpointStatus: "Updating",
      EndpointConfigName: "champion",
      PendingDeploymentSummary: { EndpointConfigName: "gated" },
    });
    expect(await servedVersion()).toBe("1.0.0");
    await expect(local.update("gated")).rejects.toThrow(/Cannot update in-progress endpoint/);
    writeFileSync(gate, "");
    await local.settled("InService");
    expect(await (await local.invoke("{}")).text()).toBe("the new one");
  });

  it("stays with the old model when the new one cannot be read, and says why", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.configure("broken", modelAt("broken/model.json"));
    await local.create("champion");
    await local.settled("InService");
    await local.update("broken");
    await local.settled("InService");
    expect(await local.endpoint()).toMatchObject({
      EndpointConfigName: "champion",
      FailureReason: expect.stringContaining("did not pass the ping health check"),
    });
    expect(await servedVersion()).toBe("1.0.0");
    expect(readFileSync(local.path("logs", "credit-scoring.log"), "utf8")).toContain("is not valid JSON");
  });

  it.each([
    ["an image that the registry has not", { Image: `${repository}@sha256:${"0".repeat(64)}` }, "make sure all images"],
    ["a tag in place of a digest", { Image: `${repository}:latest` }, "make sure all images"],
  ])("fails on %s", async (_, override, reason) => {
    await local.configure("champion", { ...modelAt("champion/model.json"), ...override });
    await local.create("champion");
    await local.settled("Failed");
    expect((await local.endpoint()).FailureReason).toContain(reason);
  });

  it("fails when the model's object is gone by the time it is downloaded", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    local.objects.delete("s3://models/champion/model.json");
    await local.create("champion");
    await local.settled("Failed");
    expect((await local.endpoint()).FailureReason).toContain('from URL: "s3://models/champion/model.json"');
  });

  it("serves again after a restart, from the same configuration", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.create("champion");
    await local.settled("InService");
    await local.restart();
    expect((await local.endpoint()).EndpointStatus).toBe("InService");
    expect(await servedVersion()).toBe("1.0.0");
  });

  it("goes on with an update that a restart cut in two", async () => {
    const gate = local.path("open");
    await local.configure("champion", modelAt("champion/model.json"));
    await local.configure("gated", {
      ...modelAt("champion/model.json", gated),
      Environment: { NAME: "new", GATE: gate },
    });
    await local.create("champion");
    await local.settled("InService");
    await local.update("gated");
    await local.restart(() => writeFileSync(gate, ""));
    await local.settled("InService");
    expect((await local.endpoint()).EndpointConfigName).toBe("gated");
    expect(await (await local.invoke("{}")).text()).toBe("new");
  });

  it("loads every file below a prefix", async () => {
    const model = { ...modelAt("champion/"), Image: `${repository}@${scorer.digest}` };
    await local.configure("champion", {
      ...model,
      ModelDataSource: {
        S3DataSource: { S3Uri: "s3://models/champion/", S3DataType: "S3Prefix", CompressionType: "None" },
      },
    });
    await local.create("champion");
    await local.settled("InService");
    expect(await servedVersion()).toBe("1.0.0");
  });

  it("is gone once it is deleted", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.create("champion");
    await local.settled("InService");
    await local.send(new DeleteEndpointCommand({ EndpointName: "credit-scoring" }));
    await vi.waitFor(() => expect(local.endpoint()).rejects.toThrow('Could not find endpoint "arn:aws:sagemaker:'));
    expect((await local.invoke("{}")).status).toBe(400);
  });
});

describe("an invocation", () => {
  it("that the model refuses comes back as a model error with its words", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.create("champion");
    await local.settled("InService");
    const response = await local.invoke("1,2", "text/csv");
    expect(response.status).toBe(424);
    expect(response.headers.get("x-amzn-errortype")).toBe("ModelError");
    expect(await response.json()).toMatchObject({
      OriginalStatusCode: 400,
      OriginalMessage: expect.stringContaining("Row 1 has 2 values"),
    });
  });

  it("of an endpoint that is not there is refused", async () => {
    const response = await local.invoke("{}");
    expect(response.headers.get("x-amzn-errortype")).toBe("ValidationError");
    expect(await response.json()).toEqual({ Message: "Endpoint credit-scoring of account 000000000000 not found." });
  });
});
