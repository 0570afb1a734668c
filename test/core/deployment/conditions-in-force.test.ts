import { describe, expect, it } from "vitest";
import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import { conditionsOf, stagedAs, whyConditionsRefused, whyNotKeepable } from "../../../core/deployment/conditions.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion, SettledStage } from "../../../core/promotion/promotion.ts";
import type { ReleaseConditions } from "../../../core/promotion/release-conditions.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import type { Release } from "../../../core/promotion/traffic.ts";
import { cora, digestOf, id, manifest, matrix, now, promotionInReview } from "../promotion/promotion-in-review.ts";

const [rule] = matrix.rules;
if (rule === undefined) throw new Error("The matrix has no rule.");

function signOff(name: string, over: Partial<SignOff> = {}): SignOff {
  return {
    ...{ id: digestOf(name), promotion: id, review: 1, stage: 0, result: "approve", reason: "Fine." },
    ...{ roles: ["sre"], reviewer: cora.identity, reviewerName: name, groups: cora.groups, recordedAt: now },
    ...over,
  };
}

const seated = (...names: readonly string[]): Promotion["settled"] => [
  { index: 0, seats: names.map((name) => ({ role: "sre", signOff: digestOf(name) })) } as unknown as SettledStage,
];
const errors = (errorPercent: number, forSeconds = 3600): ReleaseConditions => ({ forSeconds, errorPercent });
const half: ReleaseConditions = { forSeconds: 600, trafficPercent: 50 };

/** Staged to be released so, in two instances. */
function staged(kind: Release["kind"] = "update", over: Partial<Promotion> = {}): Promotion {
  const release: Fact = {
    ...{ id: `${id}/4`, type: "staged", at: now, promotion: id, summary: "", attachments: [] },
    body: { release: { kind, traffic: { kind: "all-at-once", waitSeconds: 0 } } },
  };
  const target = { ...manifest.target, instanceCount: 2 } as typeof manifest.target;
  return promotionInReview({ manifest: { ...manifest, target }, history: [release], ...over });
}

describe("the conditions in force over a promotion", () => {
  it("are the strictest of the sign-offs that fill its seats, and of no other", () => {
    const signOffs = [
      signOff("a", { conditions: errors(3) }),
      signOff("b", { conditions: errors(2, 7200) }),
      signOff("c", { conditions: errors(1) }),
      signOff("d"),
    ];
    expect(conditionsOf({ settled: seated("a", "b", "d") }, signOffs)).toEqual({ forSeconds: 7200, errorPercent: 2 });
    expect(conditionsOf({ settled: seated("d") }, signOffs)).toBeUndefined();
    expect(conditionsOf({ settled: [] }, signOffs)).toBeUndefined();
  });

  it("are also those of sign-offs that were kept from an earlier candidate", () => {
    const carried = [{ signOff: signOff("k", { conditions: errors(1) }), stage: 0, roles: ["sre"], review: 1 }];
    expect(conditionsOf({ settled: seated("k"), carried }, [])).toEqual({ forSeconds: 3600, errorPercent: 1 });
    expect(conditionsOf({ settled: seated("a"), carried }, [])).toBeUndefined();
  });
});

describe("an approval with conditions", () => {
  const refused = (
    conditions: ReleaseConditions | undefined,
    promotion = staged(),
    others: readonly SignOff[] = [],
    limits: Partial<ApprovalRule> = {},
  ) =>
    whyConditionsRefused(
      signOff("mine", conditions === undefined ? {} : { conditions }),
      promotion,
      { ...rule, ...limits },
      others,
    );

  it("is taken where the matrix lets it be asked and the target can keep it, and so is one without", () => {
    expect(refused(half)).toBeUndefined();
    expect(refused(undefined, staged("update", { status: "loaned" }))).toBeUndefined();
  });

  it("is refused for what runs on loan", () => {
    expect(refused(half, staged("update", { status: "loaned" }))).toBe(
      "It runs on loan: there is no release left that could keep conditions.",
    );
  });

  it("is refused where the matrix does not let it be asked", () => {
    expect(refused(half, staged(), [], { conditions: "forbidden" })).toBe(
      "The approval matrix takes no approval with conditions here.",
    );
  });

  it("is refused where the release, as it was staged, could not keep it", () => {
    expect(refused(half, staged("first"))).toContain("nothing runs there yet");
    const onInf1 = { ...staged().manifest.target, instanceType: "ml.inf1.xlarge" } as typeof manifest.target;
    expect(refused(half, staged("update", { manifest: { ...manifest, target: onInf1 } }))).toContain(
      "on Inf1 instances",
    );
  });

  it("is refused where it could not be kept beside what others ask, as far as they count", () => {
    const why = (over: Partial<SignOff>, promotion = staged("first")) =>
      refused(errors(1), promotion, [signOff("other", { conditions: half, ...over })]);
    expect(why({})).toContain("nothing runs there yet");
    expect(why({ id: digestOf("mine") })).toBeUndefined();
    expect(why({ review: 2 })).toBeUndefined();
    expect(why({ result: "reject" })).toBeUndefined();
    const fallen = [{ signOff: digestOf("other"), why: "the model drifted" }];
    expect(why({}, staged("first", { invalidated: fallen }))).toBeUndefined();
  });
});

describe("bounds beside alarms that the target names", () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `alarm-${index}`);
  const named = (count: number, over: object = {}, kind: Release["kind"] = "update") => {
    const alarms = { kind: "named", names: names(count) } as const;
    const traffic = { kind: "canary", percent: 50, waitSeconds: 600 } as const;
    const target = { ...manifest.target, instanceCount: 2, traffic, alarms, ...over } as typeof manifest.target;
    return staged(kind, { manifest: { ...manifest, target } });
  };
  const slow: ReleaseConditions = { forSeconds: 3600, p95Milliseconds: 300 };
  const refused = (promotion: Promotion, conditions = errors(1), others: readonly SignOff[] = []) =>
    whyConditionsRefused(signOff("mine", { conditions }), promotion, rule, others);

  it("are refused where SageMaker would be handed more than the ten that it heeds", () => {
    expect(refused(named(9))).toBeUndefined();
    expect(refused(named(10))).toBe(
      "The target 'production' cannot keep conditions on errors or the time of an answer: it names 10 alarms, and SageMaker heeds 10 at most, those for conditions among them.",
    );
  });

  it("are counted with what others ask", () => {
    const other = signOff("other", { conditions: slow });
    expect(refused(named(8), errors(1), [other])).toBeUndefined();
    expect(refused(named(9), errors(1), [other])).toContain("cannot keep conditions on both errors and the time of an");
    expect(refused(named(9), errors(1), [signOff("other", { conditions: errors(2) })])).toBeUndefined();
  });

  it("are taken where no alarm is handed to SageMaker: of a first release, and of a part of the requests by weight", () => {
    expect(refused(named(10, {}, "first"))).toBeUndefined();
    expect(refused(named(10), { ...errors(1), trafficPercent: 10 })).toBeUndefined();
    expect(refused(named(10), { ...errors(1), trafficPercent: 50 })).toContain("SageMaker heeds 10 at most");
  });

  it("are no matter of a verdict, which may have been signed before anybody counted", () => {
    expect(whyNotKeepable(named(10), rule, [signOff("a", { conditions: errors(1) })])).toBeUndefined();
  });
});

describe("conditions that a verdict would rest on", () => {
  const counted = [signOff("a"), signOff("b", { conditions: half })];
  const runs: Release = {
    kind: "update",
    traffic: { kind: "canary", percent: 50, waitSeconds: 600 },
    watchSeconds: 600,
  };

  it("are no hindrance where the release can keep them, or there are none", () => {
    expect(whyNotKeepable(staged(), rule, counted)).toBeUndefined();
    expect(whyNotKeepable(staged("first"), rule, [signOff("a")])).toBeUndefined();
  });

  it("are no ground for it where the matrix lets nobody ask them", () => {
    const forbidding: ApprovalRule = { ...rule, conditions: "forbidden" };
    expect(whyNotKeepable(staged(), forbidding, counted)).toBe(
      "The approval matrix takes no approval with conditions here.",
    );
    expect(whyNotKeepable(staged(), forbidding, [signOff("a")])).toBeUndefined();
  });

  it("are no ground for it where the release could not keep them", () => {
    expect(whyNotKeepable(staged("first"), rule, counted)).toContain("nothing runs there yet");
  });

  it("are held against the release of what runs on loan", () => {
    expect(whyNotKeepable(staged("first"), rule, counted, runs)).toBeUndefined();
    const bold: Release = { ...runs, traffic: { kind: "all-at-once", waitSeconds: 600 } };
    expect(whyNotKeepable(staged(), rule, counted, bold)).toBe(
      "What runs on loan was not released under these conditions: it gave 100 percent of the traffic to the new model at once, and 50 was the condition.",
    );
  });
});

describe("how a candidate would be released", () => {
  it("is as it was told when it was staged last", () => {
    expect(stagedAs(staged("first"))).toBe("first");
    expect(stagedAs(staged("update"))).toBe("update");
    const { history } = staged("first");
    expect(stagedAs({ history: [...history, ...staged("update").history] })).toBe("update");
    expect(stagedAs({ history: [...history, ...history.map((fact) => ({ ...fact, type: "gates" as const }))] })).toBe(
      "first",
    );
  });

  it.each([
    ["never", []],
    ["without a release", [{}]],
    ["with a release that is none", [{ release: null }, { release: "first" }, { release: {} }]],
  ])("is an update where that was told %s", (_, bodies) => {
    for (const body of bodies) {
      const history = staged("first").history.map((fact) => ({ ...fact, body }));
      expect(stagedAs({ history })).toBe("update");
    }
    expect(stagedAs({ history: [] })).toBe("update");
  });
});
