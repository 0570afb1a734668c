import { AwsRefusal } from "../aws/aws-json-server.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import { variantsOf } from "./endpoint-configs.ts";
import { arnOf, oneOf, onlyCarried, requiredText, validationException, wholeNumber } from "./input.ts";
import type { Handler } from "./models.ts";
import type { EndpointConfigRecord, EndpointRecord, SageMakerStore } from "./store.ts";

/**
 * The part of Application Auto Scaling that SageMaker asks of its own: which variants are scalable targets. Nothing scales
 * by itself here. https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html
 */
export function scalingOperations(store: SageMakerStore): Readonly<Record<string, Handler>> {
  return {
    RegisterScalableTarget(body) {
      onlyCarried(body, [...naming, "MinCapacity", "MaxCapacity"], "RegisterScalableTarget");
      const name = scalableIn(body);
      const [, endpoint = "", variant = ""] = scalableName.exec(name) ?? [];
      const { configName } = store.endpoints.get(endpoint) ?? {};
      const config = configName === undefined ? undefined : store.configs.get(configName);
      if (config === undefined || variantNamed(config, variant) === undefined)
        throw validationException(`The endpoint and variant of "${name}" were not found.`);
      const none = config.queue === undefined ? 1 : 0;
      const [least, most] = [wholeNumber(body, "MinCapacity", none), wholeNumber(body, "MaxCapacity", 1)];
      if (least > most) throw validationException("Minimum capacity cannot be greater than maximum capacity.");
      store.scalable.put({ name });
      return {};
    },

    DeregisterScalableTarget(body) {
      onlyCarried(body, naming, "DeregisterScalableTarget");
      const name = scalableIn(body);
      if (store.scalable.get(name) === undefined)
        throw new AwsRefusal("ObjectNotFoundException", `No scalable target found for resource ID: ${name}`);
      store.scalable.remove(name);
      return {};
    },
  };
}

/** The scalable targets among an endpoint's variants. */
export function scalableTargetsOf({ scalable }: SageMakerStore, endpoint: string): readonly string[] {
  return scalable.all().flatMap(({ name }) => (name.startsWith(`endpoint/${endpoint}/variant/`) ? [name] : []));
}

/**
 * Of a variant that scales the update may change the model, and neither take it away nor give it other instances:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html. The sentence is one that others have met.
 */
export function refuseWhileScaled(store: SageMakerStore, endpoint: EndpointRecord, next: EndpointConfigRecord): void {
  const now = store.configs.get(endpoint.configName);
  for (const scalable of scalableTargetsOf(store, endpoint.name)) {
    const [, , variant = ""] = scalableName.exec(scalable) ?? [];
    const before = now === undefined ? undefined : variantNamed(now, variant);
    const after = variantNamed(next, variant);
    if (before === undefined || (after !== undefined && before["InstanceType"] === after["InstanceType"])) continue;
    throw validationException(
      `The variant(s) "${arnOf("endpoint", endpoint.name)}/variant/${variant}" must be deregistered as scalable targets with AutoScaling before they can be removed or have their instance type updated.`,
    );
  }
}

const naming = ["ServiceNamespace", "ResourceId", "ScalableDimension"];
const scalableName = /^endpoint\/([^/]+)\/variant\/([^/]+)$/;

function scalableIn(body: JsonObject): string {
  oneOf(body, "ServiceNamespace", ["sagemaker"]);
  oneOf(body, "ScalableDimension", ["sagemaker:variant:DesiredInstanceCount"]);
  const name = requiredText(body, "ResourceId");
  if (!scalableName.test(name)) throw validationException(`"${name}" is no variant of an endpoint.`);
  return name;
}

function variantNamed(config: EndpointConfigRecord, name: string): JsonObject | undefined {
  return variantsOf(config).find((variant) => variant["VariantName"] === name);
}
