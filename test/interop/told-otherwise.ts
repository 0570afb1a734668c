import { expect } from "vitest";
import { addSeconds } from "../../core/encoding/instant.ts";
import type { Fact, FactType } from "../../core/promotion/fact.ts";
import { told } from "../core/archive/told.ts";
import { digestOf } from "../core/promotion/promotion-in-review.ts";

// What a service might tell otherwise of one record, or leave out of it. Each of these a verifier once took.

/** What a record of a type tells otherwise, and what the second verifier says of it. */
export interface Otherwise {
  readonly type: FactType;
  /** Of which of its records; of the first where it is not said. */
  readonly of?: (fact: Fact) => boolean;
  readonly tell: (fact: Fact) => Fact;
  readonly refused: RegExp;
}

/** With other words in the body; `undefined` leaves one out. */
export const saying =
  (body: Readonly<Record<string, Fact["body"][string] | undefined>>): Otherwise["tell"] =>
  (fact) => ({ ...fact, body: JSON.parse(JSON.stringify({ ...fact.body, ...body })) });

/** With words inside of a member told otherwise. */
export const inside =
  (member: string, change: (value: Record<string, Fact["body"][string]>) => unknown): Otherwise["tell"] =>
  (fact) =>
    saying({ [member]: change(structuredClone(Object(fact.body[member]))) as Fact["body"][string] })(fact);

const without =
  (...names: readonly string[]): Otherwise["tell"] =>
  (fact) => ({ ...fact, attachments: fact.attachments.filter(({ name }) => !names.includes(name)) });

export const first = (list: unknown, change: object) => {
  const [one, ...others] = list as readonly object[];
  return [{ ...one, ...change }, ...others];
};

/** Somebody who may not sign any more: then each falls with a reason. */
function someFell({ body }: Fact): boolean {
  return !("from" in body || "kept" in body || "breach" in body);
}

export const cases: Readonly<Record<string, Otherwise>> = {
  "a key in a role that there is not": {
    type: "key",
    tell: saying({ role: "other" }),
    refused: /does not say what a 'key' says \(role\)/,
  },
  "a key of which more is said, under a name that the language has for its own": {
    type: "key",
    tell: saying({ constructor: "x" }),
    refused: /does not say what a 'key' says \(constructor\)/,
  },
  "a key without a word of who vouches for it": {
    type: "key",
    tell: saying({ voucher: undefined }),
    refused: /does not say what a 'key' says \(voucher\)/,
  },
  "a run that an account started whom nobody can tell from who approved": {
    type: "request",
    of: ({ promotion }) => promotion === told.deployed,
    tell: saying({ startedBy: { account: { provider: "github", id: "99999" } } }),
    refused: /who made the candidate cannot be told from who approved it/,
  },
  "a change of the policies that asks for what is asked of a first release": {
    type: "request",
    of: ({ promotion }) => promotion === told.policies,
    tell: saying({ release: "first" }),
    refused: /a change of the policies is no first release/,
  },
  "a request for another kind of release": {
    type: "request",
    tell: saying({ release: "other" }),
    refused: /does not say what a 'request' says \(release\)/,
  },
  "a request for a model that only looks like another": {
    type: "request",
    tell: inside("model", (model) => ({ ...model, name: "credit-s\u0441oring" })),
    refused: /does not say what a 'request' says \(model\.name\)/,
  },
  "another candidate frozen than its document is": {
    type: "freeze",
    tell: saying({ freezeDigest: digestOf("other") }),
    refused: /another candidate was frozen than its record says/,
  },
  "a copy without its version": {
    type: "freeze",
    tell: inside("frozen", (frozen) => first(frozen, { versionId: undefined })),
    refused: /does not say what a 'freeze' says \(frozen\.0\.versionId\)/,
  },
  "an artifact that is kept twice": {
    type: "freeze",
    tell: inside("frozen", (frozen) => [...Object.values(frozen), { ...Object(frozen[0]), versionId: "other" }]),
    refused: /an artifact is said to be frozen twice, or something that is none/,
  },
  "a copy of what nobody signed": {
    type: "freeze",
    tell: inside("frozen", (frozen) => [...Object.values(frozen), { ...Object(frozen[0]), name: "other" }]),
    refused: /an artifact is said to be frozen twice, or something that is none/,
  },
  "a passport by another number than its record's": {
    type: "passport-issued",
    tell: ({ id, ...fact }) => ({ ...fact, id: id.replace(/1$/, "2") }),
    refused: /a passport goes by another number than its record/,
  },
  "passkeys that are made on no page": {
    type: "installation",
    tell: inside("passkeys", (passkeys) => ({ ...passkeys, origins: [] })),
    refused: /does not say what a 'installation' says \(passkeys\.origins\)/,
  },
  "gates by other policies than are there": {
    type: "gates",
    tell: saying({ policy: digestOf("other") }),
    refused: /gates name other policies than they bring/,
  },
  "gates without the policies": {
    type: "gates",
    tell: without("policies.json"),
    refused: /does not name one policies\.json/,
  },
  "gates without what they compared with": {
    type: "gates",
    of: ({ attachments }) => attachments.some(({ name }) => name === "earlier-releases.json"),
    tell: without("earlier-releases.json"),
    refused: /the gate report compares with other releases than its record brings/,
  },
  "what gates stopped, without what they came to": {
    type: "blocked",
    tell: saying({ outcome: undefined }),
    refused: /does not say what a 'blocked' says \(outcome\)/,
  },
  "what was stopped by what there is not": {
    type: "blocked",
    tell: saying({ step: true }),
    refused: /does not say what a 'blocked' says \(step\)/,
  },
  "a plan that is reported without what became of it": {
    type: "plan-reported",
    tell: saying({ outcome: undefined }),
    refused: /does not say what a 'plan-reported' says \(outcome\)/,
  },
  "a deployment that is reported to have come to what there is not": {
    type: "deployment-reported",
    tell: saying({ outcome: "other" }),
    refused: /does not say what a 'deployment-reported' says \(outcome\)/,
  },
  "what gates stopped, by other requirements than are there": {
    type: "blocked",
    tell: saying({ requirements: digestOf("other") }),
    refused: /gates name other requirements than they bring/,
  },
  "what gates stopped, without their report": {
    type: "blocked",
    tell: without("gate-report.json"),
    refused: /does not name one gate-report\.json/,
  },
  "what gates stopped, at another time than their report says": {
    type: "blocked",
    tell: (fact) => ({ ...fact, at: addSeconds(fact.at, 3600) }),
    refused: /the gate report says another time than its record/,
  },
  "what gates stopped, without what judged": {
    type: "blocked",
    tell: without("policies.json", "gates.wasm"),
    refused: /does not name one (policies\.json|gates\.wasm)/,
  },
  "policies that were signed, held back for more than an hour": {
    type: "policy-activated",
    of: ({ promotion }) => promotion !== undefined,
    tell: (fact) => ({ ...fact, at: addSeconds(fact.at, 3700) }),
    refused: /policies came in force when their verdict was too old/,
  },
  "a loan that is ratified, of what never ran": {
    type: "loan-running",
    of: ({ promotion }) => promotion === told.ratified,
    tell: (fact) => ({ ...fact, type: "staged" }),
    refused: /a quorum's verdict is signed over what is lent, before that runs/,
  },
  "a loan that is refused, for which nobody had signed": {
    type: "loan-refused",
    tell: saying({ signature: digestOf("other") }),
    refused: /a loan is refused for which no second lender had signed/,
  },
  "policies that are lent as a model is": {
    type: "stage-decided",
    of: ({ promotion }) => promotion === told.policies,
    tell: ({ id, at, promotion, summary }) => {
      const { type, body, attachments } = told.house.facts.find((fact) => fact.type === "loan") ?? expect.unreachable();
      return { id, at, promotion, summary, type, body, attachments } as Fact;
    },
    refused: /cannot follow: policies run nowhere/,
  },
  "policies that were frozen, and not kept with that": {
    type: "freeze",
    of: ({ promotion }) => promotion === told.policies,
    tell: without("policies.json"),
    refused: /policies were frozen, and not kept with that/,
  },
  "a stage opened in no round": {
    type: "stage-opened",
    tell: saying({ round: undefined }),
    refused: /does not say what a 'stage-opened' says \(round\)/,
  },
  "a place taken by nobody": {
    type: "superseded",
    tell: saying({ by: undefined }),
    refused: /does not say what a 'superseded' says \(by\)/,
  },
  "whose place was taken, left out": {
    type: "supersedes",
    tell: saying({ promotions: undefined }),
    refused: /does not say what a 'supersedes' says \(promotions\)/,
  },
  "the place taken of what no promotion is": {
    type: "supersedes",
    tell: inside("promotions", (promotions) => first(promotions, { id: "other" })),
    refused: /does not say what a 'supersedes' says \(promotions\.0\.id\)/,
  },
  "a run in shadow without a plan": {
    type: "shadow-run",
    tell: saying({ plan: undefined }),
    refused: /does not say what a 'shadow-run' says \(plan\)/,
  },
  "a seat that fell without a why": {
    type: "seat-reopened",
    of: someFell,
    tell: inside("fallen", (fallen) => first(fallen, { why: undefined })),
    refused: /does not say what a 'seat-reopened' says \(fallen\.0/,
  },
  "another sign-off fallen than stood": {
    type: "seat-reopened",
    of: someFell,
    tell: inside("fallen", (fallen) => first(fallen, { signOff: digestOf("other") })),
    refused: /a sign-off is said to fall that no record has/,
  },
  "a rejection by nobody": {
    type: "rejected",
    tell: saying({ by: [] }),
    refused: /a rejection that nobody signed/,
  },
  "a deployment in the place of nothing that is named": {
    type: "deployment-started",
    tell: saying({ previous: undefined }),
    refused: /does not say what a 'deployment-started' says \(previous\)/,
  },
  "a release without its wait": {
    type: "deployment-started",
    tell: inside("release", ({ traffic, ...rest }) => ({
      ...rest,
      traffic: { ...Object(traffic), waitSeconds: undefined },
    })),
    refused: /does not say what a 'deployment-started' says \(release\.traffic\.waitSeconds\)/,
  },
  "an intruder that something else is done about": {
    type: "intruder-found",
    tell: saying({ action: "other" }),
    refused: /does not say what a 'intruder-found' says \(action\)/,
  },
  "something put back that neither began nor failed": {
    type: "take-back",
    tell: saying({ state: "other" }),
    refused: /does not say what a 'take-back' says \(state\)/,
  },
  "a remedy that neither began nor ended": {
    type: "remedy",
    tell: saying({ state: "other" }),
    refused: /does not say what a 'remedy' says \(state\)/,
  },
};
