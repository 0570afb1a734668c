import { describe, expect, it } from "vitest";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { expire } from "../../../functions/steps/expire/handler.ts";
import { ida, olaf, people, signed, withLoans } from "../../core/approval/lenders.ts";
import { provider } from "../../core/attestation/signing-keys.ts";
import {
  deadline,
  digestOf,
  id,
  manifest,
  openStage,
  policy,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const budget = { loans: 1, per: "month" } as const;
const lending = { ...policy, matrix: withLoans({ roles: ["commander"], maximumSeconds: 14_400, budget }) };
const terms = { seconds: 7200, incident: "https://incidents.example/7" };
const month = deadline.slice(0, 7);

/** Two commanders lend, the second one so many seconds before the stage is over; `decide` has not come to it. */
function scene(confirmedBefore: number, clock: Instant = deadline) {
  const promotion = promotionInReview({
    requirements: { sha256: requirementsNow(lending, { manifest }).sha256 },
    stage: openStage(0, { openedAt: addSeconds(deadline, -3600), deadline }),
  });
  const confirmedAt = addSeconds(deadline, -confirmedBefore);
  const ask = signed(ida, { id: digestOf("asked"), recordedAt: addSeconds(confirmedAt, -60), terms });
  const confirms = signed(olaf, { id: digestOf("confirmed"), recordedAt: confirmedAt, confirms: ask.id, terms });
  const promotions = new MemoryPromotions([promotion]);
  const loanBooks = new MemoryLoanBooks();
  const ports = {
    promotions: {
      load: promotions.load,
      move: promotions.move,
      signOffs: promotions.signOffs,
      loans: async () =>
        [ask, confirms].map((signature) => ({ signature, idToken: provider.token({}) }) as RecordedLoan),
    },
    loanBooks: { load: loanBooks.load, move: loanBooks.move },
    directory: memoryDirectory(people),
  };
  const run = (over: Partial<typeof ports> = {}) =>
    expire({
      ...{ ...ports, ...over, delegations: new MemoryDelegations() },
      ...{ now: () => clock, policy: lending },
    })({ promotionId: id });
  return { ports, promotions, loanBooks, run, until: addSeconds(confirmedAt, terms.seconds) };
}

describe("a loan that is over, for which nobody has signed", () => {
  it("ends although the directory does not answer: there is nothing to decide", async () => {
    const until = addSeconds(deadline, 0);
    const [ask, confirms] = [ida, olaf].map((who) => signed(who, { id: digestOf(who.name), terms }));
    const lenders = [ask, confirms].flatMap((each) =>
      each === undefined ? [] : [{ role: each.role, person: each.reviewer, signature: each.id }],
    );
    const lent = promotionInReview({
      status: "loaned",
      requirements: { sha256: requirementsNow(lending, { manifest }).sha256 },
      stage: openStage(0, { deadline }),
      expiresAt: until,
      loan: { terms, lenders, at: addSeconds(deadline, -7200), until },
    });
    const promotions = new MemoryPromotions([lent]);
    const { load, move, signOffs, loans } = promotions;
    const run = expire({
      now: () => deadline,
      policy: lending,
      promotions: { load, move, signOffs, loans },
      loanBooks: new MemoryLoanBooks(),
      delegations: new MemoryDelegations(),
      directory: { everybody: () => Promise.reject(new Failure("unavailable", "Nobody answers.")) },
    });
    expect(await run({ promotionId: id })).toEqual({ outcome: "expired" });
    expect(promotions.stored(id).status).toBe("expired");
  });
});

describe("recording the expiry of a stage whose seats two people lent", () => {
  it("gives the loan that was confirmed in time, where decide has not come to it", async () => {
    const { promotions, run, until } = scene(1);
    expect(await run()).toEqual({ outcome: "loaned" });
    expect(promotions.stored(id)).toMatchObject({
      status: "loaned",
      expiresAt: until,
      stage: { open: true, deadline: until },
      history: [{ type: "loan", at: deadline, body: { until, budget: { number: 1, of: 1, period: month } } }],
    });
  });

  it("gives nothing by what was confirmed at the deadline itself", async () => {
    const { promotions, run } = scene(0);
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.stored(id).reason).toBe("Nobody completed the stage 'compliance' in time.");
  });

  it("says why nothing is lent before it ends the stage: the budget is used up", async () => {
    const { promotions, loanBooks, run } = scene(1);
    await loanBooks.move(manifest.model.name, month, { revision: 1, loans: [digestOf("another target's")] });
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.stored(id).history.map(({ summary }) => summary)).toEqual([
      "The budget of 'credit-scoring' is used up: one loan each month.",
      "Nobody completed the stage 'compliance' in time.",
    ]);
  });

  it("says so as well where the time that was asked for is over", async () => {
    const { promotions, run } = scene(1, addSeconds(deadline, 7200));
    expect(await run()).toEqual({ outcome: "expired" });
    expect(promotions.stored(id).history.map(({ type, summary }) => [type, summary])).toEqual([
      ["loan-refused", "The time that was asked for was over before the loan could be given."],
      ["expired", "Nobody completed the stage 'compliance' in time."],
    ]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("that dies at call %i gives the same loan once", async (call) => {
    const { ports, promotions, loanBooks, run } = scene(1);
    const { ports: dying } = crashing(ports, { call, moment: "after" });
    await expect(run(dying)).rejects.toBeInstanceOf(Crashed);
    expect(await run()).toEqual({ outcome: "loaned" });
    expect(promotions.moves.map(({ history }) => history.at(-1)?.type)).toEqual(["loan"]);
    expect((await loanBooks.load(manifest.model.name, month))?.loans).toEqual([digestOf("confirmed")]);
  });
});
