import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { resolveRule } from "../../../core/approval/conditions.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import type { Requirement } from "../../../core/approval/matrix.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { SettledStage } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { approvalInput, member, roles, rule, signOff, stage } from "./people-and-votes.ts";

const role = fc.constantFrom("a", "b", "c");
const leaf = fc.record({ role, count: fc.integer({ min: 1, max: 2 }) });
const { requirement } = fc.letrec<{ requirement: Requirement; group: Requirement }>((tie) => ({
  group: fc.oneof(
    fc.record({ all: fc.array(tie("requirement"), { minLength: 1, maxLength: 2 }) }),
    fc.record({ any: fc.array(tie("requirement"), { minLength: 1, maxLength: 2 }) }),
  ),
  requirement: fc.oneof({ maxDepth: 2, withCrossShrink: true }, leaf, tie("group")),
}));
const approval = fc
  .record({
    name: fc.constantFrom("p0", "p1", "p2", "p3", "p4", "p5"),
    named: fc.uniqueArray(role, { minLength: 1, maxLength: 3 }),
    minute: fc.integer({ min: 0, max: 8 }),
  })
  .map(({ name, named, minute }) => signOff(name, named, minute));
const onePerPerson = fc.uniqueArray(approval, { selector: ({ reviewerName }) => reviewerName, maxLength: 6 });
const decision = fc
  .tuple(
    fc.constantFrom("p0", "p1", "p2"),
    fc.constantFrom<SignOff["result"][]>("approve", "reject", "withdraw"),
    fc.uniqueArray(role, { minLength: 1, maxLength: 2 }),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([name, result, named, minute]) => signOff(name, named, minute, { result, reason: "no" }));

const inOneStage = (requires: Requirement, signOffs: readonly SignOff[]): ApprovalInput =>
  approvalInput({ rule: rule(stage("only", requires, { rejectionsToStop: 2 })), signOffs });
const wins = (input: ApprovalInput) => evaluateApproval(input).outcome.kind === "reached";

/** Whether people with these roles can meet a requirement at all, by trying every assignment. */
function canMeet(requires: Requirement, votes: readonly SignOff[]): boolean {
  const meet = (wanted: readonly Requirement[], free: readonly SignOff[]): boolean => {
    const [first, ...rest] = wanted;
    if (first === undefined) return true;
    if ("all" in first) return meet([...first.all, ...rest], free);
    if ("any" in first) return first.any.some((branch) => meet([branch, ...rest], free));
    const next = first.count > 1 ? [{ role: first.role, count: first.count - 1 }, ...rest] : rest;
    return free.some(
      (vote) =>
        vote.roles.includes(first.role) &&
        meet(
          next,
          free.filter((other) => other !== vote),
        ),
    );
  };
  return meet([requires], votes);
}

describe("the approval rules", () => {
  it("reach a quorum exactly where some assignment of people to seats does", () => {
    fc.assert(
      fc.property(requirement, onePerPerson, (requires, votes) => {
        expect(wins(inOneStage(requires, votes))).toBe(canMeet(requires, votes));
      }),
      { numRuns: 300 },
    );
  });

  it("never lose a quorum through one more person's approval", () => {
    fc.assert(
      fc.property(requirement, onePerPerson, approval, (requires, votes, more) => {
        fc.pre(votes.every(({ reviewerName }) => reviewerName !== more.reviewerName));
        if (wins(inOneStage(requires, votes))) expect(wins(inOneStage(requires, [...votes, more]))).toBe(true);
      }),
    );
  });

  it("never lose a quorum through one more person's approval, whatever conditions were decided before", () => {
    const auc = fc.double({ min: 0, max: 1, noNaN: true });
    const below = fc.constantFrom(0.3, 0.7);
    fc.assert(
      fc.property(
        requirement,
        requirement,
        below,
        auc,
        onePerPerson,
        approval,
        (always, sometimes, bound, value, votes, more) => {
          fc.pre(votes.every(({ reviewerName }) => reviewerName !== more.reviewerName));
          const when = [{ fact: "metric", name: "auc", below: bound } as const];
          const conditional = rule(stage("only", { all: [always, { ...sometimes, when }] }, { rejectionsToStop: 2 }));
          const resolved = resolveRule(conditional, { evidence: { metrics: { auc: [value] } } });
          const input = (signOffs: readonly SignOff[]) => approvalInput({ rule: resolved, signOffs });
          // What is asked for more can only be harder to meet.
          if (wins(input(votes))) expect(wins(inOneStage(always, votes))).toBe(true);
          if (wins(input(votes))) expect(wins(input([...votes, more]))).toBe(true);
        },
      ),
    );
  });

  it("let a role's own number of rejections stop what as many of its holders reject, in any order", () => {
    const number = fc.integer({ min: 1, max: 3 });
    const rejections = fc.shuffledSubarray(["p0", "p1", "p2", "p3"], { minLength: 0 });
    fc.assert(
      fc.property(requirement, number, rejections, fc.boolean(), (requires, own, names, backwards) => {
        const a = { title: "A", groups: ["as"], judges: [], rejectionsToStop: own };
        const nos = names.map((name, minute) =>
          signOff(name, ["a"], backwards ? 9 - minute : minute, { result: "reject", reason: "no" }),
        );
        const asks = { all: [requires, { role: "a", count: 1 }] };
        const input = approvalInput({
          rule: rule(stage("only", asks, { rejectionsToStop: 2 })),
          roles: { ...roles, a },
          signOffs: nos,
        });
        const stopped = evaluateApproval(input).outcome.kind === "rejected";
        expect(stopped).toBe(names.length >= own);
      }),
    );
  });

  it("come to the same in whatever order everything arrives", () => {
    const shuffled = fc
      .tuple(requirement, fc.uniqueArray(decision, { selector: ({ id }) => id, maxLength: 8 }))
      .chain(([requires, votes]) =>
        fc.tuple(
          fc.constant(requires),
          fc.constant(votes),
          fc.shuffledSubarray(votes, { minLength: votes.length }),
          fc.shuffledSubarray(["p0", "p1", "p2", "p3"], { minLength: 4 }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([requires, votes, other, names]) => {
        const members = ["p0", "p1", "p2", "p3"].map((name) => member(name, "a", "b"));
        const reordered = names.map((name) => member(name, "a", "b"));
        expect(evaluateApproval({ ...inOneStage(requires, other), members: reordered })).toEqual(
          evaluateApproval({ ...inOneStage(requires, votes), members }),
        );
      }),
    );
  });

  it("never let a person fill two seats, over all stages", () => {
    fc.assert(
      fc.property(fc.array(requirement, { minLength: 1, maxLength: 3 }), onePerPerson, (requirements, votes) => {
        const stages = rule(...requirements.map((requires, index) => stage(`stage ${index}`, requires)));
        const settled: SettledStage[] = [];
        for (const index of requirements.keys()) {
          const signOffs = votes.flatMap((vote) =>
            [...requirements.keys()].map((each) => signOff(vote.reviewerName, vote.roles, 10 * each, { stage: each })),
          );
          const { outcome } = evaluateApproval(approvalInput({ rule: stages, openStage: index, settled, signOffs }));
          if (outcome.kind !== "reached") break;
          settled.push(outcome.settled);
        }
        const seated = settled.flatMap(({ seats }) => seats.map(({ person }) => identityKey(person)));
        expect(new Set(seated).size).toBe(seated.length);
      }),
    );
  });

  it("never count an excluded person, and say so", () => {
    fc.assert(
      fc.property(requirement, onePerPerson, (requires, votes) => {
        const excluded = new Map(votes.map(({ reviewer }) => [identityKey(reviewer), "trained the model"]));
        const { outcome } = evaluateApproval({ ...inOneStage(requires, votes), excluded });
        expect(outcome.kind).toBe("open");
      }),
    );
  });

  it("call a quorum unreachable only where nobody who has signed could make it", () => {
    fc.assert(
      fc.property(requirement, onePerPerson, (requires, votes) => {
        const members = votes.map((vote) => member(vote.reviewerName, ...vote.roles));
        const { outcome } = evaluateApproval({ ...inOneStage(requires, []), members });
        expect(outcome).toMatchObject({ kind: "open", unreachable: !canMeet(requires, votes) });
      }),
    );
  });

  it("take a rejection that was recorded as the end, whatever its author does later", () => {
    fc.assert(
      fc.property(requirement, fc.array(decision, { maxLength: 6 }), (requires, later) => {
        const no = signOff("p9", ["a"], 0, {
          result: "reject",
          groups: ["as", "bs", "cs"],
          recordedAt: instantFromMs(0),
        });
        const input = { ...inOneStage(requires, [no, ...later]), rule: rule(stage("only", requires)) };
        expect(evaluateApproval(input).outcome).toMatchObject({ kind: "rejected", by: [{ name: "p9" }] });
      }),
    );
  });
});
