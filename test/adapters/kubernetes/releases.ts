import { expect, vi } from "vitest";
import type { Deployment, DeploymentTarget, Progress } from "../../../core/deployment/deployment-target.ts";
import type { ApprovedOrder, Order } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import type { Release } from "../../../core/promotion/traffic.ts";
import type { LocalKubernetes } from "../../../local/kubernetes/kubernetes.ts";
import { models, scorerImage } from "../../local/kubernetes/setup.ts";

/** The example's Deployment in the trial cluster. */
export const target: KubernetesTarget = {
  name: "cluster",
  kind: "kubernetes",
  endpoint: "credit-scoring",
  cluster: "trial",
  namespace: "models",
  workload: "deployment",
  container: "scorer",
  fetcher: `registry.example/aws-cli@sha256:${"a".repeat(64)}`,
  port: 8080,
  readinessPath: "/ping",
};
/** The same, by KServe. */
export const service: KubernetesTarget = { ...target, workload: "inference-service", container: "kserve-container" };
const digit = { champion: "1", candidate: "2", broken: "3" };
export type Candidate = keyof typeof digit;

export const release = releaseFor(target, "nothing");
/** Where something runs already. */
export const update = releaseFor(target, "something");

export function order(name: Candidate, where: KubernetesTarget = target): ApprovedOrder {
  const sha256 = sha256Hex(new TextEncoder().encode(models[name] ?? ""));
  const given: Order = {
    promotion: `p-${digit[name].repeat(32)}-1` as PromotionId,
    target: where,
    image: scorerImage,
    model: { uri: `s3://artifacts/frozen/${sha256}/${name}.json`, versionId: `${name}-1`, sha256 },
  };
  return { ...given, verdict: sha256Hex(new Uint8Array([0])) } as ApprovedOrder;
}

export function deployment(name: Candidate, where: KubernetesTarget = target, how: Release = release): Deployment {
  const { verdict: _, ...given } = order(name, where);
  return { ...given, release: how };
}

/** How it goes once it is no longer on its way. */
export function settledIn(kubernetes: DeploymentTarget, of: Deployment): Promise<Progress> {
  return vi.waitFor(
    async () => {
      const progress = await kubernetes.check(of);
      expect(progress.kind).not.toBe("under-way");
      return progress;
    },
    { timeout: 15_000, interval: 50 },
  );
}

/** Every column that one of the models reads. */
const columns = [models["champion"], models["candidate"]].flatMap((model) =>
  (JSON.parse(model ?? "") as { readonly features: readonly { readonly name: string }[] }).features.map(
    ({ name }) => name,
  ),
);

/** Which of the models answers. */
export async function servedBy(cluster: LocalKubernetes): Promise<string> {
  const answer = await cluster.invoke("models", "credit-scoring", "/invocations", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ instances: [Object.fromEntries(columns.map((name) => [name, 1]))] }),
  });
  const { model } = (await answer.json()) as { readonly model: { readonly version: string } };
  return Object.entries(models).find(([, text]) => text.includes(`"${model.version}"`))?.[0] ?? model.version;
}
