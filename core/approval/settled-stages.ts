import type { Sha256 } from "../encoding/sha256.ts";
import { type Identity, type IdentityKey, identityKey, type Member, sameIdentity } from "../promotion/identity.ts";
import type { SettledStage } from "../promotion/promotion.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { type ApprovalInput, inRecordedOrder, latestDecisions } from "./approval-input.ts";
import { namedSigner, whyNotEntitled } from "./delegation.ts";
import { byIdentity, type PersonKey, type PersonOf, personOf, titleOf } from "./entitlement.ts";
import { escalatedTo } from "./escalation.ts";
import type { NamedPerson } from "./explanation.ts";
import { type Seat, waysToMeet } from "./seats.ts";

/** A seat that was filled once. */
export interface SettledSeat extends Seat {
  readonly person: NamedPerson;
  readonly key: PersonKey;
  /** In whose place: the seat is taken by both. */
  readonly inPlaceOf?: PersonKey;
  readonly signOff: Sha256;
}

/** A seat of a decided stage that is open again, and why its signature fell. */
export interface LostSeat extends SettledSeat {
  readonly stage: number;
  readonly why: string;
}

/** A stage that was decided: the seats that still stand, and those that fell. */
export interface StageRecord {
  readonly index: number;
  /** Whether its seats are exactly one way to meet the requirement; otherwise none of them stands. */
  readonly fits: boolean;
  readonly kept: readonly SettledSeat[];
  readonly lost: readonly LostSeat[];
}

/** Whether a decided stage still is: it asked for these seats, and every one stands. */
export function stillStands(record: StageRecord): boolean {
  return record.fits && record.lost.length === 0;
}

/** The seats of decided stages that fell open again; what verification asks before it signs a verdict (design 6.7). */
export function lostSeats(input: ApprovalInput): readonly LostSeat[] {
  const records = settledStages(input, {
    ordered: inRecordedOrder(input.signOffs),
    keyOf: personOf(input.members, input.people),
    members: byIdentity(input.members),
  });
  return [...records.values()].flatMap((record) => record.lost);
}

/**
 * Judges each decided stage again, by the sign-offs it rests on. The open stage is left out: it is decided anew.
 * A person who stands in two seats keeps the first.
 */
export function settledStages(
  input: ApprovalInput,
  {
    ordered,
    keyOf,
    members,
  }: {
    readonly ordered: readonly SignOff[];
    readonly keyOf: PersonOf;
    readonly members: ReadonlyMap<IdentityKey, Member>;
  },
): ReadonlyMap<number, StageRecord> {
  const signOffs = new Map(ordered.map((signOff) => [signOff.id, signOff]));
  const seated = new Set<PersonKey>();
  const records = new Map<number, StageRecord>();
  // A stage that was decided again after a seat fell stands as it was decided last.
  const byStage = new Map(input.settled.map((settled) => [settled.index, settled]));
  for (const settled of [...byStage.values()].toSorted((a, b) => a.index - b.index)) {
    const stage = input.rule.stages[settled.index];
    if (stage === undefined || settled.index === input.openStage) continue;
    const latest = latestDecisions(ordered, { review: input.review, stage: settled.index }, keyOf);
    const leaves = leavesOf(waysToMeet(stage.requires), settled);
    const kept: SettledSeat[] = [];
    const lost: LostSeat[] = [];
    for (const [position, { role, person, signOff: id }] of settled.seats.entries()) {
      const signOff = signOffs.get(id);
      const key = keyOf(person);
      const name = members.get(identityKey(person))?.name ?? "Somebody";
      const leaf = leaves?.[position] ?? "";
      const inPlaceOf = signOff?.onBehalfOf === undefined ? undefined : keyOf(signOff.onBehalfOf.person);
      const seat: SettledSeat = {
        role,
        leaf,
        person: signOff === undefined ? { identity: person, name } : namedSigner(signOff, input, role),
        key,
        ...(inPlaceOf === undefined ? {} : { inPlaceOf }),
        signOff: id,
      };
      const why =
        leaves === undefined
          ? "signed for seats that the stage does not ask for"
          : bothOf(seat).some((each) => seated.has(each))
            ? "already fills another seat"
            : whyFallen(seat, settled.index, { person, signOff, latest: latest.get(key), members, input });
      if (why === undefined) {
        for (const each of bothOf(seat)) seated.add(each);
        kept.push(seat);
      } else {
        lost.push({ ...seat, stage: settled.index, why });
      }
    }
    records.set(settled.index, { index: settled.index, fits: leaves !== undefined, kept, lost });
  }
  return records;
}

function whyFallen(
  seat: SettledSeat,
  stage: number,
  {
    person,
    signOff,
    latest,
    members,
    input,
  }: {
    /** Whose seat it is written down as, which need not be whoever gave the sign-off that is named. */
    readonly person: Identity;
    readonly signOff: SignOff | undefined;
    readonly latest: SignOff | undefined;
    readonly members: ReadonlyMap<IdentityKey, Member>;
    readonly input: ApprovalInput;
  },
): string | undefined {
  if (signOff === undefined || signOff.stage !== stage || !sameIdentity(signOff.reviewer, person)) {
    return "has no such sign-off";
  }
  const dismissed = whyNotCounted(signOff, input);
  if (dismissed !== undefined) return dismissed;
  if (latest?.result !== "approve") return "has taken the approval back";
  const { roles, entitlement, delegations } = input;
  const escalated = escalatedTo(input, stage, signOff.recordedAt);
  const named = [seat.role, escalated].filter((role) => role !== undefined && signOff.roles.includes(role));
  if (named.length === 0) return `did not sign as '${titleOf(roles, seat.role)}'`;
  const directory = { roles, members, entitlement, delegations };
  const reasons = named.map((role) => (role === undefined ? undefined : whyNotEntitled(signOff, role, directory)));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** Everybody who can fill no other seat because of this one. */
export function bothOf({ key, inPlaceOf }: Pick<SettledSeat, "key" | "inPlaceOf">): readonly PersonKey[] {
  return inPlaceOf === undefined ? [key] : [key, inPlaceOf];
}

/** Why an approval counts for nothing, whatever roles it names. */
export function whyNotCounted(
  signOff: SignOff,
  input: Pick<ApprovalInput, "review" | "invalidated" | "excluded" | "delegations">,
): string | undefined {
  if (signOff.review !== input.review) return "signed in an earlier review";
  if (signOff.result !== "approve") return "did not approve";
  const invalid = input.invalidated.get(signOff.id);
  if (invalid !== undefined) return invalid;
  return whyExcluded(signOff, input);
}

/** Separation of duties, in words that follow the signer's name: of the signer, and of the person in whose place they sign. */
export function whyExcluded(
  { reviewer, onBehalfOf }: Pick<SignOff, "reviewer" | "onBehalfOf">,
  { excluded, delegations }: Pick<ApprovalInput, "excluded" | "delegations">,
): string | undefined {
  const hand = excluded.get(identityKey(reviewer));
  if (hand !== undefined) return `${hand}, and so cannot approve it`;
  const theirs = onBehalfOf === undefined ? undefined : excluded.get(identityKey(onBehalfOf.person));
  if (theirs === undefined) return undefined;
  const name = delegations.find(({ id }) => id === onBehalfOf?.delegation)?.delegatorName ?? "somebody";
  return `signed in the place of ${name}, who ${theirs}, and so cannot approve it`;
}

/** The place in the requirement of each settled seat, if the seats are exactly one way to meet it. */
function leavesOf(ways: readonly (readonly Seat[])[], settled: SettledStage): readonly string[] | undefined {
  for (const way of ways) {
    const left = [...way];
    const leaves = settled.seats.map(({ role }) => {
      const index = left.findIndex((seat) => seat.role === role);
      return index < 0 ? undefined : left.splice(index, 1)[0]?.leaf;
    });
    const found = leaves.filter((leaf) => leaf !== undefined);
    if (found.length === settled.seats.length && left.length === 0) return found;
  }
  return undefined;
}
