import { whyTimeRefused } from "../../core/approval/delegation.ts";
import {
  type DelegationDocument,
  type DelegationPredicate,
  type DelegationStatement,
  delegationStatement,
} from "../../core/attestation/delegation-statement.ts";
import { statementLifetimeSeconds } from "../../core/attestation/sign-off-statement.ts";
import { base64url } from "../../core/encoding/base64.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Identity } from "../../core/promotion/identity.ts";
import type { ShownPlans } from "../service/answers.ts";
import { oneLine } from "../terminal-text.ts";
import type { Moment } from "./moment.ts";

/** The longest reason that the service takes, in UTF-16 units. */
const longestReason = 1000;

/** What a person asked for on the command line. */
export interface RequestedDelegation {
  readonly to: string;
  readonly role?: string;
  readonly model?: string;
  readonly modelType?: string;
  readonly target?: string;
  readonly from?: Moment;
  readonly until: Moment;
  readonly reason: string;
}

/**
 * The delegation that is asked for, as its delegator signs it; what the service would refuse is refused before anybody
 * signs. Throws `invalid-request` or `not-entitled` with a sentence. `random`: 16 bytes nobody can guess.
 */
export function delegationOf(
  requested: RequestedDelegation,
  plans: ShownPlans,
  by: { readonly delegator: Identity; readonly now: Instant; readonly random: Uint8Array },
): DelegationDocument {
  const from = requested.from?.(by.now) ?? by.now;
  const until = requested.until(from);
  const untimely = whyTimeRefused({ from, until }, by.now);
  if (untimely !== undefined) throw invalid(untimely);
  if (requested.reason.length > longestReason) throw invalid(`The reason has more than ${longestReason} characters.`);
  const { model, modelType, target } = requested;
  requireKnown("model type", modelType, plans.modelTypes);
  requireKnown("target", target, plans.targets);
  return {
    delegator: by.delegator,
    delegate: personNamed(requested.to, plans),
    role: roleOf(requested.role, plans),
    scope: {
      ...(model === undefined ? {} : { model }),
      ...(modelType === undefined ? {} : { modelType }),
      ...(target === undefined ? {} : { target }),
    },
    from,
    until,
    reason: requested.reason.trim().toWellFormed(),
    salt: base64url(by.random),
  };
}

/** The statement of a deed about a delegation. */
export function deedStatement(
  attestationBase: string,
  deed: Pick<DelegationPredicate, "deed" | "delegation" | "person">,
  now: Instant,
): DelegationStatement {
  const expiresAt = addSeconds(now, statementLifetimeSeconds);
  return delegationStatement(attestationBase, { ...deed, issuedAt: now, expiresAt });
}

/** Somebody by their name or their subject. */
function personNamed(text: string, { people }: ShownPlans): Identity {
  const wanted = text.trim().toLowerCase();
  const found = people.filter(({ identity, name }) => name.toLowerCase() === wanted || identity.subject === text);
  const [one, ...others] = found;
  if (one === undefined)
    throw invalid(`Nobody is called '${oneLine(text, 80)}'; known are ${listed(people.map(({ name }) => name))}.`);
  if (others.length === 0) return { issuer: one.identity.issuer, subject: one.identity.subject };
  const subjects = listed(found.map(({ identity }) => identity.subject));
  throw invalid(`Several people are called '${oneLine(text, 80)}'; give the subject instead: ${subjects}.`);
}

/** The role that is named, or the only one that there is to delegate. */
function roleOf(named: string | undefined, { roles }: ShownPlans): string {
  const held = roles.map(({ role }) => role);
  if (held.length === 0) throw new Failure("not-entitled", "You hold no role that you could delegate.");
  const [only, ...more] = held;
  if (named === undefined && only !== undefined && more.length === 0) return only;
  if (named === undefined) throw invalid(`Say which --role; you hold ${listed(held)}.`);
  if (held.includes(named)) return named;
  throw new Failure("not-entitled", `You hold no role '${oneLine(named, 80)}'; you hold ${listed(held)}.`);
}

/**
 * Throws `not-entitled` for a role that is delegated with a passkey: it lives in a browser or behind one, and a terminal
 * holds none. `page` is where it can be delegated.
 */
export function requireDelegableHere({ role }: DelegationDocument, { roles }: ShownPlans, page: string): void {
  if (roles.every((each) => each.role !== role || each.secondFactor === undefined)) return;
  throw new Failure(
    "not-entitled",
    `Delegating the role '${role}' needs your passkey, which a terminal does not hold. Delegate it in a browser: ${page}`,
  );
}

function requireKnown(what: string, value: string | undefined, known: readonly string[]): void {
  if (value === undefined || known.includes(value)) return;
  throw invalid(`The approval matrix knows no ${what} '${oneLine(value, 80)}'; it knows ${listed(known)}.`);
}

function listed(names: readonly string[]): string {
  return oneLine(names.join(", "));
}

function invalid(why: string): Failure {
  return new Failure("invalid-request", why);
}
