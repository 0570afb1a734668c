import { describe, expect, it } from "vitest";
import { loanOf } from "../../../core/approval/loan.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { parseEnvelope } from "../../../core/attestation/dsse.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type VerifySignOffsPorts, verifySignOffs } from "../../../functions/steps/verify-sign-offs/handler.ts";
import { lendersOf } from "../../../functions/steps/verify-sign-offs/lenders.ts";
import { asked, confirming, ida, olaf, people, withLoans } from "../../core/approval/lenders.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  digestOf,
  id,
  manifest,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionInReview,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const lending: ApprovalPolicy = { ...policy, matrix: withLoans() };
const confirms = confirming();
const envelope = (name: string) => ({ payload: name, payloadType: "application/json", signatures: [] });
const recorded = (...signatures: readonly (typeof asked)[]) =>
  signatures.map(
    (signature) =>
      ({
        signature,
        envelope: envelope(signature.id),
        idToken: provider.token({}),
        jwks: { keys: [] },
      }) as RecordedLoan,
  );
const loan = loanOf(asked, confirms);
const at = addSeconds(now, 120);
const lent = promotionInReview({
  status: "loaned",
  loan,
  expiresAt: loan.until,
  stage: openStage(0, { deadline: loan.until }),
  requirements: { sha256: requirementsNow(lending, { manifest }).sha256 },
});

interface Scene {
  readonly promotion?: Promotion;
  readonly signOffs?: readonly RecordedSignOff[];
  readonly loans?: readonly RecordedLoan[];
  readonly members?: readonly Member[];
  readonly ports?: Partial<VerifySignOffsPorts>;
}

async function verified({ promotion = lent, signOffs = [], loans, members = people, ports = {} }: Scene = {}) {
  const promotions = new MemoryPromotions([promotion], signOffs);
  for (const each of loans ?? recorded(asked, confirms)) await promotions.recordLoan(each);
  const blobs = new MemoryBlobs();
  const checked: string[] = [];
  const answer = await verifySignOffs({
    now: () => at,
    attestationBase,
    policy: lending,
    policyDocuments: [{ name: "policies.json", mediaType: "application/json", bytes: utf8("policies") }],
    salt: () => "ab".repeat(16),
    promotions,
    passkeys: new MemoryPasskeys([]),
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(members),
    inLedger: async () => new Map(),
    requirePolicies: async () => {},
    blobs,
    requireCandidate: async () => {},
    requireSignOff: async () => {},
    requireLender: async ({ signature }) => void checked.push(signature.reviewerName),
    sign: attestation.sign,
    verifyingKey: async () => attestation.key,
    ...ports,
  })({ promotionId: id });
  const stored = promotions.stored(id);
  const signed = async () => {
    const sha256 = (stored.verdict ?? stored.loan?.verdict)?.sha256 ?? expect.unreachable("There is no verdict.");
    const { payload } = parseEnvelope(JSON.parse(fromUtf8(await blobs.get(sha256))));
    return JSON.parse(Buffer.from(payload, "base64").toString()).predicate;
  };
  return { answer, stored, checked, signed };
}

describe("what is lent", () => {
  it("has a verdict of its own, for a loan, which names both lenders, whose signatures were verified", async () => {
    const { answer, stored, checked, signed } = await verified();
    expect(answer).toEqual({ outcome: "passed" });
    expect(checked).toEqual(["Ida", "Olaf"]);
    expect(stored).toMatchObject({ status: "loaned", loan: { verdict: { at } } });
    expect(stored.verdict).toBeUndefined();
    expect(stored.history.at(-1)).toMatchObject({
      type: "verdict",
      summary: "Everything but the seats that are lent was verified again; the verdict is PASSED, for a loan.",
      body: { result: "PASSED", loan: true },
    });
    expect(JSON.stringify(await signed())).toContain(asked.id);
    expect(JSON.stringify(await signed())).toContain(confirms.id);
  });

  const blocked: readonly [string, Scene, RegExp][] = [
    ["where neither signature is recorded", { loans: [] }, /rests on signatures that are not recorded/],
    ["where the request is not recorded", { loans: recorded(confirms) }, /rests on signatures that are not recorded/],
    ["where the confirmation is not", { loans: recorded(asked) }, /rests on signatures that are not recorded/],
    [
      "where it was lent for longer than its lenders signed",
      { promotion: { ...lent, loan: { ...loan, until: addSeconds(loan.until, 1) } } },
      /given otherwise than its lenders signed/,
    ],
    [
      "where a signature is not what was signed",
      {
        ports: {
          requireLender: async ({ signature }) => {
            if (signature.id === confirms.id) throw new Failure("signature-invalid", "Not what Olaf signed.");
          },
        },
      },
      /Not what Olaf signed/,
    ],
    [
      "where whoever asked may lend nothing any more",
      { members: people.map((each) => (each === ida ? { ...ida, groups: [] } : each)) },
      /^Ida no longer holds the role 'Commander'/,
    ],
    [
      "where whoever confirmed is disabled since",
      { members: people.map((each) => (each === olaf ? { ...olaf, enabled: false } : each)) },
      /^Olaf has a disabled account\.$/,
    ],
    [
      "where both turn out to be one person",
      {
        ports: {
          policy: {
            ...lending,
            people: [
              { name: "Ida", addresses: [], accounts: [], identities: [ida.identity, olaf.identity], outside: false },
            ],
          },
        },
      },
      /^A loan takes two people: somebody else must confirm it\.$/,
    ],
    ["at its very end", { ports: { now: () => loan.until } }, /^The loan was over before it was verified\.$/],
  ];
  it.each(blocked)("is blocked %s", async (_, given, why) => {
    const { answer, stored } = await verified(given);
    expect(answer).toEqual({ outcome: "blocked" });
    expect(stored).toMatchObject({ status: "blocked", verdict: { result: "FAILED" } });
    expect(stored.reason).toMatch(why);
    expect(stored.loan?.verdict).toBeUndefined();
    expect(stored.history.at(-1)?.body).toMatchObject({ result: "FAILED", loan: true });
  });

  it("passes a moment before its end", async () => {
    const { answer } = await verified({ ports: { now: () => addSeconds(loan.until, -0.001) } });
    expect(answer).toEqual({ outcome: "passed" });
  });

  it.each([["another threshold", undefined] as const, ...policiesWithoutRule])(
    "is blocked where the requirements changed, and the verdict names its lenders: %s",
    async (_, inForce) => {
      const changed = inForce ?? { ...lending, gatePolicy: () => ({ wasm: digestOf("other"), thresholds: {} }) };
      const { answer, stored, signed } = await verified({ ports: { policy: changed } });
      expect(answer).toEqual({ outcome: "blocked" });
      expect(stored).toMatchObject({
        status: "blocked",
        reason: "The requirements changed after the loan was given.",
        verdict: { result: "FAILED" },
      });
      expect(stored.history.at(-1)?.body).toMatchObject({ code: "requirements-changed" });
      expect(JSON.stringify(await signed())).toContain(confirms.id);
    },
  );

  it("is not blocked by a seat whose signer may not sign any more: that one is lent as well, and its signature counts for nothing", async () => {
    const byCora = await givenSignOff(lent, cora);
    const seats = [{ role: "compliance-officer", person: cora.identity, signOff: byCora.signOff.id }];
    const promotion = { ...lent, settled: [{ index: 0, seats }], stage: openStage(1, { deadline: loan.until }) };
    const there = await verified({ promotion, signOffs: [byCora] });
    expect(JSON.stringify(await there.signed())).toContain(byCora.signOff.id);
    const gone = people.map((each) => (each.name === "Cora" ? { ...each, enabled: false } : each));
    const { answer, signed } = await verified({ promotion, signOffs: [byCora], members: gone });
    expect(answer).toEqual({ outcome: "passed" });
    expect(JSON.stringify(await signed())).not.toContain(byCora.signOff.id);
  });

  it("is held up by no freeze window: its time would pass", async () => {
    const window = { name: "Year end", zone: "UTC", when: { from: now, until: loan.until }, exceptions: [] };
    const frozen = { ...lending, matrix: { ...lending.matrix, freezeWindows: [window] } };
    const { answer, stored } = await verified({ ports: { policy: frozen } });
    expect(answer).toEqual({ outcome: "passed" });
    expect(stored.loan?.verdict).toEqual({ sha256: expect.any(String), at });
  });

  it("is rejected where somebody rejected it, and no verdict lets it run", async () => {
    const no = await givenSignOff(lent, cora, { result: "reject", reason: "Stop." });
    const { answer, stored } = await verified({ signOffs: [no], promotion: { ...lent, objections: 1 } });
    expect(answer).toEqual({ outcome: "rejected" });
    expect(stored).toMatchObject({ status: "rejected", reason: "Stop." });
    expect(stored.loan?.verdict).toBeUndefined();
  });

  it("is asked no more once its verdict is signed, and before it serves", async () => {
    const promotion = { ...lent, loan: { ...loan, verdict: { sha256: digestOf("v"), at: now } } };
    const { answer, stored } = await verified({ promotion, loans: [] });
    expect(answer).toEqual({ outcome: "passed" });
    expect(stored).toEqual(promotion);
  });
});

describe("the signatures that a loan rests on", () => {
  const ports = {
    promotions: { loans: async () => recorded(confirming(tom), confirms, asked) },
    requireLender: async () => {},
  };
  it("are those of its lenders, as they stand in it, and no others that are recorded", async () => {
    expect((await lendersOf(lent, ports)).map(({ signature }) => signature.id)).toEqual([asked.id, confirms.id]);
  });

  it.each<[string, Promotion]>([
    ["its verdict is signed", { ...lent, loan: { ...loan, verdict: { sha256: digestOf("v"), at } } }],
    ["it is not lent any more", { ...lent, status: "approved" }],
    ["nothing was lent", promotionInReview()],
  ])("are not asked for once %s", async (_, promotion) => {
    expect(await lendersOf(promotion, ports)).toEqual([]);
  });
});
