import { rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import type { LocalService } from "../aws/aws-call.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { listenOnLoopback } from "../loopback-server.ts";
import { serverCertificate } from "../server-certificate.ts";
import { admit } from "./admission.ts";
import { applied, selects, shown } from "./apply.ts";
import { type ArgoCdOptions, manager as argoCdManager, argoCdUser, startArgoCd } from "./argocd.ts";
import { type Controllers, startControllers } from "./controllers.ts";
import { apiVersionOf, type KnownKind, kindByName, kindByPath, knownKind } from "./kinds.ts";
import { defaultedByKserve } from "./kserve-defaults.ts";
import type { KubeletOptions } from "./kubelet.ts";
import { mirrorsOf } from "./mirror.ts";
import { requireAllowed } from "./rbac.ts";
import {
  documentOf,
  onlyParameters,
  preconditionsOf,
  requireAsRead,
  verbOf,
  type Wanted,
  wantedOf,
} from "./request.ts";
import { absent, notCarried, StatusRefusal, statusOf } from "./status.ts";
import { metadataOf, type ObjectStore, openObjectStore, type StoredObject } from "./store.ts";
import { type AccessEntry, type KubernetesUser, userOf } from "./users.ts";
import type { Analyse } from "./workloads.ts";

export interface KubernetesOptions extends Omit<KubeletOptions, "signal"> {
  /** The cluster's name. */
  readonly name: string;
  readonly accessEntries: readonly AccessEntry[];
  readonly port?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Waits until seconds have gone by: a workload's deadline. */
  readonly passed?: (seconds: number, signal: AbortSignal) => Promise<void>;
  /** What the AnalysisRuns of rollouts come to. */
  readonly analyse?: Analyse;
  /** What services of the cluster answer to a GET, by `namespace/service:port`. */
  readonly services?: Readonly<Record<string, ServiceAnswer>>;
  /** A gateway that keeps what workloads are asked and what they answer, copies of requests included. */
  readonly keepAnswer?: KeepAnswer;
  /** Argo CD in the cluster, where it is installed. */
  readonly argoCd?: ArgoCdOptions;
}

type ServiceAnswer = (path: string, query: URLSearchParams) => { readonly status: number; readonly body: JsonObject };

type KeepAnswer = (
  of: { readonly namespace: string; readonly workload: string },
  asked: RequestInit,
  answered: Response,
) => Promise<void>;

export interface LocalKubernetes extends LocalService {
  readonly name: string;
  /** PEM: the authority that vouches for the server. */
  readonly authority: string;
  /** What an administrator's `kubectl apply --server-side` does with YAML documents. */
  apply(yaml: string, manager?: string): void;
  /** What an administrator's `kubectl delete` does. */
  remove(kind: Pick<KnownKind, "group" | "version" | "plural">, namespace: string, name: string): void;
  /** An object as it is, for an administrator. */
  read(apiVersion: string, kind: string, namespace: string, name: string): JsonObject | undefined;
  /** Asks a ready pod of a workload, as its neighbours in the cluster do. */
  invoke(namespace: string, workload: string, path: string, init: RequestInit): Promise<Response>;
}

const namespaces = knownKind("v1", "Namespace");
const administrator: KubernetesUser = { name: "kubernetes-admin", groups: ["system:masters"] };

/**
 * The API server of a cluster on loopback, over TLS, with its controllers: it really runs the pods of the workloads.
 * Carries get, list by labels, server-side apply and delete, with RBAC and admission policies from its own objects;
 * everything else is refused with a Status object.
 */
export async function startKubernetes(options: KubernetesOptions): Promise<LocalKubernetes> {
  const { directory, now = Date.now } = options;
  rmSync(join(directory, "pods"), { recursive: true, force: true });
  const closing = new AbortController();
  let opened: ObjectStore | undefined;
  const store = (): ObjectStore => {
    if (opened === undefined) throw new Error("The cluster is not open yet.");
    return opened;
  };
  const controllers: Controllers = startControllers({
    store,
    kubelet: { ...options, signal: closing.signal },
    passed: options.passed ?? waitFor,
    analyse: options.analyse ?? (() => ({ phase: "Error", message: "the local cluster measures nothing" })),
  });
  opened = openObjectStore(directory, now, (kind, before, after) => {
    const object = (after ?? before)?.object;
    // The controllers' own reports are no reason to look again.
    if (object !== undefined && generationOf(before) !== generationOf(after)) controllers.changed(kind, object);
    argoCd?.changed(kind, before, after);
  });
  const argoCd =
    options.argoCd === undefined
      ? undefined
      : startArgoCd({
          store,
          now,
          options: options.argoCd,
          signal: closing.signal,
          apply: (kind, document) => {
            const { name, namespace } = metadataOf(document);
            const query = new URLSearchParams({ fieldManager: argoCdManager, force: "true" });
            apply({ kind, namespace: String(namespace), name: String(name), query }, document, argoCdUser);
          },
        });
  await controllers.restore();

  const apply = (wanted: Wanted, document: JsonObject, user: KubernetesUser): StoredObject => {
    const { kind, namespace, name, query } = wanted;
    const manager = query.get("fieldManager") ?? "";
    if (manager === "")
      throw new StatusRefusal(422, "Invalid", "fieldManager: Required value: is required for apply patch");
    if (kind.namespaced && store().get(namespaces, "", namespace) === undefined) throw absent(namespaces, namespace);
    const live = store().get(kind, namespace, name);
    if (live === undefined && user !== administrator && user !== argoCdUser)
      requireAllowed(user, { ...wanted, verb: "create" }, store());
    const force = query.get("force") === "true";
    const asked = applied(live, { kind, namespace, name, document, manager, force, now: now() });
    const next = { ...asked, object: defaultedByKserve(asked.object) };
    admit(
      {
        operation: live === undefined ? "CREATE" : "UPDATE",
        kind,
        namespace,
        name,
        user,
        object: next.object,
        oldObject: live?.object ?? null,
      },
      store(),
    );
    return query.get("dryRun") === "All" ? next : store().put(kind, next);
  };

  const answer = async (wanted: Wanted, user: KubernetesUser, request: IncomingMessage): Promise<JsonObject> => {
    const { kind, namespace, name, query } = wanted;
    const verb = verbOf(request, name);
    requireAllowed(user, { ...wanted, verb }, store());
    onlyParameters(query, verb);
    switch (verb) {
      case "get": {
        const found = store().get(kind, namespace, name);
        if (found === undefined) throw absent(kind, name);
        return shown(found);
      }
      case "list": {
        const selector = query.get("labelSelector") ?? "";
        const items = store()
          .list(kind, namespace)
          .filter(({ object }) => selects(selector, object));
        return { apiVersion: apiVersionOf(kind), kind: `${kind.kind}List`, metadata: {}, items: items.map(shown) };
      }
      case "patch":
        return shown(apply(wanted, await documentOf(request), user));
      case "delete": {
        const found = store().get(kind, namespace, name);
        if (found === undefined) throw absent(kind, name);
        requireAsRead(await preconditionsOf(request), kind, name, metadataOf(found.object));
        admit({ operation: "DELETE", kind, namespace, name, user, object: null, oldObject: found.object }, store());
        store().remove(kind, namespace, name);
        return {
          kind: "Status",
          apiVersion: "v1",
          metadata: {},
          status: "Success",
          details: { name, kind: kind.plural },
        };
      }
      case "create":
        throw notCarried("POST");
      default:
        return verb satisfies never;
    }
  };

  /** https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/ */
  const proxied = (wanted: Wanted, path: string, user: KubernetesUser, request: IncomingMessage) => {
    const { kind, namespace, name, query } = wanted;
    requireAllowed(user, { ...wanted, kind: { ...kind, plural: "services/proxy" }, verb: "get" }, store());
    const service = options.services?.[`${namespace}/${name}`];
    if (request.method !== "GET") throw notCarried(`${request.method} to a service`);
    if (service === undefined) throw new StatusRefusal(503, "ServiceUnavailable", "no endpoints available for service");
    return service(path, query);
  };

  const certificate = await serverCertificate(directory, now);
  const server = await listenOnLoopback(
    async (request, response) => {
      try {
        const wanted = wantedOf(request);
        const user = userOf(request, { name: options.name, accessEntries: options.accessEntries, now: now() });
        if (wanted.proxied === undefined) return send(response, 200, await answer(wanted, user, request));
        const { status, body } = proxied(wanted, wanted.proxied, user, request);
        send(response, status, body);
      } catch (error) {
        if (!(error instanceof StatusRefusal)) throw error;
        send(response, error.code, statusOf(error));
      }
    },
    options.port,
    certificate,
  );

  return {
    url: server.url,
    name: options.name,
    authority: certificate.cert,
    apply(yaml, manager = "kubectl") {
      for (const each of parseAllDocuments(yaml)) {
        const document: unknown = each.toJS();
        if (!isRecord(document)) continue;
        const kind = kindByName(String(document["apiVersion"]), String(document["kind"]));
        if (kind === undefined) throw notCarried(`${document["apiVersion"]}, ${document["kind"]}`);
        const { name, namespace = "" } = metadataOf(document);
        const query = new URLSearchParams({ fieldManager: manager, force: "true" });
        apply(
          { kind, namespace: kind.namespaced ? String(namespace) : "", name: String(name), query },
          document,
          administrator,
        );
      }
    },
    remove({ group, version, plural }, namespace, name) {
      const kind = kindByPath(group, version, plural);
      if (kind !== undefined) store().remove(kind, namespace, name);
    },
    read(apiVersion, kindName, namespace, name) {
      const kind = kindByName(apiVersion, kindName);
      const found = kind === undefined ? undefined : store().get(kind, namespace, name);
      return found === undefined ? undefined : shown(found);
    },
    async invoke(namespace, workload, path, init) {
      const ask = async (of: string): Promise<Response | undefined> => {
        const container = controllers.serving(namespace, of);
        if (container === undefined) return undefined;
        const answer = await fetch(`${container.url}${path}`, init);
        await options.keepAnswer?.({ namespace, workload: of }, init, answer.clone());
        return answer;
      };
      for (const mirror of mirrorsOf(store(), namespace, workload)) {
        // Whoever asks does not hear what it answers, nor that it does not.
        await ask(mirror).catch(() => undefined);
      }
      const answer = await ask(workload);
      if (answer === undefined) throw new Error(`No pod of ${namespace}/${workload} is ready.`);
      return answer;
    },
    async close() {
      closing.abort();
      await server.close();
      await argoCd?.close();
      await controllers.close();
    },
  };
}

function generationOf(stored: StoredObject | undefined): unknown {
  return stored === undefined ? undefined : metadataOf(stored.object)["generation"];
}

async function waitFor(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(seconds * 1000, undefined, { signal, ref: false }).catch(() => undefined);
}

function send(response: ServerResponse, status: number, body: JsonObject): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
