import type { RunningStack } from "../../../local/stack.ts";
import { columnValue, committedDataset, splitApplicants } from "../dataset.ts";
import { probability, readLinearModel } from "../scorer/serve.ts";

/** What the endpoint said about some rows: which model answered, and its scores. */
export interface Answered {
  readonly version: string;
  readonly scores: readonly number[];
}

let asked: readonly Readonly<Record<string, number>>[] | undefined;

/** The first held-out applicants of the real data, every column by its name. */
function applicants(): readonly Readonly<Record<string, number>>[] {
  asked ??= firstApplicants();
  return asked;
}

function firstApplicants(): readonly Readonly<Record<string, number>>[] {
  const dataset = committedDataset();
  const { test } = splitApplicants(dataset.applicants);
  const columns = dataset.columns.filter((column) => column !== "Class");
  return test
    .slice(0, 20)
    .map((applicant) => Object.fromEntries(columns.map((column) => [column, columnValue(applicant, column)])));
}

/** What is asked about them. */
export function question(): string {
  return JSON.stringify({ instances: applicants() });
}

/** Asks the serving endpoint, or a component on it, about real rows, as an application would (SageMaker InvokeEndpoint). */
export async function scoresFromEndpoint(stack: RunningStack, endpoint: string, component?: string): Promise<Answered> {
  const answer = await fetch(`${stack.addresses.sagemaker}/endpoints/${endpoint}/invocations`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(component === undefined ? {} : { "x-amzn-sagemaker-inference-component": component }),
      authorization: "AWS4-HMAC-SHA256 Credential=APPLICATION/20260101/us-east-1/sagemaker/aws4_request",
    },
    body: question(),
  });
  return answered(`The endpoint '${endpoint}'`, answer);
}

/** Asks a workload's pods about real rows, as a neighbour in the cluster would. */
export async function scoresFromCluster(stack: RunningStack, namespace: string, workload: string): Promise<Answered> {
  if (stack.cluster === undefined) throw new Error("This stack has no cluster.");
  const answer = await stack.cluster.invoke(namespace, workload, "/invocations", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: question(),
  });
  return answered(`${namespace}/${workload}`, answer);
}

async function answered(what: string, answer: Response): Promise<Answered> {
  if (!answer.ok) throw new Error(`${what} answered ${answer.status}: ${await answer.text()}`);
  return answerRead(await answer.json());
}

/** What an answer says. */
export function answerRead(answer: unknown): Answered {
  const body = answer as {
    readonly model: { readonly version: string };
    readonly predictions: readonly { readonly score: number }[];
  };
  return { version: body.model.version, scores: body.predictions.map(({ score }) => score) };
}

/** What a model file itself says of the same rows. */
export function scoresOf(modelJson: string): Answered {
  const model = readLinearModel(modelJson);
  const scores = applicants().map((row) =>
    probability(
      model,
      model.features.map(({ name }) => row[name] ?? Number.NaN),
    ),
  );
  return { version: model.version, scores };
}
