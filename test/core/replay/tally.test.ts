import { describe, expect, it } from "vitest";
import type { Person } from "../../../core/approval/people.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { PastPromotion, TimeToSign } from "../../../core/replay/past-promotion.ts";
import type { ReplayedPromotion, Standing } from "../../../core/replay/replay-promotion.ts";
import { tally } from "../../../core/replay/tally.ts";
import { cora, dana, id, matrix, promotionInReview, sam } from "../promotion/promotion-in-review.ts";

const passes: Standing = { kind: "would-pass" };
const waits = (...roles: readonly string[]): Standing => ({ kind: "would-wait", for: roles, why: "Nobody signed." });
const blocked = (by: "gates" | "matrix" | "rejection"): Standing => ({ kind: "would-be-blocked", by, why: by });

/** What a promotion adds: where it stood and would stand, who signed, and how long they took. */
interface Added {
  readonly before?: Standing;
  readonly after?: Standing;
  readonly members?: readonly Member[];
  readonly times?: readonly TimeToSign[];
}

function tallied(added: readonly Added[], directory?: readonly Member[], people: readonly Person[] = []) {
  const sums = tally({ matrix, people }, directory);
  for (const { before = passes, after = passes, members = [], times = [] } of added) {
    const past: PastPromotion = {
      ...{ id, end: promotionInReview(), judged: undefined, requirements: undefined, evidence: undefined },
      ...{ computedDigests: new Map(), releases: undefined, decisions: [], people: [], members, times },
    };
    const replayed: ReplayedPromotion = { promotion: id, title: "credit-scoring", status: "deployed", before, after };
    sums.add(past, replayed);
  }
  return sums.result(["A note."]);
}

const changedBy = (before: Standing, after: Standing) => tallied([{ before, after }]).changed.length;

describe("adding up replayed promotions", () => {
  it("counts how many stood and would stand where, the most first", () => {
    const { promotions, counts, notes } = tallied([
      { before: passes, after: blocked("gates") },
      { before: passes, after: passes },
      { before: passes, after: passes },
      { before: waits("sre"), after: passes },
    ]);
    expect(promotions).toBe(4);
    expect(counts).toEqual([
      { before: "would-pass", after: "would-pass", count: 2 },
      { before: "would-pass", after: "would-be-blocked", count: 1 },
      { before: "would-wait", after: "would-pass", count: 1 },
    ]);
    expect(notes).toEqual(["A note."]);
    expect(tallied([])).toMatchObject({ promotions: 0, counts: [], changed: [] });
  });

  it("names what would stand elsewhere, be blocked by something else or wait for others, and nothing more", () => {
    expect(changedBy(passes, passes)).toBe(0);
    expect(changedBy(passes, waits("sre"))).toBe(1);
    expect(changedBy(blocked("gates"), blocked("gates"))).toBe(0);
    expect(changedBy(blocked("rejection"), blocked("gates"))).toBe(1);
    expect(changedBy(waits("sre"), waits("sre"))).toBe(0);
    expect(changedBy(waits("sre", "lead"), waits("lead", "sre"))).toBe(0);
    expect(changedBy(waits("sre"), waits("sre", "lead"))).toBe(1);
    expect(changedBy(waits("sre"), waits("lead"))).toBe(1);
    expect(changedBy({ kind: "cannot-tell", why: "a" }, { kind: "cannot-tell", why: "b" })).toBe(0);
  });

  it("tells for which roles promotions would wait, and did, the longest queue first, then by name", () => {
    const { roles } = tallied([
      { before: waits("sre"), after: waits("sre", "lead-data-scientist") },
      { before: waits("sre"), after: waits("sre") },
      { before: waits("compliance-officer"), after: passes },
    ]);
    expect(roles.map(({ role, waiting, waitingBefore }) => [role, waiting, waitingBefore])).toEqual([
      ["sre", 2, 2],
      ["lead-data-scientist", 1, 0],
      ["compliance-officer", 0, 1],
    ]);
    expect(tallied([]).roles.map(({ role }) => role)).toEqual(["compliance-officer", "lead-data-scientist", "sre"]);
  });

  it("tells how long a role took to sign: the middle one, or between the middle two", () => {
    const taking = (...seconds: readonly number[]) =>
      tallied([{ times: seconds.map((each) => ({ role: "sre", seconds: each })) }]).roles.find(
        ({ role }) => role === "sre",
      );
    expect(taking(100, 9, 30)).toMatchObject({ signatures: 3, medianSeconds: 30 });
    expect(taking(100, 9, 30, 40)).toMatchObject({ signatures: 4, medianSeconds: 35 });
    expect(taking(7)).toMatchObject({ signatures: 1, medianSeconds: 7 });
    expect(taking()).toMatchObject({ signatures: 0 });
    expect(taking()).not.toHaveProperty("medianSeconds");
    const overTwo = tallied([{ times: [{ role: "sre", seconds: 4 }] }, { times: [{ role: "sre", seconds: 8 }] }]);
    expect(overTwo.roles.find(({ role }) => role === "sre")).toMatchObject({ signatures: 2, medianSeconds: 6 });
  });

  it("knows the holders of a role by those who signed, each once, or else by the directory", () => {
    const holders = (of: ReturnType<typeof tallied>) =>
      of.roles.map(({ role, holders: count, holdersKnownBy }) => [role, count, holdersKnownBy]);
    expect(holders(tallied([{ members: [sam, dana] }, { members: [sam] }]))).toEqual([
      ["compliance-officer", 0, "those who signed"],
      ["lead-data-scientist", 1, "those who signed"],
      ["sre", 1, "those who signed"],
    ]);
    expect(holders(tallied([{ members: [sam] }], [cora, { ...dana, enabled: false }]))).toEqual([
      ["compliance-officer", 1, "the directory"],
      ["lead-data-scientist", 0, "the directory"],
      ["sre", 0, "the directory"],
    ]);
    // Two accounts of hers, as people.yaml says.
    const other = { ...cora, identity: { ...cora.identity, subject: "cora-2" }, address: "cora@elsewhere.example" };
    const people = [
      { name: "Cora", identities: [cora.identity, other.identity], accounts: [], addresses: [], outside: false },
    ];
    expect(holders(tallied([], [cora, other]))[0]).toEqual(["compliance-officer", 2, "the directory"]);
    expect(holders(tallied([], [cora, other], people))[0]).toEqual(["compliance-officer", 1, "the directory"]);
  });
});
