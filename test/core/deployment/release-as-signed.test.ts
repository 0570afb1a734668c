import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limitsOf } from "../../../core/deployment/conditions.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { isGone, whyLessCareful, whyNeverMade } from "../../../core/deployment/release-as-signed.ts";
import type { ConditionsInForce } from "../../../core/promotion/release-conditions.ts";
import type { InstancesTarget, Target } from "../../../core/promotion/target.ts";
import type { Release, ReleaseAlarms, ShiftedTraffic } from "../../../core/promotion/traffic.ts";
import { manifest } from "../promotion/promotion-in-review.ts";

const target: InstancesTarget = {
  ...{ name: "production", kind: "sagemaker-endpoint", endpoint: "scorer", instanceType: "ml.m5.large" },
  instanceCount: 4,
  traffic: { kind: "canary", percent: 25, waitSeconds: 600 },
  alarms: { kind: "own", errorPercent: 5, p95Milliseconds: 1000 },
};
const careful = releaseFor(target, "something");
const why = (change: Partial<Release>, signed: Target = target) => whyLessCareful({ ...careful, ...change }, signed);

describe("a release", () => {
  const seconds = fc.integer({ min: 60, max: 3600 });
  const percent = fc.integer({ min: 10, max: 50 });
  const traffic: fc.Arbitrary<ShiftedTraffic> = fc.oneof(
    fc.record({ kind: fc.constant("all-at-once" as const), waitSeconds: fc.oneof(fc.constant(0), seconds) }),
    fc.record({ kind: fc.constantFrom("canary" as const, "linear" as const), percent, waitSeconds: seconds }),
  );
  const bounds = {
    errorPercent: fc.integer({ min: 1, max: 100 }),
    p95Milliseconds: fc.integer({ min: 1, max: 60_000 }),
  };
  const own = fc.record(bounds, { requiredKeys: ["errorPercent"] });
  const alarms: fc.Arbitrary<ReleaseAlarms> = fc.oneof(
    own.map((each) => ({ kind: "own" as const, ...each })),
    fc.constant({ kind: "named" as const, names: ["latency", "errors"] }),
  );
  const conditions = fc.record(
    { forSeconds: seconds, traffic: fc.record({ percent, forSeconds: seconds }), ...bounds },
    { requiredKeys: ["forSeconds"] },
  );

  it("is never less careful than its target, and one that is made, whatever approvals ask beside", () => {
    fc.assert(
      fc.property(
        fc.option(traffic, { nil: undefined }),
        fc.option(alarms, { nil: undefined }),
        fc.option(conditions, { nil: undefined }),
        fc.constantFrom("nothing" as const, "something" as const),
        (shifted, watching, asked, running) => {
          const { traffic: _, alarms: __, ...bare } = target;
          const signed: Target = {
            ...bare,
            ...(shifted === undefined ? {} : { traffic: shifted }),
            ...(watching === undefined ? {} : { alarms: watching }),
          };
          const release = releaseFor(signed, running, limitsOf(asked, signed));
          expect(whyLessCareful(release, signed)).toBeUndefined();
          expect(whyNeverMade(release, signed, asked)).toBeUndefined();
        },
      ),
    );
  });

  it("waits for no longer than anybody asked, and is watched for no longer", () => {
    const never = (change: Partial<Release>, asked?: ConditionsInForce) =>
      whyNeverMade({ ...careful, ...change }, target, asked);
    const canary = (waitSeconds: number) => ({ traffic: { kind: "canary" as const, percent: 25, waitSeconds } });
    expect(never(canary(600))).toBeUndefined();
    expect(never(canary(601))).toBe("waited for 601 seconds, which nobody asked for");
    const asked = { forSeconds: 900, traffic: { percent: 25, forSeconds: 900 } };
    expect(never(canary(900), asked)).toBeUndefined();
    expect(never(canary(901), asked)).toBe("waited for 901 seconds, which nobody asked for");
    expect(never({ watchSeconds: 900 }, asked)).toBeUndefined();
    expect(never({ watchSeconds: 901 }, asked)).toBe("was watched for 901 seconds, which nobody asked for");
    const first = { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 600 } } as const;
    expect(never(first)).toBe("waited for 600 seconds, which nobody asked for");
    const all = { kind: "all-at-once", waitSeconds: 0 } as const;
    const watched: Target = {
      ...{ name: "production", kind: "sagemaker-endpoint", endpoint: "scorer", network: "open" },
      serverless: { memoryMegabytes: 2048, maxConcurrency: 5 },
      traffic: all,
      watchSeconds: 300,
    };
    const release = (watchSeconds: number, kind: Release["kind"]): Release => ({ kind, traffic: all, watchSeconds });
    expect(whyNeverMade(release(300, "update"), watched, undefined)).toBeUndefined();
    for (const [seconds, kind] of [
      [301, "update"],
      [1, "first"],
    ] as const)
      expect(whyNeverMade(release(seconds, kind), watched, undefined)).toBe(
        `was watched for ${seconds} seconds, which nobody asked for`,
      );
  });

  it("that is the first leaves no part of the traffic elsewhere", () => {
    const first = { ...careful, kind: "first" } as const;
    expect(whyLessCareful(first, target)).toBe(
      "was a first one, and is said to have left a part of the traffic elsewhere",
    );
    expect(whyLessCareful({ ...first, traffic: { kind: "all-at-once", waitSeconds: 0 } }, target)).toBeUndefined();
  });

  it.each([
    [[10, 100], undefined],
    [[10], "gave 10 percent of the requests, which is not how they come over step by step"],
    [[10, 5], "gave 10, then 5 percent of the requests, which is not how they come over step by step"],
    [[10, 10, 100], "gave 10, then 10, then 100 percent of the requests, which is not how they come over step by step"],
  ])("comes over by weight in the parts %j: %s", (parts, wrong) => {
    const steps = parts.map((percent) => ({ percent, waitSeconds: 600 }));
    const asked = { forSeconds: 600, traffic: { percent: 10, forSeconds: 600 } };
    const release = { ...careful, traffic: { kind: "weights", steps } } as const;
    expect(whyNeverMade(release, target, asked)).toBe(wrong);
    expect(whyNeverMade(release, target, undefined)).toBe(
      "gave parts of the requests by weight, which no condition asked for",
    );
    const linear = { ...target, traffic: { kind: "linear", percent: 25, waitSeconds: 600 } } as const;
    expect(whyNeverMade(release, linear, asked)).toMatch(/which is not how they come over step by step$/);
  });

  it("lets no more traffic come over at first, in no other way, and waits no less", () => {
    expect(why({})).toBeUndefined();
    expect(why({ traffic: { kind: "canary", percent: 26, waitSeconds: 600 } })).toBe(
      "gave 26 percent of the traffic at first, and 25 were signed",
    );
    expect(why({ traffic: { kind: "canary", percent: 25, waitSeconds: 599 } })).toBe(
      "waited for 599 seconds, and 600 were signed",
    );
    for (const kind of ["all-at-once", "linear"] as const)
      expect(why({ traffic: { kind, percent: 25, waitSeconds: 600 } as ShiftedTraffic })).toBe(
        `let traffic come over '${kind}', and 'canary' was signed`,
      );
  });

  it("by weights keeps every part for the time that was signed, and gives no more at first", () => {
    const steps = (...held: readonly (readonly [number, number])[]) => ({
      traffic: {
        kind: "weights" as const,
        steps: held.map(([share, waitSeconds]) => ({ percent: share, waitSeconds })),
      },
    });
    expect(why(steps([25, 600], [100, 600]))).toBeUndefined();
    expect(why(steps([26, 600], [100, 600]))).toBe("gave 26 percent of the traffic at first, and 25 were signed");
    expect(why(steps([25, 600], [100, 599]))).toBe("waited for 599 seconds, and 600 were signed");
    expect(why(steps())).toBe("gave 100 percent of the traffic at first, and 25 were signed");
  });

  it("is watched by the alarms that were signed, within their bounds", () => {
    const { alarms: _, ...unwatched } = careful;
    expect(whyLessCareful(unwatched, target)).toBe("had an alarm for 'errorPercent' at no bound, and 5 was signed");
    expect(why({ alarms: { kind: "own", errorPercent: 6, p95Milliseconds: 1000 } })).toBe(
      "had an alarm for 'errorPercent' at 6, and 5 was signed",
    );
    expect(why({ alarms: { kind: "own", errorPercent: 5, p95Milliseconds: 1001 } })).toBe(
      "had an alarm for 'p95Milliseconds' at 1001, and 1000 was signed",
    );
    const named: Target = { ...target, alarms: { kind: "named", names: ["latency", "errors"] } };
    const lacking = "was not watched by the alarm 'errors', which was signed";
    expect(why({ alarms: { kind: "named", names: ["latency"] } }, named)).toBe(lacking);
    expect(why({ alarms: { kind: "named", names: ["errors", "latency"] } }, named)).toBeUndefined();
    expect(why({}, named)).toBe("was not watched by the alarm 'latency', which was signed");
  });

  it("is watched for as long as was signed, where the target itself asks", () => {
    const serverless: Target = {
      ...{ name: "production", kind: "sagemaker-endpoint", endpoint: "scorer", network: "open" },
      serverless: { memoryMegabytes: 2048, maxConcurrency: 5 },
      traffic: { kind: "all-at-once", waitSeconds: 0 },
      watchSeconds: 600,
    };
    const update = releaseFor(serverless, "something");
    expect(whyLessCareful(update, serverless)).toBeUndefined();
    expect(whyLessCareful({ ...update, watchSeconds: 599 }, serverless)).toBe(
      "was watched for 599 seconds, and 600 were signed",
    );
  });

  it("replaces copies as was signed, where that is how it goes", () => {
    const traffic = { kind: "rolling", copies: 1, of: 4, waitSeconds: 600 } as const;
    const rolling = { ...target, traffic } as unknown as Target;
    const update = releaseFor(rolling, "something");
    expect(whyLessCareful(update, rolling)).toBeUndefined();
    const otherwise = "replaced copies otherwise than was signed";
    expect(whyLessCareful({ ...update, traffic: { ...traffic, copies: 2 } }, rolling)).toBe(otherwise);
    expect(whyLessCareful({ ...update, traffic: { kind: "all-at-once", waitSeconds: 0 } }, rolling)).toBe(otherwise);
    expect(why({ traffic })).toBe(otherwise);
  });

  it("is told of no target that says nothing", () => {
    const webhook: Target = {
      ...{ name: "batch", kind: "webhook", endpoint: "scorer", url: "https://receiver.example/", secret: "batch" },
      withinSeconds: 600,
    };
    expect(
      whyLessCareful({ kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } }, webhook),
    ).toBeUndefined();
  });
});

describe("what was to be taken over from", () => {
  const judgedAs = (release: "first" | "update", signed: Target = target) =>
    isGone({ facts: { release }, manifest: { ...manifest, target: signed } }, undefined);

  it("is gone where a candidate that was judged as an update finds nothing", () => {
    expect(judgedAs("update")).toBe(true);
    expect(judgedAs("first")).toBe(false);
    expect(isGone({ manifest }, undefined)).toBe(false);
    expect(isGone({ facts: { release: "update" }, manifest }, "revision")).toBe(false);
  });

  it("is nothing that a pipeline's target could tell", () => {
    const pipeline = {
      kind: "pipeline",
      name: "edge",
      endpoint: "scorer",
      audiences: ["vault"],
      withinSeconds: 60,
    } as const;
    expect(judgedAs("update", pipeline)).toBe(false);
  });
});
