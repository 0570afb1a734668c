import { describe, expect, it } from "vitest";
import { untilEmpty } from "../../../adapters/dynamodb/batches.ts";

describe("what a table hands back of a batch, since it has no capacity for it", () => {
  it("is asked for again until it has, with pauses that let it come to that", async () => {
    const begin = performance.now();
    let rounds = 0;
    await untilEmpty(async () => {
      rounds += 1;
      return performance.now() - begin > 300;
    });
    expect(rounds).toBeGreaterThan(1);
    expect(rounds).toBeLessThan(9);
  });

  it("is not asked for for ever, nor less often than every two seconds: that is tried again by whoever asked", async () => {
    let rounds = 0;
    const pauses: number[] = [];
    const never = untilEmpty(
      async () => {
        rounds += 1;
        return false;
      },
      async (milliseconds) => void pauses.push(milliseconds),
    );
    await expect(never).rejects.toMatchObject({ code: "unavailable", message: "The table had no capacity left." });
    expect(rounds).toBe(12);
    expect(pauses).toHaveLength(11);
    expect(pauses.filter((each) => each < 25 || each > 2000)).toEqual([]);
    expect(pauses.reduce((all, each) => all + each)).toBeLessThan(15_000);
  });
});
