import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { EvidenceSummary } from "../../core/gates/evidence-summary.ts";
import { localImage } from "../../examples/credit-scoring/artifacts.ts";
import {
  approval,
  ended,
  expect,
  promote,
  ringUntil,
  stageOpen,
  taken,
} from "../../examples/credit-scoring/demo/acts.ts";
import { asking } from "../../examples/credit-scoring/demo/applications.ts";
import type { Cast } from "../../examples/credit-scoring/demo/cast.ts";
import { driftReported } from "../../examples/credit-scoring/demo/drift.ts";
import { scoresFromCluster, scoresOf } from "../../examples/credit-scoring/demo/endpoint.ts";
import { outputOf } from "../../examples/credit-scoring/demo/pipeline.ts";
import { result, type StoryResult } from "../../examples/credit-scoring/demo/stories.ts";
import { type JsonObject, recordIn, recordsIn } from "../../local/aws/json-shape.ts";
import type { ClusterOptions } from "../../local/kubernetes/cluster.ts";
import { putObject } from "../../local/s3/objects.ts";
import type { RunningStack } from "../../local/stack.ts";
import { eventually } from "./trial.ts";

// A target in a cluster whose Application is made of several sources, whose gateway keeps what is answered, and whose model is
// taken out of service once it drifts.

const namespace = "composed";
const workload = "credit-scoring";
const shadowed = `${workload}-shadow`;

/** @param fetcher the image that fetches models */
export const composedTarget = (fetcher: string): string => `
  ${namespace}:
    kind: kubernetes
    cluster: ml-platform
    namespace: ${namespace}
    workload: deployment
    endpoint: "{model}"
    container: scorer
    fetcher: ${fetcher}
    application: { name: "{model}-${namespace}", source: model }
    metrics:
      prometheus: monitoring/prometheus-server:80
      requests: 'kept{pod=~"$pods"}[$window]'
      errors: 'kept_errors{pod=~"$pods"}[$window]'
    mirror: { route: "{model}", service: "{model}", captures: data-capture }
`;

/** What its rule of the matrix says beside. */
export const composedRule = `
    onDrift: stop
    shadow:
      duration: 1s
      requests: 20
      within: 1h
      agreement: 0.2
      psi: 20
      errorPercent: 1
      answers: { list: /predictions, score: /score, decision: /predicted_label }`;

const program = fileURLToPath(new URL("./former-scorer.ts", import.meta.url));
/** Nobody approved it, for it ran before Countersign came. */
export const formerImage = {
  repository: localImage().repository,
  digest: `sha256:${createHash("sha256").update(readFileSync(program)).digest("hex")}`,
  program,
};

const inGit: Readonly<Record<string, JsonObject>> = {
  model: {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: workload },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "scoring" } },
      template: {
        metadata: { labels: { app: "scoring" } },
        spec: { containers: [{ name: "scorer", image: `${formerImage.repository}@${formerImage.digest}` }] },
      },
    },
  },
  network: {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: workload },
    spec: { selector: { app: "scoring" }, ports: [{ port: 8080 }] },
  },
};
const sources = Object.keys(inGit).map((name) => ({
  name,
  repoURL: `https://git.example/${name}`,
  path: namespace,
  targetRevision: "main",
}));
const application = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: { name: `${workload}-${namespace}`, namespace: "argocd" },
  spec: { project: "default", sources, destination: { server: "https://kubernetes.default.svc", namespace } },
  operation: { sync: {} },
};
const route = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: workload, namespace },
  spec: { rules: [{ backendRefs: [{ name: workload, port: 8080 }] }] },
};

/** What whoever runs the cluster has of this target. */
export interface ComposedTarget {
  readonly manifests: readonly string[];
  /** What lies in Git where one of the Application's sources says. */
  readonly git: NonNullable<ClusterOptions["argoCd"]>["git"];
  readonly keepAnswer: NonNullable<ClusterOptions["keepAnswer"]>;
  /** What Prometheus says to one of the target's queries. */
  readonly measured: (query: URLSearchParams) => number | undefined;
  readonly stories: Readonly<Record<string, (cast: Cast, before: StoryResult | undefined) => Promise<StoryResult>>>;
}

export function composedTargetOf(): ComposedTarget {
  let stack: RunningStack | undefined;
  const answeredAt = new Map<string, number[]>();

  /** One line a file, in the form and at the place that docs/deployment.md asks for. */
  async function keep(of: string, asked: RequestInit, answered: Response): Promise<void> {
    const now = new Date();
    answeredAt.set(of, [...(answeredAt.get(of) ?? []), now.getTime()]);
    if (stack === undefined) return;
    const body = (mode: string, data: string) => ({
      observedContentType: "application/json",
      mode,
      data,
      encoding: "JSON",
    });
    const line = JSON.stringify({
      captureData: {
        endpointInput: body("INPUT", String(asked.body)),
        endpointOutput: body("OUTPUT", await answered.text()),
      },
      eventMetadata: { eventId: crypto.randomUUID(), inferenceTime: now.toISOString() },
      eventVersion: "0",
    });
    const minute = now.toISOString().slice(0, 16).replaceAll(/[-T:]/g, "/");
    const key = `shadow/clusters/${namespace}/${of}/${minute}-${crypto.randomUUID()}.jsonl`;
    const bucket = outputOf(stack, "ExchangeBucketName");
    await putObject(stack.addresses.s3, { bucket, key, body: `${line}\n` }, "GATEWAY");
  }

  const status = () =>
    recordIn(
      stack?.cluster?.read(application.apiVersion, application.kind, "argocd", application.metadata.name) ?? {},
      "status",
    );

  /** Of several sources one is patched; both models' answers are compared as the gateway kept them. */
  async function composed(cast: Cast): Promise<StoryResult> {
    stack = cast.stack;
    await eventually("the Application of several sources", async () =>
      recordIn(status(), "sync")["status"] === "Synced" ? true : undefined,
    );
    const { id, files } = await promote(cast, "champion", "12.0.0", undefined, namespace);
    const { result: reviewed } = await asking(
      () => scoresFromCluster(cast.stack, namespace, workload),
      stageOpen(cast, id, 0),
    );
    const summary = reviewed.summary?.document as unknown as EvidenceSummary | undefined;
    const told = (summary?.measures ?? []).filter(({ kind }) => kind === "shadow-run").map(({ title }) => title);
    expect(
      ["Agreement with the champion in shadow", "Population stability index (PSI)"].every((each) =>
        told.includes(each),
      ),
      `reviewers see how alike both answer, and not only ${told.join("; ")}`,
    );
    await signed(cast, id);
    const promotion = await ended(cast, id, "deployed");
    await answersAs(cast, files);
    const asks = recordsIn(
      recordIn(
        cast.stack.cluster?.read(application.apiVersion, application.kind, "argocd", application.metadata.name) ?? {},
        "spec",
      ),
      "sources",
    );
    const patched = asks.filter((each) => recordsIn(recordIn(each, "kustomize"), "patches").length > 0);
    expect(
      asks.length === 2 && patched.map(({ name }) => name).join() === "model",
      `one source of two is patched: ${JSON.stringify(asks)}`,
    );
    return result("composed", promotion);
  }

  /** It drifts, and nothing serves any more; approved anew, it is back with as many replicas as Git says. */
  async function stopped(cast: Cast, before: StoryResult | undefined): Promise<StoryResult> {
    const approved = before?.promotionId ?? "";
    const answer = await driftReported(cast, approved);
    expect(
      answer.status === 202 && answer.body["promotion"] === approved,
      `the report is taken, and about what runs: ${answer.status} ${JSON.stringify(answer.body)}`,
    );
    const restricted = await ringUntil(
      cast,
      "RestrictSchedule",
      approved,
      ({ timeline }) => timeline.filter(({ type }) => type === "remedy").length === 2,
    );
    const nobody = await scoresFromCluster(cast.stack, namespace, workload).then(() => "somebody answers", String);
    expect(nobody.includes("No pod of"), `nothing answers any more: ${nobody}`);
    const again = String(answer.body["reapproval"]);
    const { manifest } = await stageOpen(cast, again, 0);
    await signed(cast, again);
    await ended(cast, again, "deployed");
    const { version } = await scoresFromCluster(cast.stack, namespace, workload);
    expect(version === manifest.model.version, `it answers again with ${manifest.model.version}, not ${version}`);
    const last = restricted.timeline.filter(({ type }) => type === "remedy").at(-1);
    return { ...result("stopped", restricted), explanation: last?.summary ?? "" };
  }

  return {
    manifests: [application, route].map((each) => JSON.stringify(each)),
    git: ({ name }) => ({ revision: `${String(name)}-1`, manifests: JSON.stringify(inGit[String(name)] ?? {}) }),
    async keepAnswer(of, asked, answered) {
      if (of.namespace === namespace) await keep(of.workload, asked, answered);
    },
    measured(query) {
      const [, name, pods = "", window = "0"] =
        /^(\w+)\{pod=~"([^"]+)"\}\[(\d+)s\]$/.exec(query.get("query") ?? "") ?? [];
      if (name === "kept_errors") return 0;
      if (name !== "kept") return undefined;
      const of = pods.startsWith(`${shadowed}-[`) ? shadowed : workload;
      const until = Date.parse(query.get("time") ?? "") || Date.now();
      // Windows are whole seconds; what came before the run began does not count, nor what is on its way to be kept.
      const from = until - 1000 * (Number(window) - 1);
      return Math.max(0, (answeredAt.get(of) ?? []).filter((at) => at >= from && at <= until).length - 2);
    },
    stories: { composed, stopped },
  };
}

async function signed(cast: Cast, id: string): Promise<void> {
  await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
}

async function answersAs(cast: Cast, files: ReadonlyMap<string, string>): Promise<void> {
  const answered = await scoresFromCluster(cast.stack, namespace, workload);
  const promised = scoresOf(files.get("model.json") ?? "");
  expect(answered.scores.join() === promised.scores.join(), "what Argo CD brought answers with the approved scores");
}
