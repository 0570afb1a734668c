import { isList, isRecord, type JsonObject } from "./json-shape.ts";
import {
  alreadyExists,
  arnOf,
  notFound,
  onlyCarried,
  requiredText,
  resourceName,
  tagsOf,
  validationException,
  wholeNumber,
} from "./sagemaker-input.ts";
import { listing } from "./sagemaker-listing.ts";
import type { Handler } from "./sagemaker-models.ts";
import type { EndpointConfigRecord, SageMakerStore } from "./sagemaker-store.ts";

/** The operations on endpoint configurations: one production variant on instances, no shadow, no data capture. */
export function endpointConfigOperations(store: SageMakerStore, now: () => number): Readonly<Record<string, Handler>> {
  return {
    CreateEndpointConfig(body) {
      onlyCarried(body, ["EndpointConfigName", "ProductionVariants", "Tags"], "CreateEndpointConfig");
      const name = resourceName(body, "EndpointConfigName");
      const variants = body["ProductionVariants"];
      const variant = isList(variants) && variants.length === 1 ? variants[0] : undefined;
      if (!isRecord(variant)) {
        throw validationException("The local stand-in carries exactly one production variant for an endpoint.");
      }
      const checked = checkedVariant(variant);
      const model = resourceName(variant, "ModelName");
      if (store.models.get(model) === undefined) throw notFound("model", model);
      if (store.configs.get(name) !== undefined) throw alreadyExists("endpoint-config", name);
      store.configs.put({ name, createdAt: now(), variant: checked, tags: tagsOf(body) });
      return { EndpointConfigArn: arnOf("endpoint-config", name) };
    },

    DescribeEndpointConfig(body) {
      const config = configOf(store, resourceName(body, "EndpointConfigName"));
      return {
        EndpointConfigName: config.name,
        EndpointConfigArn: arnOf("endpoint-config", config.name),
        ProductionVariants: [config.variant],
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

/** The configuration of that name, or SageMaker's refusal. */
export function configOf(store: SageMakerStore, name: string): EndpointConfigRecord {
  const config = store.configs.get(name);
  if (config === undefined) throw notFound("endpoint-config", name);
  return config;
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
    ],
    "ProductionVariants",
  );
  resourceName(variant, "VariantName");
  if (!requiredText(variant, "InstanceType").startsWith("ml.")) {
    throw validationException(`"${String(variant["InstanceType"])}" is not an instance type for hosting.`);
  }
  wholeNumber(variant, "InitialInstanceCount", 1);
  if (variant["ContainerStartupHealthCheckTimeoutInSeconds"] !== undefined) {
    wholeNumber(variant, "ContainerStartupHealthCheckTimeoutInSeconds", 60);
  }
  return { InitialVariantWeight: 1, ...variant };
}
