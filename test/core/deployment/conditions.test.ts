import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limitsOf, whyNotAllowed, whyNotHeld, whyNotKept, whyTooBold } from "../../../core/deployment/conditions.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { whyNeverMade } from "../../../core/deployment/release-as-signed.ts";
import { type ConditionsInForce, strictest } from "../../../core/promotion/release-conditions.ts";
import type { InstancesTarget, Target } from "../../../core/promotion/target.ts";

const target: InstancesTarget = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "scoring",
  instanceType: "ml.m5.large",
  instanceCount: 10,
  traffic: { kind: "canary", percent: 20, waitSeconds: 300 },
  alarms: { kind: "own", errorPercent: 2 },
};
const share = (percent: number, forSeconds = 3600): ConditionsInForce => ({
  forSeconds,
  traffic: { percent, forSeconds },
});

describe("what a target can keep", () => {
  it("is a part of the traffic, and bounds, for as long as one likes", () => {
    expect(whyNotKept(share(10), target, "update")).toBeUndefined();
    expect(whyNotKept(share(1, 604_800), target, "update")).toBeUndefined();
    expect(whyNotKept({ forSeconds: 604_800, errorPercent: 1 }, target, "first")).toBeUndefined();
  });

  it.each<[string, ConditionsInForce, Partial<InstancesTarget>, "first" | "update", string]>([
    [
      "a first release",
      share(10),
      {},
      "first",
      "nothing runs there yet, so the first release takes all traffic at once.",
    ],
    [
      "Inf1",
      share(10),
      { instanceType: "ml.inf1.xlarge" },
      "update",
      "on Inf1 instances SageMaker shifts all traffic at once.",
    ],
  ])("is no part of it for %s", (_, conditions, over, kind, why) => {
    expect(whyNotKept(conditions, { ...target, ...over }, kind)).toBe(
      `The target 'production' cannot keep the condition on the share of traffic: ${why}`,
    );
  });

  it("is a bound of a serverless endpoint, and no part of its traffic", () => {
    const { instanceType: _, instanceCount: __, traffic: ___, asynchronous: ____, ...place } = target;
    const serverless: Target = {
      ...place,
      serverless: { memoryMegabytes: 2048, maxConcurrency: 5 },
      traffic: { kind: "all-at-once", waitSeconds: 0 },
      watchSeconds: 7200,
      network: "open",
    };
    expect(whyNotKept(share(50), serverless, "update")).toBe(
      "The target 'production' cannot keep the condition on the share of traffic: SageMaker moves all traffic of a serverless endpoint at once, and gives it one variant only.",
    );
    const bound = { forSeconds: 3600, errorPercent: 1 };
    expect(whyNotKept(bound, serverless, "update")).toBeUndefined();
    expect(releaseFor(serverless, "something", limitsOf(bound, serverless))).toEqual({
      kind: "update",
      traffic: { kind: "all-at-once", waitSeconds: 0 },
      alarms: { kind: "own", errorPercent: 1 },
      watchSeconds: 7200,
    });
    expect(releaseFor(serverless, "nothing")).not.toHaveProperty("watchSeconds");
  });

  it("is a part of an asynchronous endpoint that SageMaker holds itself, and none by weights, for it has one variant", () => {
    const queued = { ...target, asynchronous: { output: "s3://answers/scores" } };
    expect(whyNotHeld(share(10), queued)).toBeUndefined();
    expect(whyNotHeld({ forSeconds: 604_800, errorPercent: 1 }, queued)).toBeUndefined();
    const why =
      "The target 'production' cannot keep the condition on the share of traffic: an asynchronous endpoint has one variant, and SageMaker shifts whole ones of its 10 instances, each part for an hour at most.";
    expect(whyNotHeld(share(10, 3601), queued)).toBe(why);
    expect(whyNotHeld(share(5), queued)).toBe(why);
    expect(whyNotHeld(share(5), target)).toBeUndefined();
  });

  it("is a bound of an inference component, and no part of its traffic", () => {
    const component: Target = {
      name: "shared",
      kind: "sagemaker-inference-component",
      endpoint: "scoring",
      host: "models",
      copies: 4,
      resources: { memoryMegabytes: 2048 },
      traffic: { kind: "rolling", copies: 1, of: 4, waitSeconds: 300 },
      alarms: { kind: "own", errorPercent: 5 },
    };
    expect(whyNotKept(share(50), component, "update")).toBe(
      "The target 'shared' cannot keep the condition on the share of traffic: copies of an inference component are replaced one batch after the other, and none of them holds a part of the traffic.",
    );
    const bound = { forSeconds: 3600, errorPercent: 1, p95Milliseconds: 300 };
    expect(whyNotKept(bound, component, "update")).toBeUndefined();
    const release = releaseFor(component, "something", limitsOf(bound, component));
    expect(release).toEqual({
      kind: "update",
      traffic: component.traffic,
      alarms: { kind: "own", errorPercent: 1, p95Milliseconds: 300 },
      watchSeconds: 3600,
    });
    expect(whyTooBold(bound, release)).toBeUndefined();
    expect(whyTooBold(share(50), { ...release, watchSeconds: 86_400 })).toBe(
      "gave 100 percent of the traffic to the new model at once, and 50 was the condition",
    );
  });

  it.each<[Target, string]>([
    [
      { name: "own", kind: "pipeline", endpoint: "batch", audiences: [], withinSeconds: 3600 },
      "The target 'own' cannot keep conditions: the pipeline deploys by itself.",
    ],
    [
      {
        ...{ name: "edge", kind: "webhook", endpoint: "scorer", url: "https://receiver.example/", secret: "edge" },
        ...{ withinSeconds: 3600 },
      },
      "The target 'edge' cannot keep conditions: how traffic comes over, and what watches it, is for whoever takes its messages.",
    ],
    [
      { name: "policies", kind: "policy", endpoint: "in-force" },
      "The target 'policies' cannot keep conditions: policies come in force at once, and nothing of them is released.",
    ],
  ])("is nothing where somebody else releases: $kind", (elsewhere, why) => {
    expect(whyNotKept({ forSeconds: 60, errorPercent: 1 }, elsewhere, "update")).toBe(why);
  });

  it("is nothing on Kubernetes where nobody could look at it", () => {
    const workload: Target = {
      name: "edge",
      kind: "kubernetes",
      endpoint: "scoring",
      cluster: "c",
      namespace: "n",
      workload: "rollout",
      container: "scorer",
      fetcher: "f",
      port: 8080,
      readinessPath: "/ping",
    };
    expect(whyNotKept({ forSeconds: 3600, errorPercent: 1 }, workload, "update")).toContain("it names no 'metrics'");
  });

  it("never comes out above the share, however a part of the instances is rounded", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 60 }), (percent, instanceCount) => {
        const { percent: sent, share: weighed } = limitsOf(share(percent), { ...target, instanceCount });
        if (sent === undefined) expect(weighed).toEqual({ percent, forSeconds: 3600 });
        else expect(Math.ceil((sent * instanceCount) / 100) / instanceCount).toBeLessThanOrEqual(percent / 100);
      }),
    );
  });
});

describe("a part of the traffic", () => {
  const linear = { kind: "linear", percent: 25, waitSeconds: 60 } as const;
  it("is SageMaker's own canary where that can hold it", () => {
    expect(limitsOf(share(10), target)).toEqual({ watchSeconds: 3600, percent: 10, waitSeconds: 3600 });
    expect(limitsOf(share(5), { ...target, instanceCount: 20 })).toMatchObject({ percent: 5 });
  });

  it.each([
    [50, 3, 33],
    [30, 7, 28],
    [50, 2, 50],
    [99, 4, 75],
  ])("of %i percent is, in whole instances of %i, %i percent", (percent, instanceCount, sent) => {
    expect(limitsOf(share(percent), { ...target, instanceCount })).toMatchObject({ percent: sent });
  });

  it("is no step that SageMaker takes no so small, and no time that it does not wait", () => {
    const steps = { ...target, instanceCount: 20, traffic: { kind: "linear", percent: 25, waitSeconds: 60 } } as const;
    expect(limitsOf(share(10, 60), steps)).toMatchObject({ percent: 10 });
    expect(limitsOf(share(9, 60), steps)).toEqual({ watchSeconds: 60, share: { percent: 9, forSeconds: 60 } });
    expect(limitsOf(share(10, 3601), target)).toEqual({ watchSeconds: 3601, share: { percent: 10, forSeconds: 3601 } });
  });

  it.each<[string, ConditionsInForce, Partial<InstancesTarget>, readonly [number, number][]]>([
    [
      "of one instance",
      share(20),
      { instanceCount: 1 },
      [
        [20, 3600],
        [100, 300],
      ],
    ],
    [
      "of few instances",
      share(10),
      { instanceCount: 4 },
      [
        [10, 3600],
        [100, 300],
      ],
    ],
    [
      "for more than an hour",
      share(10, 86_400),
      {},
      [
        [10, 86_400],
        [100, 300],
      ],
    ],
    [
      "for more than an hour, of what begins with less",
      share(50, 86_400),
      {},
      [
        [20, 86_400],
        [100, 300],
      ],
    ],
    [
      "for more than an hour, of what comes at once",
      share(10, 86_400),
      { traffic: { kind: "all-at-once", waitSeconds: 0 } },
      [[10, 86_400]],
    ],
    [
      "in steps that are too small",
      share(5, 600),
      { instanceCount: 20, traffic: linear },
      [
        [5, 600],
        [30, 60],
        [55, 60],
        [80, 60],
        [100, 60],
      ],
    ],
    [
      "in too many long steps",
      share(10),
      { traffic: linear },
      [
        [10, 3600],
        [35, 60],
        [60, 60],
        [85, 60],
        [100, 60],
      ],
    ],
  ])("is given by weight %s", (_, conditions, over, steps) => {
    const place = { ...target, ...over } as InstancesTarget;
    const release = releaseFor(place, "something", limitsOf(conditions, place));
    expect(release.traffic).toEqual({
      kind: "weights",
      steps: steps.map(([percent, waitSeconds]) => ({ percent, waitSeconds })),
    });
    expect(whyTooBold(conditions, release)).toBeUndefined();
  });
});

describe("a release under conditions", () => {
  const asked = fc
    .record(
      {
        forSeconds: fc.integer({ min: 60, max: 604_800 }),
        trafficPercent: fc.integer({ min: 1, max: 50 }),
        errorPercent: fc.integer({ min: 1, max: 100 }),
        p95Milliseconds: fc.integer({ min: 1, max: 60_000 }),
      },
      { requiredKeys: ["forSeconds"] },
    )
    .filter((each) => Object.keys(each).length > 1);

  it("is never too bold where the target can keep them", () => {
    fc.assert(
      fc.property(fc.array(asked, { minLength: 1, maxLength: 4 }), (all) => {
        const conditions = strictest(all);
        if (conditions === undefined) throw new Error("unreachable");
        expect(whyNotKept(conditions, target, "update")).toBeUndefined();
        const release = releaseFor(target, "something", limitsOf(conditions, target));
        expect(whyTooBold(conditions, release)).toBeUndefined();
        expect(whyNeverMade(release, target, conditions)).toBeUndefined();
      }),
    );
  });

  it.each<[string, ConditionsInForce, RegExp]>([
    ["gave too much traffic", share(10, 300), /^gave 20 percent of the traffic to the new model at once, and 10 was/],
    ["went on too early", share(20, 600), /^held its first part for 5 minutes, and 10 minutes was/],
    ["held nothing", share(19, 60), /^gave 20 percent of the traffic/],
    ["was not watched", { forSeconds: 3600, errorPercent: 2 }, /^was watched for 0 minutes, and 1 hour was/],
  ])("is too bold where it %s", (_, conditions, why) => {
    expect(whyTooBold(conditions, releaseFor(target, "something"))).toMatch(why);
  });

  it("is too bold where its parts come to more before their time", () => {
    const steps = [
      { percent: 10, waitSeconds: 300 },
      { percent: 20, waitSeconds: 300 },
      { percent: 35, waitSeconds: 9000 },
    ];
    const release = { kind: "update", traffic: { kind: "weights", steps }, watchSeconds: 9600 } as const;
    expect(whyTooBold(share(20, 600), release)).toBeUndefined();
    expect(whyTooBold(share(20, 601), release)).toBe(
      "held its first part for 10 minutes, and 601 seconds was the condition",
    );
    expect(whyTooBold(share(9, 60), release)).toMatch(/^gave 10 percent/);
    expect(whyTooBold(share(50, 9600), release)).toBeUndefined();
    const none = { ...release, traffic: { kind: "weights", steps: [] } } as const;
    expect(whyTooBold(share(50), none)).toMatch(/^gave 100 percent/);
  });

  it("is too bold without an alarm of its own", () => {
    const release = releaseFor(target, "something", { watchSeconds: 3600 });
    expect(whyTooBold({ forSeconds: 3600, errorPercent: 1 }, release)).toBe("had no alarm for the condition on errors");
    expect(whyTooBold({ forSeconds: 3600, p95Milliseconds: 9 }, release)).toBe(
      "had no alarm for the condition on the time of an answer",
    );
  });

  it("is watched for bounds even where nothing ran before", () => {
    const limits = limitsOf({ forSeconds: 3600, errorPercent: 1 }, target);
    expect(releaseFor(target, "nothing", limits)).toEqual({
      kind: "first",
      traffic: { kind: "all-at-once", waitSeconds: 0 },
      alarms: { kind: "own", errorPercent: 1 },
      watchSeconds: 3600,
    });
  });
});

describe("what the approval matrix lets approvers ask", () => {
  const day = { forSeconds: 86_400, errorPercent: 1 };
  it.each<[string, Parameters<typeof whyNotAllowed>[1]["conditions"], string | undefined]>([
    ["everything, for a week", undefined, undefined],
    ["nothing", "forbidden", "The approval matrix takes no approval with conditions here."],
    [
      "other kinds",
      { allowed: ["trafficPercent"] },
      "The approval matrix takes no condition on errors here; it takes those 'on the share of traffic'.",
    ],
    ["less long", { maximumSeconds: 3600 }, "The approval matrix takes conditions for 1 hour at most, not for 1 day."],
  ])("%s", (_, conditions, why) => {
    expect(whyNotAllowed(day, conditions === undefined ? {} : { conditions })).toBe(why);
  });

  it("is a week where it says nothing", () => {
    expect(whyNotAllowed({ ...day, forSeconds: 604_801 }, {})).toMatch(/for 7 days at most/);
  });
});
