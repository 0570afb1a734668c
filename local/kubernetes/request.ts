import type { IncomingMessage } from "node:http";
import { parse } from "yaml";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { readBody } from "../loopback-server.ts";
import { type KnownKind, kindByPath } from "./kinds.ts";
import type { Attempt } from "./rbac.ts";
import { badRequest, nameOf, notCarried, StatusRefusal } from "./status.ts";

/** Kubernetes refuses larger requests. */
const largestBody = 3 * 1024 * 1024;

/** What a request is about. */
export interface Wanted {
  readonly kind: KnownKind;
  readonly namespace: string;
  readonly name: string;
  readonly query: URLSearchParams;
  /** What is asked of the service of that name, by way of the API server. */
  readonly proxied?: string;
}

export function wantedOf(request: IncomingMessage): Wanted {
  const { pathname, searchParams } = new URL(request.url ?? "/", "https://127.0.0.1");
  const match = pathname.match(
    /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?<rest>\/.*)?$/,
  )?.groups;
  const { group = "", version = "", namespace = "", plural = "", name = "", rest } = match ?? {};
  const kind = match === undefined ? undefined : kindByPath(group, version, plural);
  if (kind === undefined) throw new StatusRefusal(404, "NotFound", "the server could not find the requested resource");
  const proxied = kind.kind === "Service" ? rest?.match(/^\/proxy(\/.*)$/)?.[1] : undefined;
  if (rest !== undefined && proxied === undefined) throw notCarried(`the subresource ${rest}`);
  if (kind.namespaced !== (namespace !== "")) throw notCarried(`${plural} outside one namespace`);
  return {
    kind,
    namespace: decodeURIComponent(namespace),
    name: decodeURIComponent(name),
    query: searchParams,
    ...(proxied === undefined ? {} : { proxied }),
  };
}

export function verbOf({ method = "", headers }: IncomingMessage, name: string): Attempt["verb"] {
  if (method === "GET") return name === "" ? "list" : "get";
  if (method === "DELETE" && name !== "") return "delete";
  const type = headers["content-type"] ?? "";
  if (method === "PATCH" && name !== "") {
    if (/^application\/apply-patch\+yaml\b/.test(type)) return "patch";
    throw new StatusRefusal(
      415,
      "UnsupportedMediaType",
      `${type} is not carried by the local stand-in: apply on the server`,
    );
  }
  throw new StatusRefusal(405, "MethodNotAllowed", `${method} is not carried by the local stand-in`);
}

const parametersOf = {
  get: [],
  list: ["labelSelector"],
  patch: ["fieldManager", "force", "dryRun", "fieldValidation"],
  delete: [],
  create: [],
} as const satisfies Record<Attempt["verb"], readonly string[]>;

/** What is not carried must not be ignored. */
export function onlyParameters(query: URLSearchParams, verb: Attempt["verb"]): void {
  const allowed: readonly string[] = parametersOf[verb];
  const foreign = [...query.keys()].filter((name) => !allowed.includes(name));
  if (foreign.length > 0) throw notCarried(`the parameter ${foreign.join(", ")} of ${verb}`);
}

/** The body of an apply: YAML, and so JSON as well. */
/**
 * What a DELETE says of itself; without a body, nothing. Carried are preconditions, and nothing else.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/
 */
export async function preconditionsOf(request: IncomingMessage): Promise<JsonObject> {
  const body = await readBody(request, largestBody);
  if (body === undefined) throw new StatusRefusal(413, "RequestEntityTooLarge", "the request is too large");
  if (body.length === 0) return {};
  const { apiVersion, kind, preconditions, ...others } = objectIn(body);
  const [other] = Object.keys(others);
  if (other !== undefined) throw notCarried(`${other} of DeleteOptions`);
  if (apiVersion !== "v1" || kind !== "DeleteOptions") throw badRequest("the body is no DeleteOptions");
  return isRecord(preconditions) ? preconditions : {};
}

/** Refuses what names an object of before. */
export function requireAsRead(preconditions: JsonObject, kind: KnownKind, name: string, metadata: JsonObject): void {
  for (const [member, wanted] of Object.entries(preconditions)) {
    if (member !== "uid" && member !== "resourceVersion") throw badRequest(`unknown field "preconditions.${member}"`);
    if (metadata[member] !== wanted)
      throw new StatusRefusal(
        409,
        "Conflict",
        `Operation cannot be fulfilled on ${nameOf(kind, name)}: Precondition failed: ${member} in precondition: ${String(wanted)}, in object meta: ${String(metadata[member])}`,
      );
  }
}

export async function documentOf(request: IncomingMessage): Promise<JsonObject> {
  const body = await readBody(request, largestBody);
  if (body === undefined) throw new StatusRefusal(413, "RequestEntityTooLarge", "the request is too large");
  return objectIn(body);
}

function objectIn(body: Buffer): JsonObject {
  try {
    const document: unknown = parse(body.toString("utf8"));
    if (isRecord(document)) return document;
  } catch {
    // Said below.
  }
  throw badRequest("the body is not an object");
}
