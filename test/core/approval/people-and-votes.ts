import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import type { Delegation } from "../../../core/approval/delegation.ts";
import type { Explanation } from "../../../core/approval/explanation.ts";
import type { ApprovalRule, Matrix, Requirement, Stage } from "../../../core/approval/matrix.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { type Instant, instantFromMs, msOfInstant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Identity, Member } from "../../../core/promotion/identity.ts";
import type { SettledStage } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";

export const now = "2026-11-23T12:00:00.000Z" as Instant;
const monday = msOfInstant("2026-11-23T09:00:00.000Z" as Instant);
const digest = sha256Hex(utf8("candidate"));

/** Roles of the tests: the group of a role is its name in the plural. */
export const roles: Matrix["roles"] = {
  data: { title: "Lead data scientist", groups: ["datas"], judges: ["model"] },
  compliance: { title: "Compliance officer", groups: ["compliances"], judges: ["data"] },
  sre: { title: "SRE", groups: ["sres"], judges: ["infrastructure"] },
  a: { title: "A", groups: ["as"], judges: [] },
  b: { title: "B", groups: ["bs"], judges: [] },
  c: { title: "C", groups: ["cs"], judges: [] },
};

export function identity(name: string): Identity {
  return { issuer: "https://login.example", subject: name };
}

/** Somebody of the directory in the groups of these roles. */
export function member(name: string, ...held: string[]): Member {
  return {
    identity: identity(name),
    name,
    address: `${name}@example.org`,
    groups: held.map((role) => `${role}s`),
    enabled: true,
  };
}

export function stage(name: string, requires: Requirement, more: Partial<Stage> = {}): Stage {
  return { name, requires, minimumReviewSeconds: 0, rejectionsToStop: 1, ...more };
}

export function rule(...stages: Stage[]): ApprovalRule {
  return { modelType: "credit-scoring", target: "production", expiresAfterSeconds: 864_000, excludes: [], stages };
}

export function one(role: string, count = 1): Requirement {
  return { role, count };
}

/** An approval in the first stage at the n-th minute, by somebody in the groups of the roles that they name. */
export function signOff(name: string, named: readonly string[], minute: number, more: Partial<SignOff> = {}): SignOff {
  const at = more.recordedAt ?? instantFromMs(monday + minute * 60_000);
  return {
    id: sha256Hex(utf8(`${name} ${minute} ${more.result ?? "approve"} ${more.stage ?? 0} ${named.join(" ")}`)),
    promotion: promotionId(digest, 1),
    review: 1,
    stage: 0,
    result: "approve",
    reason: "",
    roles: named,
    reviewer: identity(name),
    reviewerName: name,
    groups: named.map((role) => `${role}s`),
    recordedAt: at,
    ...more,
  };
}

export const morning = "2026-11-23T08:00:00.000Z" as Instant;
export const evening = "2026-11-23T18:00:00.000Z" as Instant;

/** Somebody lets another sign in a role for the day. */
export function delegation(
  delegator: string,
  delegate: string,
  role: string,
  more: Partial<Delegation> = {},
): Delegation {
  return {
    id: sha256Hex(utf8(`${delegator} ${delegate} ${role}`)),
    delegator: identity(delegator),
    delegatorName: delegator,
    delegatorGroups: [`${role}s`],
    delegate: identity(delegate),
    role,
    scope: {},
    from: morning,
    until: evening,
    recordedAt: morning,
    ...more,
  };
}

/** The delegate's approval in the delegator's place; the groups are the delegate's own. */
export function inPlace(
  { id, delegator, delegate, role }: Delegation,
  minute: number,
  more: Partial<SignOff> = {},
): SignOff {
  const onBehalfOf = { person: delegator, delegation: id };
  return signOff(delegate.subject, [role], minute, { groups: [], onBehalfOf, ...more });
}

export function settled(index: number, ...seats: readonly (readonly [role: string, signOff: SignOff])[]): SettledStage {
  return { index, seats: seats.map(([role, { reviewer, id }]) => ({ role, person: reviewer, signOff: id })) };
}

/** The approval of a rule in its first stage, with nobody excluded and nothing signed. */
export function approvalInput(over: Partial<ApprovalInput> & Pick<ApprovalInput, "rule">): ApprovalInput {
  return {
    roles,
    review: 1,
    openStage: 0,
    settled: [],
    signOffs: [],
    invalidated: new Map<Sha256, string>(),
    excluded: new Map(),
    members: [],
    people: [],
    entitlement: "as-signed",
    delegations: [],
    now,
    ...over,
  };
}

/** A part of the explanation by the names that lead to it. */
export function part(explanation: Explanation, ...names: string[]): Explanation {
  const [name, ...rest] = names;
  if (name === undefined) return explanation;
  const child = explanation.children.find((candidate) => candidate.name === name);
  if (child === undefined) throw new Error(`${explanation.name} has no part '${name}'`);
  return part(child, ...rest);
}
