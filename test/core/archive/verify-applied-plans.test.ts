import { describe, expect, it } from "vitest";
import { recheckDeployment } from "../../../core/archive/promotion/verify-verdict.ts";
import { requireKind } from "../../../core/deployment/target-kind.ts";
import type { FreezeManifest } from "../../../core/promotion/freeze-manifest.ts";
import { digestOf, id, manifest, now, promotionInReview } from "../promotion/promotion-in-review.ts";

const plans = ["a.json", "b.json"].map(
  (name) =>
    ({
      kind: "iac-plan",
      format: "terraform-plan",
      name,
      mediaType: "application/json",
      size: 3,
      sha256: digestOf(name),
    }) as const,
);
const evidence: FreezeManifest["evidence"] = [...manifest.evidence, ...plans];
const production = requireKind(manifest.target, "sagemaker-endpoint");
const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
const said = plans.map(({ sha256 }) => ({ plan: sha256, by: "report" }));

/** What is said of a deployment's beginning that names these plans, at a target that asks for them or does not. */
function recheck(infrastructure: readonly object[] | undefined, asks: boolean) {
  const target = asks ? { ...production, infrastructure: "applied" as const } : production;
  const before = promotionInReview({ status: "approved", verdict, manifest: { ...manifest, evidence, target } });
  const body = {
    endpoint: target.endpoint,
    previous: null,
    verdict: verdict.sha256,
    ...(infrastructure === undefined ? {} : { infrastructure: infrastructure.map((each) => ({ ...each })) }),
  };
  const record = {
    id: `${id}/5`,
    type: "deployment-started",
    at: now,
    promotion: id,
    summary: "",
    body,
    attachments: [],
  };
  const step = { record: { ...record, recordVersion: 1 }, index: 5, before } as unknown as Parameters<
    typeof recheckDeployment
  >[0];
  return recheckDeployment(step, async () => undefined);
}

describe("the plans that a deployment is said to rest on", () => {
  const wrong = "The deployment began, and the infrastructure plans that were signed are not said to be applied.";

  it("are all that were signed, where the target asks", async () => {
    expect(await recheck(said, true)).not.toBe(wrong);
    expect(await recheck(undefined, false)).not.toBe(wrong);
  });

  it.each<[string, readonly object[] | undefined]>([
    ["none", undefined],
    ["one of two", said.slice(0, 1)],
    ["another", [...said.slice(0, 1), { plan: digestOf("other"), by: "change-set" }]],
  ])("are not %s of them", async (_, named) => {
    expect(await recheck(named, true)).toBe(wrong);
  });

  it("are none where it does not ask", async () => {
    expect(await recheck(said, false)).toBe(wrong);
  });
});
