import { describe, expect, it } from "vitest";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { loanStatement } from "../../../core/attestation/loan-statement.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { recordLoan } from "../../../functions/api/record-loan/handler.ts";
import { ida, people, withLoans } from "../../core/approval/lenders.ts";
import { claimsOf } from "../../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  id,
  manifest,
  now,
  policy,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { MemoryTurnBooks } from "../memory-turn-books.ts";
import { apiRequest } from "./api-request.ts";
import { delegationRequest, routes as delegationRoutes, delegationScene, emil } from "./delegation-requests.ts";
import { passkeyRequest, routes as passkeyRoutes, passkeyScene } from "./passkey-requests.ts";
import { scene } from "./signing-scene.ts";

const budget = { loans: 1, per: "month" } as const;
const lending = { ...policy, matrix: withLoans({ roles: ["commander"], maximumSeconds: 14_400, budget }) };
const promotion = promotionInReview({ requirements: { sha256: requirementsNow(lending, { manifest }).sha256 } });
const later = addSeconds(now, 7200);

/** Something that a person signs and sends, what was recorded of it, and what becomes of it otherwise meanwhile. */
interface Sent {
  readonly post: (sent: object) => Promise<{ readonly status: number; readonly json?: unknown }>;
  readonly sent: { readonly statement: object; readonly idToken: string };
  readonly recorded: () => number | Promise<number>;
  readonly meanwhile?: () => void;
}

const loan = (clock: () => Instant): Sent => {
  const { stage: _, ...context } = signOffContextOf(promotion, attestationBase);
  const statement = loanStatement(context, {
    terms: { seconds: 3600, incident: "https://incidents.example/1" },
    reason: "It burns.",
    role: "commander",
    lender: ida.identity,
    salt: "A".repeat(22),
    issuedAt: addSeconds(now, -60),
    expiresAt: addSeconds(now, 600),
  });
  const promotions = new MemoryPromotions([promotion]);
  const post = recordLoan({
    ...{ now: clock, attestationBase, policy: lending, promotions, delegations: new MemoryDelegations() },
    loanBooks: new MemoryLoanBooks(),
    turns: new MemoryTurnBooks(),
    passkeys: new MemoryPasskeys(),
    directory: memoryDirectory(people),
    verifyReviewer: scene().ports.verifyReviewer,
    verifyAssertion: async () => expect.unreachable(),
    sign: attestation.sign,
    verifyingKey: async () => attestation.key,
  });
  return {
    post: (json) => post(apiRequest({ json, parameters: { id } })),
    sent: { statement, idToken: provider.token(claimsOf(ida, statement)) },
    recorded: async () => (await promotions.loans(id)).length,
    meanwhile: () => promotions.put({ ...promotion, status: "deployed" }),
  };
};

const passkey = (clock: () => Instant): Sent => {
  const { passkeys, post } = passkeyScene({ now: clock });
  return {
    post: (json) => post(passkeyRoutes.enrol, json),
    sent: passkeyRequest("enrol"),
    recorded: async () => (await passkeys.deeds()).length,
  };
};

const delegation = (clock: () => Instant): Sent => {
  const { delegations, post } = delegationScene({ ports: { now: clock } });
  return {
    post: (json) => post(delegationRoutes.delegate, json),
    sent: delegationRequest("delegate"),
    recorded: () => delegations.recorded.length,
  };
};

describe.each<[string, (clock: () => Instant) => Sent]>([
  ["a loan", loan],
  ["a passkey", passkey],
  ["a delegation", delegation],
])("%s that is sent again once its sign-in has ended", (_, thing) => {
  function scened() {
    const clock = { now };
    return { clock, ...thing(() => clock.now) };
  }

  it("is answered with what was recorded, whatever became of it since", async () => {
    const { clock, post, sent, recorded, meanwhile } = scened();
    const once = await post(sent);
    expect(once.status).toBe(201);
    meanwhile?.();
    clock.now = later;
    expect(await post(sent)).toEqual({ ...once, status: 200 });
    expect(await recorded()).toBe(1);
  });

  it("is refused for that where nothing was recorded, or something else was", async () => {
    const { clock, post, sent, recorded } = scened();
    clock.now = later;
    expect((await refused(post(sent))).code).toBe("token-expired");
    expect(await recorded()).toBe(0);
    clock.now = now;
    await post(sent);
    clock.now = later;
    // Signed by somebody else's sign-in, or by a token of the same words that the provider never signed so.
    const { nonce } = claimsOf(ida, sent.statement as Parameters<typeof claimsOf>[1]);
    const others = [claimsOf(emil, sent.statement as Parameters<typeof claimsOf>[1]), { nonce, exp: 1 }];
    for (const claims of others)
      expect((await refused(post({ ...sent, idToken: provider.token(claims) }))).code).toMatch(/^token-/);
  });
});
