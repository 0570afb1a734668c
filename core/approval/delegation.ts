import { addSeconds, type Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { compareText } from "../encoding/text-order.ts";
import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import { type Identity, type IdentityKey, identityKey, type Member, sameIdentity } from "../promotion/identity.ts";
import { conditionsText } from "../promotion/release-conditions.ts";
import type { PasskeyUse, SignOff } from "../promotion/sign-off.ts";
import {
  byIdentity,
  type Entitlement,
  findRole,
  givesRole,
  needsPasskey,
  titleOf,
  whyNotHeld,
  whyNotThere,
  whyTooWeak,
} from "./entitlement.ts";
import type { NamedPerson } from "./explanation.ts";
import type { ApprovalRule, Matrix } from "./matrix.ts";

/** What somebody lets another do in their place: sign in one role, for a time. Absent parts of the scope: any. */
export interface DelegationTerms {
  readonly delegator: Identity;
  readonly delegate: Identity;
  readonly role: string;
  readonly scope: { readonly model?: string; readonly modelType?: string; readonly target?: string };
  readonly from: Instant;
  /** Excluding this instant (design 6.6). */
  readonly until: Instant;
}

/** A recorded delegation as the approval rules see it: its signatures were verified by whoever gives it to them. */
export interface Delegation extends DelegationTerms {
  readonly id: Sha256;
  readonly delegatorName: string;
  /** The delegator's groups in the token that signed it. */
  readonly delegatorGroups: readonly string[];
  /** Set where the delegator's own, confirmed passkey signed it as well. */
  readonly passkey?: PasskeyUse;
  readonly recordedAt: Instant;
  readonly revokedAt?: Instant;
  /** Why it is not for the promotion that is judged, in words that follow `a delegation that`. */
  readonly outOfScope?: string;
}

/** A delegation lasts so long at most: whoever is away for longer gives the role up. */
export const longestDelegationSeconds = 90 * 86_400;

/** It begins so soon at least: one sign-in must not speak for somebody years later, one delegation after the other. */
export const delegationBeginsWithinSeconds = 90 * 86_400;

/** Why nobody delegates for such a time from now on; `undefined` where they may. Older logs have some that begin later. */
export function whyTimeRefused({ from, until }: Pick<Delegation, "from" | "until">, now: Instant): string | undefined {
  if (until <= from || until <= now) return "The delegation is over before it begins.";
  if (until > addSeconds(from < now ? now : from, longestDelegationSeconds))
    return `A delegation lasts ${longestDelegationSeconds / 86_400} days at most.`;
  if (from > addSeconds(now, delegationBeginsWithinSeconds))
    return `A delegation begins within ${delegationBeginsWithinSeconds / 86_400} days.`;
  return undefined;
}

/** The delegations as they bear on one promotion. */
export function inScopeOf(
  delegations: readonly Delegation[],
  { model, target }: Pick<FreezeManifest, "model" | "target">,
): readonly Delegation[] {
  return delegations.map((delegation) => {
    const { scope } = delegation;
    const asked = [
      ["model", scope.model, model.name],
      ["model type", scope.modelType, model.type],
      ["target", scope.target, target.name],
    ] as const;
    const other = asked.find(([, wanted, actual]) => wanted !== undefined && wanted !== actual);
    return other === undefined
      ? delegation
      : { ...delegation, outOfScope: `is for the ${other[0]} '${other[1]}' only` };
  });
}

/** Why a delegation does not hold at an instant, in words that follow `a delegation that`; `undefined` where it does. */
export function whyNotInForce(delegation: Delegation, at: Instant): string | undefined {
  if (delegation.outOfScope !== undefined) return delegation.outOfScope;
  if (delegation.revokedAt !== undefined && delegation.revokedAt <= at) return "was revoked";
  if (at < delegation.from || at < delegation.recordedAt) return "had not begun";
  return at < delegation.until ? undefined : "was over";
}

/** By what roles are judged. */
export interface EntitlementDirectory {
  readonly roles: Matrix["roles"];
  readonly members: ReadonlyMap<IdentityKey, Member>;
  readonly entitlement: Entitlement;
  readonly delegations: readonly Delegation[];
}

/**
 * Why a sign-off does not stand for a role, in words that follow the signer's name: held by the signer, or by the person
 * in whose place they sign. `undefined` where it does.
 */
export function whyNotEntitled(
  signOff: Pick<SignOff, "onBehalfOf" | "reviewer" | "groups" | "recordedAt" | "acr" | "amr" | "passkey">,
  role: string,
  directory: EntitlementDirectory,
): string | undefined {
  if (signOff.onBehalfOf === undefined) return whyNotHeld(signOff, role, directory);
  return (
    whyNotInPlace(signOff, role, directory) ??
    whyDelegatedTooWeakly(signOff, role, directory) ??
    whyTooWeak(signOff, findRole(directory.roles, role)) ??
    (directory.entitlement === "as-of-now"
      ? whyNotThere(directory.members.get(identityKey(signOff.reviewer)))
      : undefined)
  );
}

/**
 * Why a sign-off in somebody's place does not stand for them in a role, whatever becomes of the signer. The delegator
 * must hold the role themselves, so what was delegated cannot be delegated on (design 6.9).
 */
export function whyNotInPlace(
  { onBehalfOf, reviewer, recordedAt }: Pick<SignOff, "onBehalfOf" | "reviewer" | "recordedAt">,
  role: string,
  directory: EntitlementDirectory,
): string | undefined {
  const delegation = directory.delegations.find(({ id }) => id === onBehalfOf?.delegation);
  if (
    onBehalfOf === undefined ||
    delegation === undefined ||
    !sameIdentity(delegation.delegator, onBehalfOf.person) ||
    !sameIdentity(delegation.delegate, reviewer)
  )
    return "signed under a delegation that is not recorded";
  const { delegatorName: name } = delegation;
  const title = titleOf(directory.roles, role);
  if (delegation.role !== role) return `was not given the role '${title}' by ${name}`;
  const over = whyNotInForce(delegation, recordedAt);
  if (over !== undefined) return `signed under a delegation by ${name} that ${over}`;
  const lost = whyDelegatorLacks(delegation, directory);
  return lost === undefined ? undefined : `signed in the place of ${name}, who ${lost}`;
}

/**
 * Why an approval in somebody's place lacks what their role asks of themselves. Otherwise whoever can sign in as the holder,
 * the identity provider included, would get round it. Rejecting needs no passkey, in whosever place.
 */
function whyDelegatedTooWeakly(
  { onBehalfOf }: Pick<SignOff, "onBehalfOf">,
  role: string,
  { roles, delegations }: EntitlementDirectory,
): string | undefined {
  const delegation = delegations.find(({ id }) => id === onBehalfOf?.delegation);
  if (delegation?.passkey !== undefined || !needsPasskey(roles, [role])) return undefined;
  return `signed in the place of ${delegation?.delegatorName}, who delegated without a passkey that is confirmed and not revoked, which the role '${titleOf(roles, role)}' asks for`;
}

/** Why a delegator has nothing to delegate, in words that follow `who`. */
export function whyDelegatorLacks(
  { delegator, delegatorGroups, role }: Pick<Delegation, "delegator" | "delegatorGroups" | "role">,
  { roles, members, entitlement }: Omit<EntitlementDirectory, "delegations">,
): string | undefined {
  const title = titleOf(roles, role);
  if (!givesRole(roles, role, { identity: delegator, groups: delegatorGroups }))
    return `did not hold the role '${title}'`;
  switch (entitlement) {
    case "as-signed":
      return undefined;
    case "as-of-now": {
      const member = members.get(identityKey(delegator));
      if (member === undefined || !member.enabled) return whyNotThere(member);
      return givesRole(roles, role, member) ? undefined : `no longer holds the role '${title}'`;
    }
    default:
      return entitlement satisfies never;
  }
}

interface NamingContext {
  readonly rule: Pick<ApprovalRule, "escalation">;
  readonly roles: Matrix["roles"];
  readonly delegations: readonly Delegation[];
}

/** Who gave the sign-off that fills a seat, in whose place, and as what where the stage was escalated to them. */
export function namedSigner(
  {
    reviewer,
    reviewerName,
    onBehalfOf,
    roles: signed,
    conditions,
  }: Pick<SignOff, "reviewer" | "reviewerName" | "onBehalfOf" | "roles" | "conditions">,
  { rule, roles, delegations }: NamingContext,
  seat: string,
): NamedPerson {
  const place = delegations.find(({ id }) => id === onBehalfOf?.delegation)?.delegatorName;
  const to = rule.escalation?.to;
  const escalatedAs =
    to === undefined || signed.includes(seat) || !signed.includes(to) ? undefined : titleOf(roles, to);
  return {
    identity: reviewer,
    name: reviewerName,
    ...(place === undefined ? {} : { inPlaceOf: place }),
    ...(escalatedAs === undefined ? {} : { escalatedAs }),
    ...(conditions === undefined ? {} : { onCondition: conditionsText(conditions) }),
  };
}

/** A delegation that lets somebody sign in another's place. */
export type PlaceToStandIn = Pick<Delegation, "id" | "role" | "delegate" | "delegator" | "delegatorName" | "until">;

/** The delegations of an input that hold now, for whoever offers them to the delegates; what separation of duties says is asked when they sign. */
export function placesToStandIn(input: {
  readonly roles: Matrix["roles"];
  readonly members: readonly Member[];
  readonly delegations: readonly Delegation[];
  readonly now: Instant;
}): readonly PlaceToStandIn[] {
  const directory = { roles: input.roles, members: byIdentity(input.members), entitlement: "as-of-now" as const };
  return input.delegations
    .filter(
      (delegation) =>
        whyNotInForce(delegation, input.now) === undefined && whyDelegatorLacks(delegation, directory) === undefined,
    )
    .map(({ id, role, delegate, delegator, delegatorName, until }) => ({
      id,
      role,
      delegate,
      delegator,
      delegatorName,
      until,
    }));
}

/** The places that somebody may take where these roles are asked for; of several delegations for one the last to end. */
export function placesOf<Place extends Pick<PlaceToStandIn, "role" | "delegate" | "delegator" | "until">>(
  places: readonly Place[],
  delegate: Identity,
  asked: readonly string[],
): readonly Place[] {
  const own = places.filter((place) => sameIdentity(place.delegate, delegate) && asked.includes(place.role));
  const lasting = own.toSorted((a, b) => compareText(b.until, a.until));
  return own.filter(
    (place) =>
      lasting.find((other) => other.role === place.role && sameIdentity(other.delegator, place.delegator)) === place,
  );
}
