import fc from "fast-check";
import { expect, it } from "vitest";
import { passportAudiences } from "../../../core/promotion/pipeline-target.ts";
import { batchesOf, secondsBeside, type Traffic, waitsBeyond, waitsOf } from "../../../core/promotion/traffic.ts";
import { manifest } from "./promotion-in-review.ts";

const waitSeconds = 60;

// Three fifths first, then all: each held for a time of its own.
const weights: Traffic = {
  kind: "weights",
  steps: [
    { percent: 20, waitSeconds: 7 },
    { percent: 60, waitSeconds: 11 },
    { percent: 100, waitSeconds: 13 },
  ],
};

it.each<[string, Traffic, number, number]>([
  ["once at once, when nothing else answers any more", { kind: "all-at-once", waitSeconds }, 60, 0],
  ["twice for a canary, the first time beside it", { kind: "canary", percent: 10, waitSeconds }, 120, 60],
  ["after each step, the last of them alone", { kind: "linear", percent: 25, waitSeconds }, 240, 180],
  ["after the last step too, where it is smaller", { kind: "linear", percent: 30, waitSeconds }, 240, 180],
  ["after each batch, the last of them alone", { kind: "rolling", copies: 2, of: 6, waitSeconds }, 180, 120],
  ["after the last batch too, where it is smaller", { kind: "rolling", copies: 2, of: 5, waitSeconds }, 180, 120],
  ["once where all copies are one batch", { kind: "rolling", copies: 2, of: 2, waitSeconds }, 60, 0],
  ["as long as each part is held, all of them alone", weights, 31, 18],
])("a release waits %s", (_, traffic, seconds, beside) => {
  expect([waitsOf(traffic), secondsBeside(traffic)]).toEqual([seconds, beside]);
});

it("a loan that lasts no longer than the waits of its release is told how long those are", () => {
  const canary: Traffic = { kind: "canary", percent: 10, waitSeconds };
  expect([120, 121].map((seconds) => waitsBeyond(canary, seconds))).toEqual([120, undefined]);
  expect(waitsBeyond({ kind: "all-at-once", waitSeconds: 0 }, 60)).toBeUndefined();
  expect(waitsBeyond(undefined, 60)).toBeUndefined();
});

it("copies are replaced in as many batches as hold them all", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (copies, of) => {
      const batches = batchesOf({ kind: "rolling", copies, of, waitSeconds });
      expect(batches * copies).toBeGreaterThanOrEqual(of);
      expect((batches - 1) * copies).toBeLessThan(of);
    }),
  );
});

it("a passport is for those that a pipeline's own target names, and for nobody elsewhere", () => {
  const audiences = ["https://deployer.example"];
  expect(passportAudiences({ name: "own", kind: "pipeline", endpoint: "e", audiences, withinSeconds: 1 })).toBe(
    audiences,
  );
  expect(passportAudiences(manifest.target)).toEqual([]);
});
