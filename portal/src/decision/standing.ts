import { givesRole, rolesOfRule, rolesOfStage, titleOf } from "../../../core/approval/entitlement.ts";
import type { Explanation, NamedPerson } from "../../../core/approval/explanation.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { type Identity, sameIdentity } from "../../../core/promotion/identity.ts";
import type { ShownPromotion } from "../api/contract.ts";
import type { Reviewer } from "../session/session.ts";
import { barredIn, handOf } from "./barred.ts";

/** A role of the approval matrix by name and title. */
export interface NamedRole {
  readonly name: string;
  readonly title: string;
}

/** Why an approval would be refused. The service judges again; this only saves a sign-in for nothing. */
export type NoApproval =
  | { readonly why: "no-role"; readonly asked: readonly NamedRole[] }
  | { readonly why: "barred"; readonly hand: string; readonly others: readonly NamedPerson[] }
  | { readonly why: "has-seat"; readonly stage: string }
  | { readonly why: "too-early"; readonly from: Instant };

/** What a reviewer may do about a promotion at the moment. */
export interface Standing {
  /** The roles in which an approval would be given: asked for by the open stage, and the reviewer's. */
  readonly approveAs: readonly NamedRole[];
  readonly noApproval?: NoApproval;
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
  const approveAs = held(rolesOfStage(stage));
  const earlier = earlierDecision(promotion, reviewer, context.stage.index);
  const noApproval =
    approveAs.length === 0
      ? ({ why: "no-role", asked: named(rolesOfStage(stage)) } as const)
      : whyNoApproval(promotion, reviewer.identity, context.stage.index, now);
  return {
    approveAs,
    ...(noApproval === undefined ? {} : { noApproval }),
    rejectAs: approveAs.length > 0 ? approveAs : held(rolesOfRule(rule)),
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
  const barred = barredIn(explanation).find(({ person }) => sameIdentity(person.identity, identity));
  if (barred !== undefined) return { why: "barred", hand: handOf(barred), others: couldSign(here, identity) };
  const other = explanation.children.find((child, at) => at !== index && fills(child, identity));
  if (other !== undefined) return { why: "has-seat", stage: other.name };
  const minimum = requirements.document.rule.stages[index]?.minimumReviewSeconds ?? 0;
  if (stage === undefined || minimum === 0) return undefined;
  const from = addSeconds(stage.openedAt, minimum);
  return now < from ? { why: "too-early", from } : undefined;
}

/** The reviewer's latest decision in the stage. The API names people, so the service has the last word on whose it is. */
function earlierDecision(promotion: ShownPromotion, reviewer: Reviewer, stage: number): Standing["earlier"] {
  const latest = promotion.signOffs
    .filter((signOff) => signOff.stage === stage && signOff.reviewer === reviewer.name)
    .toSorted((a, b) => (a.recordedAt < b.recordedAt ? -1 : 1))
    .at(-1);
  return latest?.result === "withdraw" ? undefined : latest;
}

/** Everybody who could still fill a seat below this part, each once, without one. */
export function couldSign(part: Explanation | undefined, without?: Identity): readonly NamedPerson[] {
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
