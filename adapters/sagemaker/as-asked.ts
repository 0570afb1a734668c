import type {
  CreateEndpointConfigInput,
  CreateInferenceComponentInput,
  CreateModelInput,
  DescribeEndpointConfigOutput,
  DescribeInferenceComponentOutput,
  DescribeModelOutput,
} from "@aws-sdk/client-sagemaker";

/** What an answer may hold that was not asked. Members are named by their path, without the places in lists. */
interface Unasked {
  /** What SageMaker tells of its own, which changes nothing of what runs. */
  readonly told: ReadonlySet<string>;
  /** By their members, the values that mean the same as none. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/**
 * What of a model is not as it was asked, as a part of a sentence; `undefined` where all of it is. What nobody knows here is
 * not as asked either: a member that SageMaker takes one day says where data goes, or what else runs. Values are not told.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html
 */
export function whyNotModelAsked(found: DescribeModelOutput | undefined, asked: CreateModelInput): string | undefined {
  const { ModelDataUrl: address, ModelDataSource: source } = asked.PrimaryContainer ?? {};
  return whyNotAsked("model", found, asked, {
    told: new Set([
      "$metadata",
      "ModelArn",
      "CreationTime",
      "DeploymentRecommendation",
      // Of the object at the address that is compared.
      "PrimaryContainer.ModelDataSource.S3DataSource.ETag",
    ]),
    defaults: {
      EnableNetworkIsolation: false,
      "PrimaryContainer.Mode": "SingleModel",
      // The address is told a second time, in the other form.
      "PrimaryContainer.ModelDataUrl": source?.S3DataSource?.S3Uri,
      ...(address === undefined
        ? {}
        : {
            "PrimaryContainer.ModelDataSource.S3DataSource.S3Uri": address,
            "PrimaryContainer.ModelDataSource.S3DataSource.S3DataType": "S3Object",
            "PrimaryContainer.ModelDataSource.S3DataSource.CompressionType": "Gzip",
          }),
    },
  });
}

/** The same of an endpoint configuration: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html */
export function whyNotConfigAsked(
  found: DescribeEndpointConfigOutput | undefined,
  asked: CreateEndpointConfigInput,
): string | undefined {
  return whyNotAsked("configuration", found, asked, ofConfig);
}

/**
 * The same of an inference component: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html
 * Which image and whose model its container came to is for whoever asks to compare.
 */
export function whyNotComponentAsked(
  found: DescribeInferenceComponentOutput,
  asked: Pick<CreateInferenceComponentInput, "InferenceComponentName" | "EndpointName" | "Specification">,
): string | undefined {
  return whyNotAsked("component", found, asked, ofComponent);
}

const ofComponent: Unasked = {
  told: new Set([
    "$metadata",
    "InferenceComponentArn",
    "EndpointArn",
    // The one of its endpoint, which is looked at by itself.
    "VariantName",
    "FailureReason",
    // Whoever scales the copies may make them more or fewer.
    "RuntimeConfig",
    "CreationTime",
    "LastModifiedTime",
    "InferenceComponentStatus",
    "LastDeploymentConfig",
    "Specification.Container.DeployedImage",
    "Specification.Container.ArtifactUrl",
    // Which of these SageMaker tells where none was asked, and what they are then, is not documented.
    "Specification.StartupParameters.ModelDataDownloadTimeoutInSeconds",
    "Specification.StartupParameters.ContainerStartupHealthCheckTimeoutInSeconds",
    "Specification.SchedulingConfig.PlacementStrategy",
  ]),
  defaults: {
    "Specification.DataCacheConfig.EnableCaching": false,
    "Specification.SchedulingConfig.AvailabilityZoneBalance.MaxImbalance": 0,
  },
};

const variantLists = ["ProductionVariants", "ShadowProductionVariants"] as const;

const ofConfig: Unasked = {
  told: new Set([
    "$metadata",
    "EndpointConfigArn",
    "CreationTime",
    // Its default is another for configurations that are older than it. It measures into the account's own CloudWatch.
    "MetricsConfig.EnableDetailedObservability",
    // SageMaker chooses one where none is asked for: API_AsyncInferenceClientConfig.html. Whether it then tells it is not documented.
    "AsyncInferenceConfig.ClientConfig.MaxConcurrentInvocationsPerInstance",
    // Chosen by the type of the instances, and how requests are spread over equal ones: no default is documented.
    ...variantLists.flatMap((list) => [`${list}.VolumeSizeInGB`, `${list}.RoutingConfig.RoutingStrategy`]),
  ]),
  defaults: {
    EnableNetworkIsolation: false,
    "MetricsConfig.EnableEnhancedMetrics": false,
    "MetricsConfig.MetricPublishFrequencyInSeconds": 60,
    ...Object.fromEntries(
      variantLists.flatMap((list) => [
        [`${list}.InitialVariantWeight`, 1],
        [`${list}.EnableSSMAccess`, false],
      ]),
    ),
  },
};

function whyNotAsked(what: string, found: object | undefined, asked: object, unasked: Unasked): string | undefined {
  if (found === undefined) return `the ${what} is gone`;
  const member = otherMember(found, asked, "", unasked);
  return member === undefined ? undefined : `'${member}' of the ${what} is not as it was asked`;
}

/** The path of the first member that differs. Below what was not asked at all no names are told: they are somebody's. */
function otherMember(found: unknown, asked: unknown, path: string, unasked: Unasked): string | undefined {
  const rule = path.replaceAll(/\[\d+\]/g, "");
  if (asked === undefined) return meansNothing(found, rule, unasked) ? undefined : path;
  if (isAbsent(found)) return rule in unasked.defaults && unasked.defaults[rule] === asked ? undefined : path;
  if (Array.isArray(found) && Array.isArray(asked)) {
    if (found.length !== asked.length) return path;
    const [ours, theirs] = [inOrder(asked), inOrder(found)];
    return firstOf(ours, (each, at) => otherMember(theirs[at], each, `${path}[${at}]`, unasked));
  }
  if (isObject(found) && isObject(asked)) {
    const names = new Set([...Object.keys(asked), ...Object.keys(found)]);
    return firstOf([...names], (name) =>
      otherMember(found[name], asked[name], path === "" ? name : `${path}.${name}`, unasked),
    );
  }
  return isSame(found, asked) ? undefined : path;
}

function meansNothing(found: unknown, rule: string, unasked: Unasked): boolean {
  if (isAbsent(found) || unasked.told.has(rule)) return true;
  if (Array.isArray(found)) return found.length === 0;
  if (isObject(found))
    return Object.entries(found).every(([name, value]) => meansNothing(value, `${rule}.${name}`, unasked));
  return rule in unasked.defaults && isSame(found, unasked.defaults[rule]);
}

function isSame(found: unknown, asked: unknown): boolean {
  // Weights are single-precision numbers on the other side.
  if (typeof found === "number" && typeof asked === "number") return Math.fround(found) === Math.fround(asked);
  return found === asked;
}

/** Lists of names are sets to SageMaker; those of variants are not. */
function inOrder(list: readonly unknown[]): readonly unknown[] {
  return list.every((each) => typeof each === "string") ? list.toSorted() : list;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function firstOf<Item>(items: readonly Item[], ask: (item: Item, at: number) => string | undefined) {
  for (const [at, item] of items.entries()) {
    const answer = ask(item, at);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
