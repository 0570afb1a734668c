import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { scorerUrl } from "../../../../examples/credit-scoring/artifacts.ts";
import { answer, type LinearModel, readLinearModel } from "../../../../examples/credit-scoring/scorer/serve.ts";

const modelDocument = {
  algorithm: "logistic-regression",
  name: "toy",
  version: "1.2.3",
  positiveClass: "Good",
  negativeClass: "Bad",
  threshold: 0.5,
  intercept: 0,
  features: [
    { name: "Duration", mean: 20, scale: 10, weight: -1 },
    { name: "Amount", mean: 3000, scale: 1000, weight: 0.5 },
  ],
};

describe("reading a model", () => {
  it("accepts a linear model", () => {
    expect(readLinearModel(JSON.stringify(modelDocument)).version).toBe("1.2.3");
  });

  it.each([
    ["another algorithm", { algorithm: "pickle" }, "not a logistic regression"],
    ["no features", { features: [] }, "has no features"],
    ["a scale of zero", { features: [{ name: "a", mean: 0, scale: 0, weight: 1 }] }, "a scale above 0"],
    ["a weight that is text", { features: [{ name: "a", mean: 0, scale: 1, weight: "1" }] }, "needs a name"],
    ["the same feature twice", { features: Array(2).fill(modelDocument.features[0]) }, "occurs twice"],
    ["a threshold of one", { threshold: 1 }, "threshold between 0 and 1"],
    ["no version", { version: undefined }, "a name, a version"],
  ])("refuses %s", (_, override, message) => {
    expect(() => readLinearModel(JSON.stringify({ ...modelDocument, ...override }))).toThrow(message);
  });
});

describe("the container's answers", () => {
  const model: LinearModel = readLinearModel(JSON.stringify(modelDocument));
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => void answer(model, request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const invoke = (body: string, type: string) =>
    fetch(`${url}/invocations`, { method: "POST", body, headers: { "content-type": type, accept: "*/*" } });

  it("answers a ping", async () => {
    expect((await fetch(`${url}/ping`)).status).toBe(200);
  });

  it("scores CSV rows in the order of the features", async () => {
    const response = await fetch(`${url}/invocations`, {
      method: "POST",
      body: "20,3000\n10,3000\n",
      headers: { "content-type": "text/csv", accept: "text/csv" },
    });
    expect(await response.text()).toBe(`0.5\n${1 / (1 + Math.exp(-1))}\n`);
  });

  it("scores JSON rows by name, whatever else they hold, and by position", async () => {
    const instances = [{ Amount: 3000, Duration: 30, Class: "Good" }, { features: [20, 3000] }];
    const response = await invoke(JSON.stringify({ instances }), "application/json");
    expect(await response.json()).toEqual({
      model: { name: "toy", version: "1.2.3" },
      predictions: [
        { score: 1 / (1 + Math.exp(1)), predicted_label: "Bad" },
        { score: 0.5, predicted_label: "Good" },
      ],
    });
  });

  it.each([
    ["a row that is too short", "20", "text/csv", 400, "Row 1 has 1 values; the model has 2 features."],
    ["an empty field", "20,", "text/csv", 400, "Row 1: Amount must be a finite number."],
    ["a word", "20,much", "text/csv", 400, "Row 1: Amount must be a finite number."],
    ["a hexadecimal number", "20,0x10", "text/csv", 400, "Row 1: Amount must be a finite number."],
    ["a misspelt name", '{"instances":[{"Duration":1,"amount":2}]}', "application/json", 400, "Row 1: Amount must"],
    [
      "a number as text",
      '{"instances":[{"Duration":"1","Amount":2}]}',
      "application/json",
      400,
      "Row 1: Duration must",
    ],
    ["no rows", '{"instances":[]}', "application/json", 400, "one row at least"],
    ["no JSON", "{", "application/json", 400, "JSON"],
    ["another type", "<row/>", "application/xml", 415, "text/csv or application/json"],
    ["a body beyond the limit", "1,".repeat(3_100_000), "text/csv", 413, "6000000 bytes"],
  ])("refuses %s", async (_, body, type, status, message) => {
    const response = await invoke(body, type);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(message);
  });

  it("knows no other paths and methods", async () => {
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/invocations`)).status).toBe(405);
    expect((await fetch(`${url}/ping`, { method: "POST" })).status).toBe(405);
  });
});

describe("the program", () => {
  it("ends with an error when it cannot read its model", () => {
    const directory = mkdtempSync(join(tmpdir(), "scorer-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, "model.json"), "not a model");
    const run = spawnSync(process.execPath, [fileURLToPath(scorerUrl)], { env: { SM_MODEL_DIR: directory } });
    expect(run.status).not.toBe(0);
    expect(run.stderr.toString()).toContain("not valid JSON");
  });
});
