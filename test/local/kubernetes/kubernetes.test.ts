import { request } from "node:https";
import { rootCertificates } from "node:tls";
import { describe, expect, it, vi } from "vitest";
import { type KubernetesObject, openCluster } from "../../../adapters/kubernetes/cluster.ts";
import { memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import { digestOf, localCluster, models, scorerImage } from "./setup.ts";

const cluster = localCluster();
const { resource: deployments } = workloadKinds.deployment;

describe("who asks the API server", () => {
  it("is known by a presigned GetCallerIdentity, and may do what the shipped roles give", async () => {
    const deployer = await cluster.as();
    expect(await deployer.get(deployments, "models", "credit-scoring")).toBeUndefined();
    expect(cluster.calls.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      "eks:DescribeCluster arn:aws:eks:us-east-1:000000000000:cluster/trial",
    ]);
  });

  it("may not change what only deployers change", async () => {
    const reader = await cluster.as("READER");
    const document = workload({ image: scorerImage });
    await expect(reader.apply(deployments, "models", document, false)).rejects.toMatchObject({
      code: "deployment-refused",
      message: expect.stringContaining("forbids it"),
    });
  });

  it("may touch no other workload, and no other namespace", async () => {
    const deployer = await cluster.as();
    await expect(deployer.get(deployments, "models", "another")).rejects.toThrow("forbids it");
    await expect(deployer.get(deployments, "kube-system", "credit-scoring")).rejects.toThrow("forbids it");
  });

  it("is nobody without an access entry, which may be one that does not count yet: it is tried again later", async () => {
    const stranger = await cluster.as("STRANGER");
    await expect(stranger.get(deployments, "models", "credit-scoring")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("it has no access entry for its role, or one that does not count yet"),
    });
  });

  it("has another token made where the first one is not taken any more, and no third", async () => {
    const grown = cluster.accessOf("DEPLOYER", () => new Date(Date.now() - 16 * 60_000));
    const fresh = cluster.accessOf("DEPLOYER");
    const made: string[] = [];
    const as = async (renewed: typeof fresh) =>
      openCluster(await grown("trial"), async () => {
        made.push("renewed");
        return renewed("trial");
      });
    const document = workload({ image: scorerImage });
    const deployer = await as(fresh);
    expect(await deployer.apply(deployments, "models", document, false)).toMatchObject({ kind: "applied" });
    expect(await deployer.get(deployments, "models", "credit-scoring")).toBeDefined();
    expect(made).toEqual(["renewed"]);
    const late = await as(grown);
    for (const _ of [1, 2])
      await expect(late.get(deployments, "models", "credit-scoring")).rejects.toThrow("no access entry");
    expect(made).toEqual(["renewed", "renewed"]);
  });

  it("trusts no server but the one whose authority EKS names", async () => {
    const access = await cluster.accessOf("DEPLOYER")("trial");
    const authority = Buffer.from(rootCertificates[0] ?? "").toString("base64");
    await expect(
      openCluster({ ...access, authority }, async () => access).get(deployments, "models", "credit-scoring"),
    ).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("server-side apply", () => {
  it("makes an object, rolls it out by running its program, and is repeated without a change", async () => {
    const deployer = await cluster.as();
    const made = await applied(workload({ image: scorerImage }));
    expect(made["spec"]).toMatchObject({ replicas: 1 });
    await ready();
    const answer = await cluster.kubernetes.invoke("models", "credit-scoring", "/ping", {});
    expect(answer.status).toBe(200);
    const before = await deployer.get(deployments, "models", "credit-scoring");
    await applied(workload({ image: scorerImage }));
    const after = await deployer.get(deployments, "models", "credit-scoring");
    expect(version(after)).toEqual(version(before));
  });

  it("answers with the fields that others own at another value, and takes them over by force", async () => {
    cluster.kubernetes.apply(JSON.stringify(workload({ image: "other@sha256:0" })), "kubectl-edit");
    const deployer = await cluster.as();
    const document = workload({ image: scorerImage });
    const refused = await deployer.apply(deployments, "models", document, false);
    expect(refused).toEqual({
      kind: "conflicts",
      conflicts: [
        {
          field: '.spec.template.spec.containers[name="scorer"].image',
          message: 'conflict with "kubectl-edit" using apps/v1',
        },
      ],
    });
    const forced = await deployer.apply(deployments, "models", document, true);
    expect(forced.kind).toBe("applied");
  });

  it("leaves what others set, and removes what is no longer applied", async () => {
    cluster.kubernetes.apply(
      JSON.stringify({
        ...workload({}),
        spec: { template: { spec: { containers: [{ name: "sidecar", image: "sidecar@sha256:1" }] } } },
      }),
      "mesh",
    );
    const deployer = await cluster.as();
    await deployer.apply(
      deployments,
      "models",
      workload({ image: scorerImage, env: [{ name: "A", value: "1" }] }),
      true,
    );
    await deployer.apply(deployments, "models", workload({ image: scorerImage }), true);
    const live = await deployer.get(deployments, "models", "credit-scoring");
    const containers = live as unknown as { spec: { template: { spec: { containers: KubernetesObject[] } } } };
    const [first, second] = containers.spec.template.spec.containers;
    expect([first?.["name"], second?.["name"]]).toEqual(["scorer", "sidecar"]);
    expect(first?.["env"] ?? []).toEqual([]);
    cluster.kubernetes.apply(JSON.stringify({ ...workload({}), spec: {} }), "mesh");
  });

  it("refuses what was read before somebody else changed it", async () => {
    const deployer = await cluster.as();
    const document = workload({ image: scorerImage });
    const stale = { ...document, metadata: { name: "credit-scoring", namespace: "models", resourceVersion: "1" } };
    await expect(deployer.apply(deployments, "models", stale, true)).rejects.toMatchObject({ code: "conflict" });
  });

  it("makes what is not there, whatever version is named, unless it is to be one with a certain uid", async () => {
    const deployer = await cluster.as();
    cluster.kubernetes.remove(deployments, "models", "credit-scoring");
    const document = workload({ image: scorerImage });
    const named = (members: object) => ({
      ...document,
      metadata: { name: "credit-scoring", namespace: "models", ...members },
    });
    const again = named({ resourceVersion: "7", uid: "of-before" });
    await expect(deployer.apply(deployments, "models", again, true)).rejects.toMatchObject({ code: "conflict" });
    const made = await deployer.apply(deployments, "models", named({ resourceVersion: "1" }), false);
    expect(made.kind).toBe("applied");
  });
});

describe("a cluster that comes back", () => {
  it("runs again what it ran", async () => {
    await ready();
    await cluster.restart();
    await ready();
    const answer = await cluster.kubernetes.invoke("models", "credit-scoring", "/ping", {});
    expect(answer.status).toBe(200);
  });
});

describe("what is not carried", () => {
  it.each([
    ["POST", "/apis/apps/v1/namespaces/models/deployments", 405],
    ["PUT", "/apis/apps/v1/namespaces/models/deployments/credit-scoring", 405],
    ["GET", "/apis/apps/v1/namespaces/models/deployments/credit-scoring/scale", 501],
    ["GET", "/apis/apps/v1/deployments", 501],
    ["GET", "/apis/apps/v1/namespaces/models/controllerrevisions", 404],
    ["GET", "/healthz", 404],
    ["GET", "/apis/apps/v1/namespaces/models/deployments/credit-scoring?watch=true", 501],
  ])("%s %s is refused with a Status", async (method, path, code) => {
    const { server, authority, token } = await cluster.accessOf("DEPLOYER")("trial");
    const ca = Buffer.from(authority, "base64");
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const sent = request(
        `${server}${path}`,
        { method, ca, headers: { authorization: `Bearer ${token}` } },
        (response) => {
          let body = "";
          response.on("data", (chunk) => {
            body += chunk;
          });
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        },
      );
      sent.on("error", reject);
      sent.end();
    });
    expect(answer.status).toBe(code);
    expect(JSON.parse(answer.body)).toMatchObject({ kind: "Status", status: "Failure", code });
  });
});

describe("an InferenceService of one's own predictor", () => {
  const made = (containers: readonly KubernetesObject[]): KubernetesObject => {
    const metadata = { name: "credit-scoring", namespace: "models" };
    const document = { apiVersion: "serving.kserve.io/v1beta1", kind: "InferenceService", metadata };
    cluster.kubernetes.apply(JSON.stringify({ ...document, spec: { predictor: { containers } } }));
    const object = cluster.kubernetes.read(document.apiVersion, document.kind, "models", "credit-scoring");
    return memberOf(memberOf((object ?? {}) as KubernetesObject, "spec"), "predictor");
  };
  const image = scorerImage;

  it("has the one container called as KServe calls it, and what that gives it beside", () => {
    expect(made([{ name: "scorer", image }])).toMatchObject({
      automountServiceAccountToken: false,
      containers: [{ name: "kserve-container", image, resources: { limits: { cpu: "1", memory: "2Gi" } } }],
    });
  });

  it("keeps the names of several", () => {
    const { containers } = made([
      { name: "proxy", image },
      { name: "kserve-container", image },
    ]);
    expect(containers).toMatchObject([{ name: "proxy" }, { name: "kserve-container" }]);
  });
});

function workload(container: {
  readonly image?: string;
  readonly env?: readonly KubernetesObject[];
}): KubernetesObject {
  const model = models["candidate"] ?? "";
  const source = {
    MODEL_BUCKET: "artifacts",
    MODEL_KEY: `frozen/${digestOf(model)}/candidate.json`,
    MODEL_VERSION: "candidate-1",
    MODEL_SHA256: digestOf(model),
    MODEL_FILE: "model.json",
  };
  const init = { name: "fetch", env: Object.entries(source).map(([name, value]) => ({ name, value })) };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "credit-scoring", namespace: "models" },
    spec: { template: { spec: { initContainers: [init], containers: [{ name: "scorer", ...container }] } } },
  } as unknown as KubernetesObject;
}

async function applied(document: KubernetesObject): Promise<KubernetesObject> {
  const answer = await (await cluster.as()).apply(deployments, "models", document, false);
  if (answer.kind !== "applied") throw new Error(JSON.stringify(answer));
  return answer.object;
}

function version(object: KubernetesObject | undefined): unknown {
  return memberOf(object ?? {}, "metadata")["resourceVersion"];
}

/** Waits until the workload's own status says that it is rolled out. */
async function ready(): Promise<void> {
  await vi.waitFor(
    async () => {
      const object = cluster.kubernetes.read("apps/v1", "Deployment", "models", "credit-scoring");
      const status = object?.["status"] as KubernetesObject | undefined;
      expect(JSON.stringify(status)).toContain("NewReplicaSetAvailable");
    },
    { timeout: 15_000, interval: 50 },
  );
}
