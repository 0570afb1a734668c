import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { openKeptDocuments } from "../kept-documents.ts";
import { type Path, sameValue } from "./fields.ts";
import { apiVersionOf, type KnownKind, kindByName } from "./kinds.ts";

/** The fields that one manager owns. */
export interface Ownership {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  /** RFC 3339. */
  readonly time: string;
  readonly paths: readonly Path[];
}

/** An object as it is kept: without `managedFields`, which are made from the owners when it is shown. */
export interface StoredObject {
  readonly object: JsonObject;
  readonly owners: readonly Ownership[];
}

export interface ObjectStore {
  get(kind: KnownKind, namespace: string, name: string): StoredObject | undefined;
  list(kind: KnownKind, namespace: string): readonly StoredObject[];
  /** Writes an object; without any change to it nothing happens. Gives it as it is then. */
  put(kind: KnownKind, stored: StoredObject): StoredObject;
  remove(kind: KnownKind, namespace: string, name: string): void;
}

/** Opens the objects of one cluster under `directory`. `changed` hears of each that was written or removed. */
export function openObjectStore(
  directory: string,
  now: () => number,
  changed: (kind: KnownKind, before: StoredObject | undefined, after: StoredObject | undefined) => void,
): ObjectStore {
  const path = join(directory, "objects.jsonl");
  const kept = openKeptDocuments<StoredObject>(path, ({ object }) => keyOf(object));
  const objects = kept.all;
  // The store of a cluster begins to count above its own first revision: https://etcd.io/docs/v3.6/learning/data_model/
  let version = Math.max(
    1,
    ...[...objects.values()].map(({ object }) => Number(metadataOf(object)["resourceVersion"])),
  );
  return {
    get: (kind, namespace, name) => objects.get(keyFor(kind, namespace, name)),
    list: (kind, namespace) =>
      [...objects.values()].filter(
        ({ object }) =>
          kindOf(object) === kind && (namespace === "" || String(metadataOf(object)["namespace"] ?? "") === namespace),
      ),
    put(kind, stored) {
      const before = objects.get(keyOf(stored.object));
      if (before !== undefined && sameValue(before.object, stored.object)) {
        if (sameValue(before.owners as unknown as Json, stored.owners as unknown as Json)) return before;
      }
      version += 1;
      const after = { ...stored, object: stamped(stored.object, before?.object, version, now()) };
      kept.set(keyOf(after.object), after);
      changed(kind, before, after);
      return after;
    },
    remove(kind, namespace, name) {
      const key = keyFor(kind, namespace, name);
      const before = objects.get(key);
      if (before === undefined) return;
      kept.delete(key);
      changed(kind, before, undefined);
    },
  };
}

export function metadataOf(object: JsonObject): JsonObject {
  const metadata = object["metadata"];
  return isRecord(metadata) ? metadata : {};
}

export function specOf(object: JsonObject): JsonObject {
  const spec = object["spec"];
  return isRecord(spec) ? spec : {};
}

/** Metadata that the server keeps. The generation counts changes of what is asked for, not of what is reported. */
function stamped(object: JsonObject, before: JsonObject | undefined, version: number, now: number): JsonObject {
  const was = before === undefined ? {} : metadataOf(before);
  const { status: _, metadata: __, ...asked } = object;
  const { status: ___, metadata: ____, ...askedBefore } = before ?? {};
  const same = before !== undefined && sameValue(asked, askedBefore);
  return {
    ...object,
    metadata: {
      ...metadataOf(object),
      uid: was["uid"] ?? randomUUID(),
      creationTimestamp: was["creationTimestamp"] ?? new Date(now).toISOString().replace(/\.\d+Z$/, "Z"),
      generation: same ? (was["generation"] ?? 1) : Number(was["generation"] ?? 0) + 1,
      resourceVersion: String(version),
    },
  };
}

function kindOf(object: JsonObject): KnownKind | undefined {
  return kindByName(String(object["apiVersion"]), String(object["kind"]));
}

function keyOf(object: JsonObject): string {
  const { namespace = "", name } = metadataOf(object);
  return [object["apiVersion"], object["kind"], namespace, name].join("\u0000");
}

function keyFor(kind: KnownKind, namespace: string, name: string): string {
  return [apiVersionOf(kind), kind.kind, namespace, name].join("\u0000");
}
