import { beforeAll, describe, expect, it } from "vitest";
import { type Files, packOf, type Recorded, recordStories, verified } from "./pack-fixture.ts";

let recorded: Recorded;
let files: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded);
});

describe("a pack of everything", () => {
  it("holds, and says of each promotion that it passed and how it ended", async () => {
    const result = await verified(files);
    expect(result.findings).toEqual([]);
    expect(result.holds).toBe(true);
    expect(result.promotions).toEqual([
      {
        promotion: recorded.deployed,
        outcome: "PASSED",
        title: "credit-scoring 2.0.0 in production",
        status: "deployed",
        signOffs: 3,
      },
      {
        promotion: recorded.rejected,
        outcome: "PASSED",
        title: "credit-scoring 2.0.0 in production",
        status: "rejected",
        signOffs: 2,
      },
      {
        promotion: recorded.blocked,
        outcome: "PASSED",
        title: "credit-scoring 2.0.0-weak in production",
        status: "blocked",
        signOffs: 0,
      },
    ]);
  });
});
