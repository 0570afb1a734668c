import { describe, expect, it } from "vitest";
import type { Footing } from "../../../core/deployment/shadow-target.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { shadowPlanDigest, shadowSettled } from "../../../core/promotion/shadow.ts";
import { runInShadow } from "../../../functions/steps/run-in-shadow/handler.ts";
import { digestOf, expiresAt, id, now } from "../../core/promotion/promotion-in-review.ts";
import { answered, plan, scene } from "./shadow-scene.ts";

type Scene = ReturnType<typeof scene>;

/** Until the gates are to judge it. */
async function ran({ target, run, pass }: Scene): Promise<void> {
  target.answered = answered;
  await run();
  await run();
  pass(60);
  await run();
}

describe("a candidate runs in shadow", () => {
  it("where its rule asks for it, and nowhere else", async () => {
    const { promotions, target, run } = scene("none");
    expect(await run()).toEqual({ outcome: "settled" });
    expect(target.started).toEqual([]);
    expect(promotions.moves).toEqual([]);
  });

  it("for its time and its number of requests, and what it came to goes back to the gates", async () => {
    const all = scene();
    const { target, run, pass, states, stored, blobs } = all;
    expect(await run()).toEqual({ outcome: "watching", seconds: 30 });
    expect(stored()).toMatchObject({
      status: "shadowing",
      shadow: { beside: "p-before", plan: shadowPlanDigest(plan) },
    });
    expect(target.started).toMatchObject([{ promotion: id, image: expect.stringContaining("@sha256:") }]);
    await run();
    expect(stored().shadow).toMatchObject({ since: now });
    target.answered = answered;
    expect(await run()).toEqual({ outcome: "watching", seconds: 30 });
    pass(60);
    target.answered = answered.slice(1);
    expect(await run()).toEqual({ outcome: "watching", seconds: 30 });
    target.answered = answered;
    expect(await run()).toEqual({ outcome: "watching", seconds: 1 });
    target.looks = 1;
    expect(await run()).toEqual({ outcome: "watching", seconds: 30 });
    expect(await run()).toEqual({ outcome: "reported" });
    expect(states()).toEqual(["started", "running", "over", "reported"]);
    expect(target.ended).toBe(1);
    const { status, shadow, history } = stored();
    expect(status).toBe("gating");
    const told = history.at(-1)?.attachments.map(({ name, sha256 }) => [name, blobs.has(sha256)]);
    expect(told).toEqual([
      ["_shadow-run.json", true],
      ["shadow-observations.json", true],
    ]);
    const report = JSON.parse(fromUtf8(await blobs.get(shadow?.evidence?.sha256 ?? digestOf(""))));
    expect(report).toMatchObject({ beside: "p-before", metrics: { requests: 2, agreement: 1, error_rate: 0, psi: 0 } });
    // Its answer was lost: the gates have not judged it, and are asked again.
    expect(await run()).toEqual({ outcome: "reported" });
    expect(shadowSettled(plan, stored())).toBe(false);
  });

  it("and is settled once the gates have judged it, under this plan and no other", async () => {
    const all = scene();
    await ran(all);
    await all.run();
    const shadowRun = all.stored().shadow?.evidence?.sha256 ?? digestOf("none");
    const gates = { outcome: "passed", report: digestOf("r"), summary: digestOf("s"), shadowRun } as const;
    const judged = { ...all.stored(), gates };
    expect(shadowSettled(plan, judged)).toBe(true);
    expect(shadowSettled({ ...plan, requests: 3 }, judged)).toBe(false);
    const again = scene(plan, { ...judged, requirements: all.stored().requirements });
    expect(await again.run()).toEqual({ outcome: "settled" });
  });

  it("no longer than it may, whatever came: that few is for the gates to judge", async () => {
    const { target, run, pass, stored, states } = scene();
    await run();
    await run();
    target.answered = answered.slice(1);
    pass(3600);
    await run();
    expect(await run()).toEqual({ outcome: "watching", seconds: 30 });
    // What SageMaker captures late is waited for, and not for ever.
    pass(600);
    expect(await run()).toEqual({ outcome: "reported" });
    expect(states().at(-1)).toBe("reported");
    expect(stored().status).toBe("gating");
  });

  it("is judged by what was measured alone where nobody sees the answers, and nothing is waited for", async () => {
    const { agreement: _, ...measured } = plan;
    const all = scene({ ...measured, errorPercent: 1 });
    const { target, ports, blobs, stored } = all;
    const { captured: __, ...blind } = target;
    Object.assign(ports.targets, { "sagemaker-endpoint": blind });
    await ran(all);
    expect(await all.run()).toEqual({ outcome: "reported" });
    const evidence = stored().shadow?.evidence ?? expect.unreachable();
    expect(JSON.parse(fromUtf8(await blobs.get(evidence.sha256)))).toMatchObject({
      metrics: { requests: 2, error_rate: 0 },
      answers: { compared: 0, scored: 0 },
    });
  });

  it("waits for what is captured late, and keeps nothing before", async () => {
    const all = scene();
    await ran(all);
    all.target.answered = [];
    const puts = all.stored().history.length;
    expect(await all.run()).toEqual({ outcome: "watching", seconds: 30 });
    expect(all.stored().history).toHaveLength(puts);
    all.target.answered = answered;
    expect(await all.run()).toEqual({ outcome: "reported" });
  });
});

describe("where there is nothing to run beside", () => {
  it("a candidate goes on, and its record says so", async () => {
    const { target, run, states, stored } = scene();
    target.possible = { kind: "nothing" };
    expect(await run()).toEqual({ outcome: "reported" });
    expect(await run()).toEqual({ outcome: "settled" });
    expect(states()).toEqual(["nothing-to-compare"]);
    expect(stored().history.at(-1)?.summary).toBe(
      "Nothing runs there yet, so there is nothing to compare the candidate with: it did not run in shadow.",
    );
    expect(shadowSettled(plan, stored())).toBe(true);
    expect(shadowSettled({ ...plan, required: true }, stored())).toBe(false);
  });

  it("it is blocked where its rule insists", async () => {
    const { target, run, stored } = scene({ ...plan, required: true });
    target.possible = { kind: "nothing" };
    expect(await run()).toEqual({ outcome: "ended" });
    expect(stored()).toMatchObject({ status: "blocked", reason: expect.stringContaining("nothing runs there yet") });
  });

  it.each<[string, Footing, string]>([
    ["what answers has no shadow", { kind: "impossible", why: "It is serverless." }, "It is serverless."],
  ])("it is blocked where %s", async (_, footing, reason) => {
    const { target, run, stored } = scene();
    target.possible = footing;
    expect(await run()).toEqual({ outcome: "ended" });
    expect(stored()).toMatchObject({ status: "blocked", reason, history: [{ body: { step: "shadow" } }] });
  });

  it("it is blocked where nobody sees the answers that its rule asks about", async () => {
    const { target, ports, stored } = scene();
    const { captured: _, ...blind } = target;
    expect(await runInShadow({ ...ports, targets: { "sagemaker-endpoint": blind } })({ promotionId: id })).toEqual({
      outcome: "ended",
    });
    expect(stored()).toMatchObject({
      status: "blocked",
      reason:
        "Its rule asks whether both models answer alike, and in the target 'production' nobody sees what they answer: only errors and latency can be judged there.",
    });
    expect(target.started).toEqual([]);
  });

  it("it waits while somebody changes what is there, until the promotion expires", async () => {
    const { target, run, pass, stored } = scene();
    target.possible = { kind: "later", why: "It is being changed." };
    // A sixty-fourth of the two hours for which it has waited.
    expect(await run()).toEqual({ outcome: "watching", seconds: 112 });
    pass((Date.parse(expiresAt) - Date.parse(now)) / 1000 - 10);
    expect(await run()).toEqual({ outcome: "watching", seconds: 10 });
    pass(10);
    expect(await run()).toEqual({ outcome: "ended" });
    expect(stored()).toMatchObject({
      status: "expired",
      reason: "The promotion expired before its candidate had run in shadow.",
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html: 25,000 events, of which each look takes nine.
  it.each([
    [
      "somebody changes what is there",
      async ({ target }: Scene) => {
        target.possible = { kind: "later", why: "It is being changed." };
      },
    ],
    [
      "what answers does not come to answer alone",
      async (all: Scene) => {
        await ran(all);
        all.target.looks = Number.POSITIVE_INFINITY;
      },
    ],
  ])(
    "looks less often the longer %s, so that its execution does not run out of events before the promotion expires",
    async (_, arrange) => {
      const all = scene();
      await arrange(all);
      let looks = 0;
      for (let answer = await all.run(); answer.outcome === "watching"; answer = await all.run()) {
        all.pass(answer.seconds);
        looks += 1;
        expect(looks).toBeLessThan(1000);
      }
      expect(all.stored().status).toBe("expired");
      expect(looks).toBeGreaterThan(100);
    },
  );

  it("it is blocked in a target that has no shadow", async () => {
    const { ports, stored } = scene();
    expect(await runInShadow({ ...ports, targets: {} })({ promotionId: id })).toEqual({ outcome: "ended" });
    expect(stored().reason).toBe(
      "Its rule asks for a run in shadow, and in the target 'production' there is none: only on SageMaker endpoints and on Kubernetes.",
    );
  });
});
