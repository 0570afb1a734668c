import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type JsonObject, recordIn, recordsIn } from "../aws/json-shape.ts";
import { type Container, ContainerFailure, type LocalImage, startContainer } from "../sagemaker/container.ts";
import { unpackInto } from "../sagemaker/model-data.ts";

/** Where a pod's init container finds the model, and which bytes it takes. */
interface ModelSource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly sha256: string;
  readonly file: string;
  /** Whether it is a gzipped tar, to be unpacked. */
  readonly unpack: boolean;
}

export interface KubeletOptions {
  readonly images: readonly LocalImage[];
  /** Bytes of one version of an object, as the pods' own role reads them. */
  readonly readObject: (s3Uri: string, versionId: string) => Promise<Uint8Array>;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Why a pod does not become ready: what its container status says while it waits. */
export class PodFailure extends Error {
  override readonly name = "PodFailure";
  /** `ErrImagePull`, `CrashLoopBackOff`, `Init:Error`, `CreateContainerConfigError` */
  readonly reason: string;

  constructor(reason: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

/** The most that a container may take to its first good probe; its own probe decides on a real cluster. */
const startupMilliseconds = 60_000;

/**
 * Runs the pod of a template: the init container's work is done here, the one container is really run. Resolves once
 * it is ready. Throws `PodFailure`, for what this kubelet does not carry as well.
 */
export async function startPod(name: string, template: JsonObject, options: KubeletOptions): Promise<Container> {
  const spec = recordIn(template, "spec");
  const container = onlyContainer(spec);
  const source = modelSourceOf(spec);
  try {
    return await startContainer(options.images, {
      image: String(container["image"]),
      environment: environmentOf(container),
      download: async (directory) => {
        if (source === undefined) return;
        const bytes = await fetched(source, options);
        if (source.unpack) unpackInto(directory, bytes);
        else writeFileSync(join(directory, source.file), bytes);
      },
      startupTimeout: startupMilliseconds,
      directory: join(options.directory, "pods"),
      logFile: join(options.directory, "logs", `${name}.log`),
      signal: options.signal,
    });
  } catch (error) {
    if (!(error instanceof ContainerFailure)) throw error;
    if (error.cause instanceof PodFailure) throw error.cause;
    throw new PodFailure(reasonOf(error.kind), error.message, { cause: error });
  }
}

/** What the shipped init container does: one version of the object, and nothing if its digest is another. */
async function fetched(source: ModelSource, options: KubeletOptions): Promise<Uint8Array> {
  const bytes = await options.readObject(`s3://${source.bucket}/${source.key}`, source.versionId);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== source.sha256) {
    throw new PodFailure("Init:Error", `${source.file}: FAILED: its SHA-256 is ${found}, not ${source.sha256}`);
  }
  return bytes;
}

function onlyContainer(spec: JsonObject): JsonObject {
  const containers = recordsIn(spec, "containers");
  const [container, ...sidecars] = containers;
  if (container === undefined || sidecars.length > 0) {
    throw new PodFailure("CreateContainerConfigError", "this kubelet runs pods of exactly one container");
  }
  return container;
}

function modelSourceOf(spec: JsonObject): ModelSource | undefined {
  const [init, ...more] = recordsIn(spec, "initContainers");
  if (init === undefined) return undefined;
  const given = environmentOf(init);
  const {
    MODEL_BUCKET: bucket,
    MODEL_KEY: key,
    MODEL_VERSION: versionId,
    MODEL_SHA256: sha256,
    MODEL_FILE: file,
    MODEL_UNPACK: unpack,
  } = given;
  if (more.length > 0 || !bucket || !key || !versionId || !sha256 || !file || basename(file) !== file) {
    throw new PodFailure(
      "CreateContainerConfigError",
      "this kubelet carries one init container, which fetches MODEL_KEY from MODEL_BUCKET",
    );
  }
  if (unpack !== undefined && unpack !== "tar.gz")
    throw new PodFailure("CreateContainerConfigError", "this kubelet unpacks nothing but a gzipped tar");
  return { bucket, key, versionId, sha256, file, unpack: unpack !== undefined };
}

function environmentOf(container: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    recordsIn(container, "env").map((each): [string, string] => {
      const { name, value } = each;
      if (typeof name === "string" && typeof value === "string") return [name, value];
      throw new PodFailure("CreateContainerConfigError", `env ${name} is not a plain value`);
    }),
  );
}

function reasonOf(kind: ContainerFailure["kind"]): string {
  switch (kind) {
    case "image":
      return "ErrImagePull";
    case "model-data":
      return "Init:Error";
    case "ping":
      return "CrashLoopBackOff";
    default:
      return kind satisfies never;
  }
}
