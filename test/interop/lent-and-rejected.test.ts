import { describe, it } from "vitest";
import { packOf } from "../core/archive/memory-pack.ts";
import { endedOtherwise } from "../core/archive/rejected-while-lent.ts";
import { expectOurs } from "./our-verifier.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage } from "./second-verifier.ts";

describe.each([
  [
    "failed",
    /^What was lent ran until it was recorded as 'failed'/,
    /what was lent ran on although it had been rejected/,
  ],
  [
    "blocked",
    /^What was lent ran until it was recorded as 'blocked'/,
    /what was lent ran on although it had been rejected/,
  ],
  ["expired", /what is lent ends with its loan\.$/, /\(expired\) cannot follow: the promotion is loaned/],
] as const)("what ran on loan for an hour after it was rejected, and is said to be %s then,", (type, ours, theirs) => {
  it("is not taken by our verifier", async () => {
    const { house } = await endedOtherwise(type);
    await expectOurs(await packOf({ house }), ours);
  });

  withTool(
    python,
    "is not taken by the second verifier",
    async () => {
      const { house } = await endedOtherwise(type);
      await expectVerdict(await packOf({ house }), theirs);
    },
    async () => {
      const { house } = await endedOtherwise(type);
      requireOnThePage(await packOf({ house }));
    },
  );
});
