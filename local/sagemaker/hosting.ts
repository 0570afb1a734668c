import { join } from "node:path";
import { AwsRefusal } from "../aws/aws-json-server.ts";
import type { AlarmStates } from "../cloudwatch/cloudwatch.ts";
import type { WakeClock } from "../wake-clock.ts";
import { openCapture } from "./capture.ts";
import { type Container, ContainerFailure, type LocalImage, startContainer } from "./container.ts";
import { configOf } from "./endpoint-configs.ts";
import { notFound } from "./input.ts";
import { type Mirror, openMirror } from "./mirror.ts";
import { downloadModelData, environmentOf, type ModelObjects, modelDataOf } from "./model-data.ts";
import type { EndpointConfigRecord, SageMakerStore } from "./store.ts";

/** What serves an endpoint: the container of one configuration that answers. */
export interface Serving {
  readonly variantName: string;
  readonly configName: string;
  /** Absent where inference components answer, and nothing by itself. */
  readonly image?: string;
  /** When the image was resolved, in milliseconds since the epoch. */
  readonly resolvedAt: number;
  /** What its requests are handed on to, where the configuration has something in shadow or captures them. */
  readonly mirror?: Mirror;
  /** The other of two variants. */
  readonly beside?: Serving;
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
class HostingFailure extends Error {
  override readonly name = "HostingFailure";
}

/** Brings up what `configName` asks for, for one endpoint. Throws `HostingFailure`, and leaves nothing behind then. */
export async function host(endpoint: string, configName: string, options: HostingOptions): Promise<Serving> {
  const config = found(() => configOf(options.store, configName));
  if (config.host !== undefined) return instancesAlone(config, options);
  const serving = await hostVariant(endpoint, config, config.variant, options);
  if (config.second !== undefined) return withSecond(endpoint, config, serving, options);
  if (config.shadow === undefined && config.capture === undefined) return serving;
  try {
    const beside =
      config.shadow === undefined ? {} : { shadow: await hostVariant(endpoint, config, config.shadow, options) };
    const mirror = openMirror(endpoint, serving.variantName, { ...beside, ...captureOf(config, endpoint, options) });
    return {
      ...serving,
      mirror,
      async retire() {
        await serving.retire();
        await mirror.close();
      },
    };
  } catch (error) {
    await serving.retire();
    throw error;
  }
}

/** Instances for inference components, on which nothing answers by itself. */
function instancesAlone({ name, variant }: EndpointConfigRecord, { now }: HostingOptions): Serving {
  return {
    variantName: String(variant["VariantName"]),
    configName: name,
    resolvedAt: now(),
    fetch: () => Promise.reject(new Error("No model of its own answers on this endpoint.")),
    retire: () => Promise.resolve(),
  };
}

async function withSecond(
  endpoint: string,
  config: EndpointConfigRecord,
  serving: Serving,
  options: HostingOptions,
): Promise<Serving> {
  try {
    const beside = await hostVariant(endpoint, config, config.second ?? {}, options);
    return {
      ...serving,
      beside,
      async retire() {
        await Promise.all([serving.retire(), beside.retire()]);
      },
    };
  } catch (error) {
    await serving.retire();
    throw error;
  }
}

function captureOf({ capture }: EndpointConfigRecord, endpoint: string, { objects, now }: HostingOptions) {
  if (capture === undefined) return {};
  const { writeObject } = objects;
  if (writeObject === undefined) throw new HostingFailure("The local stand-in was given nowhere to leave captures.");
  return { capture: openCapture(capture, endpoint, { now, write: writeObject }) };
}

async function hostVariant(
  endpoint: string,
  { name: configName }: EndpointConfigRecord,
  variant: EndpointConfigRecord["variant"],
  options: HostingOptions,
): Promise<Serving> {
  return hostModel(options, {
    label: endpoint,
    modelName: String(variant["ModelName"]),
    variantName: String(variant["VariantName"]),
    configName,
    // SageMaker's own default is eight minutes; no program here needs one.
    startupSeconds: Number(variant["ContainerStartupHealthCheckTimeoutInSeconds"] ?? 60),
  });
}

/** What is brought up, for what, and under which names its answers are measured. */
export interface HostedModel {
  /** Names its log. */
  readonly label: string;
  readonly modelName: string;
  readonly variantName: string;
  readonly configName: string;
  readonly startupSeconds: number;
}

/** Brings up a model's container. Throws `HostingFailure`, and leaves nothing behind then. */
export async function hostModel(options: HostingOptions, wanted: HostedModel): Promise<Serving> {
  const { label, modelName, variantName, configName, startupSeconds } = wanted;
  const model = found(() => modelNamed(modelName, options.store));
  const image = String(model.container["Image"]);
  const data = modelDataOf(model.container);
  const resolvedAt = options.now();
  let container: Container;
  try {
    container = await (options.startContainer ?? startContainer)(options.images, {
      image,
      environment: environmentOf(model.container),
      download: (directory) => downloadModelData(data, options.objects, directory),
      startupTimeout: startupSeconds * 1000,
      directory: join(options.directory, "containers"),
      logFile: join(options.directory, "logs", `${label}.log`),
      signal: options.signal,
    });
  } catch (cause) {
    if (!(cause instanceof ContainerFailure)) throw cause;
    throw new HostingFailure(reasonOf(cause.kind, variantName, data.uri), { cause });
  }
  return servingOf(container, { variantName, configName, image, resolvedAt });
}

function modelNamed(modelName: string, store: SageMakerStore) {
  const model = store.models.get(modelName);
  if (model === undefined) throw notFound("model", modelName);
  return model;
}

/** What is there; what is not, in the words of `FailureReason`. */
function found<Wanted>(look: () => Wanted): Wanted {
  try {
    return look();
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
