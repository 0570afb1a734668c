import { describe, expect, it } from "vitest";
import { recheckReports } from "../../../../core/archive/promotion/verify-reports.ts";
import { requireKind } from "../../../../core/deployment/target-kind.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { FactType } from "../../../../core/promotion/fact.ts";
import type { FreezeManifest } from "../../../../core/promotion/freeze-manifest.ts";
import type { Status } from "../../../../core/promotion/promotion.ts";
import type { Target } from "../../../../core/promotion/target.ts";
import { digestOf, id, manifest, now, promotionInReview } from "../../promotion/promotion-in-review.ts";

type Given = Parameters<typeof recheckReports>;

const plan = digestOf("plan.json");
const production = requireKind(manifest.target, "sagemaker-endpoint");
const pipeline: Target = {
  name: "rollout",
  kind: "pipeline",
  endpoint: "credit-scoring",
  audiences: ["vault"],
  withinSeconds: 7200,
};

const record = (type: FactType, body: object, at = now) => ({ record: { id: `${id}/5`, type, at, body }, index: 5 });

function recheck(
  told: { readonly type: FactType; readonly body: object },
  {
    target,
    format = "terraform-plan",
    status = "deployed",
  }: { readonly target: Target; readonly format?: string; readonly status?: Status },
  others: readonly object[],
  before: readonly object[] = [],
) {
  const evidence = [
    ...manifest.evidence,
    { kind: "iac-plan", format, name: "plan.json", mediaType: "application/json", size: 3, sha256: plan },
  ] as FreezeManifest["evidence"];
  const promotion = promotionInReview({ status, manifest: { ...manifest, target, evidence } });
  const step = { ...record(told.type, told.body), before: promotion, after: promotion };
  const earlier = before.map((each) => ({ ...each, index: 1, after: promotion }));
  return recheckReports([...others, step] as unknown as Given[0], [...earlier, step] as unknown as Given[1]);
}

describe("a plan that is said to be applied on its pipeline's word", () => {
  const begun = (by: string) => ({
    type: "deployment-started" as const,
    body: { endpoint: "credit-scoring", previous: null, verdict: digestOf("verdict"), infrastructure: [{ plan, by }] },
  });
  const target: Target = { ...production, infrastructure: "applied" };
  const applied = record("plan-reported", { plan, outcome: "applied" });
  const passed = [record("verdict", { result: "PASSED" })];

  it("was reported before", () => {
    expect(recheck(begun("report"), { target }, [applied], passed)).toEqual([]);
    const justThen = record("plan-reported", { plan, outcome: "applied" }, addSeconds(now, 5));
    expect(recheck(begun("report"), { target }, [justThen], passed)).toEqual([]);
  });

  it.each<[string, readonly object[]]>([
    ["never", []],
    ["of another plan", [record("plan-reported", { plan: digestOf("other"), outcome: "applied" })]],
    ["as failed", [record("plan-reported", { plan, outcome: "failed" })]],
    ["only afterwards", [record("plan-reported", { plan, outcome: "applied" }, addSeconds(now, 5.001))]],
  ])("does not rest on one that was reported %s", (_, others) => {
    expect(recheck(begun("report"), { target }, others, passed)).toMatchObject([
      { index: 5, sentence: expect.stringMatching(/on its pipeline's word, and there is none before\.$/) },
    ]);
  });

  it("is one that nobody else can look at", () => {
    const change = { target, format: "cloudformation-change-set" };
    expect(recheck(begun("change-set"), change, [])).toEqual([]);
    expect(recheck(begun("report"), change, [applied], passed)).toMatchObject([{ index: 5 }]);
    expect(recheck(begun("change-set"), { target }, [applied], passed)).toEqual([
      {
        index: 5,
        sentence: `Whether the plan ${plan} is applied is said by 'change-set', which nobody asks about such a plan.`,
      },
    ]);
  });

  it("is reported once a verdict lets somebody apply it, but for what clocks may differ by", () => {
    const of = (at: number) => record("plan-reported", { plan, outcome: "failed" }, addSeconds(now, at));
    const freeze = { type: "freeze" as const, body: {} };
    expect(recheck(freeze, { target }, [of(-5)], passed)).toEqual([]);
    expect(recheck(freeze, { target }, [of(-5.001)], passed)).toEqual([
      { index: 5, sentence: "What became of a plan is reported, and no verdict let anybody apply it." },
    ]);
    expect(recheck(freeze, { target }, [of(0)], [record("verdict", { result: "FAILED" })])).toMatchObject([
      { index: 5 },
    ]);
  });
});

describe("a report", () => {
  it.each(["plan-reported", "deployment-reported"] as const)(
    "says what a %s says, also where nothing rests on it",
    (type) => {
      const told = () => recheck({ type: "freeze", body: {} }, { target: production }, [record(type, {})]);
      expect(told).toThrow(`does not say what a '${type}' says`);
    },
  );
});

describe("a deployment by somebody else", () => {
  const deployed = { type: "deployed" as const, body: { endpoint: "credit-scoring" } };
  const started = [record("deployment-started", {})];
  const { audiences: _, ...rest } = { ...pipeline, kind: "webhook", url: "https://deploy.example.org", secret: "a" };
  const receiver = rest as Target;

  it("was reported by them", () => {
    const said = [record("deployment-reported", { outcome: "deployed" })];
    expect(recheck(deployed, { target: pipeline }, said, started)).toEqual([]);
  });

  it.each<[string, readonly object[]]>([
    ["by nobody", []],
    ["otherwise", [record("deployment-reported", { outcome: "rolled-back" })]],
  ])("is none where it was reported %s", (_, others) => {
    const sentence = "It is recorded as deployed, and whoever deploys to such a target had not reported that.";
    for (const target of [pipeline, receiver])
      expect(recheck(deployed, { target }, others, started)).toEqual([{ index: 5, sentence }]);
  });

  it("runs on loan where a receiver deploys it, and nowhere where a pipeline does", () => {
    const running = { ...deployed, type: "loan-running" as const };
    const said = [record("deployment-reported", { outcome: "deployed" })];
    expect(recheck(running, { target: receiver }, said, started)).toEqual([]);
    expect(recheck(running, { target: pipeline }, said, started)).toMatchObject([
      { index: 5, sentence: expect.stringMatching(/^What is lent is said to run where a pipeline deploys, /) },
    ]);
  });

  it("is reported once it began, of a target to which they deploy", () => {
    const failed = [record("deployment-reported", { outcome: "failed" })];
    const wrong = [
      { index: 5, sentence: "What came of a deployment is reported, and nobody was waited for to deploy it." },
    ];
    const withdrawn = { type: "withdrawn" as const, body: {} };
    expect(recheck(withdrawn, { target: pipeline }, failed, started)).toEqual([]);
    expect(recheck(withdrawn, { target: pipeline }, failed)).toEqual(wrong);
    expect(recheck(withdrawn, { target: production }, failed, started)).toEqual(wrong);
  });

  it("is nobody's to report where Countersign deploys", () => {
    expect(recheck(deployed, { target: production }, [])).toEqual([]);
  });
});

describe("what became of a candidate", () => {
  const body = { endpoint: "credit-scoring", previous: null, verdict: digestOf("verdict") };
  const begun = { type: "deployment-started" as const, body };
  const told = (seconds: number) => [record("outcome", {}, addSeconds(now, seconds))];
  const wrong = [{ index: 5, sentence: "What became of the candidate is told, and it had not begun to be deployed." }];

  it("is told of what had begun to be deployed, but for what clocks may differ by", () => {
    expect(recheck(begun, { target: production }, told(-5))).toEqual([]);
    expect(recheck(begun, { target: production }, told(-5.001))).toEqual(wrong);
  });

  it("is not told of what was never deployed", () => {
    expect(recheck({ type: "freeze", body: {} }, { target: production }, told(60))).toEqual(wrong);
  });
});

describe("what a monitor found, beside the history", () => {
  const beside = [{ ...record("drift", {}), index: 7 }];
  const restricted = (seconds: number) => [record("drift", {}, addSeconds(now, seconds))];
  const serves = { type: "freeze" as const, body: {} };
  const wrong = [
    {
      index: 7,
      sentence:
        "A monitor's report is told beside the history of what was neither restricted for one by then nor over.",
    },
  ];

  it("is told of what is restricted for another report, but for what clocks may differ by", () => {
    expect(recheck(serves, { target: production }, beside)).toEqual(wrong);
    expect(recheck(serves, { target: production }, beside, restricted(5))).toEqual([]);
    expect(recheck(serves, { target: production }, beside, restricted(5.001))).toEqual(wrong);
  });

  it("is told of what is over", () => {
    expect(recheck(serves, { target: production, status: "rolled-back" }, beside)).toEqual([]);
    expect(recheck(serves, { target: production, status: "in-review" }, beside)).toEqual(wrong);
  });

  it("is none that the history tells", () => {
    expect(recheck({ type: "drift", body: {} }, { target: production }, [])).toEqual([]);
  });
});
