import { describe, expect, it } from "vitest";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type DecidePorts, decide } from "../../../functions/streams/decide/handler.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  bo,
  cora,
  dana,
  everybody,
  expiresAt,
  id,
  member,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionInReview,
  sam,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { keptRequirements } from "../kept-requirements.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const first = promotionInReview();
const compliance = await givenSignOff(first, cora);
const settledFirst = {
  index: 0,
  seats: [{ role: "compliance-officer", person: cora.identity, signOff: compliance.signOff.id }],
};
const second = promotionInReview({ stage: openStage(1), settled: [settledFirst] });
const cleo = member("Cleo", "compliance-officers");
const leadRole = { roles: ["lead-data-scientist"] };
const byDana = await givenSignOff(second, dana, leadRole);
const bySam = await givenSignOff(second, sam, { roles: ["sre"] });

/** A promotions table, a bell, and everything that decide may touch. */
function scene(promotion: Promotion, signOffs: readonly RecordedSignOff[], over: Partial<DecidePorts> = {}) {
  const promotions = new MemoryPromotions([promotion], signOffs);
  const tokens = new Map([[promotion.id, "token-1"]]);
  const rung: { readonly token: string; readonly answer: object }[] = [];
  const ports: DecidePorts = {
    now: () => now,
    policy,
    promotions: {
      load: promotions.load,
      move: promotions.move,
      signOffs: promotions.signOffs,
      loans: promotions.loans,
    },
    blobs: keptRequirements(),
    loanBooks: new MemoryLoanBooks(),
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(everybody),
    tokens: {
      find: async (promotionId) => tokens.get(promotionId),
      forget: async (promotionId, token) => {
        if (tokens.get(promotionId) === token) tokens.delete(promotionId);
      },
    },
    ring: async (token, answer) => {
      const again = rung.some((each) => each.token === token);
      rung.push({ token, answer });
      return again ? "gone" : "rung";
    },
    ...over,
  };
  return { promotions, tokens, rung, ports };
}

describe("decide", () => {
  it("leaves a stage open while a seat is free, and rings nobody", async () => {
    const { promotions, rung, tokens, ports } = scene(second, [compliance, bySam]);
    await decide(ports)(id);
    expect(promotions.moves).toEqual([]);
    expect(rung).toEqual([]);
    expect(tokens.get(id)).toBe("token-1");
  });

  it("closes a stage whose seats are filled, then rings for the next", async () => {
    const { promotions, rung, tokens, ports } = scene(first, [compliance]);
    await decide(ports)(id);
    expect(promotions.stored(id)).toMatchObject({
      status: "in-review",
      settled: [settledFirst],
      stage: { open: false },
    });
    expect(promotions.stored(id).history.at(-1)).toMatchObject({
      type: "stage-decided",
      summary: "Every seat of the stage 'compliance' is filled.",
    });
    expect(rung).toEqual([{ token: "token-1", answer: { outcome: "next-stage", seconds: 46 * 3600 } }]);
    expect(tokens.size).toBe(0);
  });

  it("approves when the last stage is complete", async () => {
    const { promotions, rung, ports } = scene(second, [compliance, byDana, bySam]);
    await decide(ports)(id);
    expect(promotions.stored(id).status).toBe("approved");
    expect(promotions.stored(id).settled.map(({ index }) => index)).toEqual([0, 1]);
    expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "quorum" }]);
  });

  it("counts what was signed while the directory took its time, as of then", async () => {
    let clock = now;
    const seen: string[] = [];
    const { promotions, ports } = scene(first, [compliance]);
    const slow = async (groups: readonly string[]) => {
      clock = addSeconds(clock, 8);
      await promotions.recordSignOff(await givenSignOff(first, cleo, { recordedAt: addSeconds(clock, -1) }));
      return memoryDirectory([...everybody, cleo]).everybody(groups);
    };
    const signOffs = async (promotion: PromotionId) => {
      const all = await promotions.signOffs(promotion);
      seen.push(all.map(({ signOff }) => signOff.reviewerName).join(" and "));
      return all;
    };
    const counting = { ...ports, now: () => clock, promotions: { ...ports.promotions, signOffs } };
    await decide({ ...counting, directory: { everybody: slow } })(id);
    expect(seen).toEqual(["Cora and Cleo"]);
    expect(promotions.stored(id).settled).toEqual([settledFirst]);
    // Whoever signed after this moment would be held against it.
    expect(promotions.stored(id).history.at(-1)).toMatchObject({ type: "stage-decided", at: clock });
  });

  it("reads again what was signed where reading it took too long to be as of now", async () => {
    let clock = now;
    const slow = [8, 8, 0];
    const { promotions, ports } = scene(first, [compliance]);
    const signOffs = async (promotion: PromotionId) => {
      const all = await promotions.signOffs(promotion);
      clock = addSeconds(clock, slow.shift() ?? 0);
      return all;
    };
    await decide({ ...ports, now: () => clock, promotions: { ...ports.promotions, signOffs } })(id);
    expect(slow).toEqual([]);
    expect(promotions.stored(id).history.at(-1)).toMatchObject({ type: "stage-decided", at: addSeconds(now, 16) });
  });

  it("leaves the second seat open when one person signs with two roles", async () => {
    const twice = [
      await givenSignOff(second, bo, leadRole),
      await givenSignOff(second, bo, { roles: ["sre"] }),
      await givenSignOff(second, bo, { roles: ["lead-data-scientist", "sre"] }),
    ];
    const { promotions, rung, ports } = scene(second, [compliance, ...twice]);
    await decide(ports)(id);
    expect(promotions.stored(id)).toEqual(second);
    expect(rung).toEqual([]);
  });

  it("wastes nobody who can fill a scarce seat", async () => {
    const both = await givenSignOff(second, bo, { roles: ["lead-data-scientist", "sre"] });
    const { promotions, ports } = scene(second, [compliance, both, byDana]);
    await decide(ports)(id);
    const seats = promotions.stored(id).settled[1]?.seats.map(({ role, person }) => [role, person.subject]);
    expect(Object.fromEntries(seats ?? [])).toEqual({ "lead-data-scientist": "sub-dana", sre: "sub-bo" });
  });

  it.each<[string, Promotion, readonly RecordedSignOff[]]>([
    ["in an open stage", first, [compliance]],
    ["of somebody of a later stage", first, []],
    [
      "after the quorum, before the verdict",
      { ...second, status: "approved", stage: openStage(1, { open: false }) },
      [compliance],
    ],
  ])("ends with a rejection %s", async (_, promotion, others) => {
    const no = await givenSignOff(promotion, sam, { result: "reject", reason: "No capacity.", roles: ["sre"] });
    const { promotions, rung, ports } = scene(promotion, [...others, no]);
    await decide(ports)(id);
    expect(promotions.stored(id)).toMatchObject({ status: "rejected", reason: "No capacity." });
    expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "rejected" }]);
  });

  it("does nothing after a verdict", async () => {
    const verdict = { sha256: first.freezeDigest, result: "PASSED" as const, at: now };
    const promotion: Promotion = { ...second, status: "approved", verdict };
    const no = await givenSignOff(promotion, sam, { result: "reject", reason: "Too late.", roles: ["sre"] });
    const { promotions, ports } = scene(promotion, [compliance, no]);
    await decide(ports)(id);
    expect(promotions.moves).toEqual([]);
  });

  it("sends the promotion back to the gates when the requirements changed", async () => {
    const { promotions, rung, ports } = scene(first, [compliance], { policy: stricterPolicy });
    await decide(ports)(id);
    expect(promotions.stored(id)).toMatchObject({
      status: "gating",
      review: 2,
      settled: [],
      invalidated: [],
    });
    expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "requirements-changed" }]);
  });

  it.each(policiesWithoutRule)(
    "sends it back to the gates, which will say why, where there is no rule for it any more: %s",
    async (_, inForce) => {
      const { promotions, rung, ports } = scene(first, [compliance], { policy: inForce });
      await decide(ports)(id);
      expect(promotions.stored(id)).toMatchObject({
        status: "gating",
        review: 2,
        requirements: first.requirements,
        invalidated: [],
      });
      expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "requirements-changed" }]);
    },
  );

  it.each(policiesWithoutRule)("still rings for what was decided before: %s", async (_, inForce) => {
    const { rung, ports } = scene({ ...first, status: "rejected" }, [], { policy: inForce });
    await decide(ports)(id);
    expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "rejected" }]);
  });

  it("rings for what another run decided and died over", async () => {
    const { promotions, rung, ports } = scene(
      { ...second, status: "approved", stage: openStage(1, { open: false }) },
      [],
    );
    await decide(ports)(id);
    expect(promotions.moves).toEqual([]);
    expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "quorum" }]);
  });

  it("rings for a withdrawal", async () => {
    const { rung, ports } = scene({ ...first, status: "withdrawn" }, []);
    await decide(ports)(id);
    expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "withdrawn" }]);
  });

  it("forgets a token that nobody waits for any more", async () => {
    const { tokens, ports } = scene(first, [compliance], { ring: async () => "gone" });
    await decide(ports)(id);
    expect(tokens.size).toBe(0);
  });

  it("gives the next stage at least a second, also when its time is over", async () => {
    const { rung, ports } = scene(first, [compliance], { now: () => expiresAt });
    await decide(ports)(id);
    expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "next-stage", seconds: 1 }]);
  });
});

describe("decide, when the process dies", () => {
  const complete = [compliance, byDana, bySam];
  /** load, sign-offs, directory, move, find, ring, forget */
  const total = 7;
  const moments = Array.from({ length: total }, (_, index) => index + 1).flatMap((call) =>
    (["before", "after"] as const).map((moment) => [moment, call] as const),
  );

  it("touches the outside as often as the crashes below assume", async () => {
    const counted = crashing(scene(second, complete).ports);
    await decide(counted.ports)(id);
    expect(counted.calls()).toBe(total);
  });

  it.each(moments)("%s call %i comes to the same when it runs again", async (moment, call) => {
    const { promotions, rung, tokens, ports } = scene(second, complete);
    await expect(decide(crashing(ports, { call, moment }).ports)(id)).rejects.toBeInstanceOf(Crashed);
    await decide(ports)(id);
    expect(promotions.moves.map(({ status }) => status)).toEqual(["approved"]);
    expect(promotions.stored(id).revision).toBe(second.revision + 1);
    expect(rung.length).toBeGreaterThanOrEqual(1);
    expect(rung.every(({ answer }) => JSON.stringify(answer) === '{"outcome":"quorum"}')).toBe(true);
    expect(tokens.size).toBe(0);
  });
});

describe("decide, run many times at once", () => {
  it("moves the promotion once", async () => {
    const { promotions, rung, ports } = scene(second, [compliance, byDana, bySam]);
    await Promise.all(Array.from({ length: 20 }, () => decide(ports)(id)));
    expect(promotions.moves).toHaveLength(1);
    expect(rung.filter(({ token }) => token === "token-1").length).toBeGreaterThanOrEqual(1);
  });

  it("starts again from what another wrote meanwhile", async () => {
    const { promotions, rung, ports } = scene(first, [compliance]);
    let interfered = false;
    const load = async (promotionId: typeof id) => {
      const loaded = await promotions.load(promotionId);
      if (!interfered) promotions.put({ ...first, revision: first.revision + 1, status: "withdrawn" });
      interfered = true;
      return loaded;
    };
    await decide({ ...ports, promotions: { ...ports.promotions, load } })(id);
    expect(promotions.moves).toEqual([]);
    expect(rung.map(({ answer }) => answer)).toEqual([{ outcome: "withdrawn" }]);
  });

  it("does not answer a stage's new token with the old stage's decision", async () => {
    const between = promotionInReview({
      stage: openStage(1, { openedAt: "2026-11-23T12:00:00.000Z" as Instant }),
      settled: [settledFirst],
    });
    const { rung, ports } = scene(between, [compliance]);
    await decide(ports)(id);
    expect(rung).toEqual([]);
  });
});
