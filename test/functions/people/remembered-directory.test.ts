import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { rememberedDirectory, rememberedSeconds } from "../../../functions/people/remembered-directory.ts";
import { cora, now, sam } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";

function scene() {
  const asked: (readonly string[])[] = [];
  const world = { now, people: [cora], isDown: false };
  const directory = rememberedDirectory(
    {
      everybody: async (groups) => {
        asked.push(groups);
        if (world.isDown) throw new Failure("unavailable", "The directory does not answer.");
        return world.people;
      },
    },
    () => world.now,
  );
  return { asked, world, everybody: directory.everybody };
}

describe("the directory of what only shows", () => {
  it("is asked once for as long as that is young enough, whoever looks, and again then", async () => {
    const { asked, world, everybody } = scene();
    await Promise.all([everybody(["a", "b"]), everybody(["b", "a", "b"])]);
    world.people = [cora, sam];
    world.now = addSeconds(now, rememberedSeconds - 0.001);
    expect(await everybody(["a", "b"])).toEqual([cora]);
    expect(asked).toEqual([["a", "b"]]);
    world.now = addSeconds(now, rememberedSeconds);
    expect(await everybody(["a", "b"])).toEqual([cora, sam]);
    expect(asked).toHaveLength(2);
  });

  it("is asked for other groups by itself", async () => {
    const { asked, everybody } = scene();
    await everybody(["a"]);
    await everybody(["b"]);
    expect(asked).toEqual([["a"], ["b"]]);
  });

  it("is asked again where it did not answer", async () => {
    const { world, everybody } = scene();
    world.isDown = true;
    expect((await refused(everybody(["a"]))).code).toBe("unavailable");
    world.isDown = false;
    expect(await everybody(["a"])).toEqual([cora]);
  });
});
