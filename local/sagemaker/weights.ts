import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import { initialInstances, initialWeights, variantsOf } from "./endpoint-configs.ts";
import type { Serving } from "./hosting.ts";
import { onlyCarried, requiredText, validationException, wholeNumber } from "./input.ts";
import type { EndpointConfigRecord, EndpointRecord } from "./store.ts";

type ByVariant = Readonly<Record<string, number>>;

/** What of an endpoint's variants is not its configuration's alone. */
export interface Capacities {
  readonly weights: ByVariant;
  readonly instances: ByVariant;
}

/** The weights and instances that an endpoint's variants have at the moment. */
export function currentCapacities({ weights, instances }: EndpointRecord, config: EndpointConfigRecord): Capacities {
  return { weights: weights ?? initialWeights(config), instances: instances ?? initialInstances(config) };
}

/**
 * `DesiredWeightsAndCapacities`: weights and instances of some variants, the others keep theirs.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html
 */
export function desiredCapacities(body: JsonObject, now: Capacities, leastInstances = 1): Capacities {
  onlyCarried(body, ["EndpointName", "DesiredWeightsAndCapacities"], "UpdateEndpointWeightsAndCapacities");
  const desired = body["DesiredWeightsAndCapacities"];
  if (!isList(desired) || desired.length === 0) throw validationException("Here stands a list of desired weights.");
  const weights = new Map(Object.entries(now.weights));
  const instances = new Map(Object.entries(now.instances));
  for (const each of desired) {
    if (!isRecord(each)) throw validationException("A desired weight is of one variant.");
    onlyCarried(each, ["VariantName", "DesiredWeight", "DesiredInstanceCount"], "DesiredWeightsAndCapacities");
    const name = requiredText(each, "VariantName");
    const { DesiredWeight: weight, DesiredInstanceCount: count } = each;
    if (!weights.has(name)) throw validationException(`Could not find the variant "${name}".`);
    if (weight === undefined && count === undefined) throw validationException(`Nothing is desired of "${name}".`);
    if (weight !== undefined) {
      if (typeof weight !== "number" || !(weight >= 0)) throw validationException("A weight is a number of 0 or more.");
      weights.set(name, weight);
    }
    if (count !== undefined) {
      if (!instances.has(name)) throw validationException("A serverless variant has no instances.");
      instances.set(name, wholeNumber(each, "DesiredInstanceCount", leastInstances));
    }
  }
  if ([...weights.values()].every((weight) => weight === 0))
    throw validationException("The weights of the production variants must not all be 0.");
  return { weights: Object.fromEntries(weights), instances: Object.fromEntries(instances) };
}

/** What an update keeps of variants that are there before and after it; nothing, where it is not asked to. */
export function retainedCapacities(body: JsonObject, now: Capacities, next: EndpointConfigRecord): Partial<Capacities> {
  if (body["RetainAllVariantProperties"] !== true) return {};
  const kept = (property: string, from: ByVariant, initial: ByVariant): ByVariant | undefined => {
    if (isExcluded(body, property)) return undefined;
    const entries = Object.entries(from).filter(([name]) => name in initial);
    return entries.length === 0 ? undefined : { ...initial, ...Object.fromEntries(entries) };
  };
  const weights = kept("DesiredWeight", now.weights, initialWeights(next));
  const instances = kept("DesiredInstanceCount", now.instances, initialInstances(next));
  return { ...(weights && { weights }), ...(instances && { instances }) };
}

function isExcluded(body: JsonObject, property: string): boolean {
  const excluded = body["ExcludeRetainedVariantProperties"] ?? [];
  if (!isList(excluded)) throw validationException("ExcludeRetainedVariantProperties must be a list.");
  return excluded.some((each) => isRecord(each) && requiredText(each, "VariantPropertyType") === property);
}

/** `ProductionVariants` of a description: weights and instances as they are, and those that an update under way shall make of them. */
export function describedVariants(
  endpoint: EndpointRecord,
  config: EndpointConfigRecord,
  serving: Serving,
): readonly JsonObject[] {
  const current = currentCapacities(endpoint, config);
  const desired = endpoint.pending?.reweighs === true ? { ...current, ...endpoint.pending } : current;
  return variantsOf(config).map((variant) => {
    const name = String(variant["VariantName"]);
    const { image, resolvedAt } = serving.beside?.variantName === name ? serving.beside : serving;
    const serverless = variant["ServerlessConfig"];
    return {
      VariantName: name,
      ...(image === undefined
        ? {}
        : { DeployedImages: [{ SpecifiedImage: image, ResolvedImage: image, ResolutionTime: resolvedAt / 1000 }] }),
      CurrentWeight: current.weights[name] ?? null,
      DesiredWeight: desired.weights?.[name] ?? null,
      ...(serverless === undefined
        ? {
            CurrentInstanceCount: current.instances[name] ?? null,
            DesiredInstanceCount: desired.instances?.[name] ?? null,
          }
        : { CurrentServerlessConfig: serverless, DesiredServerlessConfig: serverless }),
    };
  });
}
