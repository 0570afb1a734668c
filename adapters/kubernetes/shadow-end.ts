import type { Shadowing } from "../../core/deployment/shadow-target.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import { Failure } from "../../core/failure.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import type { OpenCluster } from "./deployment-target.ts";
import {
  httpRoutes,
  type MirroredTarget,
  mirrorsTo,
  services,
  shadowedIn,
  shadowName,
  shadowSelector,
  withoutMirror,
} from "./shadow-documents.ts";
import { pods, workloadKinds } from "./workload-kinds.ts";

const { resource: deployments } = workloadKinds.deployment;

/** What a run left behind is removed, also by whoever did not start it. */
export async function endShadowIn(
  open: OpenCluster,
  { promotion, target: given }: Shadowing,
): Promise<"gone" | "going"> {
  const target = requireKind(given, "kubernetes");
  const { mirror, metrics } = target;
  // Then there never was one.
  if (mirror === undefined || metrics === undefined) return "gone";
  return endShadow(await open(target.cluster), { ...target, mirror, metrics }, promotion);
}

/** First the copies stop, then what got them goes; and it is looked whether anything of the promotion is left. */
async function endShadow(cluster: Cluster, target: MirroredTarget, promotion: PromotionId): Promise<"gone" | "going"> {
  const { namespace } = target;
  const name = shadowName(target);
  const candidate = await cluster.get(deployments, namespace, name);
  // Another candidate's run is not ours to end.
  if (candidate === undefined || shadowedIn(candidate) === promotion) {
    const route = await cluster.get(httpRoutes, namespace, target.mirror.route);
    if (route !== undefined && mirrorsTo(route, target))
      await applyRules(cluster, target, route, withoutMirror(route, target));
    // What was changed since it was read is there still, and looked at again.
    if (candidate !== undefined) await cluster.remove(deployments, namespace, candidate);
    const service = await cluster.get(services, namespace, name);
    if (service !== undefined && shadowedIn(service) === promotion) await cluster.remove(services, namespace, service);
  }
  const selector = shadowSelector(promotion);
  for (const resource of [deployments, services, pods])
    if ((await cluster.list(resource, namespace, selector)).length > 0) return "going";
  return "gone";
}

/** Whoever changed the route since it was read is not overwritten. */
export async function applyRules(
  cluster: Cluster,
  target: MirroredTarget,
  route: KubernetesObject,
  rules: readonly KubernetesObject[],
): Promise<void> {
  const { resourceVersion = "" } = route["metadata"] as KubernetesObject;
  const document = {
    apiVersion: `${httpRoutes.group}/${httpRoutes.version}`,
    kind: httpRoutes.kind,
    metadata: { name: target.mirror.route, namespace: target.namespace, resourceVersion },
    spec: { rules },
  };
  try {
    await cluster.apply(httpRoutes, target.namespace, document, true);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "conflict") throw error;
    throw new Failure("unavailable", `The HTTPRoute '${target.mirror.route}' is being changed at the moment.`, {
      cause: error,
    });
  }
}
