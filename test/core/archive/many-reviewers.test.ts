import { describe, expect, it } from "vitest";
import { recordPath } from "../../../core/archive/pack/pack-layout.ts";
import { maxEntryBytes } from "../../../core/ledger/entry-bundle.ts";
import { manyReviewers, toldOf } from "./many-reviewers.ts";
import { packOf, verified } from "./memory-pack.ts";

// What becomes of all that was signed is told in one record, and the ledger took none of them once some 460 people had: nothing
// of the promotion came into it any more. `test/interop/many-reviewers.test.ts` hands the same to the second verifier.

// MANY_REVIEWERS=1000 asks for as many as the design speaks of, in half a minute.
const count = Number(process.env["MANY_REVIEWERS"] ?? 500);

describe("a candidate that hundreds of people approved", () => {
  it("is told of in records that the ledger takes, and verified", { timeout: 300_000 }, async () => {
    const many = await manyReviewers(count);
    expect(toldOf(many, many.older)).toEqual([["seat-reopened", count, 0]]);
    expect(toldOf(many, many.newer)).toEqual([
      ["supersedes", count, 0],
      ["seat-reopened", 0, count],
    ]);
    const files = await packOf(many);
    const sizes = many.house.facts.map((_, index) => files.get(recordPath(index))?.length ?? Number.NaN);
    expect(Math.max(...sizes)).toBeLessThan(maxEntryBytes / 2);
    const { findings, promotions } = await verified(files);
    expect(findings).toEqual([]);
    expect(promotions).toMatchObject([
      { promotion: many.older, outcome: "PASSED", status: "superseded", signOffs: count },
      { promotion: many.newer, outcome: "PASSED" },
    ]);
  });
});
