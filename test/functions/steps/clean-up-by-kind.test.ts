import { describe, expect, it } from "vitest";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import type { ShadowTarget } from "../../../core/deployment/shadow-target.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { ShadowRun } from "../../../core/promotion/shadow.ts";
import { cleanUp } from "../../../functions/steps/clean-up/handler.ts";
import { cora, digestOf, id, manifest, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { mock } from "../mock.ts";
import { deploying } from "./watch-scene.ts";

const { deployment = expect.unreachable() } = deploying;
const { previous: _, ...first } = deployment;
const champion = "p-before";

function ended(type: Fact["type"] = "loan-ended"): Fact {
  return { id: `${id}/0`, type, at: now, promotion: id, summary: "It ended.", body: {}, attachments: [] };
}

const loan: Loan = {
  terms: { seconds: 3600, incident: "https://incidents.example/7" },
  lenders: [cora, sam].map(({ identity }) => ({ role: "commander", person: identity, signature: digestOf("lent") })),
  ...{ at: addSeconds(now, -3600), until: now },
};
const lent: Promotion = { ...deploying, status: "expired", loan, history: [ended()] };

function scene({
  promotion = lent,
  running = { revision: champion },
  inForce,
  after = 0,
  shadow,
}: {
  readonly promotion?: Promotion;
  readonly running?: Running;
  readonly inForce?: PolicyInForce;
  /** Seconds since it ended. */
  readonly after?: number;
  readonly shadow?: Pick<ShadowTarget, "end">;
} = {}) {
  const promotions = new MemoryPromotions([promotion]);
  const target = new MemoryTarget(running);
  const handler = cleanUp({
    now: () => addSeconds(now, after),
    watchSeconds: 30,
    promotions,
    policies: { inForce: async () => inForce },
    targets: everyKind(target),
    shadows: shadow === undefined ? {} : { "sagemaker-endpoint": shadow },
  });
  const run = (failure?: { readonly Error: string; readonly Cause?: string }) =>
    handler({ promotionId: id, ...(failure === undefined ? {} : { failure }) });
  const told = () => promotions.stored(id).history.map(({ type }) => type);
  return { promotions, target, run, told };
}
const takingBack = { outcome: "taking-back", seconds: 30 };

describe("what was lent, and is over", () => {
  it.each<[string, Running]>([
    ["serves", { revision: id, promotion: id }],
    ["is about to", { revision: champion, changingTo: id }],
    ["is broken", { revision: champion, broken: "It could not be updated." }],
    ["is gone where something ran before", {}],
  ])("makes place for what served before where it %s, before anything is removed", async (_, running) => {
    const { promotions, target, run, told } = scene({ running });
    expect(await run()).toEqual(takingBack);
    expect([target.rolledBack.map(({ previous }) => previous), target.cleaned, told()]).toEqual([
      [champion],
      [],
      ["loan-ended"],
    ]);
    expect(await run()).toEqual({ outcome: "cleaned", status: "expired" });
    expect(told()).toEqual(["loan-ended", "loan-taken-back", "loan-review-opened", "clean-up"]);
    expect(promotions.stored(id)).toMatchObject({ loan: { takenBackAt: now } });
    expect(promotions.stored(id).history[1]).toMatchObject({ body: { serves: champion } });
    expect([target.rolledBack.length, target.cleaned]).toEqual([1, [id]]);
    await run();
    expect(promotions.moves).toHaveLength(3);
  });

  it("leaves nothing where nothing served before", async () => {
    const { promotions, target, run } = scene({
      promotion: { ...lent, deployment: first },
      running: { revision: id, promotion: id },
    });
    expect(await run()).toEqual(takingBack);
    expect(await run()).toEqual({ outcome: "cleaned", status: "expired" });
    expect(target.rolledBack).toHaveLength(1);
    expect(promotions.stored(id).history[1]).toMatchObject({ type: "loan-taken-back", body: { serves: null } });
  });

  it("is not touched once something else serves there, which is told", async () => {
    const { promotions, target, run } = scene({ running: { revision: "p-next" } });
    expect(await run()).toEqual({ outcome: "cleaned", status: "expired" });
    expect(target.rolledBack).toEqual([]);
    expect(promotions.stored(id).history[1]).toMatchObject({ body: { serves: "p-next" } });
  });

  it.each<[string, Running]>([
    ["what is under way may yet come to serve it", { revision: champion, changingTo: "p-next" }],
    [
      "a part of a newer candidate answers beside it",
      { revision: "p-next", promotion: promotionId(digestOf("next"), 1), beside: id },
    ],
  ])("is looked at again while %s", async (_, running) => {
    const { promotions, target, run } = scene({ running });
    expect(await run()).toEqual(takingBack);
    expect([target.rolledBack, target.cleaned, promotions.moves]).toEqual([[], [], []]);
  });

  it("is looked at less often, the longer that takes", async () => {
    const { run } = scene({ running: { revision: champion, changingTo: "p-next" }, after: 86_400 });
    expect(await run()).toEqual({ outcome: "taking-back", seconds: 5400 });
    const untold = scene({ promotion: { ...lent, history: [] }, running: { revision: id, promotion: id } });
    expect(await untold.run()).toEqual(takingBack);
  });

  describe("where the target takes no change", () => {
    const busy = new Failure("unavailable", "The endpoint is being changed at the moment.");
    const underWay: Running = { revision: champion, changingTo: id };

    it("since one is under way, it is tried again", async () => {
      const { target, run } = scene({ running: underWay });
      target.stuck = busy;
      expect(await run()).toEqual(takingBack);
      expect(target.cleaned).toEqual([]);
    });

    it.each<[string, Running, Error]>([
      ["although none is", { revision: id, promotion: id }, busy],
      ["for another reason", underWay, new Failure("deployment-refused", "There is nothing to go back to.")],
      ["by an error that is not ours", underWay, new Error("AccessDenied")],
    ])("%s, that is no step that went well", async (_, running, stuck) => {
      const { target, run } = scene({ running });
      target.stuck = stuck;
      await expect(run()).rejects.toBe(stuck);
      expect(target.cleaned).toEqual([]);
    });
  });

  it("is taken back by nobody where it never was deployed", async () => {
    const { deployment: _deployment, ...before } = lent;
    const { target, run, told } = scene({ promotion: before, running: { revision: id, promotion: id } });
    expect(await run()).toEqual({ outcome: "cleaned", status: "expired" });
    expect([target.rolledBack, told()]).toEqual([[], ["loan-ended", "clean-up"]]);
  });

  it("is not taken back as a loan once it was ratified", async () => {
    const ratified: Promotion = { ...lent, status: "rolled-back", loan: { ...loan, ratifiedAt: now } };
    const { run, told } = scene({ promotion: ratified });
    expect(await run()).toEqual({ outcome: "cleaned", status: "rolled-back" });
    expect(told()).toEqual(["loan-ended", "clean-up"]);
  });
});

describe("what ran in shadow", () => {
  it("and is not gone after a day ends its clean-up with an alarm: until then it is looked at again, and so it is afterwards", async () => {
    let standing: "going" | "gone" = "going";
    const asked = (after: number) => scene({ promotion: over, shadow: { end: async () => standing }, after });
    expect(await asked(86_399).run()).toMatchObject({ outcome: "taking-back" });
    const { run, target } = asked(86_400);
    await expect(run()).rejects.toMatchObject({
      code: "unavailable",
      message: "What runs in shadow in production is not gone, a day after the promotion ended.",
    });
    expect(target.cleaned).toEqual([]);
    standing = "gone";
    expect(await run()).toEqual({ outcome: "cleaned", status: "withdrawn" });
  });

  const shadow: ShadowRun = { plan: digestOf("plan"), askedAt: now, beside: champion };
  const over = promotionInReview({ status: "withdrawn", shadow, history: [ended("withdrawn")] });
  const [evidence] = manifest.evidence;

  it("is ended first, since it runs on what is removed", async () => {
    const asked: unknown[] = [];
    const answers = ["going", "gone"] as const;
    const end: ShadowTarget["end"] = async (shadowing) => answers[asked.push(shadowing) - 1] ?? expect.unreachable();
    const { target, run } = scene({ promotion: over, shadow: { end } });
    expect(await run()).toEqual(takingBack);
    expect(target.cleaned).toEqual([]);
    expect(await run()).toEqual({ outcome: "cleaned", status: "withdrawn" });
    expect(target.cleaned).toEqual([id]);
    expect(asked).toEqual(Array.from({ length: 2 }, () => ({ promotion: id, target: manifest.target, run: shadow })));
  });

  it.each<[string, Partial<Promotion>]>([
    ["it never ran", {}],
    ["there was nothing to run beside", { shadow: { plan: digestOf("plan"), askedAt: now } }],
    ["its report is written", { shadow: { ...shadow, evidence: evidence ?? expect.unreachable() } }],
  ])("is not asked about where %s", async (_, change) => {
    const { run } = scene({
      promotion: promotionInReview({ status: "withdrawn", ...change }),
      shadow: mock<Pick<ShadowTarget, "end">>("shadow"),
    });
    expect(await run()).toEqual({ outcome: "cleaned", status: "withdrawn" });
  });

  it("is not asked about where a target runs none", async () => {
    expect(await scene({ promotion: over }).run()).toEqual({ outcome: "cleaned", status: "withdrawn" });
  });
});

describe("policies that were proposed", () => {
  const target = { name: "policy", kind: "policy", endpoint: "policies" } as const;
  const proposed: Fact = { ...ended("policy-proposed"), body: { former: digestOf("former") } };
  const proposal = (over: Partial<Promotion>) =>
    promotionInReview({ manifest: { ...manifest, target }, history: [proposed], ...over });
  const pinned: PolicyInForce = { digest: digestOf("policies"), documents: [], since: now, number: 2, promotion: id };
  const failure = { Error: "States.TaskFailed" };

  it("run nowhere, so nothing is asked of a target", async () => {
    const { target: untouched, run, told } = scene({ promotion: proposal({ status: "rejected" }) });
    expect(await run()).toEqual({ outcome: "cleaned", status: "rejected" });
    expect([untouched.cleaned, told()]).toEqual([[], ["policy-proposed", "clean-up"]]);
  });

  it("are told as what they are where they are in force, whatever failed since", async () => {
    const { promotions, run, told } = scene({ promotion: proposal({ status: "approved" }), inForce: pinned });
    expect(await run(failure)).toEqual({ outcome: "cleaned", status: "deployed" });
    expect(told()).toEqual(["policy-proposed", "policy-activated", "deployed"]);
    expect(promotions.stored(id).history[1]?.body).toEqual({
      ...{ policy: pinned.digest, number: 2, former: digestOf("former") },
    });
  });

  it.each<[string, PolicyInForce | undefined]>([
    ["others are in force", { ...pinned, promotion: promotionId(digestOf("other"), 1) }],
    ["none were put in force by people", undefined],
  ])("have failed where %s", async (_, inForce) => {
    const { run, told } = scene({
      promotion: proposal({ status: "approved" }),
      ...(inForce === undefined ? {} : { inForce }),
    });
    expect(await run(failure)).toEqual({ outcome: "cleaned", status: "failed" });
    expect(told()).toEqual(["policy-proposed", "failed", "clean-up"]);
  });

  it("that are in force are not cleaned up where nothing failed", async () => {
    const { run } = scene({ promotion: proposal({ status: "approved" }), inForce: pinned });
    expect(await refused(run())).toEqual({
      code: "conflict",
      sentence: "The promotion is approved: nothing of it may be removed.",
    });
  });

  it("are no excuse for a model that failed", async () => {
    const { run, told } = scene({ promotion: promotionInReview({ status: "approved" }), inForce: pinned });
    expect(await run(failure)).toEqual({ outcome: "cleaned", status: "failed" });
    expect(told()).toEqual(["failed", "clean-up"]);
  });
});

describe("what is left in the words of a clean-up", () => {
  it("is that nothing was staged, where nothing was removed", async () => {
    const { promotions, target, run } = scene({ promotion: promotionInReview({ status: "rejected" }) });
    Object.assign(target, { cleanUp: async () => ({ removed: [], left: [] }) });
    await run();
    expect(promotions.stored(id).history.at(-1)?.summary).toBe("Cleaned up; nothing was staged.");
  });

  it.each([
    ["whose name only begins like one of ours", "unavailable.Elsewhere", JSON.stringify({ errorMessage: "secret" })],
    ["without a cause", "unavailable", undefined],
  ])("is nothing of an error %s", async (_, code, cause) => {
    const { promotions, run } = scene({ promotion: promotionInReview() });
    await run({ Error: code, ...(cause === undefined ? {} : { Cause: cause }) });
    expect(promotions.stored(id).reason).toBe(`A step failed and could not be repeated (${code}).`);
  });
});
