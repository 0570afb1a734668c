import { minuteText } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { by } from "../encoding/text-order.ts";
import { identityKey } from "../promotion/identity.ts";
import type { ApprovalInput } from "./approval-input.ts";
import { delegatesFor } from "./delegates.ts";
import { givesRole, type PersonKey, type PersonOf, rolesOfRule, rolesOfStage, titleOf } from "./entitlement.ts";
import {
  type Dismissal,
  type Explanation,
  type ExplanationStatus,
  type NamedPerson,
  personText,
  type SeatExplanation,
} from "./explanation.ts";
import type { Requirement, Stage } from "./matrix.ts";
import type { Signer } from "./reachability.ts";
import type { Rejections } from "./rejections.ts";
import { placeWithin, type Seat } from "./seats.ts";
import type { LostSeat } from "./settled-stages.ts";
import type { Votes } from "./votes.ts";

/** A seat of the way that is followed, and who fills it. */
export interface FilledSeat extends Seat {
  readonly person?: PersonKey;
  /** In whose place: neither of the two fills another seat. */
  readonly inPlaceOf?: PersonKey;
  readonly filledBy?: NamedPerson;
  readonly signOff?: Sha256;
}

/** Everybody who can fill no other seat because of this one. */
export function peopleOf({ person, inPlaceOf }: FilledSeat): readonly PersonKey[] {
  return [person, inPlaceOf].filter((each) => each !== undefined);
}

/** A stage as it stands. `reopened`: it was decided, and a seat fell. */
export interface StageView {
  readonly index: number;
  readonly phase: "settled" | "open" | "waiting" | "reopened";
  readonly seats: readonly FilledSeat[];
  readonly votes: Votes;
  readonly lost: readonly LostSeat[];
}

/** The seat that nobody can fill, and why. */
interface Gap extends Seat {
  readonly stage: number;
  readonly why: string;
}

interface Account {
  readonly input: ApprovalInput;
  readonly views: readonly StageView[];
  readonly rejections: Rejections;
  readonly gap: Gap | undefined;
  readonly pool: readonly Signer[];
  readonly keyOf: PersonOf;
}

/** Tells the outcome as a tree: the promotion, its stages, their requirements, the seats. */
export function explainApproval(account: Account): Explanation {
  const { rule } = account.input;
  const children = rule.stages.map((stage, index) => explainStage(stage, index, account));
  const telling =
    children.find((child) => child.status === "rejected") ??
    children.find((child) => child.status === "unreachable") ??
    children.find((child) => child.status === "open") ??
    children.find((child) => child.status === "waiting");
  return {
    name: `${rule.modelType} in ${rule.target}`,
    status: telling?.status === "waiting" ? "open" : (telling?.status ?? "met"),
    why: telling === undefined ? "Every stage has its signatures." : `Stage '${telling.name}': ${telling.why}`,
    children,
  };
}

function explainStage(stage: Stage, index: number, account: Account): Explanation {
  const view = account.views[index];
  if (view === undefined) return { name: stage.name, status: "waiting", why: "Not open yet.", children: [] };
  const status = statusOfStage(view, account);
  const dismissed = dismissals(stage, view, account);
  return {
    name: stage.name,
    status,
    why: whyOfStage(stage, view, status, account),
    children: [explainRequirement(stage.requires, "", { view, account })],
    ...(dismissed.length === 0 ? {} : { dismissed }),
  };
}

function statusOfStage(view: StageView, { rejections, gap }: Account): ExplanationStatus {
  if (rejections.decisive?.stage === view.index) return "rejected";
  if (view.phase === "settled") return "met";
  if (gap?.stage === view.index) return "unreachable";
  return view.phase === "waiting" ? "waiting" : "open";
}

function whyOfStage(stage: Stage, view: StageView, status: ExplanationStatus, account: Account): string {
  const { input, rejections, gap } = account;
  const missing = view.seats.filter((seat) => seat.filledBy === undefined);
  const because = stage.because === undefined ? "" : ` It is asked for because ${stage.because}.`;
  const titles = missing.map((seat) => titleOf(input.roles, seat.role)).join(", ");
  const lent = input.lentUntil === undefined ? undefined : `Lent until ${minuteText(input.lentUntil)}: ${titles}.`;
  const needed = lent === undefined ? `Still needed: ${titles}.` : `${lent} Signing these seats ratifies the loan.`;
  const against = rejections.standing.get(view.index) ?? 0;
  const ownNumbers = rolesOfRule(input.rule).some((role) => input.roles[role]?.rejectionsToStop !== undefined);
  const rejected =
    against === 0
      ? ""
      : ownNumbers
        ? ` ${against} rejected, which is too few to stop it.`
        : ` ${against} of the ${stage.rejectionsToStop} rejections that would stop it.`;
  switch (status) {
    case "rejected":
      return (rejections.decisive?.by ?? []).map((no) => `${no.reviewerName} rejected: ${no.reason}`).join(" ");
    case "met":
      return `Every seat is filled.${rejected}${because}`;
    case "unreachable":
      return `${gap?.why ?? needed}${rejected}${because}`;
    case "waiting": {
      const earlier = account.views.findLast((other) => other.index < view.index && other.phase !== "settled");
      const name = earlier === undefined ? undefined : input.rule.stages[earlier.index]?.name;
      return `${name === undefined ? "Not open yet." : `Waits until the stage '${name}' is decided.`}${lent === undefined ? "" : ` ${lent}`}${because}`;
    }
    case "open": {
      const fallen = view.lost.map((seat) => `${seat.person.name} ${seat.why}`);
      return `${fallen.length === 0 ? "" : `A seat is open again: ${fallen.join("; ")}. `}${needed}${rejected}${because}`;
    }
    default:
      return status satisfies never;
  }
}

interface Within {
  readonly view: StageView;
  readonly account: Account;
}

function explainRequirement(requirement: Requirement, place: string, within: Within): Explanation {
  const explained = explainPart(requirement, place, within);
  if (requirement.because === undefined) return explained;
  return { ...explained, why: `${explained.why} It is asked for because ${requirement.because}.` };
}

function explainPart(requirement: Requirement, place: string, within: Within): Explanation {
  if ("role" in requirement) return explainRole(requirement, place, within);
  const parts = "all" in requirement ? requirement.all : requirement.any;
  const children = parts.map((part, index) => explainRequirement(part, placeWithin(place, index), within));
  if ("all" in requirement) {
    const telling = worst(children);
    const met = children.filter((child) => child.status === "met").length;
    return { name: "all of these", status: telling, why: `${met} of ${children.length} are met.`, children };
  }
  const followed = parts.findIndex((_, index) => isFollowed(placeWithin(place, index), within.view));
  const child = children[followed];
  return {
    name: "any one of these",
    status: child?.status ?? (within.view.phase === "waiting" ? "waiting" : "open"),
    why: child === undefined ? "Another way is followed." : `The nearest is: ${child.name}. ${child.why}`,
    children,
  };
}

function explainRole(
  { role, count }: { readonly role: string; readonly count: number },
  place: string,
  { view, account }: Within,
): Explanation {
  const title = titleOf(account.input.roles, role);
  const followed = view.seats.filter((seat) => seat.leaf === place);
  const open = view.phase !== "settled";
  const could = open ? couldFill(role, account) : [];
  const wanted: readonly FilledSeat[] =
    followed.length > 0 ? followed : Array.from({ length: count }, () => ({ role, leaf: place }));
  const seats = wanted.map(
    ({ filledBy }): SeatExplanation =>
      filledBy === undefined ? { role, couldBeFilledBy: could } : { role, filledBy, couldBeFilledBy: [] },
  );
  const filled = seats.flatMap(({ filledBy }) => (filledBy === undefined ? [] : [personText(filledBy)]));
  const common = { name: count === 1 ? title : `${count} × ${title}`, children: [], seats };
  if (followed.length === 0) {
    const why = open ? "Another way is nearer." : "Not needed: another way is met.";
    return { ...common, status: view.phase === "waiting" ? "waiting" : "open", why };
  }
  if (filled.length === seats.length) return { ...common, status: "met", why: `Filled by ${filled.join(" and ")}.` };
  const { gap } = account;
  const blocked = gap !== undefined && gap.stage === view.index && gap.leaf === place;
  const by = filled.length === 0 ? "" : ` Filled so far by ${filled.join(" and ")}.`;
  const allAway = could.length > 0 && could.every(({ away }) => away === true) ? " Everybody who could is away." : "";
  return {
    ...common,
    status: blocked ? "unreachable" : view.phase === "waiting" ? "waiting" : "open",
    why: blocked
      ? gap.why
      : `${filled.length} of ${seats.length === 1 ? "1 seat is" : `${seats.length} seats are`} filled.${by}${allAway}`,
  };
}

function worst(children: readonly Explanation[]): ExplanationStatus {
  const order: readonly ExplanationStatus[] = ["rejected", "unreachable", "open", "waiting"];
  return order.find((status) => children.some((child) => child.status === status)) ?? "met";
}

function isFollowed(place: string, view: StageView): boolean {
  return view.seats.some((seat) => seat.leaf === place || seat.leaf.startsWith(`${place}.`));
}

/** Who could fill a seat: for themselves or in another's place; those who are away come last. */
function couldFill(role: string, { pool, views, input, keyOf }: Account): readonly NamedPerson[] {
  const filling = new Set(views.flatMap((view) => view.seats.flatMap(peopleOf)));
  const free = pool.filter((signer) => signer.roles.has(role) && !filling.has(signer.person));
  const own = new Set(free.map(({ person }) => person));
  const standing = delegatesFor(role, input, keyOf).filter(
    ({ delegate, delegator }) => own.has(delegator) && !own.has(delegate) && !filling.has(delegate),
  );
  const found = [...free, ...standing].map(({ named }) => markedAway(named, input));
  return found.toSorted((a, b) => Number(a.away ?? false) - Number(b.away ?? false));
}

function markedAway(named: NamedPerson, { absent }: ApprovalInput): NamedPerson {
  return absent?.has(identityKey(named.identity)) === true ? { ...named, away: true } : named;
}

function dismissals(stage: Stage, view: StageView, account: Account): readonly Dismissal[] {
  const { input, rejections } = account;
  const filling = new Set(view.seats.map((seat) => seat.person));
  const spare = view.votes.counted
    .filter((vote) => !filling.has(vote.person))
    .map(({ signOff }) => ({
      person: { identity: signOff.reviewer, name: signOff.reviewerName },
      why:
        view.phase === "waiting"
          ? "approved while the stage was not open"
          : "is not needed: earlier signatures fill the seats",
    }));
  const barred =
    view.phase === "settled"
      ? []
      : input.members.flatMap((member) => {
          const hand = input.excluded.get(identityKey(member.identity));
          if (hand === undefined || !rolesOfStage(stage).some((role) => givesRole(input.roles, role, member)))
            return [];
          return [
            { person: { identity: member.identity, name: member.name }, why: `${hand}, and so cannot approve it` },
          ];
        });
  const all = [
    ...view.votes.dismissed,
    ...view.lost.map(({ person, why }) => ({ person, why })),
    ...rejections.dismissed.filter((no) => no.stage === view.index).map(({ person, why }) => ({ person, why })),
    ...spare,
    ...barred.toSorted(by((each) => each.person.name)),
  ];
  const told = new Set<string>();
  return all.filter(({ person, why }) => {
    const key = `${identityKey(person.identity)} ${why}`;
    return !told.has(key) && told.add(key).size > 0;
  });
}
