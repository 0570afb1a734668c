import { isList, isRecord, type JsonObject, recordIn, recordsIn } from "../aws/json-shape.ts";
import { applied } from "./apply.ts";
import { sameValue } from "./fields.ts";
import { type KnownKind, knownKind } from "./kinds.ts";
import { renderKustomize } from "./kustomize.ts";
import { metadataOf, type ObjectStore, type StoredObject, specOf } from "./store.ts";
import type { KubernetesUser } from "./users.ts";

/** A folder of a repository at one commit: its manifests, as YAML documents. */
interface GitFolder {
  readonly revision: string;
  readonly manifests: string;
}

export interface ArgoCdOptions {
  /** What lies in Git where an Application's source says, at a revision; without one at the head of its branch. */
  readonly git: (source: JsonObject, revision?: string) => GitFolder;
  /** Runs a Job before a sync; whether it succeeded. */
  readonly runHook?: (job: JsonObject) => Promise<boolean>;
}

/** Whom the API server sees. */
export const argoCdUser: KubernetesUser = {
  name: "system:serviceaccount:argocd:argocd-application-controller",
  groups: ["system:serviceaccounts:argocd", "system:authenticated"],
};

/** Under which name it owns what it applies. */
export const manager = "argocd-controller";
const applications = knownKind("argoproj.io/v1alpha1", "Application");

/**
 * Argo CD's controller, as far as it is documented (https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/,
 * …/sync-kubectl/, …/resource_hooks/) and used: Kustomize sources with inline patches, one or several, delivered to the cluster they are in;
 * syncs that are asked for and automated ones with self-healing; hooks before a sync. Refuses the rest as a condition of the
 * Application.
 */
export function startArgoCd(given: {
  readonly store: () => ObjectStore;
  readonly now: () => number;
  readonly options: ArgoCdOptions;
  readonly signal: AbortSignal;
  readonly apply: (kind: KnownKind, document: JsonObject) => void;
}) {
  const { options, signal } = given;
  let tail: Promise<void> = Promise.resolve();

  const reconcileAll = async (): Promise<void> => {
    for (const { object } of given.store().list(applications, "")) {
      if (signal.aborted) return;
      const { namespace, name } = metadataOf(object);
      await reconcile(String(namespace), String(name));
    }
  };

  async function reconcile(namespace: string, name: string): Promise<void> {
    const stored = given.store().get(applications, namespace, name);
    if (stored === undefined) return;
    const application = stored.object;
    const why = notCarried(application);
    if (why !== undefined) return tell(namespace, name, { conditions: [{ type: "InvalidSpecError", message: why }] });
    try {
      const asked = application["operation"];
      if (isRecord(asked)) await sync(namespace, name, application, asked);
      else if (syncsItself(application)) await sync(namespace, name, application, { sync: {} });
      const now = given.store().get(applications, namespace, name)?.object;
      if (now !== undefined) tell(namespace, name, compared(now));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      tell(namespace, name, { conditions: [{ type: "ComparisonError", message }] });
    }
  }

  async function sync(namespace: string, name: string, application: JsonObject, operation: JsonObject): Promise<void> {
    const startedAt = instant();
    const report = (phase: string, message: string, more: JsonObject = {}): void =>
      tell(namespace, name, { operationState: { operation, phase, message, startedAt, ...more } }, true);
    report("Running", "waiting for completion of hooks and sync");
    const { revision, revisions, syncStrategy } = recordIn(operation, "sync");
    // https://argo-cd.readthedocs.io/en/stable/user-guide/commands/argocd_app_sync/: --strategy
    const skipsHooks = isRecord(syncStrategy) && syncStrategy["apply"] !== undefined;
    const { commits, documents } = rendered(application, isList(revisions) ? revisions : [revision]);
    const over = { finishedAt: instant(), syncResult: { ...commits, ...sourcesOf(application) } };
    try {
      for (const { document } of documents.filter(({ hook }) => hook === "PreSync" && !skipsHooks)) {
        if (options.runHook === undefined) throw new Error("nothing runs hooks here");
        if (!(await options.runHook(document)))
          throw new Error("one or more synchronization tasks completed unsuccessfully");
      }
      if (signal.aborted) return;
      for (const { kind, document } of documents.filter(({ hook }) => hook === undefined))
        given.apply(kind, inNamespace(document, application));
      report("Succeeded", "successfully synced (all tasks run)", over);
    } catch (error) {
      report("Failed", error instanceof Error ? error.message : String(error), over);
    }
  }

  /** What is live held against what the source asks for, and whether it is well. */
  function compared(application: JsonObject): JsonObject {
    const { destination } = specOf(application);
    const { commits, documents } = rendered(application);
    const live = documents
      .filter(({ hook }) => hook === undefined)
      .map(({ kind, document }) => {
        const wanted = inNamespace(document, application);
        const { namespace, name } = metadataOf(wanted);
        return { kind, wanted, stored: given.store().get(kind, String(namespace), String(name)) };
      });
    const synced = live.every(({ kind, wanted, stored }) => {
      if (stored === undefined) return false;
      const { namespace, name } = metadataOf(wanted);
      const identity = { kind, namespace: String(namespace), name: String(name) };
      const after = applied(stored, { ...identity, document: wanted, manager, force: true, now: given.now() });
      return sameValue(after.object, stored.object);
    });
    return {
      ...("revisions" in commits
        ? { sourceTypes: commits.revisions.map(() => "Kustomize") }
        : { sourceType: "Kustomize" }),
      sync: {
        status: synced ? "Synced" : "OutOfSync",
        ...commits,
        comparedTo: { ...sourcesOf(application), destination: destination ?? {} },
      },
      health: { status: healthOf(live.map(({ stored }) => stored?.object)) },
      conditions: [],
    };
  }

  /** One automated sync for each combination of commit and parameters, and others only to heal. */
  function syncsItself(application: JsonObject): boolean {
    const automated = recordIn(specOf(application), "syncPolicy")["automated"];
    if (!isRecord(automated) || automated["enabled"] === false) return false;
    const { status, revision, revisions } = recordIn(compared(application), "sync");
    if (status !== "OutOfSync") return false;
    const last = recordIn(recordIn(application, "status"), "operationState");
    const tried = recordIn(last, "syncResult");
    const over = [tried["revision"], tried["revisions"], tried["source"], tried["sources"]];
    const { source, sources } = specOf(application);
    if (![revision, revisions, source, sources].every((each, at) => sameValue(over[at], each))) return true;
    return automated["selfHeal"] === true && last["phase"] === "Succeeded";
  }

  /** What all sources come to, at their commits or at the heads of their branches. */
  function rendered(application: JsonObject, at: readonly unknown[] = []) {
    const { source, sources } = specOf(application);
    const several = isList(sources) ? sources.filter(isRecord) : undefined;
    const folders = (several ?? [isRecord(source) ? source : {}]).map((each, index) => {
      const commit = at[index];
      const { revision, manifests } = options.git(each, typeof commit === "string" ? commit : undefined);
      return { revision, documents: renderKustomize(manifests, each) };
    });
    const revisions = folders.map(({ revision }) => revision);
    return {
      commits: several === undefined ? { revision: revisions[0] ?? "" } : { revisions },
      documents: folders.flatMap(({ documents }) => documents),
    };
  }

  /** Writes into the status; an operation that has begun is not asked for any more. */
  function tell(namespace: string, name: string, told: JsonObject, taken = false): void {
    const stored = given.store().get(applications, namespace, name);
    if (stored === undefined) return;
    const { operation, ...rest } = stored.object;
    const object = { ...(taken || operation === undefined ? rest : stored.object) };
    const status = { ...recordIn(object, "status"), ...told };
    const owners = taken
      ? stored.owners.map((owner) => ({
          ...owner,
          paths: owner.paths.filter(
            ([first]) => first === undefined || !("field" in first) || first.field !== "operation",
          ),
        }))
      : stored.owners;
    given.store().put(applications, { object: { ...object, status }, owners });
  }

  function instant(): string {
    return new Date(given.now()).toISOString().replace(/\.\d+Z$/, "Z");
  }

  return {
    /** Hears of every object that was written or removed; of Applications only what was asked of them. */
    changed(kind: KnownKind, before: StoredObject | undefined, after: StoredObject | undefined): void {
      const generation = (stored: StoredObject | undefined) =>
        stored === undefined ? undefined : metadataOf(stored.object)["generation"];
      if (kind === applications ? generation(before) === generation(after) : kind.kind !== "Deployment") return;
      tail = tail.then(reconcileAll).catch((error: unknown) => {
        if (!signal.aborted) console.error("Argo CD of the local cluster failed:", error);
      });
    },
    async close(): Promise<void> {
      await tail;
    },
  };
}

function notCarried(application: JsonObject): string | undefined {
  const { source, sources, destination, project: _, syncPolicy: __, ...more } = specOf(application);
  const ways = [source, ...(isList(sources) ? sources : [])].filter(isRecord).flatMap((each) => {
    const { repoURL: _r, path: _p, targetRevision: _t, name: _n, kustomize, ...way } = each;
    const { patches: _ps, ...options } = isRecord(kustomize) ? kustomize : {};
    return [way, options];
  });
  const { sync, initiatedBy: _i, ...parts } = recordIn(application, "operation");
  const { revision: _v, revisions: _vs, syncStrategy: _s, ...wishes } = isRecord(sync) ? sync : {};
  const foreign = [more, ...ways, parts, wishes].flatMap((each) => Object.keys(each));
  if (foreign.length > 0) return `${foreign.join(", ")} is not carried by the local stand-in`;
  const { server } = isRecord(destination) ? destination : {};
  return server === "https://kubernetes.default.svc"
    ? undefined
    : "another cluster is not carried by the local stand-in";
}

/** What of an Application says where its manifests come from: what Argo CD repeats in all that it says. */
function sourcesOf(application: JsonObject): JsonObject {
  const { source, sources } = specOf(application);
  return sources === undefined ? { source: source ?? {} } : { sources };
}

function inNamespace(document: JsonObject, application: JsonObject): JsonObject {
  const { namespace } = recordIn(specOf(application), "destination");
  return { ...document, metadata: { namespace: namespace ?? "", ...metadataOf(document) } };
}

/** https://argo-cd.readthedocs.io/en/stable/operator-manual/health/: of Deployments, the worst of them. */
function healthOf(objects: readonly (JsonObject | undefined)[]): string {
  const each: readonly string[] = objects.map((object) => {
    if (object === undefined) return "Missing";
    if (object["kind"] !== "Deployment") return "Healthy";
    const status = recordIn(object, "status");
    const { replicas = 1 } = specOf(object);
    const stuck = recordsIn(status, "conditions").some(({ reason }) => reason === "ProgressDeadlineExceeded");
    if (Number(status["observedGeneration"] ?? 0) < Number(metadataOf(object)["generation"])) return "Progressing";
    if (stuck) return "Degraded";
    const done = status["updatedReplicas"] === replicas && status["replicas"] === replicas;
    return done && status["availableReplicas"] === replicas ? "Healthy" : "Progressing";
  });
  return ["Degraded", "Missing", "Progressing"].find((worse) => each.includes(worse)) ?? "Healthy";
}
