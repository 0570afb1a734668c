import { cutText } from "../../core/encoding/cut-text.ts";
import { Failure } from "../../core/failure.ts";
import type { ApiAnswer } from "./api-call.ts";

/** A field that somebody else owns with another value. */
export interface FieldConflict {
  readonly field: string;
  /** What the API server says of its owner. */
  readonly message: string;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
interface Status {
  readonly message?: string;
  readonly details?: {
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

const longestMessage = 500;

/** The fields for which an apply was refused, where that is why it was. */
export function conflictsIn(answer: ApiAnswer): readonly FieldConflict[] {
  if (answer.status !== 409) return [];
  return (statusIn(answer).details?.causes ?? [])
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ field = "", message = "" }) => ({ field, message }));
}

/**
 * A refusal in our words: `unavailable` where trying again may help, `conflict` where the object must be read again,
 * `deployment-refused` otherwise. What the API
 * server says of permissions names roles and accounts, which belong in no record.
 */
export function refusal(answer: ApiAnswer): Failure {
  const message = cutText(statusIn(answer).message ?? "", longestMessage);
  switch (answer.status) {
    // Its authenticator answers so as well while an access entry is new, which counts some seconds after it was made, and where
    // STS does not answer it: https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html,
    // https://github.com/kubernetes-sigs/aws-iam-authenticator/pull/630
    case 401:
      return new Failure(
        "unavailable",
        "The cluster does not let this function in: it has no access entry for its role, or one that does not count yet, or cannot ask STS who this is. If it stays so, make the access entry, and submit the candidate again.",
      );
    case 403:
      // A quota and an admission policy answer so too, and say why.
      return /\bUser "/.test(message)
        ? refused(`The cluster forbids it: the role that it gives to this function does not let it ${whatIn(message)}.`)
        : refused(`The cluster refused the object: ${message}`);
    case 404:
      return refused("The cluster does not know this kind of object, or has no such namespace.");
    case 409:
      return new Failure("conflict", "The object was changed since it was read.");
    case 400:
    case 413:
    case 415:
    case 422:
      return refused(`The cluster refused the object: ${message}`);
    default:
      return new Failure("unavailable", `The cluster does not answer at the moment (${answer.status}).`);
  }
}

/** What was forbidden, and of whom nothing: `deployments.apps "scorer" is forbidden: User "…" cannot get resource "deployments" … in the namespace "models"`. */
function whatIn(message: string): string {
  const said = /^\S+(?: "([\w.:/-]+)")? is forbidden: User "[^"]*" cannot ([a-z]+) resource "([a-z0-9./-]+)"/.exec(
    message,
  );
  const [, name, verb, resource] = said ?? [];
  if (verb === undefined || resource === undefined) return "make the call";
  const [where = ""] = / in the namespace "[a-z0-9-]+"/.exec(message) ?? [];
  return `${verb} ${resource}${name === undefined ? "" : ` "${name}"`}${where} (infra/kubernetes has what it needs)`;
}

function refused(sentence: string): Failure {
  return new Failure("deployment-refused", sentence);
}

function statusIn({ body }: ApiAnswer): Status {
  // Every member is optional, and is told to people only.
  return typeof body === "object" && body !== null ? body : {};
}
