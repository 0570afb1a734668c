import { type Delegation, whyDelegatorLacks, whyNotInForce } from "../../core/approval/delegation.ts";
import { byIdentity } from "../../core/approval/entitlement.ts";
import type { Matrix } from "../../core/approval/matrix.ts";
import { delegationsOf, type RecordedDelegationDeed } from "../../core/attestation/recorded-delegation.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { type Identity, type Member, sameIdentity } from "../../core/promotion/identity.ts";
import type { SignOff } from "../../core/promotion/sign-off.ts";

export interface DelegationDeeds {
  /** What was done about one delegation. */
  deeds(id: Sha256): Promise<readonly RecordedDelegationDeed[]>;
}

export interface CurrentDelegations extends DelegationDeeds {
  /** What was done about each that was not over at an instant, revoked or not. */
  notOver(at: Instant): Promise<readonly RecordedDelegationDeed[]>;
}

/** The delegations of a review: those that are not over, and those that sign-offs rest on, which may be. */
export async function delegationsInReview(
  signOffs: readonly Pick<SignOff, "onBehalfOf">[],
  notOver: readonly RecordedDelegationDeed[],
  store: DelegationDeeds,
): Promise<readonly Delegation[]> {
  const known = new Set(notOver.map(({ id }) => id));
  const over = signOffs.filter(({ onBehalfOf }) => onBehalfOf !== undefined && !known.has(onBehalfOf.delegation));
  return delegationsOf([...notOver, ...(await deedsBehind(over, store))]);
}

/** What was done about the delegations that sign-offs rest on. */
export async function deedsBehind(
  signOffs: readonly Pick<SignOff, "onBehalfOf">[],
  store: DelegationDeeds,
): Promise<readonly RecordedDelegationDeed[]> {
  const ids = new Set(signOffs.flatMap(({ onBehalfOf }) => onBehalfOf?.delegation ?? []));
  return (await Promise.all([...ids].map((id) => store.deeds(id)))).flat();
}

/** The delegations that sign-offs rest on, as far as they are recorded. */
export async function delegationsBehind(
  signOffs: readonly Pick<SignOff, "onBehalfOf">[],
  store: DelegationDeeds,
): Promise<readonly Delegation[]> {
  return delegationsOf(await deedsBehind(signOffs, store));
}

/** By what somebody's delegators are judged as of now. */
export interface Delegators {
  readonly roles: Matrix["roles"];
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
}

/** The delegations by which somebody may sign in another's place now, each of somebody who still holds the role. */
export async function standsInFor(
  person: Identity,
  deeds: readonly RecordedDelegationDeed[],
  now: Instant,
  { roles, directory }: Delegators,
): Promise<readonly Delegation[]> {
  const own = delegationsOf(deeds).filter(
    (delegation) => sameIdentity(delegation.delegate, person) && whyNotInForce(delegation, now) === undefined,
  );
  if (own.length === 0) return [];
  const groups = own.flatMap(({ role }) => (Object.hasOwn(roles, role) ? (roles[role]?.groups ?? []) : []));
  const members = byIdentity(await directory.everybody([...new Set(groups)]));
  return own.filter(
    (delegation) => whyDelegatorLacks(delegation, { roles, members, entitlement: "as-of-now" }) === undefined,
  );
}
