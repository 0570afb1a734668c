import { canonicalJson, type Json } from "../../core/encoding/canonical-json.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import { commitsIn, type SourceName, sourceIn, withSource } from "./application-source.ts";
import type { KubernetesObject, Resource } from "./cluster.ts";
import { ownLabels, releaseDocument } from "./release-document.ts";
import { annotation, prefix, releaseIn, type ServedRelease } from "./served-release.ts";
import { itemsIn, memberOf, workloadKinds } from "./workload-kinds.ts";

/** A target whose workload Argo CD brings there out of Git. */
export type DeliveredTarget = KubernetesTarget & Required<Pick<KubernetesTarget, "application">>;

export function isDelivered(target: KubernetesTarget): target is DeliveredTarget {
  return target.application !== undefined;
}

/** https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/ */
export const applications: Resource = {
  group: "argoproj.io",
  version: "v1alpha1",
  plural: "applications",
  kind: "Application",
};

/** Marks what is ours among an Application's patches; it ends up in the annotations of what is patched. */
const patchAnnotation = `${prefix}/patch`;

/** What an Application can be asked to make the workload run; `nothing`: no replica of it. */
export type AskedRelease = ServedRelease | "nothing";

/** Which commit a sync is asked for; `always`: also where the Application syncs by itself, which it does once for a change. */
export interface SyncWish {
  readonly commit: "compared" | "synced-last";
  readonly always?: true;
}

/**
 * The Application with what makes its workload run `release`, as Kustomize patches beside those of others, and the wish to
 * be synced where it does not sync by itself: to a commit that is known, so that nothing else comes along.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/kustomize/#patches and …/user-guide/sync-kubectl/
 */
export function applicationDocument(
  release: AskedRelease,
  target: DeliveredTarget,
  application: KubernetesObject,
  workload: KubernetesObject,
  wish: SyncWish,
): KubernetesObject {
  const { source, ...named } = target.application;
  const patches = [...patchesOfOthers(application, source), ...ownPatches(release, target, workload)];
  const status = memberOf(application, "status");
  const compared = commitsIn(memberOf(status, "sync"), source);
  const last = commitsIn(memberOf(memberOf(status, "operationState"), "syncResult"), source);
  const commits = wish.commit === "compared" ? compared : (last ?? compared);
  const { resourceVersion = "" } = memberOf(application, "metadata");
  return {
    apiVersion: `${applications.group}/${applications.version}`,
    kind: applications.kind,
    metadata: { ...named, resourceVersion, labels: release === "nothing" ? {} : ownLabels(release) },
    spec: withSource(memberOf(application, "spec"), source, { kustomize: { patches } }),
    ...(syncsByItself(application) && wish.always !== true
      ? {}
      : {
          operation: {
            initiatedBy: { username: "countersign" },
            sync: { ...commits, syncStrategy: { hook: {} } },
          },
        }),
  };
}

/** What the Application asks the workload to run by our patch; `undefined` where it has none that can be read. */
export function askedRelease(application: KubernetesObject, target: DeliveredTarget): ServedRelease | undefined {
  for (const { patch } of patchesIn(application, target.application.source)) {
    const document = ownDocument(patch);
    if (document?.["kind"] === workloadKinds[target.workload].resource.kind) return releaseIn(document, target);
  }
  return undefined;
}

/** Whether the Application's patches are those that make the workload run `release`, to the letter. */
export function asksExactly(
  application: KubernetesObject,
  release: AskedRelease,
  target: DeliveredTarget,
  workload: KubernetesObject,
): boolean {
  const ours = patchesIn(application, target.application.source).filter(
    ({ patch }) => ownDocument(patch) !== undefined,
  );
  return canonicalJson(ours) === canonicalJson(ownPatches(release, target, workload));
}

export function patchesIn(application: KubernetesObject, source: SourceName): readonly KubernetesObject[] {
  return patchesOfSource(sourceIn(memberOf(application, "spec"), source));
}

export function patchesOfSource(source: KubernetesObject): readonly KubernetesObject[] {
  return itemsIn(memberOf(source, "kustomize"), "patches");
}

/** https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/: off where it is not there, or says so. */
export function syncsByItself(application: KubernetesObject): boolean {
  const policy = memberOf(memberOf(application, "spec"), "syncPolicy");
  return policy["automated"] !== undefined && memberOf(policy, "automated")["enabled"] !== false;
}

function patchesOfOthers(application: KubernetesObject, source: SourceName): readonly KubernetesObject[] {
  return patchesIn(application, source).filter(({ patch }) => ownDocument(patch) === undefined);
}

function ownPatches(
  release: AskedRelease,
  target: DeliveredTarget,
  workload: KubernetesObject,
): readonly KubernetesObject[] {
  const { resource } = workloadKinds[target.workload];
  const own = (of: Omit<Resource, "plural">, name: string, document: KubernetesObject): KubernetesObject => ({
    // Without a namespace, which what lies in Git often leaves to Argo CD.
    target: { group: of.group, version: of.version, kind: of.kind, name },
    patch: canonicalJson(document),
  });
  const workloadPatch = own(resource, target.endpoint, workloadDocument(release, target, workload));
  const { preSync } = target;
  if (preSync === undefined) return [workloadPatch];
  const job = { group: "batch", version: "v1", kind: "Job" };
  return [workloadPatch, own(job, preSync, checkDocument(release, preSync, target))];
}

function workloadDocument(
  release: AskedRelease,
  target: DeliveredTarget,
  workload: KubernetesObject,
): KubernetesObject {
  const { group, version, kind } = workloadKinds[target.workload].resource;
  const marked = (as: string) => ({ name: target.endpoint, annotations: { [patchAnnotation]: as } });
  const document = { apiVersion: `${group}/${version}`, kind };
  // An autoscaler leaves what is scaled to nothing alone.
  // https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation
  if (release === "nothing") return { ...document, metadata: marked("stop"), spec: { replicas: 0 } };
  const { metadata, spec = {} } = releaseDocument(release, target, workload);
  const { labels = {} } = metadata as KubernetesObject;
  return { ...document, metadata: { ...marked("release"), labels }, spec };
}

/** Tells the hook before a sync what is about to run, in the annotations that its container has as its environment. */
function checkDocument(release: AskedRelease, name: string, { name: target }: DeliveredTarget): KubernetesObject {
  const document = { apiVersion: "batch/v1", kind: "Job" };
  const metadata = { name, annotations: { [patchAnnotation]: "check" } };
  // Nobody is asked whether nothing may run.
  // https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md#delete-directive
  if (release === "nothing") return { ...document, metadata, $patch: "delete" };
  const { image, approved } = release;
  const told =
    approved === undefined
      ? {}
      : {
          [annotation.promotion]: approved.promotion,
          [annotation.verdict]: approved.verdict,
          [annotation.modelDigest]: approved.model.sha256,
        };
  return {
    ...document,
    metadata,
    spec: {
      template: {
        metadata: { annotations: { ...told, [annotation.image]: image, [annotation.target]: target } },
      },
    },
  };
}

/** The document of a patch that is ours. */
function ownDocument(patch: Json | undefined): KubernetesObject | undefined {
  if (typeof patch !== "string") return undefined;
  try {
    const document: unknown = JSON.parse(patch);
    if (typeof document !== "object" || document === null || Array.isArray(document)) return undefined;
    const object = document as KubernetesObject;
    return patchAnnotation in memberOf(memberOf(object, "metadata"), "annotations") ? object : undefined;
  } catch {
    // YAML, and so somebody else's.
    return undefined;
  }
}
