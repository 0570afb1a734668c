/**
 * The program of the credit-scoring inference container. It speaks SageMaker's container contract: `GET /ping`
 * answers 200 once the model is loaded, `POST /invocations` scores rows.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
 *
 * One file without dependencies, so that its digest covers everything that runs beside Node itself. The training
 * program measures through `probability` below: what is measured is what serves.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";

/** A logistic regression as data: `p(positive) = 1 / (1 + exp(-(intercept + Σ weight·(x − mean)/scale)))`. */
export interface LinearModel {
  readonly algorithm: "logistic-regression";
  readonly name: string;
  readonly version: string;
  readonly positiveClass: string;
  readonly negativeClass: string;
  /** Rows with a probability at or above it are given the positive class. */
  readonly threshold: number;
  readonly intercept: number;
  readonly features: readonly LinearFeature[];
}

export interface LinearFeature {
  readonly name: string;
  readonly mean: number;
  readonly scale: number;
  readonly weight: number;
}

/** SageMaker's own limit for the body of an invocation was 6 MB for years; rows of this model are far below it. */
const maximumBodyBytes = 6_000_000;

/** Reads `model.json`. Throws with a sentence when anything is missing, of another type, or not a finite number. */
export function readLinearModel(text: string): LinearModel {
  const model: unknown = JSON.parse(text);
  if (!isRecord(model)) throw new Error("The model is not a JSON object.");
  if (model["algorithm"] !== "logistic-regression") throw new Error("The model is not a logistic regression.");
  if (!Array.isArray(model["features"]) || model["features"].length === 0)
    throw new Error("The model has no features.");
  const features = model["features"].map((feature: unknown, index): LinearFeature => {
    if (!isRecord(feature)) throw new Error(`Feature ${index} is not an object.`);
    const { name, mean, scale, weight } = feature;
    if (!isText(name) || !isNumber(mean) || !isNumber(scale) || !isNumber(weight) || scale <= 0) {
      throw new Error(`Feature ${index} needs a name, a mean, a scale above 0 and a weight.`);
    }
    return { name, mean, scale, weight };
  });
  if (new Set(features.map((feature) => feature.name)).size !== features.length)
    throw new Error("A feature occurs twice.");
  const { name, version, positiveClass, negativeClass, threshold, intercept } = model;
  if (!isText(name) || !isText(version) || !isText(positiveClass) || !isText(negativeClass)) {
    throw new Error("The model needs a name, a version and its two classes.");
  }
  if (!isNumber(threshold) || threshold <= 0 || threshold >= 1 || !isNumber(intercept)) {
    throw new Error("The model needs an intercept and a threshold between 0 and 1.");
  }
  return {
    algorithm: "logistic-regression",
    name,
    version,
    positiveClass,
    negativeClass,
    threshold,
    intercept,
    features,
  };
}

/** Log-odds of the positive class for one row of values in the order of the model's features. */
export function logOdds(model: LinearModel, values: readonly number[]): number {
  return model.features.reduce(
    (sum, feature, index) => sum + (feature.weight * ((values[index] ?? Number.NaN) - feature.mean)) / feature.scale,
    model.intercept,
  );
}

/** Probability of the positive class. */
export function probability(model: LinearModel, values: readonly number[]): number {
  return 1 / (1 + Math.exp(-logOdds(model, values)));
}

/** Rows of `text/csv` without a header, values in the order of the model's features. */
export function parseCsvRows(model: LinearModel, body: string): number[][] {
  const lines = body.replace(/\r?\n$/, "").split(/\r?\n/);
  return lines.map((line, row) => checkedRow(model, line.split(",").map(numberOf), row));
}

/**
 * Rows of `{"instances": […]}`, each `{"features": [numbers in order]}` or an object with every feature by its name.
 * Other names in such an object are left aside, so that one client can talk to models with fewer features; a
 * misspelt name still shows, as a missing feature.
 */
export function parseJsonRows(model: LinearModel, body: string): number[][] {
  const document: unknown = JSON.parse(body);
  if (!isRecord(document) || !Array.isArray(document["instances"]) || document["instances"].length === 0) {
    throw new Error('The body must be {"instances": [...]} with one row at least.');
  }
  return document["instances"].map((instance: unknown, row) => {
    if (!isRecord(instance)) throw new Error(`Row ${row + 1} is not an object.`);
    const listed = instance["features"];
    const values: unknown[] = Array.isArray(listed)
      ? listed
      : model.features.map((feature) => (Object.hasOwn(instance, feature.name) ? instance[feature.name] : undefined));
    return checkedRow(model, values, row);
  });
}

function checkedRow(model: LinearModel, values: readonly unknown[], row: number): number[] {
  if (values.length !== model.features.length) {
    throw new Error(`Row ${row + 1} has ${values.length} values; the model has ${model.features.length} features.`);
  }
  return model.features.map((feature, index) => {
    const value = values[index];
    if (!isNumber(value)) throw new Error(`Row ${row + 1}: ${feature.name} must be a finite number.`);
    return value;
  });
}

/** The decimal number that fills the field; anything else, an empty field too, is no number. */
function numberOf(field: string): number {
  const text = field.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Answers one request of the container contract; never throws for what a client sent. */
export async function answer(model: LinearModel, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "/").split("?")[0];
  if (path === "/ping") return request.method === "GET" ? send(response, 200, {}) : refuse(response, 405, "Use GET.");
  if (path !== "/invocations") return refuse(response, 404, "There are /ping and /invocations.");
  if (request.method !== "POST") return refuse(response, 405, "Use POST.");
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "text/csv" && type !== "application/json") {
    return refuse(response, 415, "Send text/csv or application/json.");
  }
  const body = await readBody(request);
  if (body === undefined) return refuse(response, 413, `A body may have ${maximumBodyBytes} bytes.`);
  let rows: number[][];
  try {
    rows = type === "text/csv" ? parseCsvRows(model, body) : parseJsonRows(model, body);
  } catch (error) {
    return refuse(response, 400, error instanceof Error ? error.message : "The rows cannot be read.");
  }
  const scores = rows.map((row) => probability(model, row));
  if ((request.headers.accept ?? type).includes("text/csv")) {
    response.writeHead(200, { "content-type": "text/csv" }).end(`${scores.join("\n")}\n`);
    return;
  }
  const label = (score: number) => (score >= model.threshold ? model.positiveClass : model.negativeClass);
  send(response, 200, {
    model: { name: model.name, version: model.version },
    predictions: scores.map((score) => ({ score, predicted_label: label(score) })),
  });
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // What is too much is read to its end but not kept, so that the client hears the answer.
    if (size <= maximumBodyBytes) chunks.push(chunk);
  }
  return size <= maximumBodyBytes ? Buffer.concat(chunks).toString("utf8") : undefined;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, error: string): void {
  send(response, status, { error });
}

/** `model.json`, or the only file there: SageMaker names an uncompressed model after the last part of its S3 key. */
function modelPath(directory: string): string {
  const files = readdirSync(directory);
  const name = files.includes("model.json") ? "model.json" : files.length === 1 ? files[0] : undefined;
  if (name === undefined) throw new Error(`${directory} has no model.json and not exactly one file.`);
  return join(directory, name);
}

if (import.meta.main) {
  const model = readLinearModel(readFileSync(modelPath(process.env["SM_MODEL_DIR"] ?? "/opt/ml/model"), "utf8"));
  const server = createServer((request, response) => {
    answer(model, request, response).catch(() => response.destroy());
  });
  // SageMaker reaches the container from outside, so all interfaces unless HOST narrows it.
  server.listen(Number(process.env["SAGEMAKER_BIND_TO_PORT"] ?? 8080), process.env["HOST"] ?? "0.0.0.0");
  process.once("SIGTERM", () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
