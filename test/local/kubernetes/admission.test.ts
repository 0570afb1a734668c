import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { admit } from "../../../local/kubernetes/admission.ts";
import { type KnownKind, knownKind } from "../../../local/kubernetes/kinds.ts";
import { openObjectStore } from "../../../local/kubernetes/store.ts";
import { localCluster, scorerImage, shipped } from "./setup.ts";

const cluster = localCluster();
const { resource: deployments } = workloadKinds.deployment;
const approved = {
  "countersign.example/promotion": "p-00000000000000000000000000000000-1",
  "countersign.example/verdict": "1".repeat(64),
  "countersign.example/model-sha256": "2".repeat(64),
};
const labels = { "countersign.example/model": "true" };
const inShadow = { "countersign.example/shadow": approved["countersign.example/promotion"] };
const podOf = (marks: KubernetesObject, more: KubernetesObject = {}): KubernetesObject =>
  pods("v1", "Pod", {
    name: "countersign.example/shadow" in marks ? "in-shadow" : "answering",
    namespace: "models",
    labels: { ...marks, ...more },
  });

beforeAll(async () => {
  // They were there before the policies were.
  byHand(inferenceService());
  byHand(rollout({ canary: { steps: [{ setWeight: 10 }] } }));
  for (const marks of [inShadow, {}]) byHand(podOf(marks));
  cluster.kubernetes.apply(shipped.admission);
  cluster.kubernetes.apply(shipped.noOtherPods);
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

  it("lets nobody else send requests back to an earlier revision, or take a candidate's part away", () => {
    const service = inferenceService();
    const { predictor } = service["spec"] as { readonly predictor: KubernetesObject };
    expect(() => byHand({ ...service, spec: { predictor: { ...predictor, canaryTrafficPercent: 0 } } })).toThrow(
      "Only Countersign changes",
    );
    expect(() => byHand({ ...service, spec: { predictor: { ...predictor, maxReplicas: 3 } } })).not.toThrow();
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

  it("lets nobody else label what a workload makes, by which a Service finds it", () => {
    const template = { metadata: { labels: { app: "scoring" } } };
    expect(() => byHand(patch({ template }))).toThrow("Only Countersign changes");
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

  it("lets others label a workload as they like", () => {
    const { template } = workload()["spec"] as { template: KubernetesObject };
    const web = (labelled?: KubernetesObject): KubernetesObject => ({
      ...patch({ replicas: 0, template: { ...template, metadata: { annotations: {} } } }),
      metadata: { name: "front", namespace: "others", ...(labelled === undefined ? {} : { labels: labelled }) },
    });
    byHand(web());
    expect(() => byHand(web({ team: "lending" }))).not.toThrow();
    expect(() => byHand(web(labels))).toThrow("Only Countersign changes");
  });

  it.each(["transformer", "explainer"])("lets nobody else put a %s before a model", (part) => {
    const containers = [{ name: "scorer", image: "other@sha256:0" }];
    expect(() => byHand(inferenceService({ [part]: { containers } }))).toThrow("Only Countersign changes");
    expect(() => byHand(inferenceService())).not.toThrow();
  });

  it.each<[string, KubernetesObject]>([
    ["a model of KServe's own in its place", { model: { modelFormat: { name: "onnx" }, storageUri: "s3://theirs" } }],
    ["workers that share its work", { workerSpec: { containers: [] } }],
    ["what KServe may take one day", { neighbour: { uri: "s3://theirs" } }],
    ["who it is", { serviceAccountName: "admin" }],
  ])("lets nobody else put %s into a predictor", (_, predictor) => {
    byHand(inferenceService());
    expect(() => byHand(inferenceService({}, predictor))).toThrow("Only Countersign changes");
    expect(() => byHand(inferenceService({}, { minReplicas: 2, nodeSelector: { zone: "a" } }))).not.toThrow();
    expect(() => byHand(inferenceService({ unheardOf: {} }))).toThrow("Only Countersign changes");
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["what has a logger send requests elsewhere", { "internal.serving.kserve.io/logger-sink-url": "http://theirs" }],
    ["what puts a proxy of their own before it", { "sidecar.istio.io/proxyImage": "registry.example/theirs" }],
  ])(
    "lets nobody else write into an InferenceService's annotations, which KServe hands on to its pods, %s",
    (_, more) => {
      const annotated = (annotations: KubernetesObject): KubernetesObject => ({
        ...inferenceService(),
        metadata: { name: "explained", namespace: "models", annotations },
      });
      expect(() => byHand(annotated(more))).toThrow("Only Countersign changes");
      expect(() => byHand(annotated({ "autoscaling.knative.dev/target": "5" }))).not.toThrow();
      expect(() => byHand(inferenceService())).not.toThrow();
    },
  );

  it("lets nobody else have Argo Rollouts write into a model's pods by its strategy, or make others for an experiment", () => {
    const metadata = { annotations: { "sidecar.istio.io/proxyImage": "registry.example/theirs" } };
    const experiment = { templates: [{ name: "candidate", specRef: "canary", metadata }] };
    for (const strategy of [
      { canary: { stableMetadata: metadata } },
      { blueGreen: { activeMetadata: metadata } },
      { canary: { steps: [{ setWeight: 10 }, { experiment }] } },
    ])
      expect(() => byHand(rollout(strategy)), JSON.stringify(strategy)).toThrow("Only Countersign changes");
    expect(() => byHand(rollout({ canary: { steps: [{ setWeight: 50 }] } }))).not.toThrow();
    expect(() => byHand(rollout({ blueGreen: { activeService: "scorer" } }))).not.toThrow();
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

describe("the policy beside it", () => {
  const kinds = [
    ["v1", "Pod"],
    ["v1", "ReplicationController"],
    ["apps/v1", "ReplicaSet"],
    ["apps/v1", "StatefulSet"],
    ["apps/v1", "DaemonSet"],
    ["batch/v1", "Job"],
    ["batch/v1", "CronJob"],
  ] as const;

  it.each(kinds)("lets nobody run a model by a %s %s of their own", (apiVersion, kind) => {
    const why = "Here only what Countersign has approved runs";
    expect(() => byHand(pods(apiVersion, kind, { namespace: "models" }))).toThrow(why);
    expect(() => byHand(pods(apiVersion, kind, { namespace: "others", labels }))).toThrow(why);
  });

  it("lets nobody have a candidate in shadow answer by a label, and others take a pod of a model out of its Service", () => {
    expect(() => byHand(podOf(inShadow, { app: "scoring" }))).toThrow("has those of a candidate in shadow answer");
    expect(() => byHand(podOf({}, { app: "none" }))).not.toThrow();
  });

  it("lets nobody make a model's pods by a template that says so", () => {
    const { spec, ...set } = pods("apps/v1", "StatefulSet", { namespace: "others" });
    const template = { ...(spec as { template: KubernetesObject }).template, metadata: { labels } };
    expect(() =>
      byHand({ ...set, metadata: { name: "by-template", namespace: "others" }, spec: { template } }),
    ).toThrow("Here only what Countersign has approved runs");
  });

  it.each([
    ["an Experiment", experiment],
    ["an InferenceGraph", inferenceGraph],
  ])("lets nobody have a controller make a model's pods by %s, nor by one that is there", (_, made) => {
    const why = "Here only what Countersign has approved runs";
    expect(() => byHand(made({ namespace: "models" }))).toThrow(why);
    expect(() => byHand(made({ namespace: "others", labels }))).toThrow(why);
    byHand(made({ namespace: "others" }));
    expect(() => byHand(made({ namespace: "others" }, "other:2"))).not.toThrow();
    expect(() => byHand(made({ namespace: "others", labels }, "other:2"))).toThrow("Nobody changes by hand");
  });

  it("lets nobody make a model's pods by an Experiment's template that says so", () => {
    expect(() => byHand(experiment({ name: "by-template", namespace: "others" }, "other:1", labels))).toThrow(
      "Here only what Countersign has approved runs",
    );
  });

  it("lets Argo Rollouts make the ReplicaSets of a Rollout where models run, and no Job, which an analysis of anybody's may say", () => {
    const name = "system:serviceaccount:argo-rollouts:argo-rollouts";
    expect(() => admittedAs(name, pods("apps/v1", "ReplicaSet", { namespace: "models" }))).not.toThrow();
    expect(() => admittedAs(name, pods("batch/v1", "Job", { namespace: "models" }))).toThrow(
      "Here only what Countersign has approved runs",
    );
    expect(() => admittedAs(name, pods("batch/v1", "Job", { namespace: "others" }))).not.toThrow();
  });

  it.each(kinds)("lets nobody change what a %s %s runs into a model", (apiVersion, kind) => {
    const metadata = { namespace: "others" };
    byHand(pods(apiVersion, kind, metadata));
    expect(() => byHand(pods(apiVersion, kind, metadata, "other:2"))).not.toThrow();
    expect(() => byHand(pods(apiVersion, kind, { ...metadata, labels }, "other:2"))).toThrow("Nobody changes by hand");
  });
});

describe("a policy that lets pass what it fails to judge", () => {
  const elsewhere = localCluster();

  it("is not taken for one that refuses it, as this cluster does", () => {
    elsewhere.kubernetes.apply(shipped.admission.replace("failurePolicy: Fail", "failurePolicy: Ignore"));
    expect(() => elsewhere.kubernetes.apply(JSON.stringify(workload()))).toThrow("lets pass what it fails to judge");
  });
});

function inferenceService(beside: KubernetesObject = {}, within: KubernetesObject = {}): KubernetesObject {
  return {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { name: "explained", namespace: "models" },
    spec: { predictor: { minReplicas: 0, containers: [{ name: "scorer", image: scorerImage }], ...within }, ...beside },
  };
}

function rollout(strategy: KubernetesObject): KubernetesObject {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: { name: "by-steps", namespace: "models" },
    spec: { replicas: 0, strategy, template: { spec: { containers: [{ name: "scorer", image: scorerImage }] } } },
  };
}

function pods(apiVersion: string, kind: string, metadata: KubernetesObject, image = "other:1"): KubernetesObject {
  const spec = { containers: [{ name: "scorer", image }] };
  const template = { template: { metadata: {}, spec } };
  return {
    apiVersion,
    kind,
    metadata: { name: "beside", ...metadata },
    spec: kind === "Pod" ? spec : kind === "CronJob" ? { jobTemplate: { spec: template } } : template,
  };
}

function experiment(metadata: KubernetesObject, image = "other:1", podLabels: KubernetesObject = {}): KubernetesObject {
  const template = { metadata: { labels: podLabels }, spec: { containers: [{ name: "scorer", image }] } };
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Experiment",
    metadata: { name: "beside", ...metadata },
    spec: { templates: [{ name: "candidate", template }] },
  };
}

function inferenceGraph(metadata: KubernetesObject, serviceUrl = "http://other-1"): KubernetesObject {
  return {
    apiVersion: "serving.kserve.io/v1alpha1",
    kind: "InferenceGraph",
    metadata: { name: "beside", ...metadata },
    spec: { nodes: { root: { routerType: "Sequence", steps: [{ serviceUrl }] } } },
  };
}

/** What the shipped policy beside it says to a controller that makes something. */
function admittedAs(user: string, object: KubernetesObject): void {
  const directory = mkdtempSync(join(tmpdir(), "admission-"));
  try {
    const store = openObjectStore(directory, Date.now, () => undefined);
    for (const each of parseAllDocuments(`${shipped.access}\n---\n${shipped.noOtherPods}`)) {
      const shown = each.toJS() as KubernetesObject;
      store.put(kindOf(shown), { object: shown, owners: [] });
    }
    const { namespace, name } = object["metadata"] as { readonly namespace: string; readonly name: string };
    const asked = { operation: "CREATE", kind: kindOf(object), namespace, name, object, oldObject: null } as const;
    admit({ ...asked, user: { name: user, groups: [] } }, store);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function kindOf({ apiVersion, kind }: KubernetesObject): KnownKind {
  return knownKind(String(apiVersion), String(kind));
}

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
