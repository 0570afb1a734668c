import { Failure } from "../../core/failure.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Traffic } from "../../core/promotion/traffic.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { mayTakeOver, releaseDocument } from "./release-document.ts";
import { releaseIn, revisionOf, type ServedRelease } from "./served-release.ts";
import { memberOf, workloadKinds } from "./workload-kinds.ts";
import { workloadName } from "./workload-standing.ts";

/** How often a workload is read again because its controller reported on it meanwhile. */
export const attempts = 4;

/**
 * The version of an empty store, which no object has: an apply that names it makes what is not there, and is refused as a conflict
 * where somebody made that meanwhile. `create` says the same and cannot be granted for one name.
 * https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go
 */
const versionOfNone = "1";

/**
 * Puts a release into the workload as it was read, or makes it where there was none; takes over from others the fields that
 * say what runs, and no other. Throws `unavailable` where somebody else changed what runs since it was read, or made it.
 */
export async function applyRelease(
  cluster: Cluster,
  target: KubernetesTarget,
  release: ServedRelease,
  read: KubernetesObject | undefined,
  traffic: Traffic,
): Promise<void> {
  const { resource } = workloadKinds[target.workload];
  if (read === undefined) return await make(cluster, target, releaseDocument(release, target, undefined, traffic));
  let object = read;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyOnce(cluster, target, releaseDocument(release, target, object, traffic));
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "conflict") throw error;
      const again = await cluster.get(resource, target.namespace, target.endpoint);
      if (attempt === attempts || again === undefined || revisionIn(again, target) !== revisionIn(read, target))
        throw new Failure("unavailable", `The ${workloadName(target)} is being changed at the moment.`, {
          cause: error,
        });
      object = again;
    }
  }
}

/** Makes the workload, and changes none that somebody made meanwhile. */
async function make(cluster: Cluster, target: KubernetesTarget, document: KubernetesObject): Promise<void> {
  const { resource } = workloadKinds[target.workload];
  const metadata = { ...memberOf(document, "metadata"), resourceVersion: versionOfNone };
  if (await isApplied(cluster, target, { ...document, metadata })) return;
  // A server that compares the version also of what is not there.
  const absent = (await cluster.get(resource, target.namespace, target.endpoint)) === undefined;
  if (absent && (await isApplied(cluster, target, document))) return;
  // Who made it, and whether that is another run of this step, shows when it is read again.
  throw new Failure("unavailable", `Somebody else makes the ${workloadName(target)} at this moment.`);
}

async function isApplied(cluster: Cluster, target: KubernetesTarget, document: KubernetesObject): Promise<boolean> {
  try {
    const { resource } = workloadKinds[target.workload];
    return (await cluster.apply(resource, target.namespace, document, false)).kind === "applied";
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "conflict") throw error;
    return false;
  }
}

async function applyOnce(cluster: Cluster, target: KubernetesTarget, document: KubernetesObject): Promise<void> {
  const { resource } = workloadKinds[target.workload];
  const first = await cluster.apply(resource, target.namespace, document, false);
  if (first.kind === "applied") return;
  const foreign = first.conflicts.find(({ field }) => !mayTakeOver(field, target));
  if (foreign !== undefined) {
    throw new Failure(
      "deployment-refused",
      `Somebody else keeps ${foreign.field} of the ${workloadName(target)} at another value (${foreign.message}); it is not taken over.`,
    );
  }
  await cluster.apply(resource, target.namespace, document, true);
}

function revisionIn(object: KubernetesObject, target: KubernetesTarget): string | undefined {
  const release = releaseIn(object, target);
  return release === undefined ? undefined : revisionOf(release);
}
