import { placesOf } from "../../../core/approval/delegation.ts";
import { givesRole, rolesOfRule, rolesOfStage, titleOf } from "../../../core/approval/entitlement.ts";
import type { Explanation, NamedPerson } from "../../../core/approval/explanation.ts";
import type { Matrix } from "../../../core/approval/matrix.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { type Identity, sameIdentity } from "../../../core/promotion/identity.ts";
import type { ShownPromotion } from "../api/contract.ts";
import type { Reviewer } from "../session/session.ts";
import { barredIn, handOf } from "./barred.ts";

/** A role of the approval matrix by name and title. */
export interface NamedRole {
  readonly name: string;
  readonly title: string;
}

/** Somebody in whose place the reviewer may sign. */
export interface Place {
  /** The delegation's. */
  readonly id: Sha256;
  readonly role: string;
  readonly title: string;
  readonly person: Identity;
  readonly name: string;
}

/** Why an approval would be refused. The service judges again; this only saves a sign-in for nothing. */
export type NoApproval =
  | {
      readonly why: "no-role";
      readonly asked: readonly NamedRole[];
      /** The next stage that asks for a role of theirs. */
      readonly later?: string;
    }
  | { readonly why: "barred"; readonly hand: string; readonly others: readonly NamedPerson[] }
  | { readonly why: "has-seat"; readonly stage: string }
  | { readonly why: "approved" }
  | { readonly why: "too-early"; readonly from: Instant }
  /** `over`: its time is over by then. */
  | { readonly why: "frozen"; readonly window: string; readonly until: Instant; readonly over: boolean };

/** What a reviewer may do about a promotion at the moment. */
export interface Standing {
  /** The roles in which an approval would be given: asked for by the open stage, and the reviewer's. */
  readonly approveAs: readonly NamedRole[];
  readonly noApproval?: NoApproval;
  /** In whose place an approval could be given, and as what. */
  readonly places: readonly Place[];
  /** In whose place a rejection could be; empty for whoever may reject in a role of their own. */
  readonly rejectPlaces: readonly Place[];
  /** The roles in which a rejection would be given: those of the stage, or else of any stage (design 6.4). Empty: none may be. */
  readonly rejectAs: readonly NamedRole[];
  /** The reviewer's decision in this stage that can be taken back. */
  readonly earlier?: ShownPromotion["signOffs"][number];
}

/** `undefined` where the promotion takes no decisions. */
export function standingOf(promotion: ShownPromotion, reviewer: Reviewer, now: Instant): Standing | undefined {
  const { signOffContext: context, requirements } = promotion;
  const { rule, roles } = requirements.document;
  const stage = context && rule.stages[context.stage.index];
  if (context === undefined || stage === undefined) return undefined;
  const named = (names: readonly string[]): readonly NamedRole[] =>
    names.map((name) => ({ name, title: titleOf(roles, name) }));
  const held = (names: readonly string[]) => named(names.filter((name) => givesRole(roles, name, reviewer)));
  if (promotion.status === "approved") {
    const rejectAs = held(rolesOfRule(rule));
    return rejectAs.length === 0
      ? undefined
      : { approveAs: [], noApproval: { why: "approved" }, places: [], rejectAs, rejectPlaces: [] };
  }
  const ofStage = held(rolesOfStage(stage));
  const approveAs = ofStage.length > 0 ? ofStage : held(escalatedTo(promotion, now));
  const { identity } = reviewer;
  const offered = placesOf(promotion.delegations, identity, rolesOfStage(stage)).filter(
    ({ delegator }) => whyTaken(promotion, delegator, context.stage.index) === undefined,
  );
  const rejectAs = approveAs.length > 0 ? approveAs : held(rolesOfRule(rule));
  const rejectPlaces = rejectAs.length > 0 ? [] : placesOf(promotion.delegations, identity, rolesOfRule(rule));
  const later = rule.stages.find((each, at) => at > context.stage.index && held(rolesOfStage(each)).length > 0)?.name;
  const earlier = earlierDecision(promotion, context.stage.index);
  const taken = whyTaken(promotion, identity, context.stage.index);
  const noApproval =
    // Whoever signed already is told that first, and not that this stage asks for others; nor is whoever can never approve.
    approveAs.length === 0 && offered.length === 0 && taken === undefined
      ? ({
          why: "no-role",
          asked: named(rolesOfStage(stage)),
          ...(later === undefined ? {} : { later }),
        } as const)
      : whyNoApproval(promotion, identity, context.stage.index, now);
  return {
    approveAs,
    ...(noApproval === undefined ? {} : { noApproval }),
    places: noApproval === undefined ? offered.map((each) => placeOf(each, roles)) : [],
    rejectAs,
    rejectPlaces: rejectPlaces.map((each) => placeOf(each, roles)),
    ...(earlier === undefined ? {} : { earlier }),
  };
}

function whyNoApproval(
  promotion: ShownPromotion,
  identity: Identity,
  index: number,
  now: Instant,
): NoApproval | undefined {
  const { explanation, requirements, stage } = promotion;
  const here = explanation.children[index];
  const taken = whyTaken(promotion, identity, index);
  if (taken?.why === "barred") return { ...taken, others: couldSign(here, identity) };
  if (taken !== undefined) return taken;
  const { changeFreeze: frozen } = promotion;
  if (frozen !== undefined && now < frozen.until)
    return { why: "frozen", ...frozen, over: (stage?.deadline ?? promotion.expiresAt) <= frozen.until };
  const minimum = requirements.document.rule.stages[index]?.minimumReviewSeconds ?? 0;
  if (stage === undefined || minimum === 0) return undefined;
  const from = addSeconds(stage.openedAt, minimum);
  return now < from ? { why: "too-early", from } : undefined;
}

/** The role that the open stage is escalated to, once it is. A stage that was opened again may be earlier by the service. */
function escalatedTo(promotion: ShownPromotion, now: Instant): readonly string[] {
  const { escalation } = promotion.requirements.document.rule;
  const at = escalatedAt(promotion);
  return escalation !== undefined && at !== undefined && at <= now ? [escalation.to] : [];
}

/** From when on others may fill the open stage's seats as well. */
export function escalatedAt({ requirements, stage }: ShownPromotion): Instant | undefined {
  const { escalation } = requirements.document.rule;
  return escalation === undefined || stage === undefined
    ? undefined
    : addSeconds(stage.openedAt, escalation.afterSeconds);
}

/** Why somebody cannot have a seat in a stage, whoever signs for them. */
function whyTaken({ explanation }: ShownPromotion, identity: Identity, index: number) {
  const barred = barredIn(explanation).find(({ person }) => sameIdentity(person.identity, identity));
  if (barred !== undefined) return { why: "barred", hand: handOf(barred) } as const;
  const other = explanation.children.find((child, at) => at !== index && fills(child, identity));
  return other === undefined ? undefined : ({ why: "has-seat", stage: other.name } as const);
}

function placeOf(
  { id, role, delegator, delegatorName }: ShownPromotion["delegations"][number],
  roles: Matrix["roles"],
): Place {
  return { id, role, title: titleOf(roles, role), person: delegator, name: delegatorName };
}

/** The reviewer's latest decision in the stage. */
function earlierDecision(promotion: ShownPromotion, stage: number): Standing["earlier"] {
  const latest = promotion.signOffs
    .filter((signOff) => signOff.stage === stage && signOff.own === true)
    .toSorted(by(({ recordedAt }) => recordedAt))
    .at(-1);
  return latest?.result === "withdraw" ? undefined : latest;
}

/** Everybody who could still fill a seat below this part, each once, without one. */
function couldSign(part: Explanation | undefined, without?: Identity): readonly NamedPerson[] {
  if (part === undefined) return [];
  const found = [
    ...(part.seats ?? []).flatMap((seat) => seat.couldBeFilledBy),
    ...part.children.flatMap((child) => couldSign(child)),
  ];
  return found.filter(
    ({ identity }, at) =>
      found.findIndex((other) => sameIdentity(other.identity, identity)) === at &&
      !(without !== undefined && sameIdentity(identity, without)),
  );
}

function fills(part: Explanation, identity: Identity): boolean {
  return (
    (part.seats ?? []).some((seat) => seat.filledBy !== undefined && sameIdentity(seat.filledBy.identity, identity)) ||
    part.children.some((child) => fills(child, identity))
  );
}
