import { describe, expect, it } from "vitest";
import type { Fact, FactType } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { resultOf, told } from "./told.ts";

// Whoever can write the table changes a promotion's row before its verdict, and the service, which means well, goes by it: who
// started the run, by which facts a rule was chosen, which sign-offs fell. What was recorded before is in the ledger as it was,
// and that is what these records say; what was decided does not follow from it. By which facts a rule was chosen is held against
// the evidence in verify-gates.test.ts.

/** What verification finds where the ledger says this of a promotion, and the row said otherwise when it was decided. */
async function found(promotion: PromotionId, type: FactType, recorded: (fact: Fact) => Fact["body"]) {
  const facts = told.house.facts.map((fact) =>
    fact.type === type && fact.promotion === promotion ? { ...fact, body: recorded(fact) } : fact,
  );
  const { findings } = await resultOf(promotion, { facts });
  return findings.map(({ code, sentence }) => `${code}: ${sentence}`).join("\n");
}

describe("a row that was edited before the verdict is found afterwards", () => {
  it("where it no longer says who started the run, and that person has a seat", async () => {
    const decided = told.house.facts.find((fact) => fact.type === "stage-decided" && fact.promotion === told.deployed);
    const seats = (decided?.body["seats"] ?? []) as readonly { readonly person: Fact["body"] }[];
    const identity = seats[0]?.person ?? expect.unreachable();
    expect(await found(told.deployed, "request", ({ body }) => ({ ...body, startedBy: { identity } }))).toContain(
      "quorum-differs: Separation of duties:",
    );
  });

  it("where it no longer says that a sign-off fell", async () => {
    const fell = ({ body }: Fact): Fact["body"] => {
      const kept = (body["kept"] ?? []) as readonly { readonly signOff: string }[];
      if (kept.length === 0) return body;
      return { ...body, kept: [], fallen: kept.map(({ signOff }) => ({ signOff, why: "what it judges has changed" })) };
    };
    expect(await found(told.reopened, "seat-reopened", fell)).toContain("quorum-differs:");
  });
});
