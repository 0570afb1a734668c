import { describe, expect, it } from "vitest";
import type { Cluster, KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { releaseDocument } from "../../../adapters/kubernetes/release-document.ts";
import { memberOf } from "../../../adapters/kubernetes/workload-kinds.ts";
import { releaseOf } from "../../../adapters/kubernetes/workload-standing.ts";
import { Failure } from "../../../core/failure.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { deployment, target as trial } from "./releases.ts";

type Apply = Cluster["apply"];

/** A workload of whoever runs the cluster, with three copies of what was approved, and what is applied to it. */
function scene(workload: KubernetesTarget["workload"], { over = {}, apply }: { over?: object; apply?: Apply } = {}) {
  const target: KubernetesTarget = { ...trial, workload };
  const out = { ...deployment("champion"), target };
  const release = releaseOf(out, "b".repeat(64), target);
  const asked = releaseDocument(release, target, { spec: {} }) as KubernetesObject;
  const object = {
    ...asked,
    metadata: { ...memberOf(asked, "metadata"), generation: 2, resourceVersion: "7" },
    spec: { ...memberOf(asked, "spec"), replicas: 3 },
    status: { observedGeneration: "2", replicas: 3 },
    ...over,
  } as KubernetesObject;
  const applied: unknown[][] = [];
  const cluster = {
    get: async () => object,
    list: async () => [],
    apply:
      apply ??
      (async (...call: Parameters<Apply>) => {
        applied.push(call.slice(2));
        return { kind: "applied", object };
      }),
    remove: async () => expect.unreachable(),
  } as unknown as Cluster;
  return { kubernetes: kubernetesTarget(async () => cluster), out, target, applied };
}

const stopped = {
  metadata: {
    ...{ generation: 2, resourceVersion: "7" },
    annotations: { "countersign.example/stopped": "3" },
  },
};

describe("what whoever runs the cluster has made is taken out of service", () => {
  it.each(["deployment", "rollout"] as const)("by scaling a %s to nothing, in a name of its own", async (workload) => {
    const { kubernetes, out, applied } = scene(workload);
    await kubernetes.rollBack(out);
    expect(applied).toEqual([
      [
        expect.objectContaining({
          metadata: {
            ...{ name: "credit-scoring", namespace: "models", resourceVersion: "7" },
            annotations: { "countersign.example/stopped": "3" },
          },
          spec: { replicas: 0 },
        }),
        true,
        "countersign-stop",
      ],
    ]);
  });

  it("but for an InferenceService, which the next request scales up, and that is said", async () => {
    const { kubernetes, out, applied } = scene("inference-service");
    await expect(kubernetes.rollBack(out)).rejects.toMatchObject({
      code: "deployment-refused",
      message: expect.stringContaining("was made by whoever runs the cluster, who alone removes it."),
    });
    expect(applied).toEqual([]);
  });

  it("and is not out of service while copies are left, nor once somebody scaled it up again", async () => {
    const container = { name: trial.container, image: "scorer" };
    const spec = { replicas: 0, template: { spec: { containers: [container] } } };
    const leaving = scene("deployment", { over: { ...stopped, spec } });
    expect(await leaving.kubernetes.check(leaving.out)).toMatchObject({
      kind: "under-way",
      why: "The Deployment 'models/credit-scoring' is being scaled to nothing.",
    });
    const up = scene("deployment", { over: stopped });
    expect((await up.kubernetes.describeRunning(up.target)).revision).toBeDefined();
    await up.kubernetes.rollBack(up.out);
    expect(up.applied).toHaveLength(1);
  });

  it("and waits where somebody changes it at that moment", async () => {
    const { kubernetes, out } = scene("deployment", {
      apply: async () => Promise.reject(new Failure("conflict", "The object has been modified.")),
    });
    await expect(kubernetes.rollBack(out)).rejects.toMatchObject({ code: "unavailable" });
  });
});
