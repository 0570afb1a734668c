import type { DeploymentTarget } from "../../core/deployment/deployment-target.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import type { Target } from "../../core/promotion/target.ts";
import { isDelivered } from "./application-document.ts";
import { argoCdTarget } from "./argocd-target.ts";
import type { Cluster } from "./cluster.ts";
import { workloadTarget } from "./workload-target.ts";

/** Opens the cluster of that name, as the role that this function has. */
export type OpenCluster = (name: string) => Promise<Cluster>;

/** A workload on Kubernetes, changed by us or by Argo CD for us, as its target says. */
export function kubernetesTarget(open: OpenCluster): DeploymentTarget {
  const at = async (given: Target): Promise<DeploymentTarget> => {
    const target = requireKind(given, "kubernetes");
    const cluster = await open(target.cluster);
    return isDelivered(target) ? argoCdTarget(cluster, target) : workloadTarget(cluster, target);
  };
  return {
    describeRunning: async (target) => (await at(target)).describeRunning(target),
    preflight: async (order, release) => (await at(order.target)).preflight(order, release),
    start: async (order, release) => (await at(order.target)).start(order, release),
    whyAlteredBeside: async (deployment) => (await at(deployment.target)).whyAlteredBeside?.(deployment),
    check: async (deployment) => (await at(deployment.target)).check(deployment),
    shift: async (deployment, to) => (await at(deployment.target)).shift?.(deployment, to),
    rollBack: async (deployment) => (await at(deployment.target)).rollBack(deployment),
    settle: async (deployment) => (await at(deployment.target)).settle(deployment),
    cleanUp: async (promotion, target, deployment) => (await at(target)).cleanUp(promotion, target, deployment),
  };
}
