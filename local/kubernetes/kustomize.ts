import { parse, parseAllDocuments } from "yaml";
import { isRecord, type JsonObject, recordIn, recordsIn } from "../aws/json-shape.ts";
import { merged } from "./fields.ts";
import { type KnownKind, kindByName } from "./kinds.ts";
import { metadataOf } from "./store.ts";

/** A manifest as it comes out of Kustomize. */
export interface Rendered {
  readonly kind: KnownKind;
  readonly document: JsonObject;
  /** When Argo CD runs it instead of applying it. */
  readonly hook?: string;
}

/**
 * The manifests of a folder with the inline patches of an Application's source: strategic merge patches that name what they
 * change by group, version, kind and name. Throws for what is not carried, and for a patch that changes nothing.
 * https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
 */
export function renderKustomize(manifests: string, source: JsonObject): readonly Rendered[] {
  let documents = parseAllDocuments(manifests)
    .map((each): unknown => each.toJS())
    .filter(isRecord);
  for (const { target, patch, ...more } of recordsIn(recordIn(source, "kustomize"), "patches")) {
    const { group = "", version, kind, name, ...selectors } = isRecord(target) ? target : {};
    const foreign = [...Object.keys(more), ...Object.keys(selectors)];
    if (foreign.length > 0) throw new Error(`a patch with ${foreign.join(", ")} is not carried by the local stand-in`);
    const change: unknown = parse(String(patch));
    if (!isRecord(change)) throw new Error("a JSON patch is not carried by the local stand-in");
    let found = false;
    documents = documents.flatMap((document) => {
      const known = kindOf(document);
      const same =
        known.group === group &&
        known.version === version &&
        known.kind === kind &&
        metadataOf(document)["name"] === name;
      found ||= same;
      if (same && change["$patch"] === "delete") return [];
      return [same ? (merged(document, change, known.merge) as JsonObject) : document];
    });
    if (!found) throw new Error(`no matches for target ${String(kind)} ${String(name)}`);
  }
  return documents.map((document) => {
    const hook = recordIn(metadataOf(document), "annotations")["argocd.argoproj.io/hook"];
    return { kind: kindOf(document), document, ...(typeof hook === "string" ? { hook } : {}) };
  });
}

function kindOf(document: JsonObject): KnownKind {
  const { apiVersion, kind } = document;
  const known = kindByName(String(apiVersion), String(kind));
  if (known === undefined)
    throw new Error(`${String(apiVersion)}, ${String(kind)} is not carried by the local stand-in`);
  return known;
}
