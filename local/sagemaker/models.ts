import { isRecord, type JsonObject } from "../aws/json-shape.ts";
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
} from "./input.ts";
import { listing } from "./listing.ts";
import { checkModelData, environmentOf, type ModelObjects, modelDataOf } from "./model-data.ts";
import type { ModelRecord, SageMakerStore } from "./store.ts";

export type Handler = (body: JsonObject) => JsonObject | Promise<JsonObject>;

/** The operations on models. Model data must be there when a model is created; an image is looked for when it is pulled. */
export function modelOperations(
  store: SageMakerStore,
  { objects, now }: { readonly objects: ModelObjects; readonly now: () => number },
): Readonly<Record<string, Handler>> {
  return {
    async CreateModel(body) {
      onlyCarried(
        body,
        ["ModelName", "PrimaryContainer", "ExecutionRoleArn", "EnableNetworkIsolation", "Tags"],
        "CreateModel",
      );
      const name = resourceName(body, "ModelName");
      const container = checkedContainer(requiredObject(body, "PrimaryContainer"));
      const roleArn = requiredText(body, "ExecutionRoleArn");
      if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(roleArn)) {
        throw validationException(`"${roleArn}" is not the ARN of a role.`);
      }
      const tags = tagsOf(body);
      await checkModelData(modelDataOf(container), objects);
      if (store.models.get(name) !== undefined) throw alreadyExists("model", name);
      const networkIsolation = body["EnableNetworkIsolation"] === true;
      store.models.put({ name, createdAt: now(), roleArn, networkIsolation, container, tags });
      return { ModelArn: arnOf("model", name) };
    },

    DescribeModel(body) {
      const model = modelOf(store, resourceName(body, "ModelName"));
      return {
        ModelName: model.name,
        ModelArn: arnOf("model", model.name),
        PrimaryContainer: describedContainer(model.container),
        ExecutionRoleArn: model.roleArn,
        EnableNetworkIsolation: model.networkIsolation,
        DeploymentRecommendation: { RecommendationStatus: "COMPLETED", RealTimeInferenceRecommendations: [] },
        CreationTime: model.createdAt / 1000,
      };
    },

    DeleteModel(body) {
      store.models.remove(modelOf(store, resourceName(body, "ModelName")).name);
      return {};
    },

    ListModels: (body) =>
      listing(body, "Models", store.models.all(), (model) => ({
        ModelName: model.name,
        ModelArn: arnOf("model", model.name),
        CreationTime: model.createdAt / 1000,
      })),
  };
}

function modelOf(store: SageMakerStore, name: string): ModelRecord {
  const model = store.models.get(name);
  if (model === undefined) throw notFound("model", name);
  return model;
}

/** As SageMaker answers: with an environment that is empty, and the address of a data source a second time. */
function describedContainer(container: JsonObject): JsonObject {
  const { ModelDataSource: source } = container;
  const s3 = isRecord(source) ? source["S3DataSource"] : undefined;
  const address = isRecord(s3) ? { ModelDataUrl: s3["S3Uri"] ?? null } : {};
  return { Environment: {}, ...container, ...address };
}

function checkedContainer(container: JsonObject): JsonObject {
  onlyCarried(
    container,
    ["Image", "Mode", "ModelDataUrl", "ModelDataSource", "Environment", "ContainerHostname"],
    "PrimaryContainer",
  );
  const image = requiredText(container, "Image");
  if (!/^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/.+$/.test(image)) {
    throw validationException(`Using non-ECR image "${image}" without Vpc repository access mode is not supported.`);
  }
  if (container["Mode"] !== undefined && container["Mode"] !== "SingleModel") {
    throw validationException("Mode MultiModel is not carried by the local stand-in.");
  }
  environmentOf(container);
  return { Mode: "SingleModel", ...container };
}
