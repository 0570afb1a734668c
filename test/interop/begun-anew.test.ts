import { describe, it } from "vitest";
import { begunAnewWhile } from "../core/archive/begun-anew.ts";
import { packOf } from "../core/archive/memory-pack.ts";
import { expectOurs } from "./our-verifier.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage } from "./second-verifier.ts";

describe.each([
  [
    "in shadow",
    /cannot stand where it does: the promotion is shadowing\.$/,
    /cannot follow: the promotion is shadowing/,
  ],
  ["on loan", /^A promotion that is loaned cannot become gating\.$/, /another review began of what is lent/],
] as const)("a review that is told to begin anew of what runs %s, as policies come in force,", (runs, ours, theirs) => {
  const pack = async () => {
    const { house, ...told } = await begunAnewWhile(runs);
    return await packOf({ house }, told);
  };

  it("is not taken by our verifier", async () => {
    await expectOurs(await pack(), ours);
  });

  withTool(
    python,
    "is not taken by the second verifier",
    async () => await expectVerdict(await pack(), theirs),
    async () => requireOnThePage(await pack()),
  );
});
