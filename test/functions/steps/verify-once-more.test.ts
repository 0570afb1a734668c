import { describe, expect, it } from "vitest";
import { verificationGraceSeconds } from "../../../core/approval/promotion-approval.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { verifySignOffs } from "../../../functions/steps/verify-sign-offs/handler.ts";
import { withWait } from "../../../functions/steps/what-it-waits-for.ts";
import {
  dana,
  digestOf,
  everybody,
  expiresAt,
  id,
  manifest,
  now,
  policy,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { approved, scene } from "./verify-scene.ts";

describe("verifying the sign-offs once more, where nothing began under the verdict in time", () => {
  const sha256 = digestOf("verdict");
  const signed = (secondsAgo: number, over: Partial<Promotion> = {}): Promotion => ({
    ...approved,
    verdict: { sha256, result: "PASSED", at: addSeconds(now, -secondsAgo) },
    ...over,
  });

  it("ends in another verdict, under which it is deployed", async () => {
    const { promotions, run } = scene({ promotion: signed(3600) });
    expect(await run()).toEqual({ outcome: "passed" });
    const { status, verdict, history } = promotions.stored(id);
    expect(status).toBe("approved");
    expect(verdict).toMatchObject({ result: "PASSED", at: now });
    expect(verdict?.sha256).not.toBe(sha256);
    expect(history.map(({ type }) => type)).toEqual(["verdict"]);
    expect(await run()).toEqual({ outcome: "passed" });
    expect(promotions.moves).toHaveLength(1);
  });

  it("signs nothing where the verdict is good yet, or nothing may begin under another", async () => {
    for (const promotion of [signed(3539), signed(9999, { status: "deploying" })]) {
      const { promotions, run } = scene({ promotion });
      expect(await run()).toEqual({ outcome: "passed" });
      expect(promotions.moves).toEqual([]);
    }
  });

  it("lets policies that were signed be put in force, and deploys nothing", async () => {
    const target = { name: "policies", kind: "policy", endpoint: "in-force" } as const;
    const { run } = scene({ promotion: signed(60, { status: "deploying", manifest: { ...manifest, target } }) });
    expect(await run()).toEqual({ outcome: "policy-signed" });
  });

  it("signs another in the last minute, since clocks differ: they would go round until they agree", async () => {
    const { promotions, run } = scene({ promotion: signed(3540) });
    expect(await run()).toEqual({ outcome: "passed" });
    expect(promotions.stored(id).verdict?.at).toBe(now);
  });

  it("goes back to the gates when the requirements changed, however young the verdict", async () => {
    const { promotions, run } = scene({ promotion: signed(1), ports: { policy: stricterPolicy } });
    expect(await run()).toEqual({ outcome: "requirements-changed" });
    expect(promotions.stored(id)).toMatchObject({ status: "gating", review: 2, settled: [] });
    expect(promotions.stored(id)).not.toHaveProperty("verdict");
  });

  it("opens the seat of somebody who may not sign any more, and nothing begins under the older verdict", async () => {
    const members = everybody.map((each) =>
      each.identity.subject === dana.identity.subject ? { ...each, enabled: false } : each,
    );
    const { promotions, run } = scene({ promotion: signed(3600), members });
    expect(await run()).toMatchObject({ outcome: "reopened" });
    expect(promotions.stored(id).status).toBe("in-review");
    expect(promotions.stored(id)).not.toHaveProperty("verdict");
  });

  it("waits in a freeze window that began meanwhile, without the older verdict", async () => {
    const until = addSeconds(now, 600);
    const when = { from: now, until };
    const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
    const ports = { policy: { ...policy, matrix: { ...policy.matrix, freezeWindows } } };
    const { promotions, run } = scene({ promotion: signed(3600), ports });
    expect(await run()).toEqual({ outcome: "held", seconds: 600 });
    expect(promotions.stored(id)).not.toHaveProperty("verdict");
    expect(await run()).toEqual({ outcome: "held", seconds: 600 });
    expect(promotions.moves).toHaveLength(1);
  });

  it("is FAILED once the promotion's time is over, and says what it waited for", async () => {
    const waited = withWait(signed(3600), "the plan is applied", {}, now);
    const end = addSeconds(expiresAt, verificationGraceSeconds);
    const { promotions, run } = scene({ promotion: waited as Promotion, ports: { now: () => end } });
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id)).toMatchObject({
      status: "blocked",
      reason:
        "The promotion was approved, and expired before it was deployed. What it waited for: the plan is applied.",
      verdict: { result: "FAILED" },
    });
  });

  it("is FAILED at once where its time is over and a freeze window goes on, however young the verdict", async () => {
    const end = addSeconds(expiresAt, verificationGraceSeconds);
    const promotion = signed(0);
    const freezeWindows = [
      { name: "Year end", zone: "UTC", when: { from: now, until: addSeconds(end, 3600) }, exceptions: [] },
    ];
    const { promotions, run } = scene({
      promotion: { ...promotion, verdict: { sha256, result: "PASSED", at: addSeconds(end, -60) } },
      ports: { policy: { ...policy, matrix: { ...policy.matrix, freezeWindows } }, now: () => end },
    });
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id)).toMatchObject({
      reason: "The promotion was approved, and expired before it was deployed.",
      verdict: { result: "FAILED" },
    });
  });

  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    "comes to one more verdict when it dies at call %i and runs again",
    async (call) => {
      const { promotions, ports, run } = scene({ promotion: signed(3600) });
      const dying = verifySignOffs(crashing(ports, { call, moment: "after" }).ports)({ promotionId: id });
      await expect(dying).rejects.toBeInstanceOf(Crashed);
      expect(await run()).toEqual({ outcome: "passed" });
      expect(promotions.moves).toHaveLength(1);
    },
  );
});
