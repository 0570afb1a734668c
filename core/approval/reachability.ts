import { by } from "../encoding/text-order.ts";
import { type IdentityKey, identityKey, type Member } from "../promotion/identity.ts";
import type { SettledStage } from "../promotion/promotion.ts";
import {
  findRole,
  givesRole,
  type PersonKey,
  type PersonOf,
  personOf,
  rolesOfRule,
  rolesOfStage,
  titleOf,
} from "./entitlement.ts";
import type { NamedPerson } from "./explanation.ts";
import { seatPeople } from "./matching.ts";
import type { ApprovalRule, Matrix } from "./matrix.ts";
import type { Person } from "./people.ts";
import { type Seat, waysToMeet } from "./seats.ts";

/** Somebody who could sign: every identity of theirs counts as one. */
export interface Signer {
  readonly person: PersonKey;
  readonly named: NamedPerson;
  readonly roles: ReadonlySet<string>;
}

/** A stage whose seats are to be filled, and the ways in which they may be. */
export interface OpenSeats {
  readonly stage: number;
  readonly ways: readonly (readonly Seat[])[];
}

/** For each stage the way that comes nearest, and the first seat that nobody can fill, if there is one. */
export interface Outlook {
  readonly chosen: ReadonlyMap<number, readonly Seat[]>;
  readonly gap: (Seat & { readonly stage: number }) | undefined;
}

/** The rule, the directory and who may not approve: what reachability depends on. */
export interface SignerInput {
  readonly rule: ApprovalRule;
  readonly roles: Matrix["roles"];
  readonly excluded: ReadonlyMap<IdentityKey, string>;
  readonly members: readonly Member[];
  readonly people: readonly Person[];
}

/**
 * Whether distinct people could fill every seat of every stage (design 6.1, 6.8): asked at submission. The sentence
 * names the seat that nobody can fill, and why those who hold its role cannot.
 */
export function reachable(
  input: SignerInput,
):
  | { readonly kind: "reachable" }
  | { readonly kind: "unreachable"; readonly stage: number; readonly role: string; readonly why: string } {
  const keyOf = personOf(input.members, input.people);
  const stages = input.rule.stages.map((stage, index) => ({ stage: index, ways: waysToMeet(stage.requires) }));
  const { gap } = outlookOf(stages, signers(input, keyOf, new Map()));
  if (gap === undefined) return { kind: "reachable" };
  return { kind: "unreachable", stage: gap.stage, role: gap.role, why: whyNobody(gap, input, keyOf, new Map()) };
}

/** Whom to ask: for each role of a stage those who hold it, are not excluded and fill no seat of another stage. */
export function whoCouldSign(
  input: SignerInput & { readonly stage: number; readonly settled: readonly SettledStage[] },
): readonly { readonly role: string; readonly members: readonly Member[] }[] {
  const stage = input.rule.stages[input.stage];
  const keyOf = personOf(input.members, input.people);
  const seated = new Set(
    input.settled
      .filter((settled) => settled.index !== input.stage)
      .flatMap((settled) => settled.seats.map((seat) => keyOf(seat.person))),
  );
  const free = input.members.filter(
    (member) =>
      member.enabled && !input.excluded.has(identityKey(member.identity)) && !seated.has(keyOf(member.identity)),
  );
  return (stage === undefined ? [] : rolesOfStage(stage)).map((role) => ({
    role,
    members: byName(free.filter((member) => givesRole(input.roles, role, member))),
  }));
}

/** Everybody who is enabled, not excluded and not seated yet, with the roles of the rule that they hold; by name. */
export function signers(
  input: SignerInput,
  keyOf: PersonOf,
  seated: ReadonlyMap<PersonKey, string>,
): readonly Signer[] {
  const asked = rolesOfRule(input.rule);
  const found = new Map<PersonKey, Signer>();
  const free = input.members.filter(
    ({ enabled, identity }) => enabled && !input.excluded.has(identityKey(identity)) && !seated.has(keyOf(identity)),
  );
  for (const member of byName(free)) {
    const person = keyOf(member.identity);
    const roles = asked.filter((role) => givesRole(input.roles, role, member));
    const earlier = found.get(person);
    found.set(person, {
      person,
      named: earlier?.named ?? { identity: member.identity, name: member.name },
      roles: new Set(earlier === undefined ? roles : [...earlier.roles, ...roles]),
    });
  }
  return [...found.values()].filter((signer) => signer.roles.size > 0);
}

/**
 * Searches all combinations of ways, whose number is bounded when the matrix is loaded, for the one that leaves the
 * fewest seats without a person; among equals the one with the fewest `missing`, then the first in the file.
 */
export function outlookOf(
  stages: readonly OpenSeats[],
  people: readonly Signer[],
  missing: (stage: number, way: readonly Seat[]) => number = () => 0,
): Outlook {
  const roles = people.map((signer) => signer.roles);
  let best: { readonly unfilled: number; readonly missing: number; readonly outlook: Outlook } | undefined;
  for (const combination of combinations(stages)) {
    const seats = combination.flatMap(({ stage, way }) => way.map((seat) => ({ ...seat, stage })));
    const holders = seatPeople(
      seats.map((seat) => seat.role),
      roles,
    );
    const unfilled = holders.filter((holder) => holder === undefined).length;
    const lacking = combination.reduce((sum, { stage, way }) => sum + missing(stage, way), 0);
    if (best !== undefined && (unfilled > best.unfilled || (unfilled === best.unfilled && lacking >= best.missing)))
      continue;
    const chosen = new Map(combination.map(({ stage, way }) => [stage, way]));
    const gap = unfilled === 0 ? undefined : seats[holders.indexOf(undefined)];
    best = { unfilled, missing: lacking, outlook: { chosen, gap } };
  }
  return best?.outlook ?? { chosen: new Map(), gap: undefined };
}

/** Why nobody can fill a seat, person by person. */
export function whyNobody(
  gap: Seat & { readonly stage: number },
  input: SignerInput,
  keyOf: PersonOf,
  seated: ReadonlyMap<PersonKey, string>,
): string {
  const stage = input.rule.stages[gap.stage]?.name ?? "";
  const seat = `Nobody is left for the seat '${titleOf(input.roles, gap.role)}' in the stage '${stage}'`;
  const holders = byName(input.members.filter((member) => givesRole(input.roles, gap.role, member)));
  if (holders.length === 0) {
    const groups = findRole(input.roles, gap.role)?.groups.join(", ") ?? "";
    return `${seat}: nobody in the directory is in ${groups}.`;
  }
  const reasons = holders.slice(0, 5).map((member) => {
    const hand = input.excluded.get(identityKey(member.identity));
    const elsewhere = seated.get(keyOf(member.identity));
    if (hand !== undefined) return `${member.name} ${hand}`;
    if (!member.enabled) return `the account of ${member.name} is disabled`;
    if (elsewhere !== undefined) return `${member.name} already fills ${elsewhere}`;
    return `${member.name} is needed for another seat`;
  });
  const more = holders.length > reasons.length ? `; and ${holders.length - reasons.length} more cannot` : "";
  return `${seat}: ${reasons.join("; ")}${more}.`;
}

function* combinations(
  stages: readonly OpenSeats[],
): Generator<readonly { readonly stage: number; readonly way: readonly Seat[] }[]> {
  const [first, ...rest] = stages;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const way of first.ways) {
    for (const others of combinations(rest)) yield [{ stage: first.stage, way }, ...others];
  }
}

function byName(members: readonly Member[]): readonly Member[] {
  // Each rank once: a directory has thousands, and every comparison would make two of them anew.
  const ranked = members.map((member) => ({ member, rank: `${member.name}\u0000${identityKey(member.identity)}` }));
  return ranked.sort(by(({ rank }) => rank)).map(({ member }) => member);
}
