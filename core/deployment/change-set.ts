import { utf8 } from "../encoding/bytes.ts";
import { canonicalJson, type Json } from "../encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import type { PlanState } from "./plan-state.ts";

/** A change set of CloudFormation as it is described, and how its stack stands. */
export interface SeenChangeSet {
  /** All its pages as one. */
  readonly document: Json;
  readonly executionStatus: string;
  readonly stack?: {
    readonly status: string;
    /** The change set that was executed last. */
    readonly changeSet?: string;
  };
}

/** What tells of the moment, or of who asked, and not of what is changed. */
const passing: readonly string[] = [
  "Status",
  "StatusReason",
  "ExecutionStatus",
  "CreationTime",
  "NextToken",
  "$metadata",
];

/** The id of the change set that a frozen description is of. */
export function changeSetIdOf(signed: Json): string | undefined {
  const id =
    typeof signed === "object" && signed !== null && "ChangeSetId" in signed ? signed["ChangeSetId"] : undefined;
  return typeof id === "string" ? id : undefined;
}

/**
 * How the change set stands whose description was signed. CloudFormation deletes every other change set of a stack when
 * one is executed, so one that is found and executed is the last that was:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
 */
export function changeSetState(name: string, signed: Json, seen: SeenChangeSet | undefined): PlanState {
  const refused = (why: string): PlanState => ({ kind: "refused", why: `The plan '${name}' ${why}` });
  if (seen === undefined)
    return refused("is not there any more as a change set: it was deleted, or another one was executed.");
  if (contentDigest(seen.document) !== contentDigest(signed))
    return refused("that was signed is not what its change set does.");
  switch (seen.executionStatus) {
    case "EXECUTE_COMPLETE": {
      const { stack } = seen;
      if (stack?.changeSet !== changeSetIdOf(signed))
        return refused("was executed, and its stack was changed by something else since.");
      return /^(CREATE|UPDATE|IMPORT)_COMPLETE(_CLEANUP_IN_PROGRESS)?$/.test(stack?.status ?? "")
        ? { kind: "applied", by: "change-set" }
        : refused(`was executed, and its stack is ${stack?.status}.`);
    }
    case "AVAILABLE":
      return { kind: "awaited", why: `the change set of '${name}' has not been executed yet` };
    case "EXECUTE_IN_PROGRESS":
      return { kind: "awaited", why: `the change set of '${name}' is being executed` };
    default:
      return refused(`cannot be applied any more: its change set is ${seen.executionStatus}.`);
  }
}

/** Digest of what a change set changes, whoever described it and when. */
export function contentDigest(document: Json): Sha256 {
  const members = typeof document === "object" && document !== null ? Object.entries(document) : [];
  const content = Object.fromEntries(members.filter(([member]) => !passing.includes(member)));
  return sha256Hex(utf8(canonicalJson(said(content))));
}

/** Without what says nothing: some clients leave out an empty list, and some print it. */
function said(value: Json): Json | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => said(item) ?? null);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== "object") return value;
  const members = Object.entries(value).map(([member, inner]) => [member, said(inner)] as const);
  return Object.fromEntries(members.filter(([, inner]) => inner !== undefined)) as Json;
}
