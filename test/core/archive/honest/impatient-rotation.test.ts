import { expect, it } from "vitest";
import { findingsIn } from "./histories.ts";
import { firstRules } from "./rules.ts";
import type { Step } from "./step.ts";

const step = (what: Step["what"], how = 0, more = 0): Step => ({ what, who: 1, how, more });
const [attestation, checkpoint] = [0, 1];
/** Made known and put in use at once, with nothing told to the ledger meanwhile. */
const rotated = (role: number) => [step("rotate", role, 1), step("pass", 5), step("pass", 5)];
const reviewed = [step("submit", 1, 1), step("settle"), step("settle")];

it.each([
  ["signs what people decide", [...rotated(attestation), ...reviewed]],
  [
    "signs checkpoints",
    [step("tell", 0, 0), ...rotated(checkpoint), step("republish"), ...reviewed, step("republish")],
  ],
  ["signs each", [...rotated(attestation), ...rotated(checkpoint), step("republish"), ...reviewed, step("republish")]],
  ["signs a verdict under which the one before is retired", [...reviewed, ...rotated(attestation), ...reviewed]],
])("nobody is refused where a key %s before the ledger was told of it", async (_, steps) => {
  expect(await findingsIn({ rules: firstRules, steps, pick: 0 })).toEqual([]);
});
