import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isRecord } from "../aws/json-shape.ts";
import type { MetricSink } from "../cloudwatch/metrics.ts";
import { initialInstances } from "./endpoint-configs.ts";
import type { Fleet } from "./fleet.ts";
import { invocationMetrics } from "./metrics.ts";
import type { ModelObjects } from "./model-data.ts";
import { type RuntimeAnswer, refusal, servesNothing } from "./runtime.ts";
import type { SageMakerStore } from "./store.ts";

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
const modelTimeout = 15 * 60_000;
const header = "x-amzn-sagemaker-";

/** What is asked of asynchronous endpoints, in the order in which it came. */
export interface Queues {
  /** InvokeEndpointAsync. */
  ask(endpoint: string, request: IncomingMessage): RuntimeAnswer;
  /** Answers what waits, where there are instances for it by now. */
  goOn(): void;
  /** Once what is being answered has been. */
  close(): Promise<void>;
}

interface Asked {
  readonly endpoint: string;
  readonly input: string;
  readonly output: string;
  readonly failure?: string;
  readonly contentType: string;
  readonly accept?: string;
}

/** Queues over what serves; what waits is lost with the process. */
export function openQueues(given: {
  readonly store: SageMakerStore;
  readonly fleet: Pick<Fleet, "deal">;
  readonly metrics: MetricSink;
  readonly objects: ModelObjects;
}): Queues {
  const { store, fleet, metrics, objects } = given;
  let waiting: readonly Asked[] = [];
  const underWay = new Set<Promise<void>>();

  const hasInstances = (endpoint: string): boolean => {
    const record = store.endpoints.get(endpoint);
    const config = record === undefined ? undefined : store.configs.get(record.configName);
    const instances = record?.instances ?? (config === undefined ? {} : initialInstances(config));
    return Object.values(instances).some((count) => count > 0);
  };

  async function answer(asked: Asked): Promise<void> {
    const serving = fleet.deal(asked.endpoint);
    if (serving === undefined || objects.writeObject === undefined) return;
    const began = performance.now();
    let status: number | undefined;
    let why: string | undefined;
    try {
      const input = await objects.readObject(asked.input);
      const answered = await serving.fetch("/invocations", {
        method: "POST",
        body: new Uint8Array(input),
        headers: {
          "content-type": asked.contentType,
          ...(asked.accept === undefined ? {} : { accept: asked.accept }),
        },
        signal: AbortSignal.timeout(modelTimeout),
      });
      status = answered.status;
      const bytes = new Uint8Array(await answered.arrayBuffer());
      if (answered.ok) await objects.writeObject(asked.output, bytes);
      else why = `Received error (${status}) from primary with message "${Buffer.from(bytes).toString("utf8")}".`;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    const { endpoint } = asked;
    const { variantName: variant, configName } = serving;
    const milliseconds = performance.now() - began;
    const queued = { failed: why !== undefined };
    metrics.record(invocationMetrics({ endpoint, variant, configName, status, milliseconds, queued }));
    if (why === undefined || asked.failure === undefined) return;
    // Where that is refused too, the metric says that it failed, as on SageMaker.
    await objects.writeObject(asked.failure, why).catch(() => undefined);
  }

  function goOn(): void {
    const [ready, later] = [true, false].map((now) => waiting.filter((each) => hasInstances(each.endpoint) === now));
    waiting = later ?? [];
    for (const asked of ready ?? []) {
      const answering = answer(asked);
      underWay.add(answering);
      void answering.finally(() => underWay.delete(answering));
    }
  }

  return {
    goOn,

    ask(endpoint, { headers }) {
      const { configName } = store.endpoints.get(endpoint) ?? {};
      const queue = configName === undefined ? undefined : store.configs.get(configName)?.queue;
      if (queue === undefined)
        return refusal(400, "ValidationError", `Endpoint ${endpoint} is not an asynchronous endpoint.`);
      // What is taken before anything serves would never be answered.
      if (fleet.deal(endpoint) === undefined) return servesNothing(`Endpoint ${endpoint}`);
      const known = ["inputlocation", "content-type", "accept", "requestttlseconds", "invocationtimeoutseconds"];
      const foreign = Object.keys(headers).find(
        (name) => name.startsWith(header) && !known.includes(name.slice(header.length)),
      );
      if (foreign !== undefined)
        return refusal(400, "ValidationError", `${foreign} is not carried by the local stand-in.`);
      const input = headers[`${header}inputlocation`];
      if (typeof input !== "string" || !/^s3:\/\/[^/]+\/.+/.test(input))
        return refusal(400, "ValidationError", "InputLocation must name an object in S3.");
      const places = isRecord(queue["OutputConfig"]) ? queue["OutputConfig"] : {};
      const id = randomUUID();
      const below = (member: string, name: string) => {
        const place = places[member];
        return typeof place === "string" ? `${place.replace(/\/$/, "")}/${name}` : undefined;
      };
      const output = below("S3OutputPath", `${id}.out`) ?? "";
      const failure = below("S3FailurePath", `${id}-error.out`);
      const { [`${header}content-type`]: contentType, [`${header}accept`]: accept } = headers;
      waiting = [
        ...waiting,
        {
          ...{ endpoint, input, output },
          ...(failure === undefined ? {} : { failure }),
          contentType: typeof contentType === "string" ? contentType : "application/octet-stream",
          ...(typeof accept === "string" ? { accept } : {}),
        },
      ];
      goOn();
      return {
        status: 202,
        headers: {
          "content-type": "application/json",
          [`${header}outputlocation`]: output,
          ...(failure === undefined ? {} : { [`${header}failurelocation`]: failure }),
        },
        body: new TextEncoder().encode(JSON.stringify({ InferenceId: id })),
      };
    },

    async close() {
      await Promise.all(underWay);
    },
  };
}
