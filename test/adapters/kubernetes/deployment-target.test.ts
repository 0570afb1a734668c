import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Cluster, KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { modelFolder } from "../../../adapters/kubernetes/model-folder.ts";
import { memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import type { Deployment, DeploymentTarget, Progress } from "../../../core/deployment/deployment-target.ts";
import type { ApprovedOrder } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { localCluster, scorerImage, shipped } from "../../local/kubernetes/setup.ts";
import { deployment, order, release, servedBy, service, settledIn, target, update } from "./releases.ts";

let analysis: "Successful" | "Failed" = "Successful";
const cluster = localCluster({ analyse: () => ({ phase: analysis, message: "the error rate is 0.2" }) });
const kubernetes: DeploymentTarget = kubernetesTarget(() => cluster.as());

const otherBytes = { name: "MODEL_SHA256", value: "0".repeat(64) };
const mounted = { name: "countersign-model", mountPath: modelFolder };

beforeEach(async () => {
  analysis = "Successful";
  const admin = cluster.kubernetes;
  for (const { resource } of Object.values(workloadKinds)) admin.remove(resource, "models", "credit-scoring");
});

describe("the first release", () => {
  it("makes the workload, waits until it is ready, and serves the approved bytes", async () => {
    const running = await kubernetes.describeRunning(target);
    expect(running).toEqual({});
    await kubernetes.start(order("champion"), release);
    expect((await kubernetes.describeRunning(target)).promotion).toBe(order("champion").promotion);
    const progress = await settled(deployment("champion"));
    expect(progress).toMatchObject({
      kind: "serving",
      why: "The Deployment 'models/credit-scoring' serves the approved model.",
    });
    expect(progress.evidence).toMatchObject({
      workload: { cluster: "trial", kind: "Deployment" },
      pods: [{ phase: "Running" }],
    });
    expect(await served()).toBe("champion");
  });

  it("is started twice without a second change", async () => {
    await kubernetes.start(order("champion"), release);
    await settled(deployment("champion"));
    const before = version();
    await kubernetes.start(order("champion"), release);
    expect(version()).toBe(before);
  });

  it("is taken away again where it does not become ready: nothing ran before", async () => {
    await kubernetes.start(order("broken"), release);
    const progress = await failing(deployment("broken"));
    expect(progress.why).toContain("CrashLoopBackOff: The container did not answer its ping.");
    await kubernetes.rollBack(deployment("broken"));
    expect(await kubernetes.check(deployment("broken"))).toMatchObject({ kind: "returned" });
    expect(await kubernetes.cleanUp(order("broken").promotion, target)).toEqual({ removed: [], left: [] });
  });

  it("is not made for bytes that were replaced in the bucket", async () => {
    const altered = {
      ...order("champion"),
      model: { ...order("champion").model, sha256: sha256Hex(new Uint8Array([1])) },
    };
    await kubernetes.start(altered as ApprovedOrder, release);
    const progress = await failing({ ...deployment("champion"), model: altered.model });
    expect(progress.why).toContain("Init:Error: candidate.json: FAILED".replace("candidate", "champion"));
  });
});

describe("an update", () => {
  it("goes over to the new model, and back to the old one when it must", async () => {
    await kubernetes.start(order("champion"), release);
    await settled(deployment("champion"));
    const previous = await revision();
    await kubernetes.start(order("candidate"), update);
    const next = { ...deployment("candidate"), previous };
    expect((await settled(next)).kind).toBe("serving");
    expect(await served()).toBe("candidate");
    await kubernetes.rollBack(next);
    await kubernetes.rollBack(next);
    expect(await settled(next)).toMatchObject({
      kind: "returned",
      why: expect.stringContaining("runs again what ran before"),
    });
    expect(await served()).toBe("champion");
    expect(await kubernetes.cleanUp(order("candidate").promotion, target)).toEqual({ removed: [], left: [] });
  });

  it("that does not become ready leaves the old model serving until it is rolled back", async () => {
    await kubernetes.start(order("champion"), release);
    await settled(deployment("champion"));
    const next = { ...deployment("broken"), previous: await revision() };
    await kubernetes.start(order("broken"), update);
    expect((await kubernetes.check(next)).kind).toBe("under-way");
    expect((await failing(next)).why).toContain("failed");
    expect(await served()).toBe("champion");
    await kubernetes.rollBack(next);
    expect((await settled(next)).kind).toBe("returned");
  });

  it.each<[string, KubernetesObject]>([
    ["the image that serves", { containers: [{ name: "scorer", image: "other@sha256:0" }] }],
    ["the image that fetches", { initContainers: [{ name: "countersign-model", image: "other@sha256:0" }] }],
    ["how the model is fetched", { initContainers: [{ name: "countersign-model", command: ["true"] }] }],
    ["which bytes are fetched", { initContainers: [{ name: "countersign-model", env: [otherBytes] }] }],
    [
      "that the model may be written over",
      {
        containers: [{ name: "scorer", volumeMounts: [{ ...mounted, readOnly: false }] }],
      },
    ],
  ])("is noticed when somebody changes it by hand, whatever it is: %s", async (_, spec) => {
    await kubernetes.start(order("champion"), release);
    await settled(deployment("champion"));
    byHand(spec);
    expect(await kubernetes.check(deployment("champion"))).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining("somebody changed it"),
    });
  });

  it.each<[string, KubernetesObject]>([
    [
      "a container that may write where the model lies",
      {
        initContainers: [
          { name: "patch", image: scorerImage, volumeMounts: [{ name: "countersign-model", mountPath: "/model" }] },
        ],
      },
    ],
    [
      "another file in the model's place",
      {
        containers: [
          {
            name: "scorer",
            volumeMounts: [{ name: "theirs", mountPath: "/opt/ml/model/champion.json", subPath: "x" }],
          },
        ],
      },
    ],
    [
      "a container that reaches the model's folder by way of the node",
      {
        containers: [{ name: "side", image: scorerImage, volumeMounts: [{ name: "node", mountPath: "/node" }] }],
        volumes: [{ name: "node", hostPath: { path: "/var/lib/kubelet/pods" } }],
      },
    ],
    [
      "a container that may do whatever it likes",
      { containers: [{ name: "side", image: scorerImage, securityContext: { privileged: true } }] },
    ],
    [
      "a container that checks the model beside the one that serves it",
      { initContainers: [{ name: "countersign-model", restartPolicy: "Always" }] },
    ],
  ])("is not what was approved with %s, though all of ours is there", async (_, spec) => {
    await kubernetes.start(order("champion"), release);
    await settled(deployment("champion"));
    byHand(spec);
    const why = "could serve other bytes than those that were approved";
    expect(await kubernetes.check(deployment("champion"))).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining(why),
    });
    await expect(kubernetes.start(order("candidate"), update)).rejects.toMatchObject({
      code: "deployment-refused",
      message: expect.stringContaining(why),
    });
  });

  it("is not asked for anything while it is paused, since nothing comes of it", async () => {
    await kubernetes.start(order("champion"), release);
    await settled(deployment("champion"));
    const metadata = { name: "credit-scoring", namespace: "models" };
    const paused = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { paused: true } };
    cluster.kubernetes.apply(JSON.stringify(paused), "kubectl-edit");
    await expect(kubernetes.start(order("candidate"), update)).rejects.toMatchObject({
      code: "deployment-refused",
      message: "The Deployment 'models/credit-scoring' is paused: nothing that it is asked for comes to run.",
    });
  });

  it("is displaced where somebody deployed something else, and untouched then", async () => {
    await kubernetes.start(order("champion"), release);
    await settled(deployment("champion"));
    const previous = await revision();
    await kubernetes.start(order("candidate"), update);
    expect(await kubernetes.check({ ...deployment("broken"), previous: `${previous} ` })).toMatchObject({
      kind: "displaced",
    });
  });
});

describe("a workload that is there already", () => {
  const theirs = (image: string): KubernetesObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "credit-scoring", namespace: "models" },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "theirs" } },
      template: { metadata: { labels: { app: "theirs" } }, spec: { containers: [{ name: "scorer", image }] } },
    },
  });

  it("is taken over in the fields that say what runs, and given back as it was", async () => {
    cluster.kubernetes.apply(JSON.stringify(theirs("legacy.example/scorer:1")));
    const previous = await revision();
    expect(JSON.parse(previous)).toEqual({ image: "legacy.example/scorer:1" });
    const next = { ...deployment("candidate"), previous };
    await kubernetes.start(order("candidate"), update);
    expect((await settled(next)).kind).toBe("serving");
    await kubernetes.rollBack(next);
    expect((await kubernetes.check(next)).why).toContain("goes back to what ran before");
    const spec = memberOf(memberOf(read("Deployment"), "spec"), "template");
    expect(spec).toEqual({
      metadata: { labels: { app: "theirs" }, annotations: {} },
      spec: {
        containers: [{ name: "scorer", image: "legacy.example/scorer:1", volumeMounts: [] }],
        initContainers: [],
        volumes: [],
      },
    });
  });

  it("is scaled to nothing where whoever runs the cluster made it, and back to as many once something is approved", async () => {
    const made = theirs("legacy.example/scorer:1");
    cluster.kubernetes.apply(JSON.stringify({ ...made, spec: { ...memberOf(made, "spec"), replicas: 3 } }));
    await kubernetes.start(order("champion"), update);
    await settled(deployment("champion"));
    const out = deployment("champion");
    await kubernetes.rollBack(out);
    expect(await kubernetes.describeRunning(target)).toEqual({});
    expect(await settled(out)).toMatchObject({
      kind: "returned",
      why: "The Deployment 'models/credit-scoring' is scaled to nothing.",
    });
    await kubernetes.rollBack(out);
    expect(memberOf(read("Deployment"), "spec")["replicas"]).toBe(0);
    expect(await kubernetes.preflight(order("candidate"), () => release)).toMatchObject({ running: {} });
    await kubernetes.start(order("candidate"), update);
    expect((await settled(deployment("candidate"))).kind).toBe("serving");
    expect(memberOf(read("Deployment"), "spec")["replicas"]).toBe(3);
    expect(await served()).toBe("candidate");
  });

  it("is refused before people are asked where its container is not there", async () => {
    cluster.kubernetes.apply(JSON.stringify(theirs("legacy.example/scorer:1")));
    const elsewhere = { ...order("candidate"), target: { ...target, container: "model" } };
    expect(await kubernetes.preflight(elsewhere, () => release)).toEqual({
      kind: "impossible",
      why: "The Deployment 'models/credit-scoring' has no container 'model'.",
    });
  });

  it("can be asked for no traffic steps: its own strategy decides", async () => {
    cluster.kubernetes.apply(JSON.stringify(theirs("legacy.example/scorer:1")));
    const limited = () => releaseFor(target, "something", { percent: 5 });
    expect(await kubernetes.preflight(order("candidate"), limited)).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining("follows the strategy of the Deployment"),
    });
  });
});

describe("a Rollout of Argo", () => {
  const rollout: KubernetesTarget = { ...target, workload: "rollout" };
  const theirs = {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: { name: "credit-scoring", namespace: "models" },
    spec: {
      strategy: { canary: { steps: [{ analysis: { templates: [{ templateName: "error-rate" }] } }] } },
      template: { spec: { containers: [{ name: "scorer", image: scorerImage, resources: { limits: { cpu: "1" } } }] } },
    },
  };

  it("must be there: its strategy is not ours to write", async () => {
    expect(await kubernetes.preflight(order("candidate", rollout), () => release)).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining("There is no Rollout 'models/credit-scoring'"),
    });
  });

  it("keeps what others set in the lists that it holds as one field", async () => {
    cluster.kubernetes.apply(JSON.stringify(theirs));
    const previous = await revision(rollout);
    await kubernetes.start(order("candidate", rollout), update);
    const next = { ...deployment("candidate", rollout), previous };
    expect((await settled(next)).kind).toBe("serving");
    const { containers } = memberOf(memberOf(memberOf(read("Rollout"), "spec"), "template"), "spec") as {
      containers: unknown;
    };
    expect(containers).toMatchObject([{ name: "scorer", resources: { limits: { cpu: "1" } } }]);
  });

  it("goes back when its analysis fails, with what was measured", async () => {
    cluster.kubernetes.apply(JSON.stringify(theirs));
    await kubernetes.start(order("champion", rollout), update);
    await settled(deployment("champion", rollout));
    const previous = await revision(rollout);
    analysis = "Failed";
    await kubernetes.start(order("candidate", rollout), update);
    const next = { ...deployment("candidate", rollout), previous };
    const progress = await settled(next);
    expect(progress).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining('metric "error-rate" assessed Failed'),
    });
    expect(progress.evidence).toMatchObject({
      analyses: [{ phase: "Failed", metrics: [{ message: "the error rate is 0.2" }] }],
    });
    await kubernetes.rollBack(next);
    expect((await settled(next)).kind).toBe("returned");
  });
});

describe("an InferenceService of KServe", () => {
  it("is made, is ready once its revision is, and is taken away again", async () => {
    await kubernetes.start(order("champion", service), release);
    expect((await settled(deployment("champion", service))).kind).toBe("serving");
    await kubernetes.rollBack(deployment("champion", service));
    expect(read("InferenceService")).toEqual({});
  });

  it("is not made with a container that KServe would call otherwise", async () => {
    const other: KubernetesTarget = { ...service, container: "scorer" };
    const why =
      "There is no InferenceService 'models/credit-scoring' yet, and KServe would call its container 'kserve-container', not 'scorer', as its target does.";
    expect(await kubernetes.preflight(order("champion", other), () => release)).toEqual({ kind: "impossible", why });
    await expect(kubernetes.start(order("champion", other), release)).rejects.toMatchObject({ message: why });
    expect(read("InferenceService")).toEqual({});
  });
});

describe("faults", () => {
  const failing = (call: keyof Cluster, failure: Failure): DeploymentTarget =>
    kubernetesTarget(async () => ({ ...(await cluster.as()), [call]: () => Promise.reject(failure) }));
  const away = new Failure("unavailable", "The cluster does not answer at the moment.");

  it.each([
    ["get", "start"],
    ["apply", "start"],
    ["get", "check"],
    ["list", "check"],
    ["get", "rollBack"],
    ["list", "cleanUp"],
  ] as const)(
    "a cluster that does not answer to %s in %s is asked again, and nothing is lost",
    async (call, operation) => {
      await kubernetes.start(order("champion"), release);
      const broken = failing(call, away);
      const running = { ...deployment("candidate"), previous: await revision() };
      const asked = {
        start: () => broken.start(order("candidate"), update),
        check: () => broken.check(running),
        rollBack: () => broken.rollBack(running),
        cleanUp: () => broken.cleanUp(running.promotion, target),
      }[operation];
      await expect(asked()).rejects.toBe(away);
      expect((await kubernetes.describeRunning(target)).promotion).toBe(order("champion").promotion);
    },
  );

  it("two deployments at once: the one that read first and wrote last is refused, and asked again", async () => {
    await kubernetes.start(order("champion"), release);
    const slow = kubernetesTarget(async () => {
      const open = await cluster.as();
      const apply: Cluster["apply"] = async (...given) => {
        await kubernetes.start(order("candidate"), update);
        return open.apply(...given);
      };
      return { ...open, apply };
    });
    await expect(slow.start(order("broken"), update)).rejects.toMatchObject({ code: "unavailable" });
    expect((await kubernetes.describeRunning(target)).promotion).toBe(order("candidate").promotion);
  });

  it("a field that is somebody else's, and says nothing about what runs, is not taken over", async () => {
    await kubernetes.start(order("champion"), release);
    byHand({ containers: [{ name: "scorer", readinessProbe: { httpGet: { path: "/other" } } }] });
    await expect(kubernetes.start(order("candidate"), update)).rejects.toMatchObject({
      code: "deployment-refused",
      message: expect.stringContaining("readinessProbe"),
    });
  });

  it("a cluster that forbids it says what, and nothing of roles and accounts", async () => {
    const reader = kubernetesTarget(() => cluster.as("READER"));
    await expect(reader.start(order("champion"), release)).rejects.toMatchObject({
      code: "deployment-refused",
      message:
        'The cluster forbids it: the role that it gives to this function does not let it patch deployments "credit-scoring" in the namespace "models" (infra/kubernetes has what it needs).',
    });
  });

  it("an admission policy's refusal is told in its own words, and ours passes what is shipped", async () => {
    cluster.kubernetes.apply(shipped.admission);
    await kubernetes.start(order("champion"), release);
    expect((await settled(deployment("champion"))).kind).toBe("serving");
    expect(() => byHand({ containers: [{ name: "scorer", image: "other@sha256:0" }] })).toThrow(
      "Only Countersign changes",
    );
    const loose = { ...order("candidate"), image: "registry.example/scorer:latest" } as ApprovedOrder;
    await expect(kubernetes.start(loose, update)).rejects.toThrow(
      "Every image of a model's workload is named by its digest",
    );
  });
});

/** How it goes once it is no longer on its way. */
function settled(of: Deployment): Promise<Progress> {
  return settledIn(kubernetes, of);
}

/** Which of the models answers. */
function served(): Promise<string> {
  return servedBy(cluster.kubernetes);
}

/** How it went once the deadline of the workload is over. */
async function failing(of: Deployment): Promise<Progress> {
  await vi.waitFor(
    async () => {
      const progress = await kubernetes.check(of);
      expect(JSON.stringify(progress.evidence)).toContain('"reason"');
      expect(progress.why).toMatch(/CrashLoopBackOff|Init:Error/);
    },
    { timeout: 15_000, interval: 50 },
  );
  cluster.deadlinesPass();
  const progress = await settled(of);
  expect(progress.kind).toBe("unhealthy");
  return progress;
}

async function revision(where: KubernetesTarget = target): Promise<string> {
  const { revision: found } = await kubernetes.describeRunning(where);
  if (found === undefined) throw new Error("Nothing runs.");
  return found;
}

function read(kind: "Deployment" | "Rollout" | "InferenceService"): KubernetesObject {
  const { resource } =
    Object.values(workloadKinds).find((each) => each.resource.kind === kind) ?? workloadKinds.deployment;
  return cluster.kubernetes.read(`${resource.group}/${resource.version}`, kind, "models", "credit-scoring") ?? {};
}

function version(): unknown {
  return memberOf(read("Deployment"), "metadata")["resourceVersion"];
}

function byHand(spec: KubernetesObject): void {
  const metadata = { name: "credit-scoring", namespace: "models" };
  const document = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: { spec } } };
  cluster.kubernetes.apply(JSON.stringify(document), "kubectl-edit");
}
