import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { type RecordLoanPorts, recordLoan } from "../../../functions/api/record-loan/handler.ts";
import { type RecordSignOffPorts, recordSignOff } from "../../../functions/api/record-sign-off/handler.ts";
import { provider } from "../../core/attestation/signing-keys.ts";
import { cora, dana, id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { mock } from "../mock.ts";
import { apiRequest } from "./api-request.ts";
import { request, scene } from "./signing-scene.ts";

const loan = {
  predicate: {
    terms: { seconds: 3600, incident: "https://incidents.example/1" },
    reason: "It burns.",
    role: "sre",
    lender: cora.identity,
    salt: "A".repeat(22),
    issuedAt: now,
    expiresAt: addSeconds(now, 600),
  },
};

describe("a stranger, who has a promotion's id,", () => {
  const strange = async () => {
    throw new Failure("token-invalid", "The token is not one of the trusted issuer's, or was altered.");
  };

  it.each<[string, (json: object) => Promise<unknown>, object]>([
    [
      "a sign-off",
      (json) =>
        recordSignOff(
          mock<RecordSignOffPorts>("ports", {
            now: () => now,
            directory: { everybody: async () => [] },
            verifyReviewer: strange,
          }),
        )(apiRequest({ json, parameters: { id } })),
      request(cora).statement,
    ],
    [
      "a loan",
      (json) =>
        recordLoan(
          mock<RecordLoanPorts>("ports", {
            now: () => now,
            directory: { everybody: async () => [] },
            verifyReviewer: strange,
          }),
        )(apiRequest({ json, parameters: { id } })),
      loan,
    ],
  ])("is told of %s that the token is no good, and nothing is read", async (_, post, statement) => {
    expect((await refused(post({ statement, idToken: "a.b.c" }))).code).toBe("token-invalid");
  });
});

describe("a sign-off whose sign-in has ended", () => {
  const sent = request(cora);
  const later = addSeconds(now, 7200);

  it("is answered once more where it was recorded", async () => {
    let clock = now;
    const { promotions, post } = scene({ ports: { now: () => clock } });
    const once = await post(sent);
    clock = later;
    expect(await post(sent)).toEqual({ ...once, status: 200 });
    expect(promotions.recordedSignOffs()).toHaveLength(1);
  });

  it("is told that, and not what became of the promotion, where it was not", async () => {
    const { post } = scene({ promotion: promotionInReview({ status: "deployed" }), ports: { now: () => later } });
    expect((await refused(post(sent))).code).toBe("token-expired");
  });

  it("reads nothing where it was for something else", async () => {
    const { post } = scene({
      ports: { now: () => later, promotions: mock<RecordSignOffPorts["promotions"]>("promotions") },
    });
    const { idToken } = request(dana);
    expect((await refused(post({ ...sent, idToken }))).code).toBe("token-expired");
    const { idToken: plain } = { idToken: provider.token({ exp: 1, iss: "x" }) };
    expect((await refused(post({ ...sent, idToken: plain }))).code).toBe("token-invalid");
  });
});
