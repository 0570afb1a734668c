import { expect, it } from "vitest";
import { passportAudiences } from "../../../core/promotion/pipeline-target.ts";
import { type Traffic, waitsOf } from "../../../core/promotion/traffic.ts";
import { manifest } from "./promotion-in-review.ts";

it.each<[string, Traffic, number]>([
  ["once at once", { kind: "all-at-once", waitSeconds: 300 }, 300],
  ["twice for a canary", { kind: "canary", percent: 10, waitSeconds: 300 }, 600],
  ["after each step", { kind: "linear", percent: 25, waitSeconds: 60 }, 240],
  ["after the last step too, where it is smaller", { kind: "linear", percent: 30, waitSeconds: 60 }, 240],
])("a release waits %s", (_, traffic, seconds) => {
  expect(waitsOf(traffic)).toBe(seconds);
});

it("a passport is for those that a pipeline's own target names, and for nobody elsewhere", () => {
  const audiences = ["https://deployer.example"];
  expect(passportAudiences({ name: "own", kind: "pipeline", endpoint: "e", audiences, withinSeconds: 1 })).toBe(
    audiences,
  );
  expect(passportAudiences(manifest.target)).toEqual([]);
});
