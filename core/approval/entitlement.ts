import { list } from "../encoding/policy-file.ts";
import { type Identity, type IdentityKey, identityKey, type Member, normalAddress } from "../promotion/identity.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import type { ApprovalRule, Matrix, Role, Stage } from "./matrix.ts";
import type { Person } from "./people.ts";
import { rolesNamed } from "./seats.ts";

/**
 * By what a sign-off's roles are judged: by the groups that the identity provider put into its token, or by those
 * and by the directory as it is now (at signing and again at verification, design 6.7).
 */
export type Entitlement = "as-signed" | "as-of-now";

/** The role of that name; only what the matrix itself defines, never what every object inherits. */
export function findRole(roles: Matrix["roles"], name: string): Role | undefined {
  return Object.hasOwn(roles, name) ? roles[name] : undefined;
}

/** What people call a role. */
export function titleOf(roles: Matrix["roles"], name: string): string {
  return findRole(roles, name)?.title ?? name;
}

/** Somebody who may hold roles: who vouches for them, and in which groups they are there. */
export type Holder = Pick<Member, "groups"> & { readonly identity: Pick<Identity, "issuer"> };

/** Whether somebody's groups, at the issuer that they come from, give a role. */
export function givesRole(roles: Matrix["roles"], name: string, { groups, identity }: Holder): boolean {
  const role = findRole(roles, name);
  if (role === undefined || role.issuers?.includes(identity.issuer) === false) return false;
  return role.groups.some((group) => groups.includes(group));
}

/** Who gave a sign-off, as a holder of roles. */
export function signedBy({ reviewer, groups }: Pick<SignOff, "reviewer" | "groups">): Holder {
  return { identity: reviewer, groups };
}

/** The roles that a stage asks for. */
export function rolesOfStage(stage: Stage): readonly string[] {
  return rolesNamed(stage.requires);
}

/** The roles that a rule asks for in any of its stages, and the one that they are escalated to. */
export function rolesOfRule({ stages, escalation }: ApprovalRule): readonly string[] {
  return [...new Set([...stages.flatMap(rolesOfStage), ...(escalation === undefined ? [] : [escalation.to])])];
}

/** Every role that a rule names: those of its stages, and those whose holders may lend. */
export function rolesNamedBy(rule: ApprovalRule): readonly string[] {
  return [...new Set([...rolesOfRule(rule), ...(rule.loan?.roles ?? [])])];
}

/** The directory by identity. */
export function byIdentity(members: readonly Member[]): ReadonlyMap<IdentityKey, Member> {
  return new Map(members.map((member) => [identityKey(member.identity), member]));
}

/** Why a sign-off does not hold a role, in words that follow the person's name; `undefined` where it does. */
export function whyNotHeld(
  signOff: Pick<SignOff, "reviewer" | "groups" | "acr" | "amr" | "passkey">,
  role: string,
  directory: {
    readonly roles: Matrix["roles"];
    readonly members: ReadonlyMap<IdentityKey, Member>;
    readonly entitlement: Entitlement;
  },
): string | undefined {
  const title = titleOf(directory.roles, role);
  if (!givesRole(directory.roles, role, signedBy(signOff))) return `was not signed in with the role '${title}'`;
  const weak = whyTooWeak(signOff, findRole(directory.roles, role));
  if (weak !== undefined) return weak;
  switch (directory.entitlement) {
    case "as-signed":
      return undefined;
    case "as-of-now": {
      const member = directory.members.get(identityKey(signOff.reviewer));
      if (member === undefined || !member.enabled) return whyNotThere(member);
      return givesRole(directory.roles, role, member) ? undefined : `no longer holds the role '${title}'`;
    }
    default:
      return directory.entitlement satisfies never;
  }
}

/** Why somebody counts for nothing by the directory as it is now, in words that follow the person's name. */
export function whyNotThere(member: Member | undefined): string | undefined {
  if (member === undefined) return "is not in the directory any more";
  return member.enabled ? undefined : "has a disabled account";
}

/** What a role asks of the way of signing and the sign-off lacks. */
export function whyTooWeak(
  { acr, amr = [], passkey }: Pick<SignOff, "acr" | "amr" | "passkey">,
  role: Role | undefined,
): string | undefined {
  const { acr: classes, amr: methods = [] } = role?.signIn ?? {};
  if (classes !== undefined && (acr === undefined || !classes.includes(acr))) {
    return `signed in with ${acr === undefined ? "no stated assurance" : `the assurance '${acr}'`} (acr), and the role '${role?.title}' asks for ${list(classes)}`;
  }
  const lacking = methods.filter((method) => !amr.includes(method));
  if (lacking.length > 0) return `signed in without ${list(lacking)} (amr), which the role '${role?.title}' asks for`;
  if (role?.secondFactor === "passkey" && passkey === undefined)
    return `signed without a passkey that is confirmed and not revoked, which the role '${role.title}' asks for`;
  return undefined;
}

/** Whether every one of these roles asks for a passkey: an approval without one would fill no seat. */
export function needsPasskey(roles: Matrix["roles"], names: readonly string[]): boolean {
  return names.length > 0 && names.every((name) => findRole(roles, name)?.secondFactor === "passkey");
}

/**
 * The classes of sign-in (`acr`) to ask the identity provider for, so that an approval in these roles counts: those that
 * every role takes that asks for any, or else all that are asked for. One with a space in it cannot be asked for (OpenID
 * Connect Core 1.0 section 3.1.2.1, `acr_values`).
 */
export function acrToAskFor(roles: Matrix["roles"], names: readonly string[]): readonly string[] {
  const asked = names.flatMap((name) => {
    const acr = findRole(roles, name)?.signIn?.acr;
    return acr === undefined ? [] : [acr];
  });
  const all = [...new Set(asked.flat())].filter((acr) => !/\s/.test(acr));
  const common = all.filter((acr) => asked.every((each) => each.includes(acr)));
  return common.length > 0 ? common : all;
}

declare const personKeyBrand: unique symbol;

/** Stands for one human being, however many identities they have. */
export type PersonKey = string & { readonly [personKeyBrand]: true };

/** Tells which person an identity belongs to. */
export type PersonOf = (identity: Identity) => PersonKey;

/** Who is whom. */
export interface Links {
  readonly keyOf: PersonOf;
  /** Whoever has an address, in normal form. */
  readonly addressed: (address: string) => PersonKey;
  /** Whoever an entry of people.yaml is about, by its place. */
  readonly entered: (place: number) => PersonKey;
}

// Whoever judges a promotion asks several times about the same people.
const persons = new WeakMap<readonly Member[], { readonly people: readonly Person[]; readonly links: Links }>();

/**
 * Tells which identities are one person: those that share an address in the directory, and those that one entry of
 * people.yaml links. So nobody fills two seats by signing in twice.
 */
export function personOf(members: readonly Member[], people: readonly Person[]): PersonOf {
  return linksOf(members, people).keyOf;
}

/** The same of whatever names people have. */
export function linksOf(members: readonly Member[], people: readonly Person[]): Links {
  const known = persons.get(members);
  if (known?.people === people) return known.links;
  const links = newLinks(members, people);
  persons.set(members, { people, links });
  return links;
}

function newLinks(members: readonly Member[], people: readonly Person[]): Links {
  const parents = new Map<string, string>();
  const root = (name: string): string => {
    let current = name;
    for (let next = parents.get(current); next !== undefined && next !== current; next = parents.get(current)) {
      current = next;
    }
    return current;
  };
  // The smallest name stands for all, so that the result does not depend on the order of the directory.
  const link = (a: string, b: string) => {
    const [one, other] = [root(a), root(b)];
    if (one < other) parents.set(other, one);
    else if (one !== other) parents.set(one, other);
  };
  for (const member of members) {
    const address = normalAddress(member.address);
    if (address !== "") link(identityKey(member.identity), `@ ${address}`);
  }
  for (const [index, person] of people.entries()) {
    for (const address of person.addresses) link(`# ${index}`, `@ ${address}`);
    for (const identity of person.identities) link(`# ${index}`, identityKey(identity));
  }
  const keyed = (name: string) => root(name) as PersonKey;
  return {
    keyOf: (identity) => keyed(identityKey(identity)),
    addressed: (address) => keyed(`@ ${address}`),
    entered: (place) => keyed(`# ${place}`),
  };
}
