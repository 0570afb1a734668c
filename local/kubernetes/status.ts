import type { JsonObject } from "../aws/json-shape.ts";
import type { KnownKind } from "./kinds.ts";

/**
 * A refusal of the API server: becomes a `Status` object with this HTTP status.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
export class StatusRefusal extends Error {
  override readonly name = "StatusRefusal";
  readonly code: number;
  readonly reason: string;
  readonly details: JsonObject;

  constructor(code: number, reason: string, message: string, details: JsonObject = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export function statusOf({ code, reason, message, details }: StatusRefusal): JsonObject {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code };
}

/** `deployments.apps "scorer"`, as the API server names an object. */
export function nameOf({ plural, group }: KnownKind, name: string): string {
  return `${plural}${group === "" ? "" : `.${group}`} "${name}"`;
}

export function absent(kind: KnownKind, name: string): StatusRefusal {
  return new StatusRefusal(404, "NotFound", `${nameOf(kind, name)} not found`, {
    name,
    group: kind.group,
    kind: kind.plural,
  });
}

export function badRequest(message: string): StatusRefusal {
  return new StatusRefusal(400, "BadRequest", message);
}

/** What the real API server does and this one does not. */
export function notCarried(what: string): StatusRefusal {
  return new StatusRefusal(501, "NotImplemented", `${what} is not carried by the local stand-in`);
}
