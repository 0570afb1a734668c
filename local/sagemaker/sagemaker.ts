import { rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { type AwsCallLog, type LocalService, principalOf } from "../aws/aws-call.ts";
import { AwsRefusal } from "../aws/aws-json-server.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import type { AlarmStates } from "../cloudwatch/cloudwatch.ts";
import type { MetricSink } from "../cloudwatch/metrics.ts";
import { listenOnLoopback, readBody } from "../loopback-server.ts";
import type { WakeClock } from "../wake-clock.ts";
import { judgedCalls } from "./calls.ts";
import { openComponentFleet } from "./component-fleet.ts";
import { componentOperations } from "./components.ts";
import type { LocalImage, startContainer } from "./container.ts";
import { endpointConfigOperations } from "./endpoint-configs.ts";
import { endpointOperations } from "./endpoints.ts";
import { openFleet } from "./fleet.ts";
import { arnOf } from "./input.ts";
import type { ModelObjects } from "./model-data.ts";
import { type Handler, modelOperations } from "./models.ts";
import { packageOperations } from "./packages.ts";
import { openQueues } from "./queues.ts";
import { invokeEndpoint, refusal } from "./runtime.ts";
import { scalableTargetsOf, scalingOperations } from "./scaling.ts";
import { openSageMakerStore, type SageMakerStore } from "./store.ts";

export interface SageMakerOptions extends ModelObjects {
  /** Folder for records, container files and container logs. */
  readonly directory: string;
  readonly log: AwsCallLog;
  readonly port?: number;
  /** The local registry. */
  readonly images: readonly LocalImage[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Waits of updates go by it. */
  readonly clock: WakeClock;
  /** Alarms that updates are watched by; what requests come to is measured there. */
  readonly cloudWatch: AlarmStates & MetricSink;
  /** How a container comes up: a process of its own, unless said otherwise. */
  readonly startContainer?: typeof startContainer;
}

/**
 * SageMaker hosting on loopback: the control API (`AWS_ENDPOINT_URL_SAGEMAKER`) and the runtime API
 * (`AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME`) at one address. Endpoints really serve: the model comes out of S3, the
 * image's program runs as a child process. Which variants scale is Application Auto Scaling's to say, at the same address. Resolves once the endpoints of an earlier run serve again, so
 * `readObject` must work by then. Operations and parameters that are not carried are refused with SageMaker's errors.
 */
export async function startSageMaker(options: SageMakerOptions): Promise<LocalService> {
  const { directory, log, now = Date.now, clock, cloudWatch } = options;
  // Files of containers that a crash left behind.
  rmSync(join(directory, "containers"), { recursive: true, force: true });
  const store = openSageMakerStore(directory);
  const closing = new AbortController();
  const objects: ModelObjects = options;
  const { signal } = closing;
  const { images } = options;
  const own = options.startContainer === undefined ? {} : { startContainer: options.startContainer };
  const hosting = { store, objects, images, directory, now, signal, clock, alarms: cloudWatch, ...own };
  const fleet = openFleet(hosting);
  const components = openComponentFleet(hosting);
  const operations: ReadonlyMap<string, Handler> = new Map(
    Object.entries({
      ...modelOperations(store, { objects, now }),
      ...endpointConfigOperations(store, now),
      ...packageOperations(store, now),
      ...scalingOperations(store),
      ...endpointOperations(store, { fleet, alarms: cloudWatch, now }),
      ...componentOperations(store, { fleet: components, alarms: cloudWatch, now }),
    }),
  );
  const queues = openQueues({ store, fleet, metrics: cloudWatch, objects });
  await fleet.restore();
  await components.restore();

  const record = (principal: string, status: number, judged: ReturnType<typeof judgedCalls>): void => {
    const at = new Date(now()).toISOString();
    for (const call of judged) log.record({ at, principal, ...call, status });
  };

  const server = await listenOnLoopback(async (request, response) => {
    const [, invoked, queued] =
      /^\/endpoints\/([^/]+)\/(async-)?invocations$/.exec(new URL(request.url ?? "/", "http://127.0.0.1").pathname) ??
      [];
    const principal = principalOf(request);
    if (invoked === undefined) {
      const { status, body, judged } = await control(store, operations, request, principal);
      if (principal !== undefined) record(principal, status, judged);
      // It may have scaled.
      queues.goOn();
      return sendJson(response, status, body);
    }
    const name = decodeURIComponent(invoked);
    const answer =
      principal === undefined
        ? refusal(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        : request.method !== "POST"
          ? refusal(405, "UnknownOperationException", "Use POST.")
          : queued === undefined
            ? await invokeEndpoint({ store, fleet, components, metrics: cloudWatch }, name, request)
            : queues.ask(name, request);
    if (principal !== undefined) {
      const resource = arnOf("endpoint", name);
      const action = queued === undefined ? "sagemaker:InvokeEndpoint" : "sagemaker:InvokeEndpointAsync";
      record(principal, answer.status, [{ action, resource, context: {} }]);
    }
    response.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.byteLength });
    response.end(answer.body);
  }, options.port);

  return {
    url: server.url,
    async close() {
      closing.abort();
      await server.close();
      await queues.close();
      await fleet.close();
      await components.close();
    },
  };
}

interface ControlAnswer {
  readonly status: number;
  readonly body: JsonObject;
  readonly judged: ReturnType<typeof judgedCalls>;
}

/** One call in the AWS JSON 1.1 protocol (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html). */
async function control(
  store: SageMakerStore,
  operations: ReadonlyMap<string, Handler>,
  request: IncomingMessage,
  principal: string | undefined,
): Promise<ControlAnswer> {
  let judged: ControlAnswer["judged"] = [];
  try {
    const body = parseBody(await readBody(request, 1024 * 1024));
    const operation =
      String(request.headers["x-amz-target"] ?? "").match(/^(?:SageMaker|AnyScaleFrontendService)\.(\w+)$/)?.[1] ?? "";
    const handler = operations.get(operation);
    if (request.method !== "POST" || handler === undefined) {
      const what = operation === "" ? "No operation was named" : `${operation} is not carried by the local stand-in`;
      throw new AwsRefusal("UnknownOperationException", `${what}.`);
    }
    if (principal === undefined) {
      throw new AwsRefusal("MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    judged = judgedCalls(operation, body, scalableTargetsOf(store, String(body["EndpointName"] ?? "")));
    return { status: 200, body: await handler(body), judged };
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    return { status: error.status, body: { __type: error.code, message: error.message }, judged };
  }
}

function parseBody(bytes: Buffer | undefined): JsonObject {
  if (bytes === undefined) throw new AwsRefusal("RequestEntityTooLargeException", "Request body is too large.", 413);
  try {
    const body: unknown = JSON.parse(bytes.toString("utf8"));
    if (isRecord(body)) return body;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AwsRefusal("SerializationException", "The request body is not a JSON object.");
}

function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
