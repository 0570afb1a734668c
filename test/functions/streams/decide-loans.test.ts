import { describe, expect, it } from "vitest";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import { decide } from "../../../functions/streams/decide/handler.ts";
import { ida, olaf, people, signed, withLoans } from "../../core/approval/lenders.ts";
import { provider } from "../../core/attestation/signing-keys.ts";
import {
  digestOf,
  id,
  manifest,
  openStage,
  policy,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { scene } from "./deciding.ts";

const budget = { loans: 1, per: "month" } as const;
const lending = { ...policy, matrix: withLoans({ roles: ["commander"], maximumSeconds: 14_400, budget }) };
const monthEnd = "2026-11-30T23:30:00.000Z" as Instant;
const nextMonth = "2026-12-02T10:00:00.000Z" as Instant;

/** A pair of signatures, a minute apart, for two hours. */
function pair(name: string, at: Instant): readonly LenderSignature[] {
  const terms = { seconds: 7200, incident: `https://incidents.example/${name}` };
  const ask = signed(ida, { id: digestOf(`${name} asked`), recordedAt: at, terms });
  const confirms = { confirms: ask.id, id: digestOf(`${name} confirmed`), recordedAt: addSeconds(at, 60), terms };
  return [ask, signed(olaf, confirms)];
}

/** A review over the end of a month whose only loan another target of the model has. */
async function review() {
  const loanBooks = new MemoryLoanBooks();
  await loanBooks.move(manifest.model.name, "2026-11", { revision: 1, loans: [digestOf("another target's")] });
  const deadline = addSeconds(monthEnd, 86_400 * 5);
  const promotion = promotionInReview({
    requirements: { sha256: requirementsNow(lending, { manifest }).sha256 },
    expiresAt: deadline,
    stage: openStage(0, { openedAt: addSeconds(monthEnd, -3600), deadline }),
  });
  const { ports, promotions } = scene(promotion, []);
  const loans: RecordedLoan[] = [];
  return {
    decidedAt: async (at: Instant, ...signatures: readonly LenderSignature[]) => {
      loans.push(...signatures.map((signature) => ({ signature, idToken: provider.token({}) }) as RecordedLoan));
      await decide({
        ...ports,
        policy: lending,
        loanBooks,
        directory: memoryDirectory(people),
        now: () => at,
        promotions: { ...ports.promotions, loans: async () => loans },
      })(id);
      const { status, history } = promotions.stored(id);
      return [status, history.at(-1)?.summary];
    },
    told: () => promotions.stored(id).history.filter(({ type }) => type === "loan-refused").length,
  };
}

const usedUp = "The budget of 'credit-scoring' is used up: one loan each month.";

describe("two lenders' signatures by which nothing was lent", () => {
  it("are told of once, and lend nothing in the next period either", async () => {
    const { decidedAt, told } = await review();
    expect(await decidedAt(addSeconds(monthEnd, 62), ...pair("first", monthEnd))).toEqual(["in-review", usedUp]);
    expect(await decidedAt("2026-12-01T00:00:05.000Z" as Instant)).toEqual(["in-review", usedUp]);
    expect(told()).toBe(1);
  });

  it("keep nothing from being lent that two ask for in the next period", async () => {
    const { decidedAt } = await review();
    await decidedAt(addSeconds(monthEnd, 62), ...pair("first", monthEnd));
    const [status, summary] = await decidedAt(addSeconds(nextMonth, 61), ...pair("second", nextMonth));
    expect([status, summary]).toEqual(["loaned", expect.stringContaining("it is loan 1 of 1 in 2026-12")]);
  });

  it("nor where their time was over before anybody decided, which is told where nothing else is lent", async () => {
    const late = await review();
    const over = "The time that was asked for was over before the loan could be given.";
    expect(await late.decidedAt(nextMonth, ...pair("first", monthEnd))).toEqual(["in-review", over]);
    expect((await late.decidedAt(addSeconds(nextMonth, 61), ...pair("second", nextMonth)))[0]).toBe("loaned");
    const both = await review();
    const signatures = [...pair("first", monthEnd), ...pair("second", nextMonth)];
    expect((await both.decidedAt(addSeconds(nextMonth, 61), ...signatures))[0]).toBe("loaned");
    expect(both.told()).toBe(0);
  });
});
