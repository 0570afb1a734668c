import { Failure } from "../../core/failure.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { Traffic } from "../../core/promotion/traffic.ts";
import type { Cluster, KubernetesObject } from "./cluster.ts";
import { makeNew } from "./make-new.ts";
import { mayTakeOver, releaseDocument } from "./release-document.ts";
import { releaseIn, revisionOf, type ServedRelease } from "./served-release.ts";
import { workloadKinds } from "./workload-kinds.ts";
import { workloadName } from "./workload-standing.ts";

/** How often a workload is read again because its controller reported on it meanwhile. */
export const attempts = 4;

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
  if (read === undefined) {
    // Who makes it, and whether that is another run of this step, shows when it is read again.
    if (await makeNew(cluster, resource, releaseDocument(release, target, undefined, traffic))) return;
    throw new Failure("unavailable", `Somebody else makes the ${workloadName(target)} at this moment.`);
  }
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
