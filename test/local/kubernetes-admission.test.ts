import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../adapters/kubernetes/cluster.ts";
import { workloadKinds } from "../../adapters/kubernetes/workload-kinds.ts";
import { localCluster, scorerImage, shipped } from "./kubernetes-setup.ts";

const cluster = localCluster();
const { resource: deployments } = workloadKinds.deployment;
const approved = {
  "countersign.example/promotion": "p-00000000000000000000000000000000-1",
  "countersign.example/verdict": "1".repeat(64),
  "countersign.example/model-sha256": "2".repeat(64),
};
const labels = { "countersign.example/model": "true" };

beforeAll(async () => {
  cluster.kubernetes.apply(shipped.admission);
  cluster.kubernetes.apply("{ apiVersion: v1, kind: Namespace, metadata: { name: others } }");
  const made = await (await cluster.as()).apply(deployments, "models", workload(), false);
  expect(made.kind).toBe("applied");
});

describe("the admission policy", () => {
  it("lets nobody but Countersign make a workload where models run", () => {
    expect(() => byHand({ ...workload(), metadata: { name: "shadow", namespace: "models" } })).toThrow(
      "Models are brought here by Countersign",
    );
  });

  it("lets nobody else make one that is labelled as a model, anywhere", () => {
    const elsewhere = { ...workload(), metadata: { name: "shadow", namespace: "others", labels } };
    expect(() => byHand(elsewhere)).toThrow("Models are brought here by Countersign");
  });

  it("has nothing to say about a workload elsewhere that holds no model", () => {
    const { template } = workload()["spec"] as { template: KubernetesObject };
    const bare = { ...template, metadata: { annotations: {} } };
    expect(() =>
      byHand({ ...workload(), metadata: { name: "web", namespace: "others" }, spec: { template: bare } }),
    ).not.toThrow();
  });

  it("lets others scale a model's workload", () => {
    expect(() => byHand(patch({ replicas: 2 }))).not.toThrow();
  });

  it.each([
    ["the image", { containers: [{ name: "scorer", image: "other@sha256:0" }] }],
    ["a container beside it", { containers: [{ name: "intruder", image: "other@sha256:0" }] }],
    ["what fetches the model", { initContainers: [{ name: "fetch", env: [{ name: "MODEL_KEY", value: "mine" }] }] }],
    ["where the model lies", { volumes: [{ name: "model", hostPath: { path: "/" } }] }],
  ])("lets nobody else change %s", (_, spec) => {
    expect(() => byHand(patch({ template: { spec } }))).toThrow("Only Countersign changes");
  });

  it.each([
    [
      "the annotations",
      patch({ template: { metadata: { annotations: { "countersign.example/verdict": "3".repeat(64) } } } }),
    ],
    [
      "the label",
      {
        ...patch({}),
        metadata: {
          name: "credit-scoring",
          namespace: "models",
          labels: { ...labels, "countersign.example/model": "no" },
        },
      },
    ],
  ])("lets nobody else change %s by which a model is known", (_, document) => {
    expect(() => byHand(document)).toThrow("Only Countersign changes");
  });

  it.each([
    [
      "the verdict's digest",
      workload({ annotations: { ...approved, "countersign.example/verdict": "yes" } }),
      "carries the digests",
    ],
    ["an image by digest", workload({ image: "registry.example/scorer:latest" }), "named by its digest"],
  ])("asks Countersign itself for %s", async (_, document, message) => {
    const deployer = await cluster.as();
    await expect(deployer.apply(deployments, "models", document, true)).rejects.toMatchObject({
      code: "deployment-refused",
      message: expect.stringContaining(message),
    });
  });

  it("takes an expression that cannot be evaluated for a no", () => {
    const name = "broken";
    const [policy] = parseAllDocuments(shipped.admission).map((each) => each.toJS() as KubernetesObject);
    const spec = {
      ...(policy?.["spec"] as KubernetesObject),
      matchConditions: [],
      variables: [],
      validations: [{ expression: "object.metadata.nowhere.at.all", message: "never" }],
    };
    cluster.kubernetes.apply(JSON.stringify({ ...policy, metadata: { name }, spec }));
    const binding = { policyName: name, validationActions: ["Deny"] };
    cluster.kubernetes.apply(
      JSON.stringify({
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: binding,
      }),
    );
    expect(() => byHand(patch({ replicas: 3 }))).toThrow("resulted in error");
  });
});

function byHand(document: KubernetesObject): void {
  cluster.kubernetes.apply(JSON.stringify(document), "kubectl-edit");
}

function patch(spec: KubernetesObject): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "credit-scoring", namespace: "models" },
    spec,
  };
}

function workload({ image = scorerImage, annotations = approved } = {}): KubernetesObject {
  const containers = [{ name: "scorer", image }];
  const initContainers = [{ name: "fetch", image: scorerImage, env: [{ name: "MODEL_KEY", value: "ours" }] }];
  const spec = { replicas: 0, template: { metadata: { annotations }, spec: { initContainers, containers } } };
  return { ...patch(spec), metadata: { name: "credit-scoring", namespace: "models", labels } };
}
