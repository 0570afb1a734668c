import { expect } from "vitest";
import type { Cluster, KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { releaseDocument } from "../../../adapters/kubernetes/release-document.ts";
import { memberOf } from "../../../adapters/kubernetes/workload-kinds.ts";
import { releaseOf } from "../../../adapters/kubernetes/workload-standing.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { deploymentOf } from "../../../functions/steps/order.ts";
import { target as trial } from "../../adapters/kubernetes/releases.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion } from "../approved-promotion.ts";
import { everyKind } from "../memory-target.ts";
import { scene } from "./audit-scene.ts";

/** A workload that asks for what was approved, but for a fault, and what answers there. */
export interface Fault {
  readonly spec?: KubernetesObject;
  readonly status: KubernetesObject;
}

/** What the cluster has beside the workload, of the image that was approved and the template that is asked for. */
export interface Beside {
  readonly pods?: readonly KubernetesObject[];
  readonly replicaSets?: readonly KubernetesObject[];
  readonly revision?: KubernetesObject;
}
type Approved = { readonly image: string; readonly template: KubernetesObject };

/** The kinds of what the audit finds an hour after it was approved. */
export async function audited(
  workload: KubernetesTarget["workload"],
  { spec = {}, status }: Fault,
  besides: (approved: Approved) => Beside = () => ({}),
): Promise<readonly unknown[]> {
  const target: KubernetesTarget = { ...trial, name: "production", workload };
  const over = { submittedAt: addSeconds(now, -3600) };
  const { promotion, bytes } = await approvedPromotion("1.4.0", { candidate: { target }, over });
  const deployment = deploymentOf(promotion) ?? expect.unreachable();
  const release = releaseOf(deployment, promotion.verdict?.sha256 ?? "", target);
  const asked = releaseDocument(release, target, undefined);
  const metadata = { ...memberOf(asked, "metadata"), generation: 2, resourceVersion: "7" };
  const object: KubernetesObject = { ...asked, metadata, spec: { ...memberOf(asked, "spec"), ...spec }, status };
  const template = memberOf(memberOf(asked, "spec"), "template");
  const { pods = [], replicaSets = [], revision = revisionOf(asked) } = besides({ image: deployment.image, template });
  const cluster: Cluster = {
    get: async ({ kind }) => (kind === "Revision" ? revision : object),
    list: async ({ kind }, _, selector) =>
      (kind === "Pod" ? pods : kind === "ReplicaSet" ? replicaSets : []).filter((each) => isChosen(each, selector)),
    apply: async () => expect.unreachable(),
    ask: async () => expect.unreachable(),
    remove: async () => expect.unreachable(),
  };
  const { blobs, audit, told } = scene([promotion], {}, { targets: everyKind(kubernetesTarget(async () => cluster)) });
  await blobs.put(bytes);
  await audit();
  return told("intruder-found").map(({ body }) => body["kind"]);
}

/** What Knative makes of an InferenceService that asks for it. */
function revisionOf(asked: KubernetesObject): KubernetesObject {
  const { labels = {}, annotations = {}, ...spec } = memberOf(memberOf(asked, "spec"), "predictor");
  return { metadata: { name: "r2", labels, annotations }, spec };
}

/** A ReplicaSet of the Deployment that has pods. */
export function replicaSet(name: string, template: KubernetesObject): KubernetesObject {
  const ownerReferences = [{ kind: "Deployment", name: trial.endpoint }];
  const { labels = {} } = memberOf(template, "metadata");
  return { metadata: { name, ownerReferences, labels }, spec: { template }, status: { replicas: 3 } };
}

/** A template with another image in the place of its own. */
export function withImage({ template, image }: Approved, other: string): KubernetesObject {
  return JSON.parse(JSON.stringify(template).replaceAll(image, other));
}

function isChosen(object: KubernetesObject, selector: string): boolean {
  const labels: Readonly<Record<string, Json>> = memberOf(memberOf(object, "metadata"), "labels");
  return (
    selector === "" ||
    selector.split(",").every((each) => {
      const [name = "", value] = each.split("=");
      return labels[name] === value;
    })
  );
}
