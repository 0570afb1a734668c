import type { JsonObject } from "../aws/json-shape.ts";
import type { AlarmStates } from "../cloudwatch/cloudwatch.ts";
import { checkedDeployment } from "./deployment.ts";
import { configOf, isServerless } from "./endpoint-configs.ts";
import type { Fleet } from "./fleet.ts";
import { alreadyExists, arnOf, notFound, onlyCarried, resourceName, tagsOf, validationException } from "./input.ts";
import { listing } from "./listing.ts";
import type { Handler } from "./models.ts";
import { refuseWhileScaled, scalableTargetsOf } from "./scaling.ts";
import type { EndpointConfigRecord, EndpointRecord, SageMakerStore } from "./store.ts";
import { currentCapacities, describedVariants, desiredCapacities, retainedCapacities } from "./weights.ts";

/** The operations on endpoints. They answer at once; the fleet does the work, and `DescribeEndpoint` tells how far it is. */
export function endpointOperations(
  store: SageMakerStore,
  given: { readonly fleet: Fleet; readonly alarms: Pick<AlarmStates, "state">; readonly now: () => number },
): Readonly<Record<string, Handler>> {
  const { fleet, alarms, now } = given;
  return {
    CreateEndpoint(body) {
      onlyCarried(body, ["EndpointName", "EndpointConfigName", "Tags"], "CreateEndpoint");
      const name = resourceName(body, "EndpointName");
      const config = configOf(store, resourceName(body, "EndpointConfigName"));
      if (store.endpoints.get(name) !== undefined) throw alreadyExists("endpoint", name);
      const at = now();
      const tags = tagsOf(body);
      store.endpoints.put({ name, createdAt: at, modifiedAt: at, status: "Creating", configName: config.name, tags });
      fleet.create(name);
      return { EndpointArn: arnOf("endpoint", name) };
    },

    UpdateEndpoint(body) {
      const retained = ["RetainAllVariantProperties", "ExcludeRetainedVariantProperties"];
      onlyCarried(body, ["EndpointName", "EndpointConfigName", "DeploymentConfig", ...retained], "UpdateEndpoint");
      const endpoint = settledEndpoint(store, resourceName(body, "EndpointName"));
      const config = configOf(store, resourceName(body, "EndpointConfigName"));
      if (endpoint.status === "Failed") {
        throw validationException(`Cannot update endpoint "${arnOf("endpoint", endpoint.name)}" in status Failed.`);
      }
      refuseConversion(store, endpoint, config);
      refuseWhileScaled(store, endpoint, config);
      const deployment = body["DeploymentConfig"] === undefined ? {} : { deployment: checkedDeployment(body, alarms) };
      const { failureReason: _, ...rest } = endpoint;
      const kept = retainedCapacities(body, capacitiesNow(store, endpoint), config);
      const pending = { configName: config.name, startedAt: now(), ...deployment, ...kept };
      store.endpoints.put({ ...rest, status: "Updating", modifiedAt: now(), pending });
      fleet.update(endpoint.name);
      return { EndpointArn: arnOf("endpoint", endpoint.name) };
    },

    UpdateEndpointWeightsAndCapacities(body) {
      const endpoint = settledEndpoint(store, resourceName(body, "EndpointName"));
      const { configName } = endpoint;
      // https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html: alone of all that have a model of their own.
      const least = store.configs.get(configName)?.queue === undefined ? 1 : 0;
      const desired = desiredCapacities(body, capacitiesNow(store, endpoint), least);
      const pending = { configName, startedAt: now(), ...desired, reweighs: true } as const;
      store.endpoints.put({ ...endpoint, status: "Updating", modifiedAt: now(), pending });
      fleet.weigh(endpoint.name);
      return { EndpointArn: arnOf("endpoint", endpoint.name) };
    },

    DescribeEndpoint: (body) => description(store, fleet, endpointOf(store, resourceName(body, "EndpointName"))),

    DeleteEndpoint(body) {
      const endpoint = settledEndpoint(store, resourceName(body, "EndpointName"));
      if (store.components.all().some(({ endpoint: on }) => on === endpoint.name))
        throw validationException(`Endpoint "${arnOf("endpoint", endpoint.name)}" still has inference components.`);
      // As who removes it may: that is for IAM (judgedCalls).
      for (const name of scalableTargetsOf(store, endpoint.name)) store.scalable.remove(name);
      store.endpoints.put({ ...endpoint, status: "Deleting", modifiedAt: now() });
      fleet.remove(endpoint.name);
      return {};
    },

    ListEndpoints: (body) =>
      listing(
        body,
        "Endpoints",
        store.endpoints.all(),
        (endpoint) => ({
          EndpointName: endpoint.name,
          EndpointArn: arnOf("endpoint", endpoint.name),
          EndpointStatus: endpoint.status,
          CreationTime: endpoint.createdAt / 1000,
          LastModifiedTime: endpoint.modifiedAt / 1000,
        }),
        (endpoint) => endpoint.status,
      ),
  };
}

/**
 * There is a way from serverless to instances, and none back. What queues keeps its queue
 * (https://github.com/aws/sagemaker-python-sdk/pull/3124); whether SageMaker gives one to what has none is not documented.
 */
function refuseConversion(
  store: SageMakerStore,
  { name, configName }: EndpointRecord,
  next: EndpointConfigRecord,
): void {
  const now = store.configs.get(configName);
  if (now?.queue !== undefined && next.queue === undefined)
    throw validationException(`The AsyncInferenceConfig parameter cannot be removed from this endpoint ${name}.`);
  if (now !== undefined && now.queue === undefined && next.queue !== undefined)
    throw validationException("The local stand-in gives no queue to an endpoint that was made without.");
  if (now !== undefined && !isServerless(now.variant) && isServerless(next.variant))
    throw validationException("Cannot convert an instance-based endpoint to a serverless endpoint.");
}

function capacitiesNow(store: SageMakerStore, endpoint: EndpointRecord) {
  const config = store.configs.get(endpoint.configName);
  return config === undefined ? { weights: {}, instances: {} } : currentCapacities(endpoint, config);
}

function endpointOf(store: SageMakerStore, name: string): EndpointRecord {
  const endpoint = store.endpoints.get(name);
  if (endpoint === undefined) throw notFound("endpoint", name);
  return endpoint;
}

/** One that nothing is being done to: SageMaker takes no second change while the first is under way. */
function settledEndpoint(store: SageMakerStore, name: string): EndpointRecord {
  const endpoint = endpointOf(store, name);
  if (endpoint.status === "InService" || endpoint.status === "Failed") return endpoint;
  throw validationException(`Cannot update in-progress endpoint "${arnOf("endpoint", name)}".`);
}

function description(store: SageMakerStore, fleet: Fleet, endpoint: EndpointRecord): JsonObject {
  const serving = fleet.serving(endpoint.name);
  const config = store.configs.get(endpoint.configName);
  const { shadow } = config ?? {};
  return {
    EndpointName: endpoint.name,
    EndpointArn: arnOf("endpoint", endpoint.name),
    EndpointConfigName: endpoint.configName,
    EndpointStatus: endpoint.status,
    CreationTime: endpoint.createdAt / 1000,
    LastModifiedTime: endpoint.modifiedAt / 1000,
    ...(config?.queue === undefined ? {} : { AsyncInferenceConfig: config.queue }),
    ...(endpoint.failureReason === undefined ? {} : { FailureReason: endpoint.failureReason }),
    ...(endpoint.lastDeployment === undefined ? {} : { LastDeploymentConfig: endpoint.lastDeployment }),
    ...(serving === undefined
      ? {}
      : {
          // The configuration of what serves may have been deleted under it.
          ProductionVariants: config === undefined ? [] : describedVariants(endpoint, config, serving),
          ...(shadow === undefined
            ? {}
            : {
                ShadowProductionVariants: [
                  {
                    VariantName: shadow["VariantName"] ?? null,
                    CurrentInstanceCount: shadow["InitialInstanceCount"] ?? null,
                  },
                ],
              }),
        }),
    // A change of weights alone is no deployment of another configuration.
    ...(endpoint.pending === undefined || endpoint.pending.reweighs === true
      ? {}
      : {
          PendingDeploymentSummary: {
            EndpointConfigName: endpoint.pending.configName,
            StartTime: endpoint.pending.startedAt / 1000,
            ...pendingVariants(store, fleet, endpoint.name, endpoint.pending.configName),
          },
        }),
  };
}

/** What is on its way in: SageMaker tells its stage, and while it bakes how much of it is turned on. */
function pendingVariants(store: SageMakerStore, fleet: Fleet, endpoint: string, configName: string): JsonObject {
  const variant = store.configs.get(configName)?.variant;
  if (variant === undefined) return {};
  const { status, percent } = fleet.shifting(endpoint);
  const statuses =
    status === "Baking" ? [{ Status: status, StatusMessage: `${percent} percent of the fleet receive traffic.` }] : [];
  return {
    ProductionVariants: [
      {
        VariantName: variant["VariantName"] ?? null,
        DesiredWeight: variant["InitialVariantWeight"] ?? null,
        DesiredInstanceCount: variant["InitialInstanceCount"] ?? null,
        VariantStatus: status === "Creating" ? [{ Status: status }] : statuses,
      },
    ],
  };
}
