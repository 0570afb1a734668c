import { readFileSync } from "node:fs";
import { exampleCluster } from "../../examples/credit-scoring/cluster.ts";
import { approval, ended, expect, promote, stageOpen, taken } from "../../examples/credit-scoring/demo/acts.ts";
import { failingImage } from "../../examples/credit-scoring/demo/canary-breach.ts";
import type { Cast } from "../../examples/credit-scoring/demo/cast.ts";
import { scoresFromCluster, scoresOf } from "../../examples/credit-scoring/demo/endpoint.ts";
import { result, type StoryResult } from "../../examples/credit-scoring/demo/stories.ts";
import { type JsonObject, recordIn, recordsIn } from "../../local/aws/json-shape.ts";
import type { ClusterOptions } from "../../local/kubernetes/cluster.ts";
import { composedTarget, composedTargetOf } from "./composed-target.ts";
import { eventually } from "./trial.ts";

// Targets in clusters that the demo does not have: brought by Argo CD and watched by Prometheus, and in another account.

const fetcher = `public.ecr.aws/aws-cli/aws-cli@sha256:${"0".repeat(64)}`;
const measured = (name: string) => `${name}{pod=~"$pods"}[$window]`;

/** @param account how the other account is entered, in a line of YAML */
export const clusterTargets = (account: string): string => `
  gitops:
    kind: kubernetes
    cluster: ml-platform
    namespace: delivered
    workload: deployment
    endpoint: "{model}"
    container: scorer
    fetcher: ${fetcher}
    application: { name: "{model}" }
    preSync: countersign-verdict
    metrics:
      prometheus: monitoring/prometheus-server:80
      requests: '${measured("requests")}'
      errors: '${measured("errors")}'
      p95Seconds: '${measured("p95")}'
    mirror: { route: "{model}", service: "{model}" }
    alarms: { errorPercent: 1, p95Milliseconds: 500 }
  theirs:
    kind: kubernetes
    cluster: ml-platform
    account: ${account}
    namespace: theirs
    workload: deployment
    endpoint: "{model}"
    container: scorer
    fetcher: ${fetcher}
${composedTarget(fetcher)}`;

/** What a rule of the matrix says beside, of a target that mirrors. */
export const inShadow =
  "\n    shadow: { duration: 1s, requests: 20, within: 1h, errorPercent: 1, p95Milliseconds: 500 }";

const shipped = (name: string) => readFileSync(new URL(`../../infra/kubernetes/${name}`, import.meta.url), "utf8");

/** What is shipped for the namespace `models`, for another one. */
function forNamespace(name: string, manifest: string): string {
  return manifest.replaceAll("namespace: models", `namespace: ${name}`).replaceAll("name: models", `name: ${name}`);
}

/** What ran before Countersign came: nobody approved it, but it runs, so that a candidate can be put beside it. */
const inGit = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "credit-scoring" },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "scoring" } },
    template: {
      metadata: { labels: { app: "scoring" } },
      spec: { containers: [{ name: "scorer", image: `${failingImage.repository}@${failingImage.digest}` }] },
    },
  },
};
const hook = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "countersign-verdict", annotations: { "argocd.argoproj.io/hook": "PreSync" } },
  spec: { template: { spec: { containers: [] } } },
};
const application = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: { name: "credit-scoring", namespace: "argocd" },
  spec: {
    project: "default",
    source: { repoURL: "https://git.example/models", path: "scoring", targetRevision: "main" },
    destination: { server: "https://kubernetes.default.svc", namespace: "delivered" },
  },
  operation: { sync: {} },
};
const route = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "credit-scoring", namespace: "delivered" },
  spec: { rules: [{ backendRefs: [{ name: "credit-scoring", port: 8080 }] }] },
};
const values: Readonly<Record<string, number>> = { requests: 40, errors: 0, p95: 0.1 };

export interface PreparedCluster {
  readonly cluster: ClusterOptions;
  readonly stories: readonly Readonly<
    Record<string, (cast: Cast, before: StoryResult | undefined) => Promise<StoryResult>>
  >[];
}

/**
 * The example's cluster, in which Argo CD has the namespace `delivered`, where the functions may change nothing but the
 * Application; and in which `theirs` is open to whoever comes as the other account's role, and to no function of ours.
 */
export function preparedCluster(otherAccount: string): PreparedCluster {
  const example = exampleCluster();
  const access = shipped("access.yaml");
  const byArgoCd = access
    .replaceAll("[get, patch, create, delete]", "[get]")
    .replace("models: enforced", "models: enforced\n    countersign.example/delivered-by: argocd");
  const theirs = forNamespace("theirs", access).replaceAll(/name: countersign:\w+/g, "name: countersign:theirs");
  const git = { revision: "c1", manifests: JSON.stringify(inGit) };
  const composed = composedTargetOf();
  // Asks nobody before a release has begun.
  let holds = async (_: JsonObject): Promise<boolean> => false;
  const cluster: ClusterOptions = {
    ...example,
    manifests: [
      ...example.manifests,
      "{ apiVersion: v1, kind: Namespace, metadata: { name: argocd } }\n---\n{ apiVersion: v1, kind: Namespace, metadata: { name: monitoring } }",
      theirs,
      ...["argocd-admission-policy.yaml", "metrics.yaml"].map(shipped),
      shipped("argocd.yaml").replaceAll("[credit-scoring]", "[credit-scoring, credit-scoring-composed]"),
      ...["delivered", "composed"].flatMap((each) =>
        [byArgoCd, shipped("shadow.yaml")].map((text) => forNamespace(each, text)),
      ),
      ...[application, route].map((each) => JSON.stringify(each)),
      ...composed.manifests,
    ],
    accessEntries: [
      ...example.accessEntries,
      { principal: otherAccount, groups: ["countersign:deployers", "countersign:theirs"] },
    ],
    argoCd: {
      git: (source) => (source["name"] === undefined ? git : composed.git(source)),
      runHook: (job) => holds(job),
    },
    keepAnswer: composed.keepAnswer,
    services: {
      "monitoring/prometheus-server:80": (_, query) => {
        const value = values[query.get("query")?.split("{")[0] ?? ""] ?? composed.measured(query);
        const vector = value === undefined ? [] : [{ metric: {}, value: [1, String(value)] }];
        return { status: 200, body: { status: "success", data: { resultType: "vector", result: vector } } };
      },
    },
  };

  /** Argo CD brings what was approved, once the hook before its sync was told that the verdict holds. */
  async function gitops(cast: Cast): Promise<StoryResult> {
    const status = () =>
      recordIn(
        cast.stack.cluster?.read("argoproj.io/v1alpha1", "Application", "argocd", "credit-scoring") ?? {},
        "status",
      );
    await eventually("the Application as it lies in Git", async () =>
      recordIn(status(), "sync")["status"] === "Synced" ? true : undefined,
    );
    git.manifests = [inGit, hook].map((each) => JSON.stringify(each)).join("\n---\n");
    const asked: string[] = [];
    holds = async (job) => {
      const told = recordIn(recordIn(recordIn(recordIn(job, "spec"), "template"), "metadata"), "annotations");
      const say = (name: string) => String(told[`countersign.example/${name}`] ?? "");
      const query = new URLSearchParams({ target: say("target"), verdict: say("verdict") });
      for (const [name, annotation] of [
        ["image", "image"],
        ["model", "model-sha256"],
      ] as const)
        query.set(name, say(annotation));
      asked.push(say("promotion"));
      return (await cast.pipeline.get(`/v1/promotions/${say("promotion")}/verdict?${query}`)).body["holds"] === true;
    };
    const { id, files } = await promote(cast, "champion", "7.0.0", undefined, "gitops");
    const { timeline } = await stageOpen(cast, id, 0);
    const ran = timeline.filter(({ type }) => type === "shadow-run").map(({ summary }) => summary);
    expect(ran.includes("The run in shadow is over, after 40 requests."), `it ran in shadow: ${ran.join(" ")}`);
    await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
    const promotion = await ended(cast, id, "deployed");
    expect(asked.length > 0 && asked.every((each) => each === id), `the hook asked about ${id}, not ${asked.join()}`);
    const stands = ["sync", "health"].map((part) => recordIn(status(), part)["status"]).join();
    expect(stands === "Synced,Healthy", `the Application is Synced and Healthy, not ${stands}`);
    const answered = await scoresFromCluster(cast.stack, "delivered", "credit-scoring");
    const promised = scoresOf(files.get("model.json") ?? "");
    expect(answered.scores.join() === promised.scores.join(), "what Argo CD brought answers with the approved scores");
    const rules = cast.stack.cluster?.read(route.apiVersion, route.kind, "delivered", "credit-scoring");
    const [rule] = recordsIn(recordIn(rules ?? {}, "spec"), "rules");
    expect(recordsIn(rule ?? {}, "filters").length === 0, "nothing is mirrored any more");
    return result("gitops", promotion);
  }

  /** Into a cluster of another account, where our own functions may do nothing. */
  async function otherCluster(cast: Cast): Promise<StoryResult> {
    const { id, files } = await promote(cast, "champion", "8.0.0", undefined, "theirs");
    await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
    const promotion = await ended(cast, id, "deployed");
    const answered = await scoresFromCluster(cast.stack, "theirs", "credit-scoring");
    const promised = scoresOf(files.get("model.json") ?? "");
    expect(answered.scores.join() === promised.scores.join(), "the pods there answer with the approved scores");
    return result("other-cluster", promotion);
  }

  return { cluster, stories: [{ gitops }, { "other-cluster": otherCluster }, composed.stories] };
}
