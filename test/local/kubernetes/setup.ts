import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EKSClient } from "@aws-sdk/client-eks";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Cluster, openCluster } from "../../../adapters/kubernetes/cluster.ts";
import { eksAccess } from "../../../adapters/kubernetes/eks-access.ts";
import { scorerUrl } from "../../../examples/credit-scoring/artifacts.ts";
import { buildCandidate } from "../../../examples/credit-scoring/candidate.ts";
import type { AwsCall, LocalService } from "../../../local/aws/aws-call.ts";
import { startEks } from "../../../local/kubernetes/eks.ts";
import { type KubernetesOptions, type LocalKubernetes, startKubernetes } from "../../../local/kubernetes/kubernetes.ts";
import { archiveOf } from "../archive-of.ts";

const program = fileURLToPath(scorerUrl);
export const scorer = {
  repository: "000000000000.dkr.ecr.us-east-1.amazonaws.com/scorer",
  digest: `sha256:${createHash("sha256").update(readFileSync(program)).digest("hex")}`,
  program,
};
export const scorerImage = `${scorer.repository}@${scorer.digest}`;

/** Model files by name, each the one version of its object. */
export const models: Readonly<Record<string, string>> = {
  champion: buildCandidate("champion").get("model.json") ?? "",
  candidate: buildCandidate("candidate").get("model.json") ?? "",
  broken: "not a model",
};

/** One of them packed, as a training job leaves it. */
export const packedChampion = await archiveOf({ "model.json": models["champion"] ?? "" });

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What is shipped for whoever runs the cluster. */
export const shipped = {
  access: readFileSync(new URL("../../../infra/kubernetes/access.yaml", import.meta.url), "utf8"),
  admission: readFileSync(new URL("../../../infra/kubernetes/admission-policy.yaml", import.meta.url), "utf8"),
  noOtherPods: readFileSync(new URL("../../../infra/kubernetes/no-other-pods.yaml", import.meta.url), "utf8"),
  shadow: readFileSync(new URL("../../../infra/kubernetes/shadow.yaml", import.meta.url), "utf8"),
  metrics: readFileSync(new URL("../../../infra/kubernetes/metrics.yaml", import.meta.url), "utf8"),
  argoCd: readFileSync(new URL("../../../infra/kubernetes/argocd.yaml", import.meta.url), "utf8"),
  applications: readFileSync(
    new URL("../../../infra/kubernetes/argocd-admission-policy.yaml", import.meta.url),
    "utf8",
  ),
};

/**
 * A cluster for a test file, with the shipped access rules applied, and EKS before it. Deadlines of workloads are over
 * when a test says so.
 */
export function localCluster(options: Partial<Pick<KubernetesOptions, "analyse" | "argoCd" | "services">> = {}) {
  let directory = "";
  let kubernetes: LocalKubernetes;
  let eks: LocalService;
  const clients: EKSClient[] = [];
  const calls: AwsCall[] = [];
  const overdue: (() => void)[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "kubernetes-"));
    await open();
    kubernetes.apply(shipped.access);
  });
  afterEach(() => {
    calls.length = 0;
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await eks.close();
    await kubernetes.close();
    rmSync(directory, { recursive: true });
  });

  async function open(): Promise<void> {
    kubernetes = await startKubernetes({
      name: "trial",
      directory,
      images: [scorer],
      readObject: async (uri, version) => {
        if (/\/packed\.tar\.gz$/.test(uri) && version === "packed-1") return packedChampion;
        const name = /^s3:\/\/artifacts\/frozen\/[0-9a-f]+\/(\w+)\.json$/.exec(uri)?.[1] ?? "";
        const text = version === `${name}-1` ? models[name] : undefined;
        if (text === undefined) throw new Error("NoSuchVersion");
        return Buffer.from(text);
      },
      accessEntries: [
        { principal: "DEPLOYER", groups: ["countersign:deployers"] },
        { principal: "READER", groups: ["countersign:readers"] },
        { principal: "SHADOWER", groups: ["countersign:shadowers"] },
        { principal: "NOBODY", groups: [] },
      ],
      passed: (_, signal) =>
        new Promise((resolve) => {
          overdue.push(resolve);
          signal.addEventListener("abort", () => resolve());
        }),
      ...options,
    });
    eks = await startEks({ clusters: [kubernetes], log: { record: (call) => calls.push(call) } });
  }

  const opened = new Map<string, Promise<Cluster>>();
  const accessOf = (principal: string, now = () => new Date()) => {
    const client = new EKSClient({
      endpoint: eks.url,
      region: "us-east-1",
      credentials: { accessKeyId: principal, secretAccessKey: "secret" },
      maxAttempts: 1,
    });
    clients.push(client);
    return eksAccess(client, now);
  };
  return {
    calls,
    get kubernetes() {
      return kubernetes;
    },
    accessOf,
    /** The cluster as somebody sees it. */
    as(principal = "DEPLOYER"): Promise<Cluster> {
      const access = accessOf(principal);
      const known = opened.get(principal) ?? access("trial").then((first) => openCluster(first, () => access("trial")));
      opened.set(principal, known);
      return known;
    },
    /** Lets the deadlines of workloads that wait go by. */
    deadlinesPass(): void {
      for (const pass of overdue.splice(0)) pass();
    },
    async restart(): Promise<void> {
      opened.clear();
      await eks.close();
      await kubernetes.close();
      await open();
    },
  };
}
