import { describe, expect, it } from "vitest";
import { pacedClock } from "../../local/paced-clock.ts";
import { handClock } from "./hand-clock.ts";

describe("a clock with a pace of 60", () => {
  it("has gone a minute when a second is over, from the moment it was made", () => {
    const machine = handClock(1_000_000);
    const clock = pacedClock(60, machine);
    expect(clock.now()).toBe(1_000_000);
    machine.advance(1000);
    expect(clock.now()).toBe(1_060_000);
  });

  it("wakes whoever waits for ten minutes after ten seconds", () => {
    const machine = handClock(1_000_000);
    const clock = pacedClock(60, machine);
    let awake = false;
    clock.at(clock.now() + 600_000, () => {
      awake = true;
    });
    machine.advance(9999);
    expect(awake).toBe(false);
    machine.advance(1);
    expect(awake).toBe(true);
  });
});
