import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  leastSeconds,
  longestSeconds,
  longestWayBack,
  overdueSeconds,
  releaseFor,
  releaseSentence,
  secondsBetweenLooks,
  secondsUntilNextLook,
} from "../../../core/deployment/release.ts";
import type { Target } from "../../../core/promotion/target.ts";
import type { Traffic } from "../../../core/promotion/traffic.ts";

const plain: Target = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "scoring",
  instanceType: "ml.m5.large",
  instanceCount: 4,
};
const careful: Target = {
  ...plain,
  traffic: { kind: "canary", percent: 20, waitSeconds: 300 },
  alarms: { kind: "own", errorPercent: 2, p95Milliseconds: 400 },
};
const named: Target = { ...careful, alarms: { kind: "named", names: ["slow"] } };

describe("a release", () => {
  it("goes as the target says", () => {
    expect(releaseFor(careful, "something")).toEqual({
      kind: "update",
      traffic: { kind: "canary", percent: 20, waitSeconds: 300 },
      alarms: { kind: "own", errorPercent: 2, p95Milliseconds: 400 },
    });
  });

  it("takes all traffic at once where nothing ran, and says so", () => {
    const release = releaseFor(careful, "nothing", { percent: 5 });
    expect(release).toEqual({ kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } });
    expect(releaseSentence(release, careful)).toBe(
      "Nothing runs there yet, so the first release takes all traffic at once; traffic is shifted from the next on.",
    );
  });

  it("becomes a canary where the approval limits what would come at once", () => {
    expect(releaseFor(plain, "something", { percent: 5, errorPercent: 1 })).toEqual({
      kind: "update",
      traffic: { kind: "canary", percent: 5, waitSeconds: 600 },
      alarms: { kind: "own", errorPercent: 1 },
    });
  });

  it("keeps the organisation's alarms beside the bounds of the approval", () => {
    const release = releaseFor(named, "something", { p95Milliseconds: 200 });
    expect(release.alarms).toEqual({ kind: "named", names: ["slow"], own: { p95Milliseconds: 200 } });
    expect(releaseSentence(release, named)).toBe(
      "20 percent of the traffic comes over first; after 5 minutes the rest, and 5 minutes more until it is done. It is taken back when one of these alarms is raised: slow, or it takes more than 200 ms for 95 of 100 answers.",
    );
  });

  it("is made more careful by an approval, never less", () => {
    const limits = fc.record(
      {
        percent: fc.integer({ min: 1, max: 50 }),
        waitSeconds: fc.integer({ min: 1, max: 3600 }),
        errorPercent: fc.integer({ min: 1, max: 100 }),
        p95Milliseconds: fc.integer({ min: 1, max: 60_000 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(plain, careful, named), limits, (target, asked) => {
        const without = releaseFor(target, "something");
        const release = releaseFor(target, "something", asked);
        expect(firstStep(release.traffic)).toBeLessThanOrEqual(
          Math.min(firstStep(without.traffic), asked.percent ?? 100),
        );
        expect(firstWait(release.traffic)).toBeGreaterThanOrEqual(
          Math.max(firstWait(without.traffic), asked.waitSeconds ?? 0),
        );
        const own = release.alarms?.kind === "named" ? release.alarms.own : release.alarms;
        const before = target.alarms?.kind === "own" ? target.alarms : undefined;
        for (const bound of ["errorPercent", "p95Milliseconds"] as const) {
          const strictest = Math.min(
            before?.[bound] ?? Number.POSITIVE_INFINITY,
            asked[bound] ?? Number.POSITIVE_INFINITY,
          );
          expect(own?.[bound] ?? Number.POSITIVE_INFINITY).toBe(strictest);
        }
      }),
    );
  });

  it("of an inference component replaces copies in batches, with half an hour for each, and says what is measured", () => {
    const component: Target = {
      name: "shared",
      kind: "sagemaker-inference-component",
      endpoint: "scoring",
      host: "models",
      copies: 5,
      resources: { memoryMegabytes: 2048 },
      traffic: { kind: "rolling", copies: 2, of: 5, waitSeconds: 60 },
      alarms: { kind: "own", errorPercent: 2 },
      watchSeconds: 7200,
    };
    const release = releaseFor(component, "something");
    expect(releaseSentence(release, component)).toBe(
      "Its copies are replaced 2 of 5 at a time, with 1 minute after each; a copy that was replaced gets its part of the requests. It is taken back when more than 2 percent of its answers are errors. What is measured is the answers of old and new copies together. It is watched for 2 hours.",
    );
    expect(longestSeconds(release)).toBe(3 * 60 + 3 * 1800);
    const many = { kind: "rolling", copies: 1, of: 20, waitSeconds: 1 } as const;
    expect(longestSeconds({ ...release, traffic: many })).toBe(28_800);
    expect(releaseSentence(releaseFor(component, "nothing"), { ...component, network: "open" })).toBe(
      "It is not there yet, so nothing is replaced by the first release. Its container may reach the network.",
    );
  });

  it("is told in words: how traffic comes over, what takes it back, and for how long it is watched", () => {
    const told = (target: Target, limits = {}) => releaseSentence(releaseFor(target, "something", limits), target);
    expect(told(plain)).toBe(
      "All traffic comes over at once. No alarm watches it, so nothing takes it back by itself.",
    );
    expect(told({ ...plain, network: "open" })).toBe(
      "All traffic comes over at once. No alarm watches it, so nothing takes it back by itself. Its container may reach the network.",
    );
    const asynchronous = { output: "s3://answers/a", failures: "s3://answers/b", key: "arn:key" };
    expect(told({ ...plain, asynchronous, network: "open" })).toBe(
      "All traffic comes over at once. No alarm watches it, so nothing takes it back by itself. It queues what it is asked, and leaves its answers below s3://answers/a, and what failed below s3://answers/b, encrypted with arn:key. Its container may reach the network.",
    );
    const topics = { success: "arn:topic", error: "arn:other", withAnswer: ["success"] } as const;
    expect(told({ ...plain, asynchronous: { output: "s3://answers/a", topics } })).toMatch(
      / It queues what it is asked, and leaves its answers below s3:\/\/answers\/a\. It tells arn:topic \(with the answer\) and arn:other\.$/,
    );
    expect(told({ ...plain, traffic: { kind: "all-at-once", waitSeconds: 600 } })).toMatch(
      /^All traffic comes over at once; for 10 minutes it can still go back by itself\. /,
    );
    expect(told({ ...plain, traffic: { kind: "linear", percent: 25, waitSeconds: 60 } })).toMatch(
      /^Traffic comes over in steps of 25 percent, with 1 minute after each\. /,
    );
    expect(told({ ...plain, alarms: { kind: "own", errorPercent: 2, p95Milliseconds: 400 } })).toMatch(
      / It is taken back when more than 2 percent of its answers are errors, or it takes more than 400 ms for 95 of 100 answers\.$/,
    );
    expect(told({ ...plain, alarms: { kind: "named", names: ["slow", "wrong"] } })).toMatch(
      / It is taken back when one of these alarms is raised: slow, wrong\.$/,
    );
    expect(told(careful, { share: { percent: 5, forSeconds: 86_400 } })).toMatch(
      /^By weight it gets 5 percent for 1 day, then 100 percent for 5 minutes of the requests, beside what runs now; then it is put in its place, and serves alone\. /,
    );
    expect(told(plain, { watchSeconds: 3600, errorPercent: 1 })).toMatch(
      / It is taken back when more than 1 percent of its answers are errors\. It is watched for 1 hour\.$/,
    );
  });

  it("is told where nothing ran: that traffic is shifted later only where it is, and what watches it already", () => {
    const told = (target: Target, limits = {}) => releaseSentence(releaseFor(target, "nothing", limits), target);
    const atOnce = "Nothing runs there yet; the first release takes all traffic at once.";
    expect(told(plain)).toBe(atOnce);
    expect(told({ ...plain, traffic: { kind: "all-at-once", waitSeconds: 60 } })).toBe(atOnce);
    expect(told(plain, { watchSeconds: 60, errorPercent: 1 })).toBe(
      `${atOnce} It is taken back when more than 1 percent of its answers are errors. It is watched for 1 minute.`,
    );
  });

  const pipeline: Target = { name: "own", kind: "pipeline", endpoint: "batch", audiences: [], withinSeconds: 7200 };

  it("is the pipeline's own where it deploys by itself", () => {
    expect(releaseSentence(releaseFor(pipeline, "something"), pipeline)).toBe(
      "The pipeline deploys it by itself, with a passport, and has 2 hours to say what came of it.",
    );
  });

  it("is overdue after its waits or the time for which it is watched, and the pipeline's own time", () => {
    const canary = releaseFor(careful, "something");
    expect(overdueSeconds(canary, careful)).toBe(2400);
    expect(overdueSeconds({ ...canary, watchSeconds: 7200 }, careful)).toBe(9000);
    expect(overdueSeconds(releaseFor(pipeline, "something"), pipeline)).toBe(9000);
  });

  it("is looked at as often as is wished, and less often where it is long", () => {
    const watched = (watchSeconds: number) => releaseFor(plain, "something", { watchSeconds });
    expect(secondsBetweenLooks(watched(60), plain, 30, 300)).toBe(30);
    expect(secondsBetweenLooks(watched(604_800), plain, 30, 60)).toBe(30);
    expect(secondsBetweenLooks(watched(604_800), plain, 30, 3600)).toBe(225);
    expect(secondsBetweenLooks(watched(604_800), plain, 30, 600_000)).toBe(1011);
  });

  it.each([1, 30])("is looked at 800 times at most when no more than every %i seconds are wished", (least) => {
    for (const days of [0.05, 1, 7, 30, 180]) {
      const release = releaseFor(plain, "something", { share: { percent: 10, forSeconds: days * 86_400 } });
      let looks = 0;
      for (let age = 0; age < overdueSeconds(release, plain); looks++)
        age += secondsBetweenLooks(release, plain, least, age);
      expect(looks).toBeLessThanOrEqual(800);
    }
  });

  it.each([1, 30])(
    "nobody knows for how long is looked at 300 times at most in 180 days, every %i seconds at first",
    (least) => {
      let looks = 0;
      for (let age = 0; age < 180 * 86_400; looks++) age += secondsUntilNextLook(least, age);
      expect(looks).toBeLessThanOrEqual(300);
    },
  );

  it.each<[Traffic, number]>([
    [{ kind: "all-at-once", waitSeconds: 300 }, 2100],
    [{ kind: "canary", percent: 10, waitSeconds: 300 }, 2400],
    [{ kind: "linear", percent: 30, waitSeconds: 60 }, 2040],
  ])("counts as stuck after its waits and half an hour: %o", (traffic, seconds) => {
    expect(longestSeconds({ kind: "update", traffic })).toBe(seconds);
    expect(longestWayBack({ kind: "update", traffic })).toBe(seconds);
  });

  it("starts instances twice where it is by weights, and waits for no part on its way back", () => {
    const release = releaseFor(careful, "something", { share: { percent: 5, forSeconds: 86_400 } });
    expect(longestSeconds(release)).toBe(86_400 + 300 + 3600);
    expect(longestWayBack(release)).toBe(3600);
  });
});

function firstStep(traffic: Traffic): number {
  if (traffic.kind === "weights") return traffic.steps[0]?.percent ?? 100;
  return "percent" in traffic ? traffic.percent : 100;
}

function firstWait(traffic: Traffic): number {
  return traffic.kind === "weights" ? (traffic.steps[0]?.waitSeconds ?? 0) : traffic.waitSeconds;
}

describe("the least time of a release", () => {
  const canary: Traffic = { kind: "canary", percent: 20, waitSeconds: 300 };

  it("is that for which it is watched: how long a target held a part of the requests is its own word", () => {
    expect(leastSeconds({ kind: "update", traffic: canary })).toBe(0);
    expect(leastSeconds({ kind: "update", traffic: canary, watchSeconds: 86_400 })).toBe(86_400);
  });
});
