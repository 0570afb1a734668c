import { beforeEach, expect, vi } from "vitest";
import { applications } from "../../../adapters/kubernetes/application-document.ts";
import type { KubernetesObject } from "../../../adapters/kubernetes/cluster.ts";
import { kubernetesTarget } from "../../../adapters/kubernetes/deployment-target.ts";
import { memberOf, workloadKinds } from "../../../adapters/kubernetes/workload-kinds.ts";
import type { Deployment, Progress } from "../../../core/deployment/deployment-target.ts";
import type { KubernetesTarget } from "../../../core/promotion/target.ts";
import { localCluster, shipped } from "../../local/kubernetes/setup.ts";
import { deployment, target as direct, order, release, settledIn } from "./releases.ts";

// A cluster of the stand-in for Kubernetes into which a stand-in for Argo CD brings a Deployment out of Git.

/** What lies in Git, what the hook before a sync comes to, and the hooks that there were. */
interface Around {
  git: { readonly revision: string; readonly manifests: string };
  verdictHolds: boolean;
  hooks: KubernetesObject[];
}

export const target: KubernetesTarget = { ...direct, application: { name: "credit-scoring", namespace: "argocd" } };

/** As long as a busy machine takes for a sync and its pods. */
export const eventually: typeof vi.waitFor = (check) => vi.waitFor(check, { timeout: 15_000, interval: 50 });

/** To be opened once in a file of tests, outside of them: before each of these there is a cluster in which nothing runs. */
export function argoCdScene() {
  const around: Around = { git: { revision: "c1", manifests: "" }, verdictHolds: true, hooks: [] };

  const cluster = localCluster({
    argoCd: {
      git: ({ path }, revision = around.git.revision) => {
        // Beside the models lies what somebody else keeps.
        if (path === "beside")
          return { revision, manifests: "{ apiVersion: v1, kind: Service, metadata: { name: beside } }" };
        return { revision, manifests: revision === around.git.revision ? around.git.manifests : inGit() };
      },
      runHook: async (job) => {
        around.hooks.push(job);
        return around.verdictHolds;
      },
    },
  });
  const argoCd = kubernetesTarget(() => cluster.as());

  beforeEach(async () => {
    const admin = cluster.kubernetes;
    for (const { resource } of [workloadKinds.deployment, { resource: applications }])
      for (const namespace of ["models", "argocd"]) admin.remove(resource, namespace, "credit-scoring");
    Object.assign(around, { git: { revision: "c1", manifests: inGit() }, verdictHolds: true, hooks: [] });
    admin.apply("{ apiVersion: v1, kind: Namespace, metadata: { name: argocd } }");
    admin.apply(
      "{ apiVersion: v1, kind: Namespace, metadata: { name: models, labels: { countersign.example/models: enforced, countersign.example/delivered-by: argocd } } }",
    );
    for (const each of [shipped.argoCd, shipped.admission, shipped.applications]) admin.apply(each);
  });
  const policies = {
    group: "admissionregistration.k8s.io",
    version: "v1",
    plural: "validatingadmissionpolicybindings",
  };

  /** The Application, synced once, as whoever runs the cluster has it. */
  async function installed(spec: KubernetesObject = {}): Promise<void> {
    const source = { repoURL: "https://git.example/models", path: "scoring", targetRevision: "main" };
    const destination = { server: "https://kubernetes.default.svc", namespace: "models" };
    const { source: only = source, ...more } = spec;
    const from = "sources" in spec ? {} : { source: only };
    byAdministrator({ project: "default", ...from, destination, ...more }, { operation: { sync: {} } });
    await eventually(() => {
      expect(memberOf(memberOf(application(), "status"), "sync")["status"]).toBe("Synced");
      expect(memberOf(memberOf(application(), "status"), "operationState")["phase"]).toBe("Succeeded");
    });
  }

  /** The champion runs. */
  async function released(): Promise<Deployment> {
    await installed();
    const first = { ...deployment("champion", target), previous: await revision() };
    await argoCd.start(order("champion", target), release);
    await settled(first);
    return first;
  }

  /** The champion runs, and the candidate was asked for. */
  async function updated(): Promise<Deployment> {
    await released();
    const next = { ...deployment("candidate", target), previous: await revision() };
    await argoCd.start(order("candidate", target), release);
    return next;
  }

  function settled(of: Deployment): Promise<Progress> {
    return settledIn(argoCd, of);
  }

  async function revision(): Promise<string> {
    const { revision: found } = await argoCd.describeRunning(target);
    return found ?? expect.unreachable("Nothing runs.");
  }

  function application(): KubernetesObject {
    return cluster.kubernetes.read("argoproj.io/v1alpha1", "Application", "argocd", "credit-scoring") ?? {};
  }

  function workload(): KubernetesObject {
    return cluster.kubernetes.read("apps/v1", "Deployment", "models", "credit-scoring") ?? {};
  }

  function byAdministrator(spec: KubernetesObject, more: KubernetesObject = {}, manager = "kubectl"): void {
    const metadata = { name: "credit-scoring", namespace: "argocd" };
    const document = { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata, spec, ...more };
    cluster.kubernetes.apply(JSON.stringify(document), manager);
  }

  /** Somebody changes the image in the cluster, before there was a policy against it. */
  function byHand(): void {
    cluster.kubernetes.remove(policies, "", "countersign-approved-models");
    const containers = [{ name: "scorer", image: `other@sha256:${"0".repeat(64)}` }];
    const metadata = { name: "credit-scoring", namespace: "models" };
    const document = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { template: { spec: { containers } } },
    };
    cluster.kubernetes.apply(JSON.stringify(document), "kubectl-edit");
  }

  return {
    cluster,
    argoCd,
    around,
    policies,
    installed,
    released,
    updated,
    settled,
    revision,
    application,
    workload,
    byAdministrator,
    byHand,
  };
}

/** The Deployment as it lies in Git, with an image of before. */
export function inGit(...more: readonly string[]): string {
  const own = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "credit-scoring", labels: { team: "scoring" } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "scoring" } },
      template: {
        metadata: { labels: { app: "scoring" } },
        spec: { containers: [{ name: "scorer", image: "legacy.example/scorer:1" }] },
      },
    },
  };
  return [JSON.stringify(own), ...more].join("\n---\n");
}
