import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { releaseDocument } from "../../../adapters/kubernetes/release-document.ts";
import { whyToldOtherwise } from "../../../adapters/kubernetes/told-beside.ts";
import { itemsIn, memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { judged, obstacle, releaseOf } from "../../../adapters/kubernetes/workload-standing.ts";
import { isSha256 } from "../../../core/encoding/sha256.ts";
import { type KubernetesTarget, workloads } from "../../../core/promotion/target.ts";
import { deployment, order, target } from "./releases.ts";

type Spec = {
  readonly pod?: KubernetesObject;
  readonly serving?: KubernetesObject;
  readonly fetcher?: KubernetesObject;
};
const kinds = workloads.map((workload) => ({ ...target, workload }) satisfies KubernetesTarget);
const code = { name: "code", mountPath: "/app" };
const hostPath = { name: "code", hostPath: { path: "/theirs" } };

/** The workload that serves what was approved, with what somebody else put into its pods. */
function workload({ pod = {}, serving = {}, fetcher = {} }: Spec, where: KubernetesTarget = target): KubernetesObject {
  const kind = workloadKinds[where.workload];
  const made = releaseDocument(releaseOf(order("champion"), order("champion").verdict, where), where, undefined);
  const { spec, ...marks } = kind.podOf(made);
  const into = (list: string, over: KubernetesObject) =>
    itemsIn(spec, list).map((each) => ({
      ...each,
      ...over,
      ...Object.fromEntries(
        ["env", "volumeMounts"].map((name) => [name, [...itemsIn(each, name), ...itemsIn(over, name)]]),
      ),
    }));
  const volumes = [...itemsIn(spec, "volumes"), ...itemsIn(pod, "volumes")];
  const lists = { containers: into("containers", serving), initContainers: into("initContainers", fetcher), volumes };
  const selector = { "app.kubernetes.io/name": where.endpoint };
  return { ...made, spec: kind.specAround({ ...marks, spec: { ...spec, ...pod, ...lists } }, selector) };
}
const digestIn = (why: string | undefined) => /'told: ([0-9a-f]{64})'/.exec(why ?? "")?.[1];
/** With the digest that the refusal names. */
function naming(spec: Spec): KubernetesTarget {
  const told = digestIn(obstacle(target, workload(spec)));
  if (!isSha256(told)) throw new Error("The refusal names no digest.");
  return { ...target, told };
}

const ready = { kind: "ready", why: "all of it is ready" } as const;

describe("what the containers of an approved model are told", () => {
  it.each(kinds)("is nothing in a $workload of ours, nor by members that hold nothing", (where) => {
    const empty = { command: [], args: [], env: [], lifecycle: {}, workingDir: "" };
    expect(obstacle(where, workload({ serving: empty, pod: { shareProcessNamespace: false } }, where))).toBeUndefined();
  });

  it.each<[string, Spec, string]>([
    ["a command", { serving: { command: ["sh", "-c", "exec python /other.py"] } }, "container.command"],
    ["arguments", { serving: { args: ["--model", "/other"] } }, "container.args"],
    ["another folder", { serving: { workingDir: "/theirs" } }, "container.workingDir"],
    ["a variable", { serving: { env: [{ name: "PYTHONPATH", value: "/theirs" }] } }, "container.env"],
    ["variables of a ConfigMap", { serving: { envFrom: [{ configMapRef: { name: "theirs" } }] } }, "container.envFrom"],
    ["a hook", { serving: { lifecycle: { postStart: { exec: { command: ["sh"] } } } } }, "container.lifecycle"],
    [
      "a probe that runs a command",
      { serving: { livenessProbe: { exec: { command: ["sh"] } } } },
      "container.livenessProbe",
    ],
    ["a device", { serving: { volumeDevices: [{ name: "code", devicePath: "/dev/x" }] } }, "container.volumeDevices"],
    [
      "a folder of the node over its programs",
      { serving: { volumeMounts: [code] }, pod: { volumes: [hostPath] } },
      "container.volumeMounts, container.volumes",
    ],
    [
      "a part of the model over its programs",
      { serving: { volumeMounts: [{ name: "countersign-model", mountPath: "/app", subPath: "x", readOnly: true }] } },
      "container.volumeMounts",
    ],
    ["processes that others reach", { pod: { shareProcessNamespace: true } }, "shareProcessNamespace"],
    ["the processes of the node", { pod: { hostPID: true } }, "hostPID"],
    ["arguments for what fetches", { fetcher: { args: ["true"] } }, "fetcher.args"],
    ["a variable for what fetches", { fetcher: { env: [{ name: "PATH", value: "/theirs" }] } }, "fetcher.env"],
    [
      "programs for what fetches",
      { fetcher: { volumeMounts: [code] }, pod: { volumes: [hostPath] } },
      "fetcher.volumeMounts, fetcher.volumes",
    ],
  ])("is found where somebody gives it %s", (_, spec, members) => {
    for (const where of kinds) {
      const object = workload(spec, where);
      const { kind, why } = judged(deployment("champion", where), where, object, ready, undefined);
      expect(kind).toBe("unhealthy");
      expect(why).toContain(`beside their images (${members}) is not what its target names`);
      expect(why).not.toMatch(/theirs|other\.py/);
      expect(obstacle(where, object)).toBe(why);
    }
  });

  it.each<[string, KubernetesObject, KubernetesObject, string]>([
    ["a model in place of the container", {}, { model: { storageUri: "s3://theirs" } }, "predictor.model"],
    ["workers", {}, { workerSpec: { containers: [{}] } }, "predictor.workerSpec"],
    ["a transformer before it", { transformer: { containers: [{}] } }, {}, "transformer.containers"],
    ["what KServe may take one day", { judge: { uri: "s3://theirs" } }, {}, "judge.uri"],
  ])("is found where somebody gives an InferenceService %s", (_, beside, within, members) => {
    const where = { ...target, workload: "inference-service" } as const;
    const { spec, ...object } = workload({}, where);
    const predictor = { ...memberOf(spec as KubernetesObject, "predictor"), minReplicas: 2, ...within };
    const given = { ...object, spec: { ...beside, predictor } };
    const why = whyToldOtherwise(given, where);
    expect(why).toContain(`(${members}) is not what its target names`);
    expect(judged(deployment("champion", where), where, given, ready, undefined).kind).toBe("unhealthy");
    const told = digestIn(why);
    expect(isSha256(told) && whyToldOtherwise(given, { ...where, told })).toBeUndefined();
  });

  it("is taken where the target names exactly that, however it is spelled", () => {
    const env = [{ name: "THREADS", value: "4" }];
    const named = naming({ serving: { env, args: ["serve"] } });
    expect(obstacle(named, workload({ serving: { args: ["serve"], env } }))).toBeUndefined();
    const more = workload({ serving: { args: ["serve"], env: [{ name: "THREADS", value: "5" }] } });
    expect(whyToldOtherwise(more, named)).toContain("is not what its target names");
    expect(digestIn(whyToldOtherwise(more, named))).not.toBe(named.told);
  });

  it("is missed where the target names something and they are told nothing", () => {
    const named = naming({ serving: { args: ["serve"] } });
    expect(obstacle(named, workload({}))).toContain("told nothing of what its target names");
    expect(obstacle(named, undefined)).toContain("There is no Deployment 'models/credit-scoring' yet");
  });

  it("does not hold what a sidecar is told: it cannot reach the model", () => {
    const [made = {}] = itemsIn(workloadKinds.deployment.podOf(workload({})).spec, "containers");
    const spec = workloadKinds.deployment.podOf(workload({})).spec;
    const beside = { name: "metrics", image: "other", env: [{ name: "A", value: "b" }] };
    const object = { spec: { template: { spec: { ...spec, containers: [made, beside] } } } };
    expect(whyToldOtherwise(object, target)).toBeUndefined();
  });
});
