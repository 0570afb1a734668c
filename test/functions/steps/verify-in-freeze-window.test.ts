import { describe, expect, it } from "vitest";
import { verificationGraceSeconds } from "../../../core/approval/promotion-approval.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { VerifySignOffsPorts } from "../../../functions/steps/verify-sign-offs/handler.ts";
import { expiresAt, id, now, policy } from "../../core/promotion/promotion-in-review.ts";
import { approved, scene } from "./verify-scene.ts";

describe("verifying the sign-offs in a freeze window", () => {
  const until = addSeconds(now, 3600);
  const frozen = (end: Instant): Partial<VerifySignOffsPorts> => ({
    policy: {
      ...policy,
      matrix: {
        ...policy.matrix,
        freezeWindows: [{ name: "Year end", zone: "UTC", when: { from: now, until: end }, exceptions: [] }],
      },
    },
  });

  it("waits for its end, and tells that once", async () => {
    const { promotions, run } = scene({ ports: frozen(until) });
    expect(await run()).toEqual({ outcome: "held", seconds: 900 });
    expect(await run()).toEqual({ outcome: "held", seconds: 900 });
    expect(promotions.stored(id)).toMatchObject({
      status: "approved",
      history: [
        {
          type: "held",
          summary: `Changes are frozen ('Year end') until ${until}. The sign-offs are verified and the candidate is deployed after that.`,
          body: { window: "Year end", until },
        },
      ],
    });
    expect(promotions.stored(id)).not.toHaveProperty("verdict");
    expect(promotions.moves).toHaveLength(1);
  });

  it("that begins while the candidate is read holds it up, and no verdict is signed in it", async () => {
    let clock = addSeconds(now, -60);
    const requireCandidate = async () => {
      clock = now;
    };
    const { promotions, run } = scene({ ports: { ...frozen(until), now: () => clock, requireCandidate } });
    expect(await run()).toEqual({ outcome: "held", seconds: 900 });
    expect(promotions.stored(id)).toMatchObject({ status: "approved", history: [{ type: "held", at: now }] });
    expect(promotions.stored(id)).not.toHaveProperty("verdict");
  });

  it("with an exception for the model goes on, and the verdict's record names window and reason", async () => {
    const when = { from: now, until };
    const exceptions = [{ model: "credit-scoring", reason: "Agreed by the board." }];
    const matrix = { ...policy.matrix, freezeWindows: [{ name: "Year end", zone: "UTC", when, exceptions }] };
    const { promotions, run } = scene({ ports: { policy: { ...policy, matrix } } });
    expect(await run()).toEqual({ outcome: "passed" });
    expect(promotions.stored(id).history).toMatchObject([
      { type: "verdict", body: { exception: { window: "Year end", reason: "Agreed by the board." } } },
    ]);
  });

  it("looks again before its end, in which an exception may be made for the model: the less often the longer it waits", async () => {
    const end = addSeconds(now, 30 * 86_400);
    const held = { type: "held", summary: "Changes are frozen.", body: { until: end }, attachments: [] } as const;
    const since = (seconds: number) =>
      scene({
        promotion: {
          ...approved,
          expiresAt: addSeconds(now, 60 * 86_400),
          history: [
            { ...held, id: "p/4", promotion: id, at: addSeconds(now, -seconds) },
            { ...held, id: "p/5", promotion: id, at: now, type: "staged" },
          ],
        },
        ports: frozen(end),
      }).run();
    expect(await since(64 * 900)).toEqual({ outcome: "held", seconds: 900 });
    expect(await since(7 * 86_400)).toEqual({ outcome: "held", seconds: 9450 });
  });

  it("that ends after the promotion wakes when the promotion is over, and the verdict is FAILED", async () => {
    const end = addSeconds(expiresAt, verificationGraceSeconds);
    const long = frozen(addSeconds(expiresAt, 3600));
    const { run } = scene({ ports: long });
    expect(await run()).toEqual({ outcome: "held", seconds: 900 });
    const soon = scene({ ports: { ...long, now: () => addSeconds(end, -30) } });
    expect(await soon.run()).toEqual({ outcome: "held", seconds: 30 });
    const over = scene({ ports: { ...long, now: () => end } });
    expect(await over.run()).toEqual({ outcome: "blocked" });
    expect(over.promotions.stored(id).verdict?.result).toBe("FAILED");
  });
});
