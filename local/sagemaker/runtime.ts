import type { IncomingMessage } from "node:http";
import { localAccount, localRegion } from "../aws/aws-call.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import type { MetricSink } from "../cloudwatch/metrics.ts";
import { readBody } from "../loopback-server.ts";
import type { ComponentFleet } from "./component-fleet.ts";
import type { Fleet } from "./fleet.ts";
import type { Serving } from "./hosting.ts";
import { invocationMetrics } from "./metrics.ts";
import type { SageMakerStore } from "./store.ts";

/** An answer of the runtime API, ready to be sent. */
export interface RuntimeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The API's limit for a body, and how long SageMaker lets a container think. */
const largestBody = 6 * 1024 * 1024;
const modelTimeout = 60_000;
const componentHeader = "x-amzn-sagemaker-inference-component";

/**
 * InvokeEndpoint: hands the body to a container that serves `endpoint` and its answer back, and measures it.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
 */
export async function invokeEndpoint(
  {
    store,
    fleet,
    components,
    metrics,
  }: {
    readonly store: SageMakerStore;
    readonly fleet: Fleet;
    readonly components: Pick<ComponentFleet, "deal">;
    readonly metrics: MetricSink;
  },
  endpoint: string,
  request: IncomingMessage,
): Promise<RuntimeAnswer> {
  const targeted = Object.keys(request.headers).find(
    (header) => header !== componentHeader && /^x-amzn-sagemaker-(target|inference|enable|session)/.test(header),
  );
  if (targeted !== undefined)
    return refusal(400, "ValidationError", `${targeted} is not carried by the local stand-in.`);
  const body = await readBody(request, largestBody);
  if (body === undefined) return refusal(413, "ValidationError", `A body may have ${largestBody} bytes.`);
  const named = request.headers[componentHeader];
  const component = typeof named === "string" ? named : undefined;
  const serving = component === undefined ? fleet.deal(endpoint) : components.deal(component, endpoint);
  if (serving === undefined)
    return servesNothing(component === undefined ? `Endpoint ${endpoint}` : `Inference Component ${component}`);
  if (store.configs.get(serving.configName)?.queue !== undefined)
    return refusal(400, "ValidationError", `Endpoint ${endpoint} takes asynchronous invocations only.`);
  if (serving.image === undefined)
    return refusal(
      400,
      "ValidationError",
      "Inference Component Name header is required for endpoints to which you plan to deploy inference components.",
    );
  let answer: Response;
  const began = performance.now();
  const measure = (status: number | undefined) => {
    const milliseconds = performance.now() - began;
    const { variantName: variant, configName } = serving;
    const alone = component === undefined ? {} : { component };
    metrics.record(invocationMetrics({ endpoint, variant, configName, status, milliseconds, ...alone }));
  };
  try {
    answer = await asked(serving, request, body);
    measure(answer.status);
  } catch (error) {
    measure(undefined);
    if (error instanceof DOMException && error.name === "TimeoutError") {
      return modelError(endpoint, 0, "Your invocation timed out while waiting for a response from container primary.");
    }
    const why = error instanceof Error ? error.message : String(error);
    return refusal(503, "ServiceUnavailable", `The container of ${endpoint} cannot be reached: ${why}`);
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const contentType = answer.headers.get("content-type") ?? "application/octet-stream";
  const { accept, "content-type": askedType = "application/octet-stream" } = request.headers;
  serving.mirror?.take(
    {
      asked: { contentType: askedType, bytes: body },
      ...(accept === undefined ? {} : { accept }),
      ...(answer.ok ? { answered: { contentType, bytes } } : {}),
    },
    metrics,
  );
  if (!answer.ok) return modelError(endpoint, answer.status, Buffer.from(bytes).toString("utf8"));
  return {
    status: 200,
    headers: {
      "content-type": contentType,
      "x-amzn-invoked-production-variant": serving.variantName,
    },
    body: bytes,
  };
}

function asked(serving: Serving, request: IncomingMessage, body: Buffer): Promise<Response> {
  return serving.fetch("/invocations", {
    method: "POST",
    body: new Uint8Array(body),
    headers: {
      "content-type": request.headers["content-type"] ?? "application/octet-stream",
      ...(request.headers.accept === undefined ? {} : { accept: request.headers.accept }),
    },
    signal: AbortSignal.timeout(modelTimeout),
  });
}

/** Of what is not there, and of what does not serve yet. */
export function servesNothing(what: string): RuntimeAnswer {
  return refusal(400, "ValidationError", `${what} of account ${localAccount} not found.`);
}

/** A refusal in the runtime's protocol (restJson1: the code in a header). */
export function refusal(status: number, code: string, message: string, members: JsonObject = {}): RuntimeAnswer {
  return {
    status,
    headers: { "content-type": "application/json", "x-amzn-errortype": code },
    body: new TextEncoder().encode(JSON.stringify({ Message: message, ...members })),
  };
}

function modelError(endpoint: string, status: number, message: string): RuntimeAnswer {
  const side = status >= 400 && status < 500 ? "client" : "server";
  return refusal(424, "ModelError", `Received ${side} error (${status}) from primary with message "${message}".`, {
    OriginalStatusCode: status,
    OriginalMessage: message,
    LogStreamArn: `arn:aws:logs:${localRegion}:${localAccount}:log-group:/aws/sagemaker/Endpoints/${endpoint}`,
  });
}
