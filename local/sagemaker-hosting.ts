import { join } from "node:path";
import { AwsRefusal } from "./aws-json-server.ts";
import type { AlarmStates } from "./cloudwatch.ts";
import { type Container, ContainerFailure, type LocalImage, startContainer } from "./sagemaker-container.ts";
import { configOf } from "./sagemaker-endpoint-configs.ts";
import { notFound } from "./sagemaker-input.ts";
import { downloadModelData, environmentOf, type ModelObjects, modelDataOf } from "./sagemaker-model-data.ts";
import type { SageMakerStore } from "./sagemaker-store.ts";
import type { WakeClock } from "./wake-clock.ts";

/** What serves an endpoint: one container of one configuration. */
export interface Serving {
  readonly variantName: string;
  readonly configName: string;
  readonly image: string;
  /** When the image was resolved, in milliseconds since the epoch. */
  readonly resolvedAt: number;
  /** Sends a request to the container; the container is kept until it is answered. */
  fetch(path: string, init: RequestInit): Promise<Response>;
  /** Lets requests under way end, then stops the container. */
  retire(): Promise<void>;
}

export interface HostingOptions {
  readonly store: SageMakerStore;
  readonly objects: ModelObjects;
  readonly images: readonly LocalImage[];
  readonly directory: string;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Waits of updates go by it. */
  readonly clock: WakeClock;
  readonly alarms: AlarmStates;
  /** How a container comes up: a process of its own, unless said otherwise. */
  readonly startContainer?: typeof startContainer;
}

/** Why a configuration could not be brought up, in SageMaker's words for `FailureReason`. */
export class HostingFailure extends Error {
  override readonly name = "HostingFailure";
}

/** Brings up the container that `configName` asks for, for one endpoint. Throws `HostingFailure`. */
export async function host(endpoint: string, configName: string, options: HostingOptions): Promise<Serving> {
  const { variant, model } = lookUp(configName, options.store);
  const variantName = String(variant["VariantName"]);
  const image = String(model.container["Image"]);
  const data = modelDataOf(model.container);
  const resolvedAt = options.now();
  let container: Container;
  try {
    container = await (options.startContainer ?? startContainer)(options.images, {
      image,
      environment: environmentOf(model.container),
      download: (directory) => downloadModelData(data, options.objects, directory),
      // SageMaker's own default is eight minutes; no program here needs one.
      startupTimeout: Number(variant["ContainerStartupHealthCheckTimeoutInSeconds"] ?? 60) * 1000,
      directory: join(options.directory, "containers"),
      logFile: join(options.directory, "logs", `${endpoint}.log`),
      signal: options.signal,
    });
  } catch (cause) {
    if (!(cause instanceof ContainerFailure)) throw cause;
    throw new HostingFailure(reasonOf(cause.kind, variantName, data.uri), { cause });
  }
  return servingOf(container, { variantName, configName, image, resolvedAt });
}

function lookUp(configName: string, store: SageMakerStore) {
  try {
    const { variant } = configOf(store, configName);
    const modelName = String(variant["ModelName"]);
    const model = store.models.get(modelName);
    if (model === undefined) throw notFound("model", modelName);
    return { variant, model };
  } catch (cause) {
    if (!(cause instanceof AwsRefusal)) throw cause;
    throw new HostingFailure(cause.message, { cause });
  }
}

function reasonOf(kind: ContainerFailure["kind"], variant: string, uri: string): string {
  switch (kind) {
    case "image":
      return `Please make sure all images included in the model for the production variant ${variant} exist, and that the execution role used to create the model has permissions to access them.`;
    case "model-data":
      return `Failed to download model data for container "primary" from URL: "${uri}". Please ensure that there is an object located at the URL and that the role passed to CreateModel has permissions to download the object.`;
    case "ping":
      return `The primary container for production variant ${variant} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`;
    default:
      return kind satisfies never;
  }
}

function servingOf(container: Container, facts: Omit<Serving, "fetch" | "retire">): Serving {
  const underWay = new Set<Promise<unknown>>();
  return {
    ...facts,
    async fetch(path, init) {
      // The body is read here: the container may end as soon as this promise is settled.
      const answered = fetch(`${container.url}${path}`, init).then(
        async (response) =>
          new Response(await response.arrayBuffer(), { status: response.status, headers: response.headers }),
      );
      underWay.add(answered);
      try {
        return await answered;
      } finally {
        underWay.delete(answered);
      }
    },
    async retire() {
      await Promise.allSettled(underWay);
      await container.stop();
    },
  };
}
