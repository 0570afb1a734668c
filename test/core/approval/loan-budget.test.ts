import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { loanOf, loanPeriodOf } from "../../../core/approval/loan.ts";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { type Instant, minuteText } from "../../../core/encoding/instant.ts";
import { enterLoan, type LoanBook } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { cora, digestOf, manifest, now, policy } from "../promotion/promotion-in-review.ts";
import { approving, confirming, danaLends, ida, inputFor, olaf, signed, withLoans } from "./lenders.ts";

describe("whoever lent", () => {
  const loan = loanOf(signed(danaLends), confirming(olaf));
  const second = { index: 1, name: "model and operations", round: 1, openedAt: now, deadline: loan.until, open: true };
  const lent: Partial<Promotion> = {
    status: "loaned",
    loan,
    stage: second,
    settled: [{ index: 0, seats: [] }],
  };

  it("cannot ratify it, and the explanation says why and what is lent", () => {
    const signOffs = [approving(danaLends, { stage: 1 })];
    const { outcome, explanation } = evaluateApproval(inputFor({ promotion: lent, signOffs }).approval);
    expect(outcome).toMatchObject({ kind: "open", missing: ["lead-data-scientist", "sre"] });
    const stage = explanation.children[1];
    expect(stage?.why).toContain(`Lent until ${minuteText(loan.until)}: Lead data scientist, SRE.`);
    expect(stage?.dismissed).toContainEqual(
      expect.objectContaining({ why: "lent the seats that are missing, and so cannot approve it" }),
    );
  });

  it("can reject it", () => {
    const signOffs = [approving(danaLends, { stage: 1, result: "reject", reason: "It turns people down too." })];
    expect(evaluateApproval(inputFor({ promotion: lent, signOffs }).approval).outcome.kind).toBe("rejected");
  });
});

describe("the budget", () => {
  it.each<["month" | "quarter" | "year", Instant, string]>([
    ["month", "2026-11-30T23:59:59.999Z" as Instant, "2026-11"],
    ["quarter", "2026-12-31T23:59:59.999Z" as Instant, "2026-Q4"],
    ["quarter", "2027-01-01T00:00:00.000Z" as Instant, "2027-Q1"],
    ["quarter", "2026-04-01T00:00:00.000Z" as Instant, "2026-Q2"],
    ["year", "2026-01-01T00:00:00.000Z" as Instant, "2026"],
  ])("of a %s at %s is counted in %s", (per, at, period) => {
    expect(loanPeriodOf(per, at)).toBe(period);
  });

  it("is never exceeded, and a loan has one place however often it is entered", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), (loans, most) => {
        let book: LoanBook | undefined;
        const places = new Map<number, number>();
        for (const loan of loans) {
          const entry = enterLoan(book, digestOf(`loan ${loan}`), most);
          if (entry.kind === "used-up") continue;
          expect(places.get(loan) ?? entry.number).toBe(entry.number);
          places.set(loan, entry.number);
          book = entry.book ?? book;
        }
        expect(places.size).toBeLessThanOrEqual(most);
        expect(new Set(places.values()).size).toBe(places.size);
        expect(book?.loans.length ?? 0).toBe(places.size);
      }),
    );
  });
});

it("roles that may lend are part of the requirements, and give no right to reject", () => {
  const { document } = requirementsNow({ ...policy, matrix: withLoans() }, { manifest });
  expect(document.roles["commander"]?.groups).toEqual(["commanders"]);
  const signOffs = [approving(ida, { result: "reject", roles: ["commander"], reason: "No." })];
  expect(evaluateApproval(inputFor({ signOffs }).approval).outcome.kind).toBe("open");
  expect(
    evaluateApproval(inputFor({ signOffs: [approving(cora, { roles: ["compliance-officer"] })] }).approval).outcome
      .kind,
  ).toBe("reached");
});
