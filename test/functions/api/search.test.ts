import { describe, expect, it } from "vitest";
import type { Person } from "../../../core/approval/people.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { involves, readSearch, wantedPerson } from "../../../functions/api/read-promotions/search.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  cora,
  dana,
  everybody,
  manifest,
  promotionInReview,
  sam,
  tom,
} from "../../core/promotion/promotion-in-review.ts";

const account = { provider: "github", id: "4007" } as const;

describe("a search for a person", () => {
  it("takes 320 characters at most, and one that is no space", () => {
    expect(readSearch({ person: ` ${"Ä".repeat(319)}` }).person).toBe("ä".repeat(319));
    for (const person of ["", "  ", "a".repeat(321)])
      expect(() => readSearch({ person })).toThrow("person has 1 to 320 characters.");
  });

  it.each([
    ["a part of the name", "or", [cora]],
    ["the whole address", cora.address, [cora]],
    ["the whole subject", "sub-sam", [sam]],
    ["a part of an address or a subject", "sub-", []],
  ])("means whom it names by %s", (_, text, meant) => {
    expect(wantedPerson(text, everybody)).toEqual({
      text,
      identities: new Set(meant.map(({ identity }) => identityKey(identity))),
    });
  });
});

describe("a promotion involves", async () => {
  const [byCora, byDana] = await Promise.all(
    [cora, dana].map(async (who) => (await givenSignOff(promotionInReview(), who)).signOff),
  );
  const told = (
    text: string,
    over: Partial<Promotion> = {},
    signOffs: readonly (SignOff | undefined)[] = [],
    people: readonly Person[] = [],
  ) =>
    involves(
      promotionInReview(over),
      signOffs.flatMap((each) => each ?? []),
      wantedPerson(text, everybody),
      { members: everybody, people },
    );

  it("nobody who had no hand in it and did not sign", () => {
    expect(told("sam")).toBe(false);
    expect(told("sam", {}, [byCora, byDana])).toBe(false);
  });

  it("each who signed, also where the directory knows them no more", () => {
    expect([told("dana", {}, [byCora, byDana]), told("sub-cora", {}, [byCora, byDana])]).toEqual([true, true]);
    const gone = { ...(byCora ?? expect.unreachable()), reviewer: { ...cora.identity, subject: "sub-gone" } };
    expect([told("sub-gone", {}, [gone]), told("sub-gon", {}, [gone])]).toEqual([true, false]);
    expect(told("zoe", {}, [{ ...gone, reviewerName: "Zoe Zander" }])).toBe(true);
  });

  it("who asked, who started the run and who made it, by what the pipeline knows them by", () => {
    expect([told(manifest.requester.subject), told(tom.address)]).toEqual([true, true]);
    expect([told("4007"), told("4007", { startedBy: { account } })]).toEqual([false, true]);
  });

  it("by name who is linked to an account in people.yaml", () => {
    const { identity } = sam;
    const linked = { name: "Sam", addresses: [], accounts: [account], identities: [identity], outside: false };
    expect(told("sam", { startedBy: { account } }, [], [linked])).toBe(true);
    expect(told("sam", { startedBy: { account } })).toBe(false);
  });
});
