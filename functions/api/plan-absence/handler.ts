import * as v from "valibot";
import { type Absence, absentAt, isTakenAbsence } from "../../../core/approval/absence.ts";
import { longestDelegationSeconds } from "../../../core/approval/delegation.ts";
import { acrToAskFor, givesRole, needsPasskey } from "../../../core/approval/entitlement.ts";
import type { Matrix } from "../../../core/approval/matrix.ts";
import type { ReviewerClaims } from "../../../core/attestation/id-token.ts";
import { delegationsOf, type RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import { addSeconds, type Instant, isInstant } from "../../../core/encoding/instant.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { Failure } from "../../../core/failure.ts";
import { identityKey, type Member, sameIdentity } from "../../../core/promotion/identity.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";
import { type AbsenceView, delegationView } from "./view.ts";

const largestBody = 4096;

export interface PlanAbsencePorts {
  readonly now: () => Instant;
  readonly attestationBase: string;
  readonly policy: { readonly matrix: Pick<Matrix, "roles" | "rules">; readonly groups: readonly string[] };
  readonly verifyPerson: (
    token: string,
    expected: { readonly now: Instant; readonly acts?: true },
  ) => Promise<ReviewerClaims>;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly delegations: { notOver(at: Instant): Promise<readonly RecordedDelegationDeed[]> };
  readonly absences: { list(): Promise<readonly Absence[]>; put(absence: Absence): Promise<void> };
}

const schema = v.strictObject({ until: v.custom<Instant>(isInstant) });

/**
 * GET /v1/delegations: the delegations that a person gave or was given, their absence, and what they could delegate to
 * whom. POST /v1/absence: that they are away until an instant, or back with one in the past. It needs no ceremony: it
 * changes who is asked, and what anybody may sign not at all.
 */
export function planAbsence(ports: PlanAbsencePorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const acts = http.method === "GET" ? {} : ({ acts: true } as const);
    const person = await ports.verifyPerson(bearerToken(http), { now: ports.now(), ...acts });
    switch (http.route) {
      case "/v1/absence":
        requireRole(person);
        return { status: 200, json: await mark(person, http) };
      case "/v1/delegations":
        return { status: 200, json: await plan(person) };
      default:
        throw new Failure("not-found", "There is nothing at this address.");
    }
  };

  function requireRole({ groups }: ReviewerClaims): void {
    if (!groups.some((group) => ports.policy.groups.includes(group)))
      throw new Failure("forbidden", "You are signed in, but hold no role in any review here.");
  }

  async function mark({ identity }: ReviewerClaims, http: ApiRequest): Promise<{ readonly until: Instant }> {
    const result = v.safeParse(schema, jsonBody(http, largestBody));
    if (!result.success)
      throw new Failure("invalid-request", "An absence is 'until' a time such as 2026-11-22T17:03:00.000Z.");
    const { until } = result.output;
    if (!isTakenAbsence(until, ports.now()))
      throw new Failure("invalid-request", "An absence ends within a year; for longer, give your roles up.");
    await ports.absences.put({ person: identity, until });
    return { until };
  }

  async function plan(person: ReviewerClaims): Promise<AbsenceView> {
    const { identity, groups } = person;
    const now = ports.now();
    const [deeds, absences, members] = await Promise.all([
      ports.delegations.notOver(addSeconds(now, -longestDelegationSeconds)),
      ports.absences.list(),
      ports.directory.everybody(ports.policy.groups),
    ]);
    const known = delegationsOf(deeds);
    const names = new Map(members.map((member) => [identityKey(member.identity), member.name]));
    // Whoever was only asked to stand in may hold no role at all; others without one learn nothing about people.
    const mine = known.filter(({ delegator, delegate }) =>
      [delegator, delegate].some((each) => sameIdentity(each, identity)),
    );
    if (mine.length === 0) requireRole(person);
    const { roles, rules } = ports.policy.matrix;
    const own = Object.keys(roles).filter((role) => givesRole(roles, role, { identity, groups }));
    const until = absences.find((each) => sameIdentity(each.person, identity))?.until;
    return {
      attestationBase: ports.attestationBase,
      person: identity,
      ...(until === undefined || !absentAt(absences, now).has(identityKey(identity)) ? {} : { absentUntil: until }),
      delegations: mine
        .map((each) => delegationView(each, deeds, names, roles))
        .toSorted((a, b) => (a.delegation.from < b.delegation.from ? 1 : -1)),
      roles: own.map((role) => {
        const acr = acrToAskFor(roles, [role]);
        return {
          role,
          title: roles[role]?.title ?? role,
          ...(acr.length === 0 ? {} : { acr }),
          ...(needsPasskey(roles, [role]) ? ({ secondFactor: "passkey" } as const) : {}),
        };
      }),
      modelTypes: [...new Set(rules.map(({ modelType }) => modelType))],
      targets: [...new Set(rules.map(({ target }) => target))],
      people:
        own.length === 0
          ? []
          : members
              .filter(({ enabled, identity: other }) => enabled && !sameIdentity(other, identity))
              .map(({ identity: other, name }) => ({ identity: other, name }))
              .toSorted(by(({ name }) => name)),
    };
  }
}
