import { describe, expect, it } from "vitest";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { withLoanRefused } from "../../../core/promotion/lending.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type LentSeatsPorts, lentSeats } from "../../../functions/people/lent-seats.ts";
import { ida, olaf, people, signed, withLoans } from "../../core/approval/lenders.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { provider } from "../../core/attestation/signing-keys.ts";
import {
  deadline,
  digestOf,
  manifest,
  now,
  openStage,
  policy,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { mock } from "../mock.ts";

const budget = { loans: 1, per: "month" } as const;
const lending = { ...policy, matrix: withLoans({ roles: ["commander"], maximumSeconds: 14_400, budget }) };
const requirements = requirementsNow(lending, { manifest });
const inReview = promotionInReview({ requirements: { sha256: requirements.sha256 } });
const model = manifest.model.name;

/** What Ida asks for at an instant and Olaf confirms a minute later, for two hours. */
function pair(name: string, at: Instant): readonly [LenderSignature, LenderSignature] {
  const terms = { seconds: 7200, incident: `https://incidents.example/${name}` };
  const ask = signed(ida, { id: digestOf(`${name} asked`), recordedAt: at, terms });
  return [
    ask,
    signed(olaf, { confirms: ask.id, id: digestOf(`${name} confirmed`), recordedAt: addSeconds(at, 60), terms }),
  ];
}

const recorded = (signatures: readonly LenderSignature[]) =>
  signatures.map((signature) => ({ signature, idToken: provider.token({}) }) as RecordedLoan);

function lent(
  promotion: Promotion,
  signatures: readonly LenderSignature[],
  at: Instant,
  over: Partial<LentSeatsPorts> = {},
  asked = requirements.document,
) {
  const ports: LentSeatsPorts = {
    policy,
    promotions: { signOffs: async () => [], loans: async () => recorded(signatures) },
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(people),
    loanBooks: new MemoryLoanBooks(),
    ...over,
  };
  return lentSeats(ports, promotion, { requirements: asked, signOffs: async () => [], now: () => at });
}

const [asking, confirming] = pair("first", now);
const soon = addSeconds(now, 61);
const over = addSeconds(now, 60 + 7200);

describe("the seats of a promotion", () => {
  it("are lent by two lenders, with a place in the budget", async () => {
    const next = await lent(inReview, [asking, confirming], soon);
    expect(next).toMatchObject({ status: "loaned", loan: { at: confirming.recordedAt, until: over } });
  });

  it("are lent by nobody alone, which costs no look at the directory", async () => {
    const directory = mock<LentSeatsPorts["directory"]>("directory");
    expect(await lent(inReview, [asking], soon, { directory })).toBeUndefined();
  });

  it.each<[string, Promotion, typeof requirements.document]>([
    ["that is lent already", { ...inReview, status: "loaned" }, requirements.document],
    [
      "that is approved, though a stage says that it is open",
      { ...inReview, status: "approved" },
      requirements.document,
    ],
    ["between two stages", { ...inReview, stage: openStage(0, { open: false }) }, requirements.document],
    ["whose rule lends nothing", inReview, requirementsNow(policy, { manifest }).document],
  ])("are not lent, and nobody is asked: of one %s", async (_, promotion, asked) => {
    const ports = {
      directory: mock<LentSeatsPorts["directory"]>("directory"),
      promotions: mock<LentSeatsPorts["promotions"]>("promotions"),
    };
    expect(await lent(promotion, [asking, confirming], soon, ports, asked)).toBeUndefined();
  });

  it("are lent by what was signed before the stage's deadline, and by nothing that was signed at it", async () => {
    const [first, second] = pair("late", addSeconds(deadline, -60));
    expect(second.recordedAt).toBe(deadline);
    expect(await lent(inReview, [first, second], deadline)).toBeUndefined();
    const [before, after] = pair("in time", addSeconds(deadline, -61));
    expect(await lent(inReview, [before, after], deadline)).toMatchObject({ status: "loaned" });
  });

  it("are lent by others, where it was told that two lend nothing and their time is not over", async () => {
    const monthEnd = "2026-11-30T23:30:00.000Z" as Instant;
    const [first, second] = pair("first", monthEnd);
    const later = pair("second", addSeconds(monthEnd, 2400));
    const stage = openStage(0, { deadline: addSeconds(monthEnd, 86_400) });
    const told = withLoanRefused({ ...inReview, stage }, second, "Used up.", second.recordedAt) ?? expect.unreachable();
    const loanBooks = new MemoryLoanBooks();
    await loanBooks.move(model, "2026-11", { revision: 1, loans: [digestOf("another's")] });
    const at = addSeconds(monthEnd, 2461);
    expect(await lent(told, [first, second], at, { loanBooks })).toBeUndefined();
    const next = await lent(told, [first, second, ...later], at, { loanBooks });
    expect(next).toMatchObject({
      status: "loaned",
      loan: { lenders: [{ signature: later[0].id }, { signature: later[1].id }] },
    });
  });

  it("are lent for no time at all where it is over at this very instant, and by others whose time is not", async () => {
    const told = await lent(inReview, [asking, confirming], over);
    expect([told?.status, told?.history.at(-1)?.summary]).toEqual([
      "in-review",
      "The time that was asked for was over before the loan could be given.",
    ]);
    const later = pair("second", addSeconds(now, 60));
    const next = await lent(inReview, [asking, confirming, ...later], over);
    expect(next).toMatchObject({
      status: "loaned",
      loan: { lenders: [{ signature: later[0].id }, { signature: later[1].id }] },
    });
  });

  it("are not lent by somebody who signed for them meanwhile", async () => {
    const byIda = await givenSignOff(inReview, ida);
    const ports: LentSeatsPorts = {
      policy,
      promotions: { signOffs: async () => [byIda], loans: async () => recorded([asking, confirming]) },
      delegations: new MemoryDelegations(),
      directory: memoryDirectory(people),
      loanBooks: new MemoryLoanBooks(),
    };
    const signOffs = async () => [byIda];
    const asked = { requirements: requirements.document, signOffs, now: () => soon };
    expect(await lentSeats(ports, inReview, asked)).toBeUndefined();
  });
});

describe("the budget of a model", () => {
  it("is not gone beyond by a loan that another was quicker than", async () => {
    const books = new MemoryLoanBooks();
    const move: typeof books.move = async (...given) => {
      // Another loan of the same model takes the last place meanwhile.
      await books.move(model, "2026-11", { revision: 1, loans: [digestOf("another's")] });
      return books.move(...given);
    };
    const next = await lent(inReview, [asking, confirming], soon, { loanBooks: { load: books.load, move } });
    expect([next?.status, next?.history.at(-1)?.summary]).toEqual([
      "in-review",
      "The budget of 'credit-scoring' is used up: one loan each month.",
    ]);
  });

  it("has one place for a loan, which it keeps where it could not be given at once", async () => {
    const books = new MemoryLoanBooks();
    await books.move(model, "2026-11", { revision: 1, loans: [confirming.id] });
    const loanBooks = { load: books.load, move: async () => expect.unreachable() };
    const next = await lent(inReview, [asking, confirming], soon, { loanBooks });
    expect(next?.history.at(-1)?.summary).toContain("it is loan 1 of 1 in 2026-11");
    expect((await books.load(model, "2026-11"))?.loans).toEqual([confirming.id]);
  });

  it("counts a loan that is given", async () => {
    const loanBooks = new MemoryLoanBooks();
    await lent(inReview, [asking, confirming], soon, { loanBooks });
    expect(await loanBooks.load(model, "2026-11")).toEqual({ revision: 1, loans: [confirming.id] });
  });
});
