import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { targetRounds } from "../../../functions/targets/target-rounds.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";

/** Places of one target, each of which answers after so many seconds or does not. */
function run(seconds: number, { at = 0, places = 30, answers = (_: number): boolean => false } = {}) {
  let spent = 0;
  const seen: number[] = [];
  const told: string[] = [];
  const rounds = targetRounds(
    () => addSeconds(now, at + spent),
    300,
    (_, target) => void told.push(target),
  );
  const all = [...Array(places).keys()];
  const done = rounds.attendAll(
    all,
    () => "edge",
    async (place) => {
      seen.push(place);
      spent += seconds;
      if (!answers(place)) throw new Failure("unavailable", "It does not answer.");
    },
  );
  return { rounds, seen, told, done };
}

describe("a run over all places", () => {
  it("leaves a target that did not answer for a minute, and counts what it left", async () => {
    const { rounds, seen, told, done } = run(10);
    await done;
    expect([seen.length, told.length, rounds.failed]).toEqual([6, 6, 30]);
    await rounds.attend("edge", () => expect.unreachable("It was left for this run."));
    await rounds.attend("production", async () => void seen.push(99));
    expect([seen.at(-1), rounds.failed]).toEqual([99, 31]);
  });

  it("leaves none that fails at once, or that answers at the length of many", async () => {
    for (const given of [run(0), run(5, { answers: () => true })]) {
      await given.done;
      expect(given.seen).toHaveLength(30);
    }
  });

  it("takes what took as long as no answer for one, whatever came of it", async () => {
    const { seen, done } = run(10, { answers: () => true });
    await done;
    expect(seen).toHaveLength(6);
  });

  it("comes to each place within some runs, whichever of them do not answer", async () => {
    const seen = new Set<number>();
    for (let ring = 0; ring < 40; ring += 1) {
      const one = run(10, { at: ring * 300, answers: (place) => place >= 20 });
      await one.done;
      for (const place of one.seen) seen.add(place);
    }
    expect(seen.size).toBe(30);
  });

  it("does one target's places one after the other, and those of others beside them", async () => {
    const order: string[] = [];
    const rounds = targetRounds(
      () => now,
      300,
      () => expect.unreachable("Nothing fails."),
    );
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const done = rounds.attendAll(
      ["edge/1", "edge/2", "production/1"],
      (place) => place.split("/")[0] ?? "",
      async (place) => {
        order.push(`${place.split("/")[0]} begins`);
        if (place.startsWith("production")) release();
        else await held;
        order.push(`${place.split("/")[0]} ends`);
      },
    );
    await done;
    const edge = ["edge ends", "edge begins", "edge ends"];
    expect(order).toEqual(["edge begins", "production begins", "production ends", ...edge]);
  });
});
