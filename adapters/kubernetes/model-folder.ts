import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { KubernetesObject } from "./cluster.ts";
import { fetcherName } from "./served-release.ts";
import { itemsIn, memberOf, workloadKinds } from "./workload-kinds.ts";

/** Where the container that serves finds the model. */
export const modelFolder = "/opt/ml/model";
/** Where the container that fetches it puts it. */
export const fetchFolder = "/countersign-model";

/**
 * The container beside ours, or the mount of the serving one, by which other bytes could be served than those whose
 * digest was checked as they were fetched, or that is why nobody waits for that check; `undefined` where there is none. What
 * else others put there is theirs.
 */
export function modelAtRisk(object: KubernetesObject, target: KubernetesTarget): string | undefined {
  const { spec } = workloadKinds[target.workload].podOf(object);
  // The model's volume is a folder of the node.
  const ofNode = new Set(
    itemsIn(spec, "volumes").flatMap(({ hostPath, name }) => (hostPath === undefined ? [] : [name])),
  );
  for (const container of [...itemsIn(spec, "initContainers"), ...itemsIn(spec, "containers")]) {
    const name = String(container["name"]);
    if (name === fetcherName) {
      // https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/: whatever comes next starts beside one that is restarted always.
      if (container["restartPolicy"] !== undefined)
        return `nothing waits until the container '${name}' has checked the model, since somebody set its 'restartPolicy'`;
      continue;
    }
    // What the serving one is told, volumes and all, its target names by a digest.
    const besides = name !== target.container;
    if (besides && memberOf(container, "securityContext")["privileged"] === true)
      return `the container '${name}' may do on the node whatever it likes, where the model lies`;
    for (const { name: volume, mountPath, readOnly } of itemsIn(container, "volumeMounts")) {
      if (besides && ofNode.has(volume)) return `the container '${name}' reaches into the node, where the model lies`;
      if (volume === fetcherName && readOnly !== true) return `the container '${name}' may write where the model lies`;
      if (name === target.container && volume !== fetcherName && isWithin(String(mountPath)))
        return `the volume '${String(volume)}' lies over the model in the container '${name}'`;
    }
  }
  return undefined;
}

function isWithin(path: string): boolean {
  // The kubelet cleans paths as Go does: '//' and a stop between slashes lead to the same place.
  const clean = path.split("/").filter((part) => part !== "" && part !== ".");
  return clean.includes("..") || `/${clean.join("/")}/`.startsWith(`${modelFolder}/`);
}
