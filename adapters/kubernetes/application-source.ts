import type { KubernetesObject } from "./cluster.ts";
import { itemsIn, memberOf, record } from "./workload-kinds.ts";

/** Which of an Application's sources makes the workload: the one of that name, or its only one. */
export type SourceName = string | undefined;

/**
 * That source as the Application asks for it, or as Argo CD repeats it in what it says (`comparedTo`, `syncResult`); empty where it
 * is not there, or is not the only one of its name.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/
 */
export function sourceIn(holder: KubernetesObject, name: SourceName): KubernetesObject {
  if (name === undefined) return memberOf(holder, "source");
  const [found, ...more] = itemsIn(holder, "sources").filter((each) => each["name"] === name);
  return found === undefined || more.length > 0 ? {} : found;
}

/** `spec` with that source changed. The definition marks no list by keys, so the others are put back as they are. */
export function withSource(spec: KubernetesObject, name: SourceName, change: KubernetesObject): KubernetesObject {
  if (name === undefined) return { source: change };
  const { kustomize } = change;
  return {
    sources: itemsIn(spec, "sources").map((each) =>
      each["name"] === name ? { ...each, kustomize: { ...memberOf(each, "kustomize"), ...record(kustomize) } } : each,
    ),
  };
}

/** The commit of the one source, or those of all in their order: what a sync is asked for, and what it was over. */
export function commitsIn(holder: KubernetesObject, name: SourceName): KubernetesObject | undefined {
  const { revision, revisions } = holder;
  if (name === undefined) return revision === undefined ? undefined : { revision };
  return Array.isArray(revisions) ? { revisions } : undefined;
}

/** Why what the target names is not a source that can be patched, as the end of a sentence about the Application. */
export function whyNotPatched(application: KubernetesObject, name: SourceName): string | undefined {
  const spec = memberOf(application, "spec");
  const status = memberOf(application, "status");
  const sources = itemsIn(spec, "sources");
  if (spec["sourceHydrator"] !== undefined) return "is built elsewhere by a hydrator";
  if (name === undefined) {
    if (spec["source"] === undefined || spec["sources"] !== undefined)
      return "has several sources; name the one that makes the workload by 'source'";
    return whyNotOfType(status["sourceType"]);
  }
  const at = sources.findIndex((each) => each["name"] === name);
  if (at < 0 || Object.keys(sourceIn(spec, name)).length === 0) return `has no one source of the name '${name}'`;
  const { sourceTypes } = status;
  return whyNotOfType(Array.isArray(sourceTypes) ? sourceTypes[at] : undefined);
}

function whyNotOfType(type: unknown): string | undefined {
  return type === "Kustomize"
    ? undefined
    : `is of the type ${String(type ?? "unknown")}; what is patched here is Kustomize`;
}
