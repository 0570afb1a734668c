import { Failure } from "../failure.ts";
import type { SettledStage } from "../promotion/promotion.ts";
import { type ApprovalInput, inRecordedOrder } from "./approval-input.ts";
import { namedSigner } from "./delegation.ts";
import { byIdentity, type PersonKey, type PersonOf, personOf, rolesOfStage, titleOf } from "./entitlement.ts";
import { escalatedTo } from "./escalation.ts";
import { explainApproval, type FilledSeat, peopleOf, type StageView } from "./explain-approval.ts";
import type { Explanation, NamedPerson } from "./explanation.ts";
import { joinedReasons } from "./joined-reasons.ts";
import { seatPeople } from "./matching.ts";
import { type OpenSeats, outlookOf, type Signer, signers, whyNobody } from "./reachability.ts";
import { findRejections, type Rejections } from "./rejections.ts";
import { type Seat, waysToMeet } from "./seats.ts";
import { bothOf, type StageRecord, settledStages, stillStands } from "./settled-stages.ts";
import { type Vote, type Votes, votesIn } from "./votes.ts";

/** What the sign-offs of a promotion come to. */
export type ApprovalOutcome =
  /** `missing`: the role of each seat that nobody fills. `unreachable`: nobody could fill one of the seats left. */
  | { readonly kind: "open"; readonly missing: readonly string[]; readonly unreachable: boolean }
  /** `settled`: the open stage, or the last where all are decided; `next`: the stage to open, `undefined` after all. */
  | { readonly kind: "reached"; readonly settled: SettledStage; readonly next: number | undefined }
  | { readonly kind: "rejected"; readonly by: readonly NamedPerson[]; readonly reason: string };

export interface Approval {
  readonly outcome: ApprovalOutcome;
  /** The whole promotion, a child for each stage. */
  readonly explanation: Explanation;
}

/**
 * Judges a promotion by its sign-offs (design 6.1 to 6.7, 6.10, 6.13). Depends on nothing but its input, and not on
 * the order of any list in it. With `openStage` undefined it judges the decided stages again: `reached` if every
 * seat still stands, `open` naming the seats that fell.
 */
export function evaluateApproval(input: ApprovalInput): Approval {
  const { outcome, account } = evaluated(input);
  return { outcome, explanation: explainApproval(account) };
}

/** The same for whoever asks for no explanation. */
export function approvalOutcome(input: ApprovalInput): ApprovalOutcome {
  const counted = counts(input);
  const views = viewsOf(counted, input, new Map());
  const outcome = outcomeOf(input, views, counted.rejections.decisive?.by, false);
  // Who could fill a seat is asked only where one is missing.
  return outcome.kind === "open" ? withOutlook(counted, input).outcome : outcome;
}

function evaluated(input: ApprovalInput): ReturnType<typeof withOutlook> {
  return withOutlook(counts(input), input);
}

/** What the sign-offs fill, and nothing of what others could. */
interface Counted {
  readonly keyOf: PersonOf;
  readonly records: ReadonlyMap<number, StageRecord>;
  readonly seated: ReadonlyMap<PersonKey, string>;
  readonly rejections: Rejections;
  readonly votes: readonly Votes[];
  readonly open: OpenStageFilling | undefined;
}

function counts(input: ApprovalInput): Counted {
  const { stages } = input.rule;
  if (input.openStage !== undefined && stages[input.openStage] === undefined)
    throw new Failure("internal", `The rule has no stage ${input.openStage}.`);
  const ordered = inRecordedOrder(input.signOffs);
  const keyOf = personOf(input.members, input.people);
  const members = byIdentity(input.members);
  const records = settledStages(input, { ordered, keyOf, members });
  const seated = new Map<PersonKey, string>();
  for (const record of records.values())
    for (const seat of record.kept)
      for (const person of bothOf(seat)) seated.set(person, nameSeat(seat, record.index, input));
  const rejections = findRejections(input, ordered);
  const votes = stages.map((stage, index) => {
    const own = new Set(records.get(index)?.kept.flatMap(bothOf));
    const elsewhere = new Map([...seated].filter(([person]) => !own.has(person)));
    return votesIn(stage, index, input, { ordered, keyOf, members, seated: elsewhere });
  });

  const open = input.openStage === undefined ? undefined : fillStage(input.openStage, input, votes);
  if (open?.complete !== undefined)
    for (const seat of open.complete)
      for (const person of peopleOf(seat)) seated.set(person, nameSeat(seat, open.index, input));
  return { keyOf, records, seated, rejections, votes, open };
}

function withOutlook(
  counted: Counted,
  input: ApprovalInput,
): {
  readonly outcome: ApprovalOutcome;
  readonly account: Parameters<typeof explainApproval>[0];
} {
  const { keyOf, records, seated, rejections, open } = counted;
  const pool = withVotes(
    withEscalated(signers(input, keyOf, seated), input),
    open === undefined || open.complete !== undefined ? [] : open.votes,
  );
  const left = input.rule.stages.flatMap((_, index) => seatsLeft(index, input, records, open));
  const outlook = outlookOf(left, pool, (stage, way) => (stage === open?.index ? unfilled(open.fill(way)).length : 0));

  const views = viewsOf(counted, input, outlook.chosen);
  const gap =
    outlook.gap === undefined ? undefined : { ...outlook.gap, why: whyNobody(outlook.gap, input, keyOf, seated) };
  return {
    outcome: outcomeOf(input, views, rejections.decisive?.by, gap !== undefined),
    account: { input, views, rejections, gap, pool, keyOf },
  };
}

function viewsOf(
  { votes, records, open }: Counted,
  { rule }: ApprovalInput,
  ways: ReadonlyMap<number, readonly Seat[]>,
): readonly StageView[] {
  return rule.stages.map((_, index) =>
    viewOf(index, votes[index], { record: records.get(index), open, way: ways.get(index) ?? [] }),
  );
}

function viewOf(
  index: number,
  votes: Votes = { counted: [], dismissed: [] },
  {
    record,
    open,
    way,
  }: {
    readonly record: StageRecord | undefined;
    readonly open: OpenStageFilling | undefined;
    readonly way: readonly Seat[];
  },
): StageView {
  if (index === open?.index) {
    const phase = open.complete === undefined ? "open" : "settled";
    return { index, votes, phase, seats: open.complete ?? open.fill(way), lost: [] };
  }
  if (record === undefined) return { index, votes, phase: "waiting", seats: way, lost: [] };
  const kept = record.kept.map(({ key, person, ...seat }) => ({ ...seat, person: key, filledBy: person }));
  if (stillStands(record)) return { index, votes, phase: "settled", seats: kept, lost: [] };
  return { index, votes, phase: "reopened", seats: [...kept, ...way], lost: record.lost };
}

interface OpenStageFilling {
  readonly index: number;
  readonly votes: readonly Vote[];
  /** The seats of a way with the people who fill them. */
  readonly fill: (way: readonly Seat[]) => readonly FilledSeat[];
  /** The first way in the file that is met. */
  readonly complete: readonly FilledSeat[] | undefined;
}

function fillStage(index: number, input: ApprovalInput, votes: readonly Votes[]): OpenStageFilling {
  const counted = votes[index]?.counted ?? [];
  const fill = (way: readonly Seat[]): readonly FilledSeat[] => {
    const holders = seatPeople(
      way.map((seat) => seat.role),
      counted.map((vote) => vote.roles),
    );
    return way.map((seat, position) => {
      const vote = counted[holders[position] ?? -1];
      if (vote === undefined) return seat;
      const { person, inPlaceOf, signOff } = vote;
      const both = inPlaceOf === undefined ? { person } : { person, inPlaceOf };
      return { ...seat, ...both, filledBy: namedSigner(signOff, input, seat.role), signOff: signOff.id };
    });
  };
  const requires = input.rule.stages[index]?.requires;
  const ways = requires === undefined ? [] : waysToMeet(requires);
  return { index, votes: counted, fill, complete: ways.map(fill).find((seats) => unfilled(seats).length === 0) };
}

function seatsLeft(
  index: number,
  input: ApprovalInput,
  records: ReadonlyMap<number, StageRecord>,
  open: OpenStageFilling | undefined,
): readonly OpenSeats[] {
  const stage = input.rule.stages[index];
  const record = records.get(index);
  if (stage === undefined || (index === open?.index && open.complete !== undefined)) return [];
  if (record === undefined || !record.fits) return [{ stage: index, ways: waysToMeet(stage.requires) }];
  return stillStands(record) ? [] : [{ stage: index, ways: [record.lost.map(({ role, leaf }) => ({ role, leaf }))] }];
}

function outcomeOf(
  input: ApprovalInput,
  views: readonly StageView[],
  rejectedBy: readonly { reviewer: NamedPerson["identity"]; reviewerName: string; reason: string }[] | undefined,
  unreachable: boolean,
): ApprovalOutcome {
  if (rejectedBy !== undefined) {
    const by = rejectedBy.map(({ reviewer, reviewerName }) => ({ identity: reviewer, name: reviewerName }));
    return { kind: "rejected", by, reason: joinedReasons(rejectedBy.map(({ reason }) => reason)) };
  }
  const undecided = views.find((view) => view.phase !== "settled" && view.index !== input.openStage);
  const current = input.openStage === undefined ? (undecided ?? views.at(-1)) : views[input.openStage];
  if (current === undefined) throw new Failure("internal", "The rule has no stages.");
  if (current.phase !== "settled")
    return { kind: "open", missing: unfilled(current.seats).map((seat) => seat.role), unreachable };
  const seats = current.seats.flatMap(({ role, filledBy, signOff }) =>
    filledBy === undefined || signOff === undefined ? [] : [{ role, person: filledBy.identity, signOff }],
  );
  return { kind: "reached", settled: { index: current.index, seats }, next: undecided?.index };
}

/** Whoever holds the role that the open stage is escalated to could fill any of its seats. */
function withEscalated(pool: readonly Signer[], input: ApprovalInput): readonly Signer[] {
  const { openStage, rule, now } = input;
  const stage = openStage === undefined ? undefined : rule.stages[openStage];
  const to = openStage === undefined ? undefined : escalatedTo(input, openStage, now);
  if (stage === undefined || to === undefined) return pool;
  const asked = rolesOfStage(stage);
  const escalatedAs = titleOf(input.roles, to);
  return pool.map((signer) => {
    if (!signer.roles.has(to)) return signer;
    const own = asked.some((role) => signer.roles.has(role));
    const named = own ? signer.named : { ...signer.named, escalatedAs };
    return { ...signer, named, roles: new Set([...signer.roles, ...asked]) };
  });
}

function withVotes(pool: readonly Signer[], votes: readonly Vote[]): readonly Signer[] {
  const merged = new Map<PersonKey, Signer>(
    votes.map(({ person, roles, signOff }) => [
      person,
      { person, roles, named: { identity: signOff.reviewer, name: signOff.reviewerName } },
    ]),
  );
  const represented = new Set(votes.map(({ inPlaceOf }) => inPlaceOf));
  for (const signer of pool) {
    const voted = merged.get(signer.person);
    if (voted === undefined && represented.has(signer.person)) continue;
    const roles = new Set([...(voted?.roles ?? []), ...signer.roles]);
    merged.set(signer.person, { ...signer, named: voted?.named ?? signer.named, roles });
  }
  return [...merged.values()];
}

function unfilled(seats: readonly FilledSeat[]): readonly FilledSeat[] {
  return seats.filter((seat) => seat.filledBy === undefined);
}

function nameSeat(seat: Seat, stage: number, input: ApprovalInput): string {
  return `the seat '${titleOf(input.roles, seat.role)}' in the stage '${input.rule.stages[stage]?.name ?? ""}'`;
}
