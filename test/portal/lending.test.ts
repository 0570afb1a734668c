import { describe, expect, it } from "vitest";
import type { Instant } from "../../core/encoding/instant.ts";
import type { ShownPromotion } from "../../portal/src/api/contract.ts";
import { lendingOf, requestsOf } from "../../portal/src/loan/lending.ts";

const role = "incident-commander";
const now = "2026-11-27T05:00:00.000Z" as Instant;
const request = {
  ...{
    id: "a",
    lender: "Alex Kim",
    role,
    seconds: 3600,
    incident: "https://incidents.example/1",
    reason: "It is down.",
  },
  review: 1,
  recordedAt: "2026-11-27T04:50:00.000Z",
};
const alex = { name: "Alex Kim", identity: { issuer: "https://id.example", subject: "1" }, groups: ["commanders"] };

/** As far as lending looks at it. */
function shown(over: Partial<Pick<ShownPromotion, "loan" | "signOffs" | "nothingLent">>): ShownPromotion {
  const document = {
    rule: { loan: { roles: [role], maximumSeconds: 14_400 } },
    roles: { [role]: { title: "Incident commander", groups: ["commanders"] } },
  };
  return {
    ...{ status: "in-review", signOffContext: { review: 1 }, signOffs: [], requirements: { document } },
    ...over,
  } as unknown as ShownPromotion;
}

it("says why nothing is lent at the moment, before anything is written for nothing", () => {
  const nothingLent = "The budget of 'credit-scoring' is used up: 2 loans each quarter.";
  expect(lendingOf(shown({ nothingLent }), alex, now)).toMatchObject({ nothing: nothingLent });
});

describe("of two people of one name", () => {
  it.each([
    ["each is offered what the other asked for", request, 1],
    ["nobody is offered what they asked for themselves", { ...request, own: true as const }, 0],
  ])("%s", (_, asked, offered) => {
    const lending = lendingOf(shown({ loan: { requests: [asked] } }), alex, now);
    expect(lending?.requests).toHaveLength(offered);
  });

  it.each([
    ["who has approved, may not lend", { own: true as const }, true],
    ["whose namesake has approved, may lend", {}, false],
  ])("one %s", (_, own, approved) => {
    const signOff = { id: "b", reviewer: "Alex Kim", result: "approve" as const, roles: [role], reason: "", stage: 0 };
    const signOffs = [{ ...signOff, recordedAt: "2026-11-27T04:40:00.000Z", ...own }];
    expect(lendingOf(shown({ signOffs }), alex, now)?.approved).toBe(approved);
  });
});

describe("a request that somebody has confirmed", () => {
  const confirmation = (own: { readonly own?: true }) => ({
    ...{ ...request, id: "b", lender: "Sasha Roy", confirms: "a", recordedAt: "2026-11-27T04:55:00.000Z" },
    ...own,
  });

  it.each([
    ["leaves whoever confirmed it nothing to do before it is lent", { own: true as const }, true],
    ["may be confirmed by somebody else too: the other's confirmation may not hold", {}, false],
  ])("%s", (_, own, confirmed) => {
    const lending = lendingOf(shown({ loan: { requests: [request, confirmation(own)] } }), alex, now);
    expect(lending).toMatchObject({ confirmed, requests: [{ confirmedBy: "Sasha Roy" }] });
  });
});

describe("a request of an earlier review", () => {
  it("is not offered: nothing would be lent by confirming it", () => {
    const promotion = shown({ loan: { requests: [{ ...request, review: 0 }] } });
    expect(lendingOf(promotion, alex, now)?.requests).toEqual([]);
    expect(requestsOf(promotion, now)).toEqual([]);
  });
});

describe("a confirmation by which nothing was lent", () => {
  const refused = "The budget of 'credit-scoring' is used up: 2 loans each quarter.";
  const confirmation = (own: { readonly own?: true }) => ({
    ...{ ...request, id: "b", lender: "Sasha Roy", confirms: "a", recordedAt: "2026-11-27T04:55:00.000Z" },
    ...{ refused, ...own },
  });

  it("is no promise of a loan: it says why there is none", () => {
    const promotion = shown({ loan: { requests: [request, confirmation({})] } });
    const [open] = requestsOf(promotion, now);
    expect(open).not.toHaveProperty("confirmedBy");
    expect(open).toMatchObject({ refused: [{ by: "Sasha Roy", why: refused }] });
  });

  it("lets whoever gave it ask for another loan, and not confirm the same again", () => {
    const promotion = shown({ loan: { requests: [request, confirmation({ own: true })] } });
    expect(lendingOf(promotion, alex, now)).toMatchObject({ confirmed: false, requests: [] });
  });
});
