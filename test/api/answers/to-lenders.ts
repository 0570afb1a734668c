import { describe, expect, it } from "vitest";
import { loanPeriodOf } from "../../../core/approval/loan.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { withLoanRefused } from "../../../core/promotion/lending.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";
import { assertRequestMatches } from "../answer-matches.ts";
import { ask, ines, kofi, noor, noorAgain, service } from "../service-in-memory.ts";

export function answersToLenders(): void {
  describe("answers to lenders are as openapi.yaml says", () => {
    const route = "/v1/promotions/{id}/loan";
    const terms = { seconds: 3600, incident: "https://incidents.example/417" };

    it("of one person, ten requests in a review and no more, by whatever account; and they may confirm another's, once", async () => {
      const { lend, loan, parameters } = service();
      const again = (at: number, who = noor, confirms?: { readonly sha256: Sha256 }) =>
        ask(lend(who), "POST", route, {
          parameters,
          body: loan(who, {
            terms,
            salt: String(at).padEnd(22, "A"),
            ...(confirms === undefined ? {} : { confirms }),
          }),
        });
      for (let at = 0; at < 10; at += 1) expect((await again(at)).status).toBe(201);
      const refused = {
        status: 409,
        json: {
          code: "conflict",
          detail:
            "You have signed 10 requests for a loan in this review; no more of yours are taken. You may still confirm another's.",
        },
      };
      expect(await again(10)).toMatchObject(refused);
      expect(await again(11, noorAgain)).toMatchObject(refused);
      expect((await again(9)).status).toBe(200);
      const another = await again(10, kofi);
      expect(another.status).toBe(201);
      const confirms = { sha256: another.json["id"] as Sha256 };
      expect((await again(12, noor, confirms)).status).toBe(201);
      expect((await again(13, noorAgain, confirms)).json).toMatchObject({
        code: "conflict",
        detail: "You have confirmed this request already.",
      });
    });

    it("a request for a loan, the same again, and its confirmation", async () => {
      const { lend, read, loan, parameters } = service();
      const body = loan(noor, { terms });
      assertRequestMatches("POST", route, body);
      const asked = await ask(lend(noor), "POST", route, { parameters, body });
      expect(asked.status).toBe(201);
      expect((await ask(lend(noor), "POST", route, { parameters, body })).status).toBe(200);
      const second = loan(noor, { terms, salt: "BBBBBBBBBBBBBBBBBBBBBA" });
      const atOnce = [1, 2].map(() => ask(lend(noor), "POST", route, { parameters, body: second }));
      expect((await Promise.all(atOnce)).map(({ status }) => status).toSorted()).toEqual([200, 201]);
      const confirms = { sha256: asked.json["id"] as Sha256 };
      expect((await ask(lend(kofi), "POST", route, { parameters, body: loan(kofi, { terms, confirms }) })).status).toBe(
        201,
      );
      const { json } = await ask(read(), "GET", "/v1/promotions/{id}", { parameters });
      expect(json["loan"]).toMatchObject({
        requests: [
          { lender: noor.name, seconds: 3600, incident: terms.incident },
          { lender: noor.name, seconds: 3600, incident: terms.incident },
          { lender: kofi.name, confirms: confirms.sha256 },
        ],
      });
      const attestations = await ask(read(), "GET", "/v1/promotions/{id}/attestations", { parameters });
      expect(attestations.json["loans"]).toHaveLength(3);
    });

    it("a confirmation of what was asked for in an earlier review is refused, not taken and forgotten", async () => {
      const earlier = service();
      const asked = await ask(earlier.lend(noor), "POST", route, {
        parameters: earlier.parameters,
        body: earlier.loan(noor, { terms }),
      });
      const { lend, loan, read, promotions, parameters } = service({ review: 2 });
      const [recorded = expect.unreachable()] = await earlier.promotions.loans(earlier.promotion.id);
      await promotions.recordLoan(recorded);
      const body = loan(kofi, { terms, confirms: { sha256: asked.json["id"] as Sha256 } });
      expect(await ask(lend(kofi), "POST", route, { parameters, body })).toMatchObject({
        status: 409,
        json: { code: "loan-refused", detail: "The request for a loan is of an earlier review: ask again." },
      });
      const { json } = await ask(read(), "GET", "/v1/promotions/{id}", { parameters });
      expect(json["loan"]).toMatchObject({ requests: [{ lender: noor.name, review: 1 }] });
    });

    it("tells whoever may lend why nothing is lent at the moment, and nobody else", async () => {
      const { lend, loan, read, loanBooks, promotion, parameters } = service();
      const told = async (who: Member) =>
        (await ask(read(who), "GET", "/v1/promotions/{id}", { parameters })).json["nothingLent"];
      expect(await told(noor)).toBeUndefined();
      const loans = ["a", "b"].map((digit) => digit.repeat(64) as Sha256);
      await loanBooks.move(promotion.manifest.model.name, loanPeriodOf("quarter", now), { revision: 1, loans });
      const why = "The budget of 'credit-scoring' is used up: 2 loans each quarter.";
      expect(await told(noor)).toBe(why);
      expect(await told(ines)).toBeUndefined();
      expect((await ask(lend(noor), "POST", route, { parameters, body: loan(noor, { terms }) })).json).toMatchObject({
        code: "loan-refused",
        detail: why,
      });
    });

    it("says of a confirmation why nothing was lent by it", async () => {
      const { lend, loan, read, promotion, promotions, parameters } = service();
      const asked = await ask(lend(noor), "POST", route, { parameters, body: loan(noor, { terms }) });
      const confirms = { sha256: asked.json["id"] as Sha256 };
      await ask(lend(kofi), "POST", route, { parameters, body: loan(kofi, { terms, confirms }) });
      const loans = await promotions.loans(promotion.id);
      const second = loans.find(({ signature }) => signature.confirms !== undefined) ?? expect.unreachable();
      const refused = withLoanRefused(promotion, second.signature, "The budget is used up.", now);
      await promotions.move(refused ?? expect.unreachable());
      const { json } = await ask(read(), "GET", "/v1/promotions/{id}", { parameters });
      expect(json["loan"]).toMatchObject({
        requests: [{ lender: noor.name }, { lender: kofi.name, refused: "The budget is used up." }],
      });
    });

    it("refusals", async () => {
      const { lend, loan, parameters } = service();
      const code = async (who: Member, body: unknown) =>
        (await ask(lend(who), "POST", route, { parameters, body })).json["code"];
      expect(await code(noor, loan(noor, { terms: { ...terms, seconds: 14_401 } }))).toBe("loan-refused");
      expect(await code(ines, loan(ines, { terms }))).toBe("not-entitled");
      expect(await code(kofi, loan(noor, { terms }))).toBe("statement-mismatch");
      expect(await code(noor, loan(noor, { terms: { ...terms, incident: "javascript:alert(1)" } }))).toBe(
        "invalid-request",
      );
      expect(await code(noor, { ...loan(noor, { terms }), more: 1 })).toBe("invalid-request");
      expect(await code(noor, "{")).toBe("malformed-json");
    });
  });
}
