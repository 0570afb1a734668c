import type { JsonObject } from "../aws/json-shape.ts";
import type { AlarmStates } from "../cloudwatch/cloudwatch.ts";
import type { ComponentFleet } from "./component-fleet.ts";
import { checkedRolling } from "./deployment.ts";
import {
  alreadyExists,
  arnOf,
  notFound,
  onlyCarried,
  requiredObject,
  resourceName,
  validationException,
  wholeNumber,
} from "./input.ts";
import { listing } from "./listing.ts";
import type { Handler } from "./models.ts";
import type { ComponentRecord, SageMakerStore } from "./store.ts";

/**
 * The operations on inference components: one model each, by its name, on the one variant of an endpoint that has none of its
 * own. Containers given without a model, adapters and several specifications are not carried; instances hold any number of copies.
 */
export function componentOperations(
  store: SageMakerStore,
  given: { readonly fleet: ComponentFleet; readonly alarms: Pick<AlarmStates, "state">; readonly now: () => number },
): Readonly<Record<string, Handler>> {
  const { components } = store;
  const { fleet, alarms, now } = given;
  return {
    CreateInferenceComponent(body) {
      onlyCarried(
        body,
        ["InferenceComponentName", "EndpointName", "VariantName", "Specification", "RuntimeConfig"],
        "CreateInferenceComponent",
      );
      const name = resourceName(body, "InferenceComponentName");
      const specification = checkedSpecification(store, body);
      const copies = copiesIn(body, 1);
      const { endpoint, variant } = hostIn(store, body);
      if (components.get(name) !== undefined) throw alreadyExists("inference-component", name);
      const at = now();
      const record = { name, createdAt: at, modifiedAt: at, status: "Creating", endpoint, variant } as const;
      components.put({ ...record, specification, copies });
      fleet.create(name);
      return { InferenceComponentArn: arnOf("inference-component", name) };
    },

    UpdateInferenceComponent(body) {
      onlyCarried(
        body,
        ["InferenceComponentName", "Specification", "RuntimeConfig", "DeploymentConfig"],
        "UpdateInferenceComponent",
      );
      const component = settledComponent(store, resourceName(body, "InferenceComponentName"));
      const specification = checkedSpecification(store, body);
      const copies = body["RuntimeConfig"] === undefined ? component.copies : copiesIn(body, 0);
      const deployment =
        body["DeploymentConfig"] === undefined ? {} : { deployment: checkedRolling(body, copies, alarms) };
      const { failureReason: _, ...rest } = component;
      const pending = { specification, copies, ...deployment };
      components.put({ ...rest, status: "Updating", modifiedAt: now(), pending });
      fleet.update(component.name);
      return { InferenceComponentArn: arnOf("inference-component", component.name) };
    },

    DescribeInferenceComponent: (body) => description(componentOf(store, resourceName(body, "InferenceComponentName"))),

    DeleteInferenceComponent(body) {
      const component = settledComponent(store, resourceName(body, "InferenceComponentName"));
      components.put({ ...component, status: "Deleting", modifiedAt: now() });
      fleet.remove(component.name);
      return {};
    },

    ListInferenceComponents({ EndpointNameEquals: on, ...body }) {
      const found = components.all().filter(({ endpoint }) => on === undefined || endpoint === on);
      return listing(body, "InferenceComponents", found, summary, ({ status }) => status);
    },
  };
}

function componentOf(store: SageMakerStore, name: string): ComponentRecord {
  const component = store.components.get(name);
  if (component === undefined) throw notFound("inference-component", name);
  return component;
}

function settledComponent(store: SageMakerStore, name: string): ComponentRecord {
  const component = componentOf(store, name);
  if (component.status === "InService" || component.status === "Failed") return component;
  throw validationException(`Cannot update in-progress inference component "${arnOf("inference-component", name)}".`);
}

/** The endpoint that a component is put on, and its one variant. */
function hostIn(store: SageMakerStore, body: JsonObject): { readonly endpoint: string; readonly variant: string } {
  const name = resourceName(body, "EndpointName");
  const endpoint = store.endpoints.get(name);
  if (endpoint === undefined) throw notFound("endpoint", name);
  const config = store.configs.get(endpoint.configName);
  const variant = String(config?.variant["VariantName"]);
  if (config?.host === undefined)
    throw validationException(
      "Inference Components are not supported in this Endpoint. Please make sure this endpoint can deploy inference components.",
    );
  if (body["VariantName"] !== undefined && body["VariantName"] !== variant)
    throw validationException(`Could not find the variant "${String(body["VariantName"])}".`);
  return { endpoint: name, variant };
}

function checkedSpecification(store: SageMakerStore, body: JsonObject): JsonObject {
  const specification = requiredObject(body, "Specification");
  onlyCarried(
    specification,
    ["ModelName", "ComputeResourceRequirements", "StartupParameters", "DataCacheConfig", "SchedulingConfig"],
    "Specification",
  );
  const model = resourceName(specification, "ModelName");
  if (store.models.get(model) === undefined) throw notFound("model", model);
  const resources = requiredObject(specification, "ComputeResourceRequirements");
  onlyCarried(
    resources,
    [
      "MinMemoryRequiredInMb",
      "MaxMemoryRequiredInMb",
      "NumberOfCpuCoresRequired",
      "NumberOfAcceleratorDevicesRequired",
    ],
    "ComputeResourceRequirements",
  );
  wholeNumber(resources, "MinMemoryRequiredInMb", 128);
  return specification;
}

/** One is scaled to nothing by an update alone: https://github.com/stdapi-ai/stdapi.ai/issues/43 */
function copiesIn(body: JsonObject, least: 0 | 1): number {
  const runtime = requiredObject(body, "RuntimeConfig");
  onlyCarried(runtime, ["CopyCount"], "RuntimeConfig");
  return wholeNumber(runtime, "CopyCount", least);
}

/** Until an update is over, what serves is told; whether SageMaker tells what shall is not documented. */
function description(component: ComponentRecord): JsonObject {
  const { failureReason, lastDeployment } = component;
  return {
    ...summary(component),
    Specification: component.specification,
    RuntimeConfig: {
      DesiredCopyCount: component.pending?.copies ?? component.copies,
      CurrentCopyCount: component.status === "Creating" ? 0 : component.copies,
    },
    ...(failureReason === undefined ? {} : { FailureReason: failureReason }),
    ...(lastDeployment === undefined ? {} : { LastDeploymentConfig: lastDeployment }),
  };
}

function summary(component: ComponentRecord): JsonObject {
  return {
    InferenceComponentName: component.name,
    InferenceComponentArn: arnOf("inference-component", component.name),
    EndpointName: component.endpoint,
    EndpointArn: arnOf("endpoint", component.endpoint),
    VariantName: component.variant,
    InferenceComponentStatus: component.status,
    CreationTime: component.createdAt / 1000,
    LastModifiedTime: component.modifiedAt / 1000,
  };
}
