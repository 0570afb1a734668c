import { placesOf } from "../../core/approval/delegation.ts";
import { givesRole, type Holder, needsPasskey, rolesOfRule, rolesOfStage } from "../../core/approval/entitlement.ts";
import type { Requirements } from "../../core/approval/requirements.ts";
import {
  type SignOffContext,
  type SignOffStatement,
  signOffStatement,
  statementLifetimeSeconds,
} from "../../core/attestation/sign-off-statement.ts";
import { base64url } from "../../core/encoding/base64.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { type Identity, sameIdentity } from "../../core/promotion/identity.ts";
import type { ReleaseConditions } from "../../core/promotion/release-conditions.ts";
import type { SignOffResult } from "../../core/promotion/sign-off.ts";
import type { ShownPromotion } from "../service/answers.ts";
import { oneLine, timeText } from "../terminal-text.ts";

/** The longest reason that the service takes, in UTF-16 units. */
const longestReason = 4000;

/** What a person asked for on the command line. */
export interface RequestedDecision {
  readonly result: SignOffResult;
  readonly reason: string;
  /** Empty: all that the stage asks for and the person holds. */
  readonly roles: readonly string[];
  /** The person in whose place it is given, as somebody typed it. */
  readonly inPlaceOf?: string;
  /** What an approval asks of the release. */
  readonly conditions?: ReleaseConditions;
}

/** Throws `reason-required` or `invalid-request` for a decision that no service would take. */
export function requireComplete({ result, reason, inPlaceOf, conditions }: RequestedDecision): void {
  if (conditions !== undefined && result !== "approve")
    throw new Failure("invalid-request", "Only an approval has conditions.");
  if (result === "reject" && reason.trim() === "") {
    throw new Failure("reason-required", "A rejection needs a --reason that its authors can act on.");
  }
  if (inPlaceOf !== undefined && result === "withdraw")
    throw new Failure("invalid-request", "What you gave in another's place you take back in your own name.");
  if (reason.length > longestReason) {
    throw new Failure("invalid-request", `The reason has more than ${longestReason} characters.`);
  }
}

/** Throws `not-entitled` for an approval by somebody whom separation of duties keeps from it: the service would, once it is signed. */
export function requireNotBarred(
  { result }: RequestedDecision,
  { barred = [] }: Pick<ShownPromotion, "barred">,
  reviewer: Identity,
): void {
  const own = result === "approve" ? barred.find(({ identity }) => sameIdentity(identity, reviewer)) : undefined;
  if (own === undefined) return;
  throw new Failure(
    "not-entitled",
    `You cannot approve it: somebody who ${oneLine(own.hand)} may not. You may reject it.`,
  );
}

/** Throws `change-freeze` for an approval in a freeze window: the service would, once it is signed. */
export function requireNotFrozen(
  { result }: RequestedDecision,
  { changeFreeze }: Pick<ShownPromotion, "changeFreeze">,
): void {
  if (result !== "approve" || changeFreeze === undefined) return;
  throw new Failure(
    "change-freeze",
    `Changes are frozen ('${oneLine(changeFreeze.window)}') until ${timeText(changeFreeze.until)}: nothing is approved before. You may reject it.`,
  );
}

/**
 * The roles in which the decision is given: those named, or all that the stage asks for and the person holds; for a
 * rejection by somebody of another stage, theirs in any stage (design 6.4). Throws `not-entitled` where there is none.
 */
export function rolesFor(
  { result, roles: named }: RequestedDecision,
  requirements: Requirements,
  stageIndex: number,
  reviewer: Holder,
): readonly string[] {
  const { rule, roles } = requirements;
  const all = rolesOfRule(rule);
  for (const role of named) {
    if (!all.includes(role)) {
      throw new Failure(
        "not-entitled",
        `The rule asks for no role '${oneLine(role, 80)}'; it knows ${oneLine(all.join(", "))}.`,
      );
    }
  }
  if (named.length > 0) return [...new Set(named)];
  const stage = rule.stages[stageIndex];
  const held = (candidates: readonly string[]) => candidates.filter((role) => givesRole(roles, role, reviewer));
  const ofStage = stage === undefined ? [] : held(rolesOfStage(stage));
  // Whether it is escalated already, the service knows; if it is not, it says from when on.
  const otherwise = result === "reject" ? all : rule.escalation === undefined ? [] : [rule.escalation.to];
  const found = ofStage.length === 0 ? held(otherwise) : ofStage;
  if (found.length > 0) return found;
  const asked = stage === undefined ? all : rolesOfStage(stage);
  const sentence = `You hold none of the roles that this stage asks for: ${oneLine(asked.join(", "))}.`;
  const own = held(all).length === 0 ? "" : elsewhere(result, rule.stages.slice(stageIndex + 1), held);
  throw new Failure("not-entitled", `${sentence}${own}`);
}

/** What somebody whose role is asked for in another stage may do. */
function elsewhere(
  result: SignOffResult,
  later: Requirements["rule"]["stages"],
  held: (roles: readonly string[]) => readonly string[],
): string {
  const stage = later.find((each) => held(rolesOfStage(each)).length > 0);
  const mayReject = "Until the verdict is signed you may reject it.";
  if (stage !== undefined) return ` Yours is asked for at the stage '${oneLine(stage.name)}'. ${mayReject}`;
  const over =
    result === "withdraw"
      ? "What you decided in a stage that is over cannot be taken back."
      : "The stage that asks for yours is over.";
  return ` ${over} ${mayReject}`;
}

/**
 * The place in which a decision is given: the person who was named, and the delegation that allows it. `undefined` where
 * nobody was named. Throws `not-entitled` or `invalid-request` with what there is.
 */
export function placeFor(
  { result, inPlaceOf, roles }: RequestedDecision,
  { places, requirements, stageIndex, reviewer }: PlaceContext,
): ShownPlace | undefined {
  if (inPlaceOf === undefined) return undefined;
  const stage = requirements.rule.stages[stageIndex];
  const ofStage = stage === undefined ? [] : rolesOfStage(stage);
  const open = placesOf(places, reviewer, result === "reject" ? rolesOfRule(requirements.rule) : ofStage);
  const wanted = inPlaceOf.trim().toLowerCase();
  const named = open.filter(
    ({ delegatorName, delegator }) => delegatorName.toLowerCase() === wanted || delegator.subject === inPlaceOf,
  );
  if (named.length === 0) {
    const could =
      open.length === 0 ? "nobody" : oneLine([...new Set(open.map((each) => each.delegatorName))].join(", "));
    throw new Failure(
      "not-entitled",
      `In this stage you cannot sign in the place of '${oneLine(inPlaceOf, 80)}'; you could in the place of ${could}.`,
    );
  }
  const [place, other] = named.filter(({ role }) => roles.length === 0 || roles.includes(role));
  if (place !== undefined && other === undefined && roles.length <= 1) return place;
  throw new Failure(
    "invalid-request",
    `In another's place you sign in one role: give one --role of ${oneLine([...new Set(named.map(({ role }) => role))].join(", "))}, or the person's subject.`,
  );
}

type ShownPlace = ShownPromotion["delegations"][number];

interface PlaceContext {
  readonly places: readonly ShownPlace[];
  readonly requirements: Requirements;
  readonly stageIndex: number;
  readonly reviewer: Identity;
}

/**
 * Throws `not-entitled` for an approval that needs a passkey: it lives in a browser or behind one, and a terminal holds
 * none. `page` is where it can be given.
 */
export function requirePossibleHere(
  { result, roles }: RequestedDecision,
  requirements: Requirements,
  page: string,
): void {
  if (result !== "approve" || !needsPasskey(requirements.roles, roles)) return;
  throw new Failure(
    "not-entitled",
    `Approving as ${oneLine(roles.join(", "))} needs your passkey, which a terminal does not hold. Approve in a browser: ${page}`,
  );
}

/** The statement of a decision. `random`: 16 bytes nobody can guess. */
export function statementOf(
  context: SignOffContext,
  decision: RequestedDecision & { readonly reviewer: Identity; readonly place?: ShownPlace },
  at: { readonly now: Instant; readonly random: Uint8Array },
): SignOffStatement {
  return signOffStatement(context, {
    result: decision.result,
    reason: decision.reason.trim().toWellFormed(),
    roles: decision.roles,
    reviewer: decision.reviewer,
    ...(decision.place === undefined
      ? {}
      : { onBehalfOf: { person: decision.place.delegator, delegation: { sha256: decision.place.id } } }),
    ...(decision.conditions === undefined ? {} : { conditions: decision.conditions }),
    salt: base64url(at.random),
    issuedAt: at.now,
    expiresAt: addSeconds(at.now, statementLifetimeSeconds),
  });
}
