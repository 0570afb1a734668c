import { describe, expect, it } from "vitest";
import { lendersTold, openRequests } from "../../../core/approval/told-loan.ts";
import type { Instant } from "../../../core/encoding/instant.ts";

const now = "2026-11-27T05:00:00.000Z" as Instant;
const asked = { id: "a", lender: "Alex Kim", recordedAt: "2026-11-27T04:50:00.000Z", review: 2 };
const confirmed = { ...asked, id: "b", lender: "Sasha Roy", recordedAt: "2026-11-27T04:55:00.000Z", confirms: "a" };
const given = { at: confirmed.recordedAt };

describe("a request for a loan", () => {
  it("is open for an hour, and not at its end", () => {
    const open = (recordedAt: string) => openRequests({ requests: [{ ...asked, recordedAt }] }, 2, now);
    expect(open("2026-11-27T04:00:00.000Z")).toEqual([]);
    expect(open("2026-11-27T04:00:00.001Z")).toMatchObject([{ until: "2026-11-27T05:00:00.001Z" }]);
  });

  it.each([
    ["of another review", { requests: [asked] }, 3],
    ["where no stage is open", { requests: [asked] }, undefined],
    ["once something is lent", { requests: [asked, confirmed], given }, 2],
  ])("%s is not", (_, loan, review) => {
    expect(openRequests(loan, review, now)).toEqual([]);
  });

  it("is one where a service of before does not say of which review", () => {
    const { review: _, ...before } = asked;
    expect(openRequests({ requests: [before] }, 2, now)).toMatchObject([{ request: before }]);
  });

  it("says who confirmed it, and whose confirmation came to nothing", () => {
    const refused = { ...confirmed, id: "c", lender: "Kim Ade", refused: "Kim Ade has approved it." };
    const [open] = openRequests({ requests: [asked, refused, confirmed] }, 2, now);
    expect(open).toMatchObject({
      confirmedBy: "Sasha Roy",
      refused: [{ by: "Kim Ade", why: "Kim Ade has approved it." }],
    });
    expect(openRequests({ requests: [asked, refused] }, 2, now)[0]).not.toHaveProperty("confirmedBy");
  });
});

describe("a loan that is given", () => {
  it("is by the confirmation of its moment, and by what that confirms", () => {
    const other = { ...confirmed, id: "c", lender: "Kim Ade", recordedAt: "2026-11-27T04:56:00.000Z" };
    expect(lendersTold({ requests: [asked, other, confirmed], given })).toEqual({ first: asked, second: confirmed });
  });

  it.each([
    ["nothing is given", { requests: [asked, confirmed] }],
    ["one of them is not told", { requests: [confirmed], given }],
  ])("has no lenders where %s", (_, loan) => {
    expect(lendersTold(loan)).toBeUndefined();
  });
});
