import { describe, expect, it } from "vitest";
import { changeSetState, contentDigest, type SeenChangeSet } from "../../../core/deployment/change-set.ts";
import { planContentDigest } from "../../../core/deployment/plan-document.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { changeSetId, signedChangeSet } from "./signed-change-set.ts";

const updated = { status: "UPDATE_COMPLETE", changeSet: changeSetId };
const executed: SeenChangeSet = { document: signedChangeSet, executionStatus: "EXECUTE_COMPLETE", stack: updated };
const stateOf = (over: Partial<SeenChangeSet> = {}) =>
  changeSetState("plan.json", signedChangeSet, { ...executed, ...over });

describe("a change set that was signed", () => {
  it("is applied once it was executed and nothing else since", () => {
    expect(stateOf()).toEqual({ kind: "applied", by: "change-set" });
  });

  it.each([
    ["AVAILABLE", "has not been executed yet"],
    ["EXECUTE_IN_PROGRESS", "is being executed"],
  ])("is waited for while it is %s", (executionStatus, why) => {
    expect(stateOf({ executionStatus })).toEqual({ kind: "awaited", why: `the change set of 'plan.json' ${why}` });
  });

  it.each<[string, Partial<SeenChangeSet>, string]>([
    ["failed", { executionStatus: "EXECUTE_FAILED" }, "cannot be applied any more: its change set is EXECUTE_FAILED."],
    ["is outdated", { executionStatus: "OBSOLETE" }, "cannot be applied any more: its change set is OBSOLETE."],
    [
      "does something else than people were shown",
      { document: { ...signedChangeSet, Changes: [...signedChangeSet.Changes, ...signedChangeSet.Changes] } },
      "that was signed is not what its change set does.",
    ],
    [
      "has other parameters",
      { document: { ...signedChangeSet, Parameters: [{ ParameterKey: "Count", ParameterValue: "9" }] } },
      "that was signed is not what its change set does.",
    ],
    [
      "was followed by another",
      { stack: { ...updated, changeSet: `${changeSetId}0` } },
      "was executed, and its stack was changed by something else since.",
    ],
    [
      "left its stack rolled back",
      { stack: { ...updated, status: "UPDATE_ROLLBACK_COMPLETE" } },
      "was executed, and its stack is UPDATE_ROLLBACK_COMPLETE.",
    ],
    [
      "was of a stack that is gone",
      { stack: { status: "DELETE_COMPLETE" } },
      "was executed, and its stack was changed by something else since.",
    ],
  ])("is refused where it %s", (_, over, why) => {
    expect(stateOf(over)).toEqual({ kind: "refused", why: `The plan 'plan.json' ${why}` });
  });

  it("is refused where it is gone", () => {
    expect(changeSetState("plan.json", signedChangeSet, undefined)).toEqual({
      kind: "refused",
      why: "The plan 'plan.json' is not there any more as a change set: it was deleted, or another one was executed.",
    });
  });

  it("is the same whoever described it and when", () => {
    const { NotificationARNs: _, Tags: __, ...lean } = signedChangeSet;
    const later: Json = {
      ...lean,
      Status: "CREATE_COMPLETE",
      ExecutionStatus: "EXECUTE_COMPLETE",
      $metadata: { attempts: 1 },
    };
    expect(contentDigest(later)).toBe(contentDigest(signedChangeSet));
  });
});

describe("a plan in JSON", () => {
  const digest = planContentDigest('{"b":[1.50],"a":9007199254740993}');

  it("is the same however it is printed", () => {
    expect(planContentDigest('{\n  "a": 9007199254740993,\n  "b": [ 1.50 ]\n}\n')).toBe(digest);
  });

  it.each([
    ["a number that a computer takes for the same", '{"b":[1.50],"a":9007199254740992}'],
    ["a number that is written otherwise", '{"b":[1.5],"a":9007199254740993}'],
    ["an item more", '{"b":[1.50,null],"a":9007199254740993}'],
  ])("is another with %s", (_, text) => {
    expect(planContentDigest(text)).not.toBe(digest);
  });

  it("that is no JSON is no plan", () => {
    expect(planContentDigest("Plan: 1 to add")).toBeUndefined();
  });
});
