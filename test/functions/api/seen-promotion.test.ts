import { describe, expect, it } from "vitest";
import { checkReviewerClaims, readToken } from "../../../core/attestation/id-token.ts";
import { loanStatement } from "../../../core/attestation/loan-statement.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { askQuestion } from "../../../functions/api/ask-question/handler.ts";
import { recordLoan } from "../../../functions/api/record-loan/handler.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { claimsOf, clientId } from "../../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  everybody,
  id,
  issuer,
  member,
  now,
  policy,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { MemoryTurnBooks } from "../memory-turn-books.ts";
import { apiRequest } from "./api-request.ts";
import { emil } from "./delegation-requests.ts";
import { first, request, scene } from "./signing-scene.ts";

/** Signed in, in no group and not in the directory. */
const otto = member("Otto");
/** Started the run, and holds no role. */
const priya = member("Priya", "visitors");
const started = { startedBy: { address: priya.address } };
const unknown = `p-${"0".repeat(32)}-1`;
const members = [...everybody, priya, emil];

const { stage: _, ...unreviewed } = promotionInReview({ status: "gating", ...started });
const standings: readonly [string, string, Promotion][] = [
  ["gating", id, unreviewed],
  ["in review", id, promotionInReview(started)],
  ["rejected", id, promotionInReview({ status: "rejected", ...started })],
  ["deployed", id, promotionInReview({ status: "deployed", ...started })],
  ["not there", unknown, promotionInReview(started)],
];

type Post = (who: Member, of: string, promotion: Promotion, delegations?: MemoryDelegations) => Promise<unknown>;

const verifyReviewer: Parameters<typeof recordLoan>[0]["verifyReviewer"] = async (token, expected) => ({
  ...checkReviewerClaims(readToken(token).claims, { issuer, audiences: [clientId], subjectClaim: "sub", ...expected }),
  jwks: { keys: [provider.jwk] },
});

const decide =
  (result: "approve" | "reject"): Post =>
  (who, of, promotion, delegations = new MemoryDelegations()) =>
    scene({ promotion, members, ports: { delegations } }).post(
      request(who, { result, reason: "No.", roles: ["compliance-officer"] }),
      of,
    );

const lend: Post = (who, of, promotion, delegations = new MemoryDelegations()) => {
  const { stage: _, ...context } = signOffContextOf(first, attestationBase);
  const statement = loanStatement(context, {
    terms: { seconds: 3600, incident: "https://incidents.example/1" },
    reason: "It burns.",
    role: "sre",
    lender: who.identity,
    salt: "AAAAAAAAAAAAAAAAAAAAAA",
    issuedAt: addSeconds(now, -60),
    expiresAt: addSeconds(now, 600),
  });
  const handler = recordLoan({
    ...{ now: () => now, attestationBase, policy, delegations, verifyReviewer },
    promotions: new MemoryPromotions([promotion]),
    loanBooks: new MemoryLoanBooks(),
    turns: new MemoryTurnBooks(),
    passkeys: new MemoryPasskeys(),
    directory: memoryDirectory(members),
    verifyAssertion: async () => expect.unreachable(),
    sign: attestation.sign,
    verifyingKey: async () => attestation.key,
  });
  const json = { statement, idToken: provider.token(claimsOf(who, statement)) };
  return handler(apiRequest({ json, parameters: { id: of } }));
};

const questions =
  (below: string, json: object): Post =>
  (who, of, promotion) =>
    askQuestion({
      now: () => now,
      groups: ["compliance-officers", "lead-data-scientists", "sre"],
      people: [],
      claimsMachine: () => false,
      verifyPerson: async () => ({ ...who, authenticatedAt: now }),
      verifyMachine: async () => expect.unreachable(),
      directory: memoryDirectory(members),
      shownDirectory: memoryDirectory(members),
      turns: new MemoryTurnBooks(),
      promotions: new MemoryPromotions([promotion]),
    })(
      apiRequest({
        route: `/v1/promotions/{id}/questions${below}`,
        parameters: { id: of, question: "0".repeat(32) },
        json,
      }),
    );

const posts: readonly (readonly [string, Post])[] = [
  ["an approval", decide("approve")],
  ["a rejection", decide("reject")],
  ["a loan", lend],
  ["a question", questions("", { id: "1", text: "Why?" })],
  ["an answer", questions("/{question}/answer", { text: "Because." })],
];

describe.each(posts)("%s of somebody without a role", (_, post) => {
  it.each(standings)("is refused in the same words where the promotion is %s", async (_, of, promotion) => {
    expect(await refused(post(otto, of, promotion))).toMatchObject({
      code: "forbidden",
      sentence: "You are signed in, but hold no role in any review here.",
    });
  });
});

describe("the precise reason", () => {
  const rejected = promotionInReview({ status: "rejected", ...started });

  it.each<[string, Post, string]>([
    ["an approval", decide("approve"), "already-decided"],
    ["a loan", lend, "not-in-review"],
    ["a question", questions("", { id: "1", text: "Why?" }), "not-in-review"],
  ])("why %s is not taken is told to whoever holds a role", async (_, post, code) => {
    expect((await refused(post(cora, id, rejected))).code).toBe(code);
    expect((await refused(post(cora, unknown, rejected))).code).toBe("not-found");
  });

  it.each<[string, Post, string]>([
    ["an approval", decide("approve"), "already-decided"],
    ["a loan", lend, "not-in-review"],
    ["an answer", questions("/{question}/answer", { text: "Because." }), "not-found"],
  ])("why %s is not taken is told to whoever started the run, without a role", async (_, post, code) => {
    expect((await refused(post(priya, id, rejected))).code).toBe(code);
    expect((await refused(post(priya, unknown, rejected))).code).toBe("forbidden");
  });

  it.each<[string, Post, string]>([
    ["an approval", decide("approve"), "already-decided"],
    ["a loan", lend, "not-in-review"],
  ])("why %s is not taken is told to whoever stands in for somebody, where that is for it", async (_, post, code) => {
    const standIn = async (scope: object) =>
      new MemoryDelegations(await delegationDeed("delegate", delegationDocument(sam, emil, "sre", { scope }), sam));
    expect((await refused(post(emil, id, rejected, await standIn({})))).code).toBe(code);
    const outside = await standIn({ model: "another" });
    const there = await refused(post(emil, id, rejected, outside));
    expect(there).toMatchObject({ code: "not-found", sentence: "There is no such promotion." });
    expect(await refused(post(emil, unknown, rejected, outside))).toEqual(there);
  });
});
