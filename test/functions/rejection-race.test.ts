import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoanPolicy } from "../../core/approval/matrix.ts";
import { type ApprovalPolicy, requirementsNow } from "../../core/approval/promotion-approval.ts";
import { checkReviewerClaims, readToken } from "../../core/attestation/id-token.ts";
import type { RecordedLoan } from "../../core/attestation/recorded-loan.ts";
import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../core/attestation/sign-off-context.ts";
import { signOffStatement } from "../../core/attestation/sign-off-statement.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { addSeconds } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Member } from "../../core/promotion/identity.ts";
import type { Loan } from "../../core/promotion/loan.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { type RecordSignOffPorts, recordSignOff } from "../../functions/api/record-sign-off/handler.ts";
import { verifySignOffs } from "../../functions/steps/verify-sign-offs/handler.ts";
import { decide } from "../../functions/streams/decide/handler.ts";
import { choiceOf, claimsOf, clientId, givenSignOff } from "../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  dana,
  deadline,
  digestOf,
  everybody,
  id,
  issuer,
  manifest,
  matrix,
  member,
  now,
  openStage,
  policy,
  promotionInReview,
  sam,
} from "../core/promotion/promotion-in-review.ts";
import { apiRequest } from "./api/api-request.ts";
import { MemoryBlobs } from "./memory-blobs.ts";
import { MemoryDelegations } from "./memory-delegations.ts";
import { memoryDirectory } from "./memory-directory.ts";
import { MemoryLoanBooks } from "./memory-loan-books.ts";
import { MemoryPasskeys } from "./memory-passkeys.ts";
import { MemoryPromotions } from "./memory-promotions.ts";
import { mock } from "./mock.ts";

const lending: LoanPolicy = { roles: ["commander"], maximumSeconds: 14_400, budget: { loans: 2, per: "quarter" } };
const lendingPolicy: ApprovalPolicy = {
  ...policy,
  matrix: {
    ...matrix,
    roles: { ...matrix.roles, commander: { title: "Commander", groups: ["commanders"], judges: ["model"] } },
    rules: matrix.rules.map((rule) => ({ ...rule, loan: lending })),
  },
};
const requirements = { sha256: requirementsNow(lendingPolicy, { manifest }).sha256 };
const members = [...everybody, member("Ida", "commanders"), member("Olaf", "commanders")];
const [ida, olaf] = [member("Ida", "commanders"), member("Olaf", "commanders")];

const reviewed = promotionInReview({ requirements, stage: openStage(1) });
const byCora = await givenSignOff({ ...reviewed, stage: openStage(0) }, cora);
const byDana = await givenSignOff(reviewed, dana, { roles: ["lead-data-scientist"] });
const bySam = await givenSignOff(reviewed, sam, { roles: ["sre"] });
const seat = (role: string, { signOff }: RecordedSignOff) => ({ role, person: signOff.reviewer, signOff: signOff.id });
const settled = [
  { index: 0, seats: [seat("compliance-officer", byCora)] },
  { index: 1, seats: [seat("lead-data-scientist", byDana), seat("sre", bySam)] },
];
const approved: Promotion = { ...reviewed, status: "approved", stage: openStage(1, { open: false }), settled };

const terms = { seconds: 3600, incident: "https://incidents.example/7" };
function lent(who: Member, confirms?: string): RecordedLoan {
  const { envelope, jwks } = byCora;
  const signature = {
    id: digestOf(who.name),
    promotion: id,
    review: 1,
    terms,
    reason: "An incident.",
    role: "commander",
    reviewer: who.identity,
    reviewerName: who.name,
    groups: who.groups,
    ...(confirms === undefined ? {} : { confirms: digestOf(confirms) }),
    recordedAt: now,
  };
  return { signature, envelope, idToken: provider.token({ email: who.address }), jwks };
}
const lenders = [lent(ida), lent(olaf, ida.name)];
const loan: Loan = {
  terms,
  lenders: lenders.map(({ signature: { role, reviewer, id: signature } }) => ({ role, person: reviewer, signature })),
  at: now,
  until: addSeconds(now, terms.seconds),
};
const lentNow: Promotion = { ...reviewed, status: "loaned", settled: settled.slice(0, 1), loan, expiresAt: loan.until };
const ratified: Promotion = {
  ...approved,
  status: "loaned",
  loan: { ...loan, verdict: { sha256: digestOf("verdict"), at: now }, runningSince: now },
  expiresAt: deadline,
  deployment: {
    startedAt: now,
    serves: { image: "scorer@sha256:0", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } },
    release: { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 300 } },
    previous: "p-before",
  },
};

interface Turn {
  /** Waits for its turn, before a call has its effect and before its answer is heard. */
  take(): Promise<void>;
}

/** Ports of which every call waits for its turn twice; those that are plain values, and the clock, are as they are. */
function inTurns<Ports extends object>(ports: Ports, turn: Turn): Ports {
  const wrapped = (port: object): object =>
    Object.fromEntries(
      Object.entries(port).map(([name, member]: [string, unknown]) => {
        if (["now", "policy"].includes(name)) return [name, member];
        if (typeof member === "object" && member !== null) return [name, wrapped(member)];
        if (typeof member !== "function") return [name, member];
        const called = async (...given: unknown[]): Promise<unknown> => {
          await turn.take();
          const answer: unknown = await member(...given);
          await turn.take();
          return answer;
        };
        return [name, called];
      }),
    );
  return wrapped(ports) as Ports;
}

function scene(promotion: Promotion, turn: Turn) {
  const promotions = new MemoryPromotions([promotion], [byCora, byDana, bySam]);
  const shared = {
    now: () => now,
    attestationBase,
    policy: lendingPolicy,
    promotions: { ...promotions, loans: async () => lenders },
    passkeys: new MemoryPasskeys(),
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(members),
    sign: async () => new Uint8Array(64),
    verifyingKey: async () => attestation.key,
  };
  const { get, put } = new MemoryBlobs();
  const verify = () =>
    verifySignOffs({
      ...inTurns(
        {
          ...shared,
          blobs: { get, put },
          inLedger: async () => new Map(),
          requirePolicies: async () => {},
          requireCandidate: async () => {},
          requireSignOff: async () => {},
          requireLender: async () => {},
        },
        turn,
      ),
      policyDocuments: [{ name: "policies.json", mediaType: "application/json", bytes: utf8("policies") }],
      salt: () => "ab".repeat(16),
    })({ promotionId: id });
  const statement = signOffStatement(
    signOffContextOf(promotion, attestationBase),
    choiceOf(sam, { result: "reject", reason: "It leaks.", roles: ["sre"] }),
  );
  const reject = () =>
    recordSignOff(
      inTurns(
        {
          ...shared,
          blobs: mock("blobs"),
          // It waits for none.
          turns: mock<RecordSignOffPorts["turns"]>("turns"),
          verifyAssertion: async () => ({ counter: 0 }),
          verifyReviewer: async (token: string, expected: Parameters<typeof checkReviewerClaims>[1] | object) => ({
            ...checkReviewerClaims(readToken(token).claims, {
              issuer,
              audiences: [clientId],
              subjectClaim: "sub",
              ...(expected as { now: typeof now; nonce: string; authenticatedAfter: typeof now }),
            }),
            jwks: { keys: [provider.jwk] },
          }),
        },
        turn,
      ),
    )(
      apiRequest({
        json: { statement, idToken: provider.token(claimsOf(sam, statement)) },
        parameters: { id },
      }),
    );
  /** What the stream rings once the rejection is stored. */
  const ring = () =>
    decide({
      ...shared,
      blobs: mock("blobs"),
      tokens: { find: async () => undefined, forget: async () => {} },
      loanBooks: new MemoryLoanBooks(),
      ring: async () => "rung",
    })(id);
  return { promotions, verify, reject, ring };
}

describe("a rejection that comes while the sign-offs are verified", () => {
  it.each([
    ["an approved promotion", approved],
    ["one that is lent, before its first verdict", lentNow],
    ["the ratification of one that is lent", ratified],
  ])("is heard, or refused and not recorded, in any order of the steps: %s", async (_, promotion) => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const turn = { take: () => scheduler.schedule(Promise.resolve()) };
        const { promotions, verify, reject, ring } = scene(promotion, turn);
        const [verified, answered] = await scheduler.waitFor(Promise.allSettled([verify(), reject()]));
        expect(verified).toMatchObject({ status: "fulfilled" });
        const given = promotions.recordedSignOffs().filter(({ signOff }) => signOff.result === "reject");
        await ring();
        const { status, verdict, reason } = promotions.stored(id);
        if (answered?.status === "fulfilled") {
          expect(answered.value.status).toBe(201);
          expect({ status, verdict, reason }).toEqual({ status: "rejected", verdict: undefined, reason: "It leaks." });
          expect(given).toHaveLength(1);
          seen.add("heard");
        } else {
          expect(answered?.reason).toBeInstanceOf(Failure);
          expect(answered?.reason).toMatchObject({ code: "already-decided" });
          expect({ status, result: verdict?.result, given }).toEqual({
            status: promotion === ratified ? "deployed" : "approved",
            result: "PASSED",
            given: [],
          });
          seen.add("refused");
        }
      }),
      { numRuns: 200 },
    );
    // After the first verdict of a loan it can be stopped all the same.
    expect([...seen].toSorted()).toEqual(promotion === lentNow ? ["heard"] : ["heard", "refused"]);
  });
});
