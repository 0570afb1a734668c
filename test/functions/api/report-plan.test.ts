import { describe, expect, it } from "vitest";
import { requireKind } from "../../../core/deployment/target-kind.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { FreezeManifest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { digestOf, id, manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { type PassportSceneOptions, passportScene } from "./passport-scene.ts";

const plan = (format: string) =>
  ({
    kind: "iac-plan",
    format,
    name: `${format}.json`,
    mediaType: "application/json",
    size: 3,
    sha256: digestOf(format),
  }) as const;
const evidence = [plan("terraform-plan"), plan("cloudformation-change-set")];
const asking: FreezeManifest = {
  ...manifest,
  target: { ...requireKind(manifest.target, "sagemaker-endpoint"), infrastructure: "applied" },
  evidence,
};
const applied = { plan: digestOf("terraform-plan"), outcome: "applied", detail: "Applied by job 7." };
const passed: Fact = {
  id: `${id}/9`,
  type: "verdict",
  at: now,
  summary: "",
  body: { result: "PASSED" },
  attachments: [],
};
const deployment: NonNullable<Promotion["deployment"]> = {
  startedAt: now,
  serves: { image: "", model: { uri: "", versionId: "v1", sha256: digestOf("model") } },
  release: { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } },
};
const scene = (over: PassportSceneOptions["promotion"] = {}) =>
  passportScene({
    target: asking.target,
    promotion: { manifest: asking, status: "approved", history: [passed], ...over },
  });

describe("a pipeline's report of the plan that was signed", () => {
  it("is recorded once, whichever kind of target it comes before", async () => {
    const { report, promotions } = await scene();
    expect(await report(applied)).toEqual({ status: 201, json: { promotion: id, outcome: "applied" } });
    expect((await report({ ...applied, detail: "Once more." })).status).toBe(200);
    expect(promotions.recordedFacts()).toMatchObject([
      {
        id: `${id}/plan-reported/${applied.plan}`,
        type: "plan-reported",
        summary: "The pipeline reported of the infrastructure plan 'terraform-plan.json': applied. Applied by job 7.",
        body: applied,
      },
    ]);
    expect((await refused(report({ ...applied, outcome: "failed" }))).sentence).toBe(
      "It was reported before of this plan: applied.",
    );
  });

  it.each(["approved", "in-review", "gating"] as const)(
    "is taken of what was verified and is %s now, where a window or new requirements took its verdict away",
    async (status) => {
      const { promotions, report } = await scene({ status });
      const { verdict: _, ...unverified } = promotions.stored(id);
      await promotions.move({ ...unverified, revision: unverified.revision + 1 });
      expect(await report(applied)).toEqual({ status: 201, json: { promotion: id, outcome: "applied" } });
    },
  );

  it.each<[string, object, PassportSceneOptions["promotion"], string]>([
    [
      "another plan",
      { plan: digestOf("other") },
      {},
      "No plan with this digest is to be applied before 'production' is deployed to.",
    ],
    [
      "a change set, which is looked at",
      { plan: digestOf("cloudformation-change-set") },
      {},
      "Whether 'cloudformation-change-set.json' is applied is looked at here; nobody needs to report it.",
    ],
    [
      "a plan of a target that does not ask",
      {},
      { manifest: { ...asking, target: manifest.target } },
      "No plan with this digest is to be applied before 'production' is deployed to.",
    ],
    [
      "a plan before quorum",
      {},
      { status: "in-review", history: [] },
      "The promotion is in-review: there is nothing to report.",
    ],
    [
      "a plan whose verdict did not pass",
      {},
      { history: [{ ...passed, body: { result: "FAILED" } }] },
      "The promotion is approved: there is nothing to report.",
    ],
    [
      "a plan of which only something else says that it passed",
      {},
      { history: [{ ...passed, type: "gates" }] },
      "The promotion is approved: there is nothing to report.",
    ],
    [
      "a plan under what is being deployed already",
      {},
      { status: "deploying", deployment },
      "The promotion is deploying: there is nothing to report.",
    ],
    ["a plan that is over", {}, { status: "withdrawn" }, "The promotion is withdrawn: there is nothing to report."],
  ])("is refused about %s", async (_, body, promotion, sentence) => {
    const { report, promotions } = await scene(promotion);
    expect(await refused(report({ ...applied, ...body }))).toEqual({ code: "conflict", sentence });
    expect(promotions.recordedFacts()).toEqual([]);
  });

  it.each([[{ plan: "x" }], [{ outcome: "deployed" }], [{ detail: "" }], [{ more: 1 }]])(
    "is refused with %j",
    async (body) => {
      const { report } = await scene();
      expect((await refused(report({ ...applied, ...body }))).code).toBe("invalid-request");
    },
  );
});
