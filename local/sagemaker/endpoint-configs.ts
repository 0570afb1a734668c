import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import { checkedCapture } from "./capture.ts";
import {
  alreadyExists,
  arnOf,
  notFound,
  onlyCarried,
  requiredObject,
  requiredText,
  resourceName,
  tagsOf,
  validationException,
  wholeNumber,
} from "./input.ts";
import { listing } from "./listing.ts";
import type { Handler } from "./models.ts";
import { checkedQueue } from "./queue-config.ts";
import type { EndpointConfigRecord, SageMakerStore } from "./store.ts";

/** The operations on endpoint configurations: two production variants on instances at most, or one with another in its shadow. */
export function endpointConfigOperations(store: SageMakerStore, now: () => number): Readonly<Record<string, Handler>> {
  return {
    CreateEndpointConfig(body) {
      onlyCarried(
        body,
        [
          "EndpointConfigName",
          "ProductionVariants",
          "ShadowProductionVariants",
          "DataCaptureConfig",
          "ExecutionRoleArn",
          "EnableNetworkIsolation",
          "AsyncInferenceConfig",
          "Tags",
        ],
        "CreateEndpointConfig",
      );
      const name = resourceName(body, "EndpointConfigName");
      const [checked, second] = checkedVariants(body);
      const host = checkedHost(body, checked);
      const shadow = body["ShadowProductionVariants"] === undefined ? undefined : checkedShadow(body, checked);
      if (second !== undefined && (shadow !== undefined || body["DataCaptureConfig"] !== undefined))
        throw validationException("The local stand-in carries a shadow and data capture beside one variant only.");
      const queue = body["AsyncInferenceConfig"] === undefined ? {} : { queue: checkedQueue(body, checked) };
      if (isServerless(checked)) refuseBesideServerless(store, body, checked);
      const others = [second, shadow].filter((each) => each !== undefined);
      for (const each of host === undefined ? [checked, ...others] : others) {
        const model = resourceName(each, "ModelName");
        if (store.models.get(model) === undefined) throw notFound("model", model);
      }
      const capture = body["DataCaptureConfig"] === undefined ? {} : { capture: checkedCapture(body) };
      if (store.configs.get(name) !== undefined) throw alreadyExists("endpoint-config", name);
      const beside = { ...(second === undefined ? {} : { second }), ...(shadow === undefined ? {} : { shadow }) };
      const hosts = host === undefined ? {} : { host };
      store.configs.put({
        name,
        createdAt: now(),
        variant: checked,
        ...beside,
        ...hosts,
        ...capture,
        ...queue,
        tags: tagsOf(body),
      });
      return { EndpointConfigArn: arnOf("endpoint-config", name) };
    },

    DescribeEndpointConfig(body) {
      const config = configOf(store, resourceName(body, "EndpointConfigName"));
      return {
        EndpointConfigName: config.name,
        EndpointConfigArn: arnOf("endpoint-config", config.name),
        ProductionVariants: variantsOf(config),
        ...(config.shadow === undefined ? {} : { ShadowProductionVariants: [config.shadow] }),
        ...(config.capture === undefined ? {} : { DataCaptureConfig: config.capture }),
        ...(config.queue === undefined ? {} : { AsyncInferenceConfig: config.queue }),
        ...(config.host === undefined ? {} : { ExecutionRoleArn: config.host.roleArn }),
        EnableNetworkIsolation: config.host?.networkIsolation ?? false,
        CreationTime: config.createdAt / 1000,
      };
    },

    // One that an endpoint uses can be deleted too; the documentation asks not to.
    DeleteEndpointConfig(body) {
      store.configs.remove(configOf(store, resourceName(body, "EndpointConfigName")).name);
      return {};
    },

    ListEndpointConfigs: (body) =>
      listing(body, "EndpointConfigs", store.configs.all(), (config) => ({
        EndpointConfigName: config.name,
        EndpointConfigArn: arnOf("endpoint-config", config.name),
        CreationTime: config.createdAt / 1000,
      })),
  };
}

/**
 * A variant without a model is there for inference components: SageMaker takes a role and network isolation of the
 * configuration's own for such alone.
 */
function checkedHost(body: JsonObject, variant: JsonObject): EndpointConfigRecord["host"] {
  const own = ["ExecutionRoleArn", "EnableNetworkIsolation"].filter((member) => body[member] !== undefined);
  if (variant["ModelName"] !== undefined) {
    if (own.length > 0) throw validationException(`${own.join(", ")} is for endpoints of inference components alone.`);
    return undefined;
  }
  const beside = ["ShadowProductionVariants", "DataCaptureConfig", "AsyncInferenceConfig"];
  const more = beside.filter((member) => body[member] !== undefined);
  const variants = body["ProductionVariants"];
  if (more.length > 0 || isServerless(variant) || (isList(variants) && variants.length > 1))
    throw validationException(
      "The local stand-in carries inference components on one variant on instances, without more.",
    );
  return {
    roleArn: requiredText(body, "ExecutionRoleArn"),
    networkIsolation: body["EnableNetworkIsolation"] === true,
  };
}

/** The production variants of a configuration. */
export function variantsOf({ variant, second }: EndpointConfigRecord): readonly JsonObject[] {
  return second === undefined ? [variant] : [variant, second];
}

/** By the names of a configuration's variants, the weights that they begin with. */
export function initialWeights(config: EndpointConfigRecord): Readonly<Record<string, number>> {
  return Object.fromEntries(
    variantsOf(config).map((variant) => [String(variant["VariantName"]), Number(variant["InitialVariantWeight"])]),
  );
}

/** The same for instances; a serverless variant has none. */
export function initialInstances(config: EndpointConfigRecord): Readonly<Record<string, number>> {
  const onInstances = variantsOf(config).filter((variant) => !isServerless(variant));
  return Object.fromEntries(
    onInstances.map((variant) => [String(variant["VariantName"]), Number(variant["InitialInstanceCount"])]),
  );
}

/** The configuration of that name, or SageMaker's refusal. */
export function configOf(store: SageMakerStore, name: string): EndpointConfigRecord {
  const config = store.configs.get(name);
  if (config === undefined) throw notFound("endpoint-config", name);
  return config;
}

function checkedVariants(body: JsonObject): readonly [JsonObject, JsonObject?] {
  const given = body["ProductionVariants"];
  const [first, second, ...others] = isList(given) ? given : [];
  if (!isRecord(first) || others.length > 0)
    throw validationException("The local stand-in carries one or two production variants for an endpoint.");
  if (second === undefined) return [checkedVariant(first)];
  if (!isRecord(second) || first["VariantName"] === second["VariantName"])
    throw validationException("Each production variant must have a name of its own.");
  const both = [checkedVariant(first), checkedVariant(second)] as const;
  if (both.every((variant) => variant["InitialVariantWeight"] === 0))
    throw validationException("The weights of the production variants must not all be 0.");
  return both;
}

/** Every request goes to both; a part of them is not carried, and some machines have no shadow in SageMaker either. */
function checkedShadow(body: JsonObject, variant: JsonObject): JsonObject {
  const variants = body["ShadowProductionVariants"];
  const only = isList(variants) && variants.length === 1 ? variants[0] : undefined;
  if (!isRecord(only)) throw validationException("An endpoint may have one shadow variant beside one variant.");
  const shadow = checkedVariant(only);
  if (shadow["VariantName"] === variant["VariantName"])
    throw validationException("The shadow variant must have a name of its own.");
  if (shadow["InitialVariantWeight"] !== variant["InitialVariantWeight"])
    throw validationException("The local stand-in mirrors every request or none: the weights must be the same.");
  if ([shadow, variant].some((each) => String(each["InstanceType"]).startsWith("ml.inf1.")))
    throw validationException("Shadow variants are not supported on Inf1 instances.");
  return shadow;
}

/** Whether a variant has no instances of its own. */
export function isServerless(variant: JsonObject): boolean {
  return variant["ServerlessConfig"] !== undefined;
}

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html
function checkedServerless(variant: JsonObject): JsonObject {
  if (variant["InstanceType"] !== undefined || variant["InitialInstanceCount"] !== undefined)
    throw validationException("A serverless variant has no instances.");
  const config = requiredObject(variant, "ServerlessConfig");
  onlyCarried(config, ["MemorySizeInMB", "MaxConcurrency"], "ServerlessConfig");
  const memory = wholeNumber(config, "MemorySizeInMB", 1024);
  if (memory > 6144 || memory % 1024 !== 0)
    throw validationException("MemorySizeInMB must be 1024, 2048, 3072, 4096, 5120 or 6144.");
  if (wholeNumber(config, "MaxConcurrency", 1) > 200) throw validationException("MaxConcurrency must be 200 or less.");
  return { InitialVariantWeight: 1, ...variant };
}

/** What SageMaker excludes beside serverless: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html */
function refuseBesideServerless(store: SageMakerStore, body: JsonObject, variant: JsonObject): void {
  const more = ["ShadowProductionVariants", "DataCaptureConfig"].filter((member) => body[member] !== undefined);
  const variants = body["ProductionVariants"];
  if (more.length > 0 || (isList(variants) && variants.length > 1))
    throw validationException("A serverless endpoint has one variant, no shadow and no data capture.");
  const model = store.models.get(String(variant["ModelName"]));
  if (model?.networkIsolation === true)
    throw validationException("Network isolation is not supported for serverless endpoints.");
  // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
  if (model?.container["ModelDataSource"] !== undefined)
    throw validationException("ModelDataSource is not supported for serverless endpoints.");
}

function checkedVariant(variant: JsonObject): JsonObject {
  onlyCarried(
    variant,
    [
      "VariantName",
      "ModelName",
      "InstanceType",
      "InitialInstanceCount",
      "InitialVariantWeight",
      "ContainerStartupHealthCheckTimeoutInSeconds",
      "ServerlessConfig",
    ],
    "ProductionVariants",
  );
  resourceName(variant, "VariantName");
  if (variant["ServerlessConfig"] !== undefined) return checkedServerless(variant);
  if (!requiredText(variant, "InstanceType").startsWith("ml.")) {
    throw validationException(`"${String(variant["InstanceType"])}" is not an instance type for hosting.`);
  }
  wholeNumber(variant, "InitialInstanceCount", 1);
  if (variant["ContainerStartupHealthCheckTimeoutInSeconds"] !== undefined) {
    wholeNumber(variant, "ContainerStartupHealthCheckTimeoutInSeconds", 60);
  }
  const weight = variant["InitialVariantWeight"] ?? 1;
  if (typeof weight !== "number" || !(weight >= 0)) throw validationException("A weight is a number of 0 or more.");
  return { ...variant, InitialVariantWeight: weight };
}
