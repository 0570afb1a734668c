import { describe, expect, it } from "vitest";
import { loanLines } from "../../cli/loan-text.ts";
import type { ShownPromotion } from "../../cli/service/answers.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { id } from "../core/promotion/promotion-in-review.ts";

const now = "2026-11-23T12:30:00.000Z" as Instant;
const asked = {
  id: "ab".repeat(32),
  lender: "Olaf",
  role: "incident-commander",
  seconds: 5400,
  incident: "https://incidents.example/417",
  reason: "It turns everybody down.\u001b[31m",
  review: 1,
  recordedAt: "2026-11-23T12:00:00.000Z",
};
const confirmed = {
  ...asked,
  ...{ id: "cd".repeat(32), lender: "Ida", confirms: asked.id, recordedAt: "2026-11-23T12:10:00.000Z" },
};

/** As far as the loan's lines look at it. */
function lines(requests: readonly object[], over: object = {}): readonly string[] {
  const roles = { "incident-commander": { title: "Incident commander", groups: [] } };
  const promotion = {
    ...{ id, status: "in-review", loan: { requests }, signOffContext: { review: 1 } },
    ...{ requirements: { document: { roles } }, ...over },
  };
  return loanLines(promotion as unknown as ShownPromotion, now);
}

describe("a loan at the terminal", () => {
  it("that is asked for says by whom and why, and how another confirms it", () => {
    expect(lines([asked])).toEqual([
      "Olaf asks for 90 minutes as Incident commander: It turns everybody down. [31m",
      "  incident  https://incidents.example/417",
      `  another confirms it before 2026-11-23 13:00:00 UTC: countersign lend ${id} --confirm ${asked.id} --reason …`,
    ]);
  });

  it.each([
    ["of an earlier review", [{ ...asked, review: 0 }], {}],
    ["an hour ago", [{ ...asked, recordedAt: "2026-11-23T11:30:00.000Z" }], {}],
    ["of what is over", [asked], { status: "rejected" }],
  ])("asked for %s is nothing to confirm", (_, requests, over) => {
    expect(lines(requests, over)).toEqual([]);
  });

  it("that somebody confirmed says whether anything comes of it", () => {
    expect(lines([asked, confirmed])[2]).toBe(
      "  Ida has confirmed it; everything is verified once more before it is lent.",
    );
    expect(lines([asked, { ...confirmed, refused: "The budget is used up." }])[2]).toBe(
      "  Ida confirmed it, and nothing was lent: The budget is used up.",
    );
  });

  it("that is given says by whom, until when and why", () => {
    const given = { at: confirmed.recordedAt, until: "2026-11-23T13:40:00.000Z" };
    expect(lines([], { status: "loaned", loan: { requests: [asked, confirmed], given } })).toEqual([
      "Lent by Olaf and Ida until 2026-11-23 13:40:00 UTC, unless it is ratified before.",
      "  Olaf asks for 90 minutes: It turns everybody down. [31m (https://incidents.example/417)",
    ]);
  });
});
