import type { Json } from "../../core/encoding/canonical-json.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { fieldsOf, fieldsV1, merged, nameOfPath, type Path, sameValue, valueAt, without } from "./fields.ts";
import { apiVersionOf, type KnownKind } from "./kinds.ts";
import { badRequest, nameOf, StatusRefusal } from "./status.ts";
import { metadataOf, type Ownership, type StoredObject, specOf } from "./store.ts";

export interface ApplyRequest {
  readonly kind: KnownKind;
  readonly namespace: string;
  readonly name: string;
  /** What the caller wants to own, and its values. */
  readonly document: JsonObject;
  readonly manager: string;
  readonly force: boolean;
  readonly now: number;
}

/**
 * Server-side apply: what `live` becomes. Fields that the manager applied before and leaves out now go, unless
 * somebody else owns them. A field with another value that somebody else owns is a conflict, or is taken over by force.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export function applied(live: StoredObject | undefined, request: ApplyRequest): StoredObject {
  const { kind, manager, document } = request;
  const { merge } = kind;
  requireIdentity(request);
  requireVersion(live, request);
  const wanted = withoutIdentity(document);
  const fields = fieldsOf(wanted, merge);
  const others = (live?.owners ?? []).filter((owner) => owner.manager !== manager || owner.operation !== "Apply");
  const before = (live?.owners ?? []).find((owner) => owner.manager === manager && owner.operation === "Apply");

  const conflicts = others.flatMap((owner) =>
    owner.paths
      .filter((path) => fields.has(nameOfPath(path)))
      // That an item of a list is there is nothing to disagree about.
      .filter((path) => !isItem(path) && !sameValue(valueAt(live?.object, path), valueAt(wanted, path)))
      .map((path) => ({ owner, path })),
  );
  if (conflicts.length > 0 && !request.force) throw conflictOf(kind, conflicts);

  let object = merged(live?.object ?? {}, wanted, merge) as JsonObject;
  const kept = others.map((owner) => ({
    ...owner,
    paths: owner.paths.filter((path) => !conflicts.some((each) => each.owner === owner && each.path === path)),
  }));
  const ownedByOthers = new Set(kept.flatMap(({ paths }) => paths.map(nameOfPath)));
  // An item of a list goes as a whole, before its key does.
  const dropped = (before?.paths ?? [])
    .filter((path) => !fields.has(nameOfPath(path)))
    .toSorted((a, b) => a.length - b.length);
  for (const path of dropped) {
    const name = nameOfPath(path);
    if (![...ownedByOthers].some((other) => other === name || other.startsWith(name))) {
      object = without(object, path) as JsonObject;
    }
  }
  const paths = [...fields.values()];
  const again = before !== undefined && before.paths.length === paths.length && sameFields(before.paths, fields);
  const owner: Ownership = {
    manager,
    operation: "Apply",
    time: again ? before.time : new Date(request.now).toISOString().replace(/\.\d+Z$/, "Z"),
    paths: again ? before.paths : paths,
  };
  return {
    object: complete(object, request),
    owners: [...kept.filter(({ paths }) => paths.length > 0), owner],
  };
}

/** The object as the API shows it. */
export function shown({ object, owners }: StoredObject): JsonObject {
  const managedFields = owners.map(({ manager, operation, time, paths }) => ({
    manager,
    operation,
    apiVersion: object["apiVersion"] ?? "",
    time,
    fieldsType: "FieldsV1",
    fieldsV1: fieldsV1(new Map(paths.map((path) => [nameOfPath(path), path]))),
  }));
  return { ...object, metadata: { ...metadataOf(object), managedFields } };
}

function isItem(path: Path): boolean {
  const last = path.at(-1);
  return last !== undefined && "key" in last;
}

function sameFields(paths: readonly Path[], fields: ReadonlyMap<string, Path>): boolean {
  return paths.every((path) => fields.has(nameOfPath(path)));
}

function requireIdentity({ kind, namespace, name, document }: ApplyRequest): void {
  const metadata = metadataOf(document);
  const apiVersion = apiVersionOf(kind);
  if (document["apiVersion"] !== apiVersion || document["kind"] !== kind.kind)
    throw badRequest(`the object must be of ${apiVersion}, ${kind.kind}`);
  if (metadata["name"] !== name)
    throw badRequest(`the name of the object (${metadata["name"]}) does not match the name on the URL (${name})`);
  if (kind.namespaced && (metadata["namespace"] ?? namespace) !== namespace)
    throw badRequest(
      `the namespace of the object (${metadata["namespace"]}) does not match the namespace on the URL (${namespace})`,
    );
  if (metadata["managedFields"] !== undefined) throw badRequest("metadata.managedFields must be nil");
  if (document["status"] !== undefined) throw badRequest("the status is written by the controller");
}

/**
 * Optimistic locking, where the caller names the version that it looked at. Of what is not there no version is compared, only
 * that it is to be one with a certain uid: `Update` of
 * https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go,
 * `applyPatch` of https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go
 */
function requireVersion(live: StoredObject | undefined, { kind, name, document }: ApplyRequest): void {
  const { resourceVersion, uid } = metadataOf(document);
  const conflict = (why: string) =>
    new StatusRefusal(409, "Conflict", `Operation cannot be fulfilled on ${nameOf(kind, name)}: ${why}`, {
      name,
      group: kind.group,
      kind: kind.plural,
    });
  if (live === undefined) {
    if (uid === undefined) return;
    throw conflict(`uid mismatch: the provided object specified uid ${String(uid)}, and no existing object was found`);
  }
  const now = metadataOf(live.object);
  if (resourceVersion !== undefined && resourceVersion !== now["resourceVersion"])
    throw conflict("the object has been modified; please apply your changes to the latest version and try again");
  if (uid !== undefined && uid !== now["uid"])
    throw new StatusRefusal(422, "Invalid", `metadata.uid: Invalid value: ${JSON.stringify(uid)}: field is immutable`);
}

/** Type, name and namespace are nobody's field, nor is what the server keeps. */
function withoutIdentity(document: JsonObject): JsonObject {
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = document;
  const { name: _n, namespace: _s, resourceVersion: _v, uid: _u, ...metadata } = metadataOf(document);
  return Object.keys(metadata).length === 0 ? rest : { ...rest, metadata };
}

function complete(object: JsonObject, { kind, namespace, name }: ApplyRequest): JsonObject {
  const filled = Object.entries(kind.defaults).filter(([member]) => !(member in specOf(object)));
  return {
    ...object,
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { ...metadataOf(object), name, ...(kind.namespaced ? { namespace } : {}) },
    ...(filled.length === 0 ? {} : { spec: { ...specOf(object), ...Object.fromEntries(filled) } }),
  };
}

function conflictOf(
  kind: KnownKind,
  conflicts: readonly { readonly owner: Ownership; readonly path: Path }[],
): StatusRefusal {
  const causes = conflicts.map(({ owner, path }): { [key: string]: Json } => ({
    reason: "FieldManagerConflict",
    message: `conflict with "${owner.manager}" using ${apiVersionOf(kind)}`,
    field: nameOfPath(path),
  }));
  const told = causes.map(({ message, field }) => `${message}: ${field}`).join("\n- ");
  const count = `${causes.length} conflict${causes.length === 1 ? "" : "s"}`;
  return new StatusRefusal(409, "Conflict", `Apply failed with ${count}: ${told}`, { causes });
}

/** What of a label selector is used: `name=value`, several with a comma between. */
export function selects(selector: string, object: JsonObject): boolean {
  if (selector === "") return true;
  const { labels } = metadataOf(object);
  return selector.split(",").every((part) => {
    const [name = "", value] = part.split("=");
    if (value === undefined || !/^[\w./-]+$/.test(name)) throw badRequest(`unable to parse requirement: ${part}`);
    return isRecord(labels) && labels[name] === value;
  });
}
