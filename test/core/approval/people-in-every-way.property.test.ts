import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { personOf } from "../../../core/approval/entitlement.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import type { Explanation } from "../../../core/approval/explanation.ts";
import type { Requirement } from "../../../core/approval/matrix.ts";
import type { Person } from "../../../core/approval/people.ts";
import type { SettledStage } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { approvalInput, delegation, identity, inPlace, member, rule, signOff, stage } from "./people-and-votes.ts";

/** p0 signs in under two identities, which people.yaml links; the others under one. */
const names = ["p0", "p0 at home", "p1", "p2", "p3"];
const held = ["a", "b", "c"];
const people: readonly Person[] = [
  { name: "p0", addresses: [], accounts: [], identities: [identity("p0"), identity("p0 at home")], outside: false },
];
const members = names.map((name) => member(name, ...held));
/** Everybody may stand in for everybody else in any role, but under one delegation of each: chains, too, are tried. */
const delegations = names.flatMap((from) =>
  names.filter((to) => to !== from).flatMap((to) => held.map((role) => delegation(from, to, role))),
);

const role = fc.constantFrom(...held);
const leaf = fc.record({ role, count: fc.constantFrom(1, 1, 2) });
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  leaf,
  fc.record({ all: fc.array(leaf, { minLength: 1, maxLength: 2 }) }),
  fc.record({ any: fc.array(leaf, { minLength: 1, maxLength: 2 }) }),
);
/** Few minutes, so that many are recorded in one instant. */
const minute = fc.integer({ min: 0, max: 3 });
const own = fc
  .record({
    name: fc.constantFrom(...names),
    named: fc.uniqueArray(role, { minLength: 1, maxLength: 3 }),
    result: fc.constantFrom<SignOff["result"][]>("approve", "approve", "approve", "reject", "withdraw"),
    minute,
  })
  .map((each) => signOff(each.name, each.named, each.minute, { result: each.result, reason: "no" }));
const asDelegate = fc
  .record({ given: fc.constantFrom(...delegations), minute })
  .map((each) => inPlace(each.given, each.minute));
const anyDecision = fc.oneof({ weight: 3, arbitrary: own }, { weight: 2, arbitrary: asDelegate });
const decisions = (maxLength: number) => fc.uniqueArray(anyDecision, { selector: ({ id }) => id, maxLength });

const keyOf = personOf(members, people);
const given = { members, people, delegations };
const inOneStage = (requires: Requirement, signOffs: readonly SignOff[]): ApprovalInput =>
  approvalInput({ rule: rule(stage("only", requires, { rejectionsToStop: 2 })), signOffs, ...given });

/** Everything that an explanation says about why somebody's decision does not count. */
function reasons({
  dismissed = [],
  children,
}: Explanation): readonly { readonly name: string; readonly why: string }[] {
  return [...dismissed.map(({ person, why }) => ({ name: person.name, why })), ...children.flatMap(reasons)];
}

describe("people who sign for themselves, for others and under two names", () => {
  it("lose a quorum through one more decision only where it ends the promotion or a signature is told to have fallen", () => {
    fc.assert(
      fc.property(requirement, decisions(5), anyDecision, (requires, votes, more) => {
        fc.pre(votes.every(({ id }) => id !== more.id));
        const before = evaluateApproval(inOneStage(requires, votes)).outcome;
        if (before.kind !== "reached") return;
        const { outcome: after, explanation } = evaluateApproval(inOneStage(requires, [...votes, more]));
        if (after.kind === "reached") return;
        if (after.kind === "rejected") {
          expect(more.result).toBe("reject");
          expect(explanation.why).toContain(`${more.reviewerName} rejected: no`);
          return;
        }
        const seated = before.settled.seats.map(({ person }) => person);
        const changedTheirMind = seated.some((person) => keyOf(person) === keyOf(more.reviewer));
        const told = reasons(explanation).map(({ name }) => name);
        expect(changedTheirMind || seated.some(({ subject }) => told.includes(subject))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("fill one seat at most over all stages, together with everybody in whose place they sign", () => {
    fc.assert(
      fc.property(fc.array(requirement, { minLength: 1, maxLength: 3 }), decisions(8), (requirements, votes) => {
        const stages = rule(...requirements.map((requires, index) => stage(`stage ${index}`, requires)));
        const signOffs = requirements.flatMap((_, index) =>
          votes.map((vote) => ({ ...vote, id: `${index}${vote.id.slice(1)}` as SignOff["id"], stage: index })),
        );
        const settled: SettledStage[] = [];
        for (const openStage of requirements.keys()) {
          const { outcome } = evaluateApproval(approvalInput({ rule: stages, openStage, settled, signOffs, ...given }));
          if (outcome.kind !== "reached") break;
          settled.push(outcome.settled);
        }
        const behind = settled.flatMap(({ seats }) =>
          seats.flatMap(({ person, signOff: id }) => {
            const place = signOffs.find((vote) => vote.id === id)?.onBehalfOf?.person;
            return [person, ...(place === undefined ? [] : [place])].map(keyOf);
          }),
        );
        expect(new Set(behind).size).toBe(behind.length);
      }),
      { numRuns: 300 },
    );
  });

  it("come to the same in whatever order anything arrives, also within one instant", () => {
    const inAnyOrder = fc
      .tuple(requirement, decisions(7))
      .chain(([requires, votes]) =>
        fc.tuple(
          fc.constant(inOneStage(requires, votes)),
          fc.shuffledSubarray(votes, { minLength: votes.length }),
          fc.shuffledSubarray([...members], { minLength: members.length }),
          fc.shuffledSubarray([...delegations], { minLength: delegations.length }),
        ),
      );
    fc.assert(
      fc.property(inAnyOrder, ([input, signOffs, shuffledMembers, shuffledDelegations]) => {
        const other = { ...input, signOffs, members: shuffledMembers, delegations: shuffledDelegations };
        expect(evaluateApproval(other)).toEqual(evaluateApproval(input));
      }),
      { numRuns: 150 },
    );
  });

  it("are never all counted where one stands for another who decides in person", () => {
    fc.assert(
      fc.property(fc.constantFrom(...delegations), minute, minute, (each, first, second) => {
        fc.pre(keyOf(each.delegator) !== keyOf(each.delegate));
        const votes = [inPlace(each, first), signOff(each.delegator.subject, [each.role], second)];
        const { outcome, explanation } = evaluateApproval(inOneStage({ role: each.role, count: 2 }, votes));
        expect(outcome).toMatchObject({ kind: "open", missing: [each.role] });
        expect(reasons(explanation)).toContainEqual({
          name: each.delegate.subject,
          why: `signed in the place of ${each.delegatorName}, who has decided`,
        });
      }),
      { numRuns: 60 },
    );
  });
});
