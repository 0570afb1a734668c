import { expect, it } from "vitest";
import { checkReviewerClaims } from "../../../core/attestation/id-token.ts";
import { msOfInstant } from "../../../core/encoding/instant.ts";
import { askQuestion } from "../../../functions/api/ask-question/handler.ts";
import { exportAudit } from "../../../functions/api/export-audit/handler.ts";
import type { Respond } from "../../../functions/api/http.ts";
import { planAbsence } from "../../../functions/api/plan-absence/handler.ts";
import { proposePolicy } from "../../../functions/api/propose-policy/handler.ts";
import { readLearning } from "../../../functions/api/read-learning/handler.ts";
import { readPromotions } from "../../../functions/api/read-promotions/handler.ts";
import { redriveNotifications } from "../../../functions/api/redrive-notifications/handler.ts";
import { reportOutcome } from "../../../functions/api/report-outcome/handler.ts";
import { simulatePolicy } from "../../../functions/api/simulate-policy/handler.ts";
import { withdraw } from "../../../functions/api/withdraw/handler.ts";
import { shipped } from "../../core/archive/house.ts";
import { cora, id, issuer, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { mock } from "../mock.ts";

/** A sign-in whose nonce is a decision's challenge, as the ledger keeps it and a pack hands it on. */
const seconds = msOfInstant(now) / 1000;
const claims = {
  ...{ iss: issuer, aud: "portal", sub: cora.identity.subject, "cognito:groups": cora.groups },
  ...{ iat: seconds, auth_time: seconds, exp: seconds + 900, nonce: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
};

class Verified extends Error {}

/** Believes the token, and goes no further. */
const verifyPerson = async (_: string, expected: { readonly now: typeof now; readonly acts?: true }) => {
  checkReviewerClaims(claims, { issuer, audiences: ["portal"], subjectClaim: "sub", ...expected });
  throw new Verified();
};

function ports<Ports extends object>(): Ports {
  const given = {
    now: () => now,
    claimsMachine: () => false,
    verifyPerson,
    policy: shipped,
    groups: shipped.groups,
    promotions: mock("promotions", { load: async () => promotionInReview() }),
  };
  return mock<Ports>("ports", given as unknown as Partial<Ports>);
}

const send = (handler: Respond, method: string, route: string) =>
  handler({
    ...{ method, route, parameters: { id, question: "q" }, query: {}, body: new TextEncoder().encode("{}") },
    headers: { authorization: "Bearer token", "content-type": "application/json" },
  });

it.each<[string, () => Respond]>([
  ["/v1/promotions/{id}/questions", () => askQuestion(ports())],
  ["/v1/promotions/{id}/questions/{question}/answer", () => askQuestion(ports())],
  ["/v1/audit/exports", () => exportAudit(ports())],
  ["/v1/absence", () => planAbsence(ports())],
  ["/v1/policy/proposals", () => proposePolicy(ports())],
  ["/v1/promotions/{id}/withdrawal", () => withdraw(ports())],
  ["/v1/notifications/redrive", () => redriveNotifications(ports())],
  ["/v1/notifications/discard", () => redriveNotifications(ports())],
  ["/v1/promotions/{id}/outcomes", () => reportOutcome(ports())],
])("POST %s is nobody's to do with the sign-in that signed somebody's decision", async (route, handler) => {
  expect(await refused(send(handler(), "POST", route))).toMatchObject({ code: "token-expired" });
});

it.each<[string, string, () => Respond]>([
  ["GET", "/v1/promotions/{id}", () => readPromotions(ports())],
  ["GET", "/v1/promotions/{id}/questions", () => askQuestion(ports())],
  ["GET", "/v1/audit/exports/{id}", () => exportAudit(ports())],
  ["GET", "/v1/delegations", () => planAbsence(ports())],
  ["GET", "/v1/learning", () => readLearning(ports())],
  ["POST", "/v1/policy/simulations", () => simulatePolicy(ports())],
])("%s %s is read on with it, so that nobody signs in twice for a decision", async (method, route, handler) => {
  await expect(send(handler(), method, route)).rejects.toThrow(Verified);
});
