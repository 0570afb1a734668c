import fc from "fast-check";
import { expect, it } from "vitest";
import { findingsIn, histories } from "./histories.ts";
import { second } from "./second.ts";

// Whoever did nothing wrong must never read that they did: what the product's own functions record, whatever happens in whatever
// order, verifies. A few histories each time, always the same; CONTRIBUTING.md says how to look at others for hours.

const runs = Number(process.env["HONEST_RUNS"] ?? 3);
const seed = Number(process.env["HONEST_SEED"] ?? 20261126);
// It takes as long again: asked where somebody wants to know whether both agree.
const other = process.env["HONEST_SECOND"] === undefined ? undefined : second;
const longest = Number(process.env["HONEST_STEPS"] ?? 60);

it(
  "what honest people and functions do, in whatever order, is verified without a finding",
  async () => {
    await fc.assert(
      fc.asyncProperty(histories(longest), async (history) => {
        expect(await findingsIn(history, other)).toEqual([]);
      }),
      { seed, numRuns: runs },
    );
  },
  runs * 60_000,
);
