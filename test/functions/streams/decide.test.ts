import { describe, expect, it } from "vitest";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { decide } from "../../../functions/streams/decide/handler.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  bo,
  dana,
  everybody,
  expiresAt,
  id,
  member,
  now,
  openStage,
  policiesWithoutRule,
  sam,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { byDana, bySam, compliance, first, leadRole, scene, second, settledFirst } from "./deciding.ts";

const cleo = member("Cleo", "compliance-officers");

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

  it("counts what somebody signed last, where the directory does not list the account of before any more", async () => {
    const before = { ...dana, identity: { issuer: "https://before.example", subject: "sub-dana" } };
    const earlier = await givenSignOff(second, before, { ...leadRole, recordedAt: addSeconds(now, -60) });
    const { promotions, ports } = scene(second, [compliance, earlier, byDana, bySam]);
    await decide(ports)(id);
    expect(promotions.stored(id).settled[1]?.seats.map(({ signOff }) => signOff)).toEqual([
      byDana.signOff.id,
      bySam.signOff.id,
    ]);
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

  it("does not send the machine back once more as it comes from the gates: it would judge what is in review, and fail", async () => {
    const gates = { outcome: "passed", report: first.freezeDigest, summary: first.freezeDigest } as const;
    const { rung, tokens, ports } = scene(
      { ...first, status: "gating", review: 2, gates, stage: openStage(0, { open: false }) },
      [],
    );
    await decide(ports)(id);
    expect([rung, tokens.get(id)]).toEqual([[], "token-1"]);
  });

  it("rings for nothing that was so before the machine began to wait", async () => {
    const { promotions, rung, ports } = scene(
      { ...first, status: "gating", review: 2, stage: openStage(0, { open: false }) },
      [],
    );
    const find = async () => {
      promotions.put({ ...first, review: 2 });
      return "token-2";
    };
    await decide({ ...ports, tokens: { ...ports.tokens, find } })(id);
    expect(rung).toEqual([]);
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
