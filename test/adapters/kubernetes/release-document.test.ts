import { beforeEach, expect, it } from "vitest";
import type { Cluster, KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { holdsAll } from "../../../adapters/kubernetes/release-document.ts";
import { itemsIn, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { localCluster } from "../../local/kubernetes/setup.ts";
import { deployment, order, release, settledIn, target, update } from "./releases.ts";

const cluster = localCluster({ analyse: () => ({ phase: "Successful", message: "" }) });
/** What the API server answers of a workload. */
let answered = (object: KubernetesObject) => object;
const kubernetes = kubernetesTarget(async () => {
  const real = await cluster.as();
  return {
    ...real,
    get: async (...[resource, namespace, name]: Parameters<Cluster["get"]>) => {
      const object = await real.get(resource, namespace, name);
      return object === undefined ? undefined : answered(object);
    },
  };
});

beforeEach(() => {
  answered = (object) => object;
  for (const { resource } of Object.values(workloadKinds))
    cluster.kubernetes.remove(resource, "models", "credit-scoring");
});

/** As it is after `kubectl edit`: the API server takes a variable twice with a warning, and of two the later counts. */
function withVariablesTwice(object: KubernetesObject): KubernetesObject {
  const other = structuredClone(object) as KubernetesObject;
  const { spec } = workloadKinds.deployment.podOf(other);
  const [fetcher] = itemsIn(spec, "initContainers");
  const evil = { MODEL_KEY: "incoming/evil.json", MODEL_VERSION: "1", MODEL_SHA256: sha256Hex(new Uint8Array([6])) };
  const variables = fetcher?.["env"] as unknown as KubernetesObject[];
  variables.push(...Object.entries(evil).map(([name, value]) => ({ name, value })));
  return other;
}

it("is not what was approved where another model is named in the same variables once more", async () => {
  await kubernetes.start(order("champion"), release);
  expect(await settledIn(kubernetes, deployment("champion"))).toMatchObject({ kind: "serving" });
  answered = withVariablesTwice;
  expect((await kubernetes.describeRunning(target)).revision).toContain("evil.json");
  const why = "The Deployment 'models/credit-scoring' is not what was approved any more: somebody changed it.";
  expect(await kubernetes.check(deployment("champion"))).toMatchObject({ kind: "unhealthy", why });
  // What was there before would stay: a patch alters one of two.
  await expect(kubernetes.start(order("candidate"), update)).rejects.toMatchObject({
    code: "deployment-refused",
    message: expect.stringContaining("what its containers are told beside their images (fetcher.env)"),
  });
});

it("is what was approved beside the same port of another protocol", () => {
  const ours = [{ containerPort: 8080, protocol: "TCP" }];
  const beside = [
    { containerPort: 8080, protocol: "UDP" },
    { containerPort: 8080, protocol: "TCP" },
  ];
  expect(holdsAll(beside, ours)).toBe(true);
  expect(holdsAll([{ containerPort: 8080, protocol: "UDP" }], ours)).toBe(false);
});
