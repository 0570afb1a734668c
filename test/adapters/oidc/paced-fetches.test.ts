import { describe, expect, it } from "vitest";
import { pacedFetches } from "../../../adapters/oidc/paced-fetches.ts";

function scene() {
  const waited: number[] = [];
  const world = { now: 50_000 };
  const box = pacedFetches({
    now: () => world.now,
    wait: async (milliseconds) => {
      waited.push(milliseconds);
      world.now += milliseconds;
    },
  });
  return { waited, world, wait: (address = "https://a.example/keys") => box.wait(address, "kid"), box };
}

describe("fetches of a key set", () => {
  it("wait for the next second, whatever came of the one before, and are never refused", async () => {
    const { waited, world, wait, box } = scene();
    await wait();
    box.registerFailedAttempt("https://a.example/keys", "kid");
    expect(waited).toEqual([]);
    world.now += 400;
    await wait();
    expect(waited).toEqual([600]);
    await wait();
    expect(waited).toEqual([600, 1000]);
  });

  it("do not wait once a second is over, nor for another key set", async () => {
    const { waited, world, wait } = scene();
    await wait();
    await wait("https://b.example/keys");
    world.now += 1000;
    await wait();
    expect(waited).toEqual([]);
  });
});
