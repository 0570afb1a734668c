import { conditionsIn, factsAsked } from "../approval/conditions.ts";
import { givesRole, rolesOfRule } from "../approval/entitlement.ts";
import { type ApprovalRule, type Matrix, policyModelType } from "../approval/matrix.ts";
import type { Person } from "../approval/people.ts";
import { reachable } from "../approval/reachability.ts";
import { changeRule } from "../approval/requirements.ts";
import { mostSeats } from "../approval/seats.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { list } from "../encoding/policy-file.ts";
import { identityKey, type Member } from "../promotion/identity.ts";
import type { Note } from "./policy-files.ts";
import { casesOf, type RuleCase } from "./rule-cases.ts";

/** A rule of the matrix and whether its seats can be filled. */
export interface CheckedRule {
  /** From 1, in the order of the file. */
  readonly number: number;
  readonly modelType: string;
  readonly target: string;
  /** The most that it can ask for. */
  readonly seats: number;
  /** In how many different ways its conditions can come out; absent where there are too many to try. */
  readonly cases?: number;
  /** Absent without a directory. `in-some-cases`: what cannot be reached is told by a finding. */
  readonly reachable?: "always" | "in-some-cases" | "never";
  /** Without any one of these people the quorum cannot be reached. */
  readonly dependsOn?: readonly string[];
}

/** Whether distinct people are there for the seats of each rule, in each of its cases. */
export function checkQuorums(
  matrix: Matrix,
  people: readonly Person[],
  members: readonly Member[] | undefined,
  note: Note,
): readonly CheckedRule[] {
  return [...matrix.rules, ...changeRule(matrix)].map((rule, index) => {
    const { modelType, target } = rule;
    const before = matrix.rules
      .slice(0, index)
      .filter((each) => each.modelType === modelType && each.target === target);
    const cases = casesOf(rule, before, matrix.classification);
    const seats = (each: ApprovalRule) => each.stages.reduce((sum, { requires }) => sum + mostSeats(requires), 0);
    const checked = {
      number: index + 1,
      modelType,
      target,
      seats: Math.max(0, ...(cases ?? [{ rule }]).map((each) => seats(each.rule))),
    };
    const path = rule.modelType === policyModelType ? ["policyChange"] : ["rules", index];
    if (cases === undefined) {
      note(
        "warning",
        "matrix.yaml",
        path,
        "Its conditions have more cases than can be tried; quorums were not looked at.",
      );
      return checked;
    }
    if (members === undefined) return { ...checked, cases: cases.length };
    const gaps = cases.flatMap((each) => {
      const quorum = quorumWithout(undefined, each, matrix, people, members);
      return quorum.kind === "unreachable" ? [{ facts: each.facts, why: quorum.why }] : [];
    });
    for (const { facts, why } of gaps.slice(0, 5)) {
      const when = cases.length === 1 ? "" : ` Where the facts are ${factsText(rule, facts)}.`;
      note("error", "matrix.yaml", path, `Its quorum cannot be reached. ${why}${when}`);
    }
    const dependsOn = gaps.length > 0 ? [] : indispensable(cases, matrix, people, members);
    if (dependsOn.length > 0)
      note(
        "warning",
        "matrix.yaml",
        path,
        `Without ${list(dependsOn)} its quorum cannot be reached: a hand of theirs in the candidate, or an absence, stops it.`,
      );
    return {
      ...checked,
      cases: cases.length,
      reachable: gaps.length === 0 ? "always" : gaps.length === cases.length ? "never" : "in-some-cases",
      dependsOn,
    };
  });
}

function quorumWithout(
  absent: Member | undefined,
  { rule }: RuleCase,
  { roles }: Matrix,
  people: readonly Person[],
  members: readonly Member[],
): ReturnType<typeof reachable> {
  const excluded = new Map(absent === undefined ? [] : [[identityKey(absent.identity), "is away"] as const]);
  return reachable({ rule, roles, excluded, members, people });
}

/** Everybody whose absence alone makes some case unreachable; asked only of roles that few people hold. */
function indispensable(
  cases: readonly RuleCase[],
  matrix: Matrix,
  people: readonly Person[],
  members: readonly Member[],
): readonly string[] {
  const found = new Set<string>();
  for (const each of cases) {
    const seats = each.rule.stages.reduce((sum, { requires }) => sum + mostSeats(requires), 0);
    for (const role of rolesOfRule(each.rule)) {
      const holders = members.filter((member) => member.enabled && givesRole(matrix.roles, role, member));
      // With one more than there are seats, everybody can be spared.
      if (holders.length > seats) continue;
      for (const holder of holders)
        if (quorumWithout(holder, each, matrix, people, members).kind === "unreachable") found.add(holder.name);
    }
  }
  return [...found].toSorted();
}

function factsText(rule: ApprovalRule, facts: RuleCase["facts"]): string {
  return canonicalJson(factsAsked(conditionsIn(rule), facts));
}
