import { randomBytes } from "node:crypto";
import {
  type DelegationDeed,
  type DelegationDocument,
  delegationIdOf,
  delegationStatement,
} from "../../../core/attestation/delegation-statement.ts";
import { challengeOf } from "../../../core/attestation/sign-off-statement.ts";
import { addSeconds, instantFromMs } from "../../../core/encoding/instant.ts";
import type { AbsenceView } from "../../../functions/api/plan-absence/view.ts";
import { approval, expect, promote, stageOpen, taken } from "./acts.ts";
import type { Cast } from "./cast.ts";
import { patientFetch } from "./patient-fetch.ts";
import type { ReviewerAtTerminal } from "./reviewer.ts";
import type { StoryResult } from "./stories.ts";

/**
 * The compliance officer goes away and lets others sign in their place: whoever trained the model may not, the SRE may,
 * and has a seat then, like everybody who signs.
 */
export async function delegation(cast: Cast): Promise<StoryResult> {
  const { compliance: ines, reliabilityEngineer: mira } = cast;
  const { portal } = cast.stack.addresses;
  const candidate = await promote(cast, "candidate", "2.2.2");
  const session = await ines.signIn(randomBytes(16).toString("base64url"));
  await answered(portal, "/v1/absence", session, { until: addSeconds(instantFromMs(Date.now()), 86_400) });
  const toTomas = await delegated(portal, ines, "Tomas Trainer");
  const toMira = await delegated(portal, ines, "Mira Novak");
  cast.say("Ines Okafor is away and lets Tomas Trainer and Mira Novak sign in her place");

  const refusal = await cast.trainer.decide(candidate.id, { ...approval, ...toTomas.as });
  expect(refusal.status === 403, `Tomas, who trained the model, is refused, not answered ${refusal.status}`);
  cast.say(String(refusal.body["detail"]));
  await taken(mira.decide(candidate.id, { ...approval, ...toMira.as }));
  const { status, explanation } = await stageOpen(cast, candidate.id, 1);
  const filled = explanation.children[0]?.children[0]?.why ?? "";
  expect(
    filled === "Filled by Mira Novak (in the place of Ines Okafor).",
    `the explanation says in whose place the seat is filled: ${filled}`,
  );
  const second = await mira.decide(candidate.id, { ...approval, roles: ["sre"] });
  const detail = String(second.body["detail"]);
  expect(
    second.status === 403 && detail.includes("a person fills one seat at most"),
    `Mira has her seat, and no second one as SRE: ${second.status} ${detail}`,
  );
  // The stories after this one ask Ines again, and nobody for her.
  await answered(portal, "/v1/absence", session, { until: instantFromMs(Date.now()) });
  for (const each of [toTomas, toMira]) await deed(portal, ines, "revoke", each);
  return { name: "delegation", promotionId: candidate.id, status, explanation: filled };
}

interface Delegated {
  readonly plans: AbsenceView;
  readonly document: DelegationDocument;
}

/** Somebody lets another sign in their place, by the ceremony; answers how that one signs then. */
async function delegated(portal: string, delegator: ReviewerAtTerminal, name: string) {
  const session = await delegator.signIn(randomBytes(16).toString("base64url"));
  const plans = (await answered(portal, "/v1/delegations", session)) as unknown as AbsenceView;
  const delegate = plans.people.find((person) => person.name === name);
  const role = plans.roles[0]?.role;
  if (delegate === undefined || role === undefined) throw new Error(`${name} cannot stand in for anybody.`);
  const now = instantFromMs(Date.now());
  const document: DelegationDocument = {
    delegator: plans.person,
    delegate: delegate.identity,
    role,
    scope: { target: "production" },
    from: now,
    until: addSeconds(now, 86_400),
    reason: "On holiday.",
    salt: randomBytes(16).toString("base64url"),
  };
  await deed(portal, delegator, "delegate", { plans, document });
  const onBehalfOf = { person: plans.person, delegation: { sha256: delegationIdOf(document) } };
  return { plans, document, as: { roles: [role], onBehalfOf } };
}

/** What the delegator does about a delegation, signed by a sign-in of its own. */
async function deed(
  portal: string,
  by: ReviewerAtTerminal,
  what: DelegationDeed,
  { plans, document }: Delegated,
): Promise<void> {
  const now = instantFromMs(Date.now());
  const statement = delegationStatement(plans.attestationBase, {
    deed: what,
    delegation: document,
    person: document.delegator,
    issuedAt: now,
    expiresAt: addSeconds(now, 600),
  });
  const idToken = await by.signIn(challengeOf(statement));
  const path = what === "delegate" ? "/v1/delegations" : `/v1/delegations/${delegationIdOf(document)}/revocation`;
  await answered(portal, path, idToken, { statement, idToken });
}

/** What the API answers; `body`: it is sent something. */
async function answered(portal: string, path: string, token: string, body?: object): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const request = body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) };
  const answer = await patientFetch(`${portal}${path}`, request);
  const said = (await answer.json()) as Record<string, unknown>;
  expect(answer.ok, `${path} is taken, not answered ${answer.status}: ${JSON.stringify(said)}`);
  return said;
}
