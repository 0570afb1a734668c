import { isList, isRecord, type JsonObject } from "./json-shape.ts";
import { initialWeights, variantsOf } from "./sagemaker-endpoint-configs.ts";
import type { Serving } from "./sagemaker-hosting.ts";
import { onlyCarried, requiredText, validationException } from "./sagemaker-input.ts";
import type { EndpointConfigRecord, EndpointRecord } from "./sagemaker-store.ts";

type Weights = Readonly<Record<string, number>>;

/** The weights that an endpoint's variants have at the moment. */
export function currentWeights({ weights }: EndpointRecord, config: EndpointConfigRecord): Weights {
  return weights ?? initialWeights(config);
}

/**
 * `DesiredWeightsAndCapacities`: the weights of some variants, the others keep theirs. Capacities are not carried.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html
 */
export function desiredWeights(body: JsonObject, now: Weights): Weights {
  onlyCarried(body, ["EndpointName", "DesiredWeightsAndCapacities"], "UpdateEndpointWeightsAndCapacities");
  const desired = body["DesiredWeightsAndCapacities"];
  if (!isList(desired) || desired.length === 0) throw validationException("Here stands a list of desired weights.");
  const asked = desired.map((each) => {
    if (!isRecord(each)) throw validationException("A desired weight is of one variant.");
    onlyCarried(each, ["VariantName", "DesiredWeight"], "DesiredWeightsAndCapacities");
    const name = requiredText(each, "VariantName");
    const weight = each["DesiredWeight"];
    if (!(name in now)) throw validationException(`Could not find the variant "${name}".`);
    if (typeof weight !== "number" || !(weight >= 0)) throw validationException("A weight is a number of 0 or more.");
    return [name, weight] as const;
  });
  const weights = { ...now, ...Object.fromEntries(asked) };
  if (Object.values(weights).every((weight) => weight === 0))
    throw validationException("The weights of the production variants must not all be 0.");
  return weights;
}

/** The weights that an update keeps of variants that are there before and after it; none, where it is not asked to. */
export function retainedWeights(body: JsonObject, now: Weights, next: EndpointConfigRecord): Weights | undefined {
  if (body["RetainAllVariantProperties"] !== true || isExcluded(body, "DesiredWeight")) return undefined;
  const initial = initialWeights(next);
  const kept = Object.entries(now).filter(([name]) => name in initial);
  return kept.length === 0 ? undefined : { ...initial, ...Object.fromEntries(kept) };
}

function isExcluded(body: JsonObject, property: string): boolean {
  const excluded = body["ExcludeRetainedVariantProperties"] ?? [];
  if (!isList(excluded)) throw validationException("ExcludeRetainedVariantProperties must be a list.");
  return excluded.some((each) => isRecord(each) && requiredText(each, "VariantPropertyType") === property);
}

/** `ProductionVariants` of a description: weights as they are, and those that an update under way shall make of them. */
export function describedVariants(
  endpoint: EndpointRecord,
  config: EndpointConfigRecord,
  serving: Serving,
): readonly JsonObject[] {
  const weights = currentWeights(endpoint, config);
  const desired = endpoint.pending?.reweighs === true ? (endpoint.pending.weights ?? weights) : weights;
  return variantsOf(config).map((variant) => {
    const name = String(variant["VariantName"]);
    const { image, resolvedAt } = serving.beside?.variantName === name ? serving.beside : serving;
    const count = variant["InitialInstanceCount"] ?? null;
    const serverless = variant["ServerlessConfig"];
    return {
      VariantName: name,
      ...(image === undefined
        ? {}
        : { DeployedImages: [{ SpecifiedImage: image, ResolvedImage: image, ResolutionTime: resolvedAt / 1000 }] }),
      CurrentWeight: weights[name] ?? null,
      DesiredWeight: desired[name] ?? null,
      ...(serverless === undefined
        ? { CurrentInstanceCount: count, DesiredInstanceCount: count }
        : { CurrentServerlessConfig: serverless, DesiredServerlessConfig: serverless }),
    };
  });
}
