import { describe, expect, it } from "vitest";
import type { Progress } from "../../../core/deployment/deployment-target.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { watchDeployment } from "../../../functions/steps/watch-deployment/handler.ts";
import { id, now } from "../../core/promotion/promotion-in-review.ts";
import { everyKind } from "../memory-target.ts";
import { deploying, scene, watching } from "./watch-scene.ts";

const serving: Progress = { kind: "serving", why: "It serves.", evidence: {} };
const ill: Progress = { kind: "unhealthy", why: "The alarm is raised.", evidence: {} };

/** One run of the step that was told `first` by its target, and writes it down once `meanwhile` is over. */
async function slow(
  first: Progress,
  meanwhile: (at: ReturnType<typeof scene>) => Promise<unknown>,
  promotion = deploying,
) {
  const at = scene(first, promotion, 60);
  const check = async (): Promise<Progress> => {
    await meanwhile(at);
    return first;
  };
  const targets = everyKind(Object.assign(Object.create(at.target), { check }));
  const answer = await watchDeployment({ ...at.ports, targets })({ promotionId: id });
  return { ...at, answer, stored: () => at.promotions.stored(id) };
}

describe("a run of the step that hung while another one looked", () => {
  it("does not call deployed what the other is taking back, nor removes what watches it", async () => {
    const { answer, stored, target } = await slow(serving, async ({ target: other, run }) => {
      other.progress = ill;
      expect(await run()).toEqual(watching);
    });
    expect(answer).toEqual(watching);
    expect(stored()).toMatchObject({ status: "deploying", deployment: { rollBack: { why: ill.why } } });
    expect(stored().history.map(({ type }) => type)).toEqual(["rollback"]);
    expect(target.settled).toEqual([]);
  });

  it("does not take back what the other has found to be well and called deployed: that is judged by whoever looks from then on", async () => {
    const { answer, stored, target } = await slow(ill, async ({ target: other, run }) => {
      other.progress = serving;
      expect(await run()).toEqual({ outcome: "deployed" });
    });
    expect(answer).toEqual(watching);
    expect(stored().status).toBe("deployed");
    expect(target.rolledBack).toEqual([]);
    expect(stored().history.map(({ type }) => type)).toEqual(["deployed"]);
  });

  it("does not tell that a loan runs which the other is taking back", async () => {
    const loan = { until: "2026-03-02T00:00:00.000Z", lenders: [] };
    const lent = { ...deploying, status: "loaned", loan } as unknown as typeof deploying;
    const { answer, stored } = await slow(
      serving,
      async ({ promotions }) => {
        const current = promotions.stored(id);
        const { deployment } = current;
        if (deployment === undefined) return expect.unreachable();
        const rollBack = { at: now, why: ill.why };
        const fact = { type: "rollback", at: now, summary: ill.why, body: {}, attachments: [] } as const;
        promotions.put(advance(current, { deployment: { ...deployment, rollBack } }, fact));
      },
      lent,
    );
    expect(answer).toEqual(watching);
    expect(stored().history.map(({ type }) => type)).toEqual(["rollback"]);
  });
});
