import { join } from "node:path";
import type { JsonObject } from "../aws/json-shape.ts";
import { openKeptDocuments } from "../kept-documents.ts";

/** What SageMaker keeps of a model. Times are milliseconds since the epoch. */
export interface ModelRecord {
  readonly name: string;
  readonly createdAt: number;
  readonly roleArn: string;
  readonly networkIsolation: boolean;
  /** `PrimaryContainer` as it was given. */
  readonly container: JsonObject;
  readonly tags: readonly JsonObject[];
}

export interface EndpointConfigRecord {
  readonly name: string;
  readonly createdAt: number;
  /** The production variant, or the first of two, as it was given. */
  readonly variant: JsonObject;
  /** The other, which requests are dealt out to by weight. */
  readonly second?: JsonObject;
  /** Of one whose variant has no model of its own, for inference components: whose role reads theirs, and whether they are isolated. */
  readonly host?: { readonly roleArn: string; readonly networkIsolation: boolean };
  /** The one in its shadow, and `DataCaptureConfig`. */
  readonly shadow?: JsonObject;
  readonly capture?: JsonObject;
  /** `AsyncInferenceConfig`, of one that queues what it is asked. */
  readonly queue?: JsonObject;
  readonly tags: readonly JsonObject[];
}

/** Of what answers requests under a name. */
export type HostedStatus = "Creating" | "Updating" | "InService" | "Deleting" | "Failed";

export interface EndpointRecord {
  readonly name: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly status: HostedStatus;
  /** The configuration that serves; while the endpoint is created, the one that shall. */
  readonly configName: string;
  readonly failureReason?: string;
  /** By variant, where they were set otherwise than its configuration has them. */
  readonly weights?: Readonly<Record<string, number>>;
  readonly instances?: Readonly<Record<string, number>>;
  /** The update under way. */
  readonly pending?: {
    readonly configName: string;
    readonly startedAt: number;
    readonly deployment?: JsonObject;
    readonly weights?: EndpointRecord["weights"];
    readonly instances?: EndpointRecord["instances"];
    /** Nothing but weights and instances changes. */
    readonly reweighs?: true;
  };
  /** `DeploymentConfig` of the last update that took effect. */
  readonly lastDeployment?: JsonObject;
  readonly tags: readonly JsonObject[];
}

/** An inference component: copies of a model on the instances of an endpoint. */
export interface ComponentRecord {
  readonly name: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly status: HostedStatus;
  readonly endpoint: string;
  readonly variant: string;
  /** `Specification` as it was given, of what serves; while the component is created, of what shall. */
  readonly specification: JsonObject;
  readonly copies: number;
  readonly failureReason?: string;
  /** The update under way. */
  readonly pending?: {
    readonly specification: JsonObject;
    readonly copies: number;
    readonly deployment?: JsonObject;
  };
  /** `DeploymentConfig` of the last update that took effect. */
  readonly lastDeployment?: JsonObject;
}

/** A version in the Model Registry; its name is its ARN. */
export interface PackageRecord {
  readonly name: string;
  readonly group: string;
  readonly version: number;
  readonly createdAt: number;
  readonly status: string;
  readonly description?: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** A variant that scales; its name is its `ResourceId`. */
interface ScalableRecord {
  readonly name: string;
}

/** One kind of record by name. Every change is on disk when the call returns. */
export interface Records<Entry extends { readonly name: string }> {
  get(name: string): Entry | undefined;
  put(entry: Entry): void;
  remove(name: string): void;
  all(): readonly Entry[];
}

export interface SageMakerStore {
  readonly models: Records<ModelRecord>;
  readonly configs: Records<EndpointConfigRecord>;
  readonly endpoints: Records<EndpointRecord>;
  readonly components: Records<ComponentRecord>;
  readonly packages: Records<PackageRecord>;
  readonly scalable: Records<ScalableRecord>;
}

/** Opens the records under `directory`; what earlier runs left is there. */
export function openSageMakerStore(directory: string): SageMakerStore {
  return {
    models: openRecords(join(directory, "models.jsonl")),
    configs: openRecords(join(directory, "endpoint-configs.jsonl")),
    endpoints: openRecords(join(directory, "endpoints.jsonl")),
    components: openRecords(join(directory, "inference-components.jsonl")),
    packages: openRecords(join(directory, "model-packages.jsonl")),
    scalable: openRecords(join(directory, "scalable-targets.jsonl")),
  };
}

function openRecords<Entry extends { readonly name: string }>(path: string): Records<Entry> {
  const entries = openKeptDocuments<Entry>(path, ({ name }) => name);
  return {
    get: (name) => entries.all.get(name),
    put: (entry) => entries.set(entry.name, entry),
    remove: (name) => entries.delete(name),
    all: () => [...entries.all.values()],
  };
}
