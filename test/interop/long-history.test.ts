import { describe, expect, it } from "vitest";
import type { Fact } from "../../core/promotion/fact.ts";
import { smallFacts, smallPack } from "../core/archive/small-pack.ts";
import { told } from "../core/archive/told.ts";
import { expectOurs } from "./our-verifier.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage } from "./second-verifier.ts";

const { rejected } = told;
const at = smallFacts.at(-1)?.at ?? expect.unreachable();
const own = smallFacts.filter(({ id }) => id.startsWith(`${rejected}/`) && /\/\d+$/.test(id)).length;

/** What was rejected, with one record more than a history can have. */
const files = await smallPack({
  facts: [
    ...smallFacts,
    ...Array.from(
      { length: 5001 - own },
      (_, n): Fact => ({
        id: `${rejected}/${own + n}`,
        type: "staged",
        at,
        promotion: rejected,
        summary: "It was staged.",
        body: {},
        attachments: [],
      }),
    ),
  ],
});

describe("a history of more records than there can be", () => {
  it("is not taken by our verifier", async () => {
    await expectOurs(files, /^It has more than 5000 records, which no promotion can have\.$/);
  });

  withTool(
    python,
    "is not taken by the second verifier",
    () => expectVerdict(files, /has more than 5000 records, which no promotion can have/),
    () => requireOnThePage(files),
  );
});
