import type { Sha256 } from "../encoding/sha256.ts";
import type { OwnBounds, ReleaseAlarms, RollingTraffic, ShiftedTraffic } from "./traffic.ts";

/**
 * Where the candidate is to run, and how traffic comes to it. Comes from the deployment's own list of targets, never
 * from the request.
 */
export type Target = DeployedTarget | PolicyTarget;
export type DeployedTarget = SageMakerTarget | ComponentTarget | KubernetesTarget | PipelineTarget | WebhookTarget;

/** What a target of any kind may ask for. */
export interface TargetDemands {
  /** Nothing is deployed before the infrastructure plan that was signed is applied. */
  readonly infrastructure?: "applied";
}

/** Another account than ours, and how one comes to work there. */
export interface TargetAccount {
  /** ARN of the role that the functions take on. */
  readonly role: string;
  /** What the role's trust policy asks for beside their names. */
  readonly externalId: string;
}

/** One in which SageMaker serves. */
export interface ServingAccount extends TargetAccount {
  /** ARN of the role that SageMaker takes on there to read the model. */
  readonly servingRole: string;
}

/** What a model that SageMaker hosts may have, however it does. */
interface HostedTarget extends TargetDemands {
  readonly name: string;
  readonly alarms?: ReleaseAlarms;
  /** ARN of the model's version in the Model Registry, whose approval is ours alone. */
  readonly registry?: string;
  readonly account?: ServingAccount;
  /** The model's container may reach the network, with the serving role's rights. Absent: it is isolated from both. */
  readonly network?: "open";
}

/** An endpoint of SageMaker, whose one variant is on instances, where it may queue what it is asked, or serverless. */
export type SageMakerTarget = InstancesTarget | ServerlessTarget;

interface EndpointTarget extends HostedTarget {
  readonly kind: "sagemaker-endpoint";
  /** The endpoint's name. */
  readonly endpoint: string;
}

/** An inference component: a model with a part of its own of the instances of an endpoint that somebody else runs. */
export interface ComponentTarget extends HostedTarget {
  readonly kind: "sagemaker-inference-component";
  /** The component's name, by which it is called. No other in the account and region has it. */
  readonly endpoint: string;
  /** The SageMaker endpoint that it is put on. */
  readonly host: string;
  /** How many copies of the model a release puts there; whoever scales them may make it more or fewer. */
  readonly copies: number;
  readonly resources: ComponentResources;
  /** Absent: as SageMaker has it. */
  readonly handling?: ComponentHandling;
  /** Said by name: all copies are replaced together, and SageMaker keeps nothing to go back to, or in batches. */
  readonly traffic: RollingTraffic | { readonly kind: "all-at-once"; readonly waitSeconds: 0 };
  /** For so long our own watch heeds the alarms of an update, from its beginning. */
  readonly watchSeconds?: number;
}

/** What each copy has to itself. */
export interface ComponentResources {
  readonly memoryMegabytes: number;
  /** It may take more, up to this. */
  readonly mostMemoryMegabytes?: number;
  readonly cpuCores?: number;
  readonly accelerators?: number;
}

/** How copies start, are kept and placed. */
export interface ComponentHandling {
  /** For so long a copy may fetch its model. */
  readonly downloadSeconds?: number;
  /** And for so long it may take to answer a first time. */
  readonly startSeconds?: number;
  /** Each instance keeps the image and the model, so that further copies start sooner. */
  readonly caching?: true;
  /** Over as many instances as there are, or on as few as will do. */
  readonly placement?: "spread" | "pack";
  /** By so many copies zones may differ, where that can be had. Goes with `placement`. */
  readonly zoneImbalance?: number;
}

export interface InstancesTarget extends EndpointTarget {
  readonly instanceType: string;
  readonly instanceCount: number;
  /** It queues what it is asked, and leaves each answer in S3. Absent: it answers each request as it comes. */
  readonly asynchronous?: AsynchronousAnswers;
  /** Absent: all at once, and nothing watches. */
  readonly traffic?: ShiftedTraffic;
  readonly serverless?: never;
  readonly watchSeconds?: never;
}

/** Where an endpoint that queues what it is asked leaves its answers, and who is told of them. */
export interface AsynchronousAnswers {
  /** Below this address each answer: `s3://bucket/prefix`. */
  readonly output: string;
  /** Below this one why there is none. */
  readonly failures?: string;
  /** ARN of the KMS key that both are encrypted with; absent: as the bucket has it. */
  readonly key?: string;
  /** ARNs of the SNS topics that are told of each answer, and of each that failed. One at least is there. */
  readonly topics?: {
    readonly success?: string;
    readonly error?: string;
    /** Which of them are told what was answered, too, up to 128 KB of it. */
    readonly withAnswer?: readonly AnswerTopic[];
  };
  /** So many requests an instance answers at once, at most; absent: SageMaker chooses. */
  readonly concurrency?: number;
}

export const answerTopics = ["success", "error"] as const;
export type AnswerTopic = (typeof answerTopics)[number];

export interface ServerlessTarget extends EndpointTarget {
  readonly serverless: ServerlessCapacity;
  /** Said by name: SageMaker shifts no traffic of it, and keeps nothing to go back to. */
  readonly traffic: { readonly kind: "all-at-once"; readonly waitSeconds: 0 };
  /** For so long our own watch heeds the alarms of an update; SageMaker heeds none. */
  readonly watchSeconds?: number;
  /** The same: it isolates no such container. */
  readonly network: "open";
  readonly instanceType?: never;
  readonly instanceCount?: never;
  readonly asynchronous?: never;
}

export interface ServerlessCapacity {
  readonly memoryMegabytes: number;
  /** How many requests are answered at once. */
  readonly maxConcurrency: number;
}

/** Whether a target's model is one that SageMaker hosts, on an endpoint of its own or on somebody else's. */
export function isHosted<Each extends { readonly kind: string }>(
  target: Each,
): target is Extract<Each, { readonly kind: "sagemaker-endpoint" | "sagemaker-inference-component" }> {
  return target.kind === "sagemaker-endpoint" || target.kind === "sagemaker-inference-component";
}

/** What kinds of workloads on Kubernetes a model may run in. */
export const workloads = ["deployment", "inference-service", "rollout"] as const;

/** What KServe calls the one container of a predictor of one's own, whatever it was called. */
export const kserveContainer = "kserve-container";

export interface KubernetesTarget extends TargetDemands {
  readonly name: string;
  readonly kind: "kubernetes";
  /** The workload's name. */
  readonly endpoint: string;
  /** The EKS cluster's name. */
  readonly cluster: string;
  /** Where the cluster is in another account than ours. */
  readonly account?: TargetAccount;
  readonly namespace: string;
  /** A Deployment, an InferenceService of KServe, or a Rollout of Argo. */
  readonly workload: (typeof workloads)[number];
  /** The container that serves. */
  readonly container: string;
  /** An image with `sh`, `aws` and `sha256sum`, and `tar` where it unpacks, by digest: fetches the model before the container starts. */
  readonly fetcher: string;
  /** A model that is a gzipped tar is unpacked once its bytes were compared, by the `tar` of that image; absent: it lies there as it is. */
  readonly unpack?: true;
  /** Port and path that say whether the container is ready, for a workload that is made here. */
  readonly port: number;
  readonly readinessPath: string;
  /** Whose rights the pods of such a workload have. */
  readonly serviceAccount?: string;
  /** The Argo CD Application that brings the workload there out of Git: it is changed then, and the workload by nobody else. */
  readonly application?: {
    readonly name: string;
    readonly namespace: string;
    /** Of its sources the one that makes the workload; absent: it has one. */
    readonly source?: string;
  };
  /** The Job in Git that asks before each sync whether the verdict holds. */
  readonly preSync?: string;
  /** Digest of what the containers that fetch and serve are told beside their images; absent: they are told nothing. */
  readonly told?: Sha256;
  /** What watches a release, and keeps the bounds of an approval. */
  readonly metrics?: ClusterMetrics;
  /** Where a candidate can get copies of the requests: the HTTPRoute that leads them to the workload's service. */
  readonly mirror?: {
    readonly route: string;
    readonly service: string;
    /** Whoever runs the cluster keeps what both answer, in lines as SageMaker's data capture writes them; absent: nobody sees it. */
    readonly captures?: "data-capture";
  };
  /** Of a Rollout or an InferenceService, where its steps or its part are ours to write; absent: they are its own. */
  readonly traffic?: ShiftedTraffic;
  readonly alarms?: { readonly kind: "own" } & OwnBounds;
}

/** Where a Prometheus in the cluster is, and what it is asked: each query comes to one number. */
export interface ClusterMetrics {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** How many requests the pods `$pods` got in the last `$window`, and how many of them they did not answer well. */
  readonly requests: string;
  readonly errors: string;
  /** The time within which 95 of 100 are answered. */
  readonly p95Seconds?: string;
}

/** The policies themselves, which are put in force and run nowhere. */
interface PolicyTarget {
  readonly name: string;
  readonly kind: "policy";
  /** `in-force` */
  readonly endpoint: string;
  readonly traffic?: never;
  readonly alarms?: never;
  readonly infrastructure?: never;
}

/** A target to which a pipeline deploys by itself, with a passport: docs/passport.md. */
export interface PipelineTarget extends TargetDemands {
  readonly name: string;
  readonly kind: "pipeline";
  /** What it deploys to, in the words of whoever runs it. */
  readonly endpoint: string;
  /** Who may be shown a passport. */
  readonly audiences: readonly string[];
  /** How long the pipeline may take from quorum to its report. */
  readonly withinSeconds: number;
  // How traffic comes over is the pipeline's own.
  readonly traffic?: never;
  readonly alarms?: never;
}

/** A target to which somebody else deploys, who is told by signed messages: docs/deployment.md. */
export interface WebhookTarget extends TargetDemands {
  readonly name: string;
  readonly kind: "webhook";
  /** What it deploys to, in the words of whoever runs it. */
  readonly endpoint: string;
  /** Where the messages go. */
  readonly url: string;
  /** The name of the secret that both sides sign with. */
  readonly secret: string;
  /** How long the receiver may take to say what came of it. */
  readonly withinSeconds: number;
  // How traffic comes over is the receiver's own.
  readonly traffic?: never;
  readonly alarms?: never;
}

/** The kinds of target that something is deployed to. */
export type DeployedKind = DeployedTarget["kind"];

export const targetKinds = [
  "sagemaker-endpoint",
  "sagemaker-inference-component",
  "kubernetes",
  "pipeline",
  "webhook",
  "policy",
] as const satisfies readonly Target["kind"][];
