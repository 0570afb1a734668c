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

describe("a clock that is held", () => {
  const scene = () => {
    const machine = handClock(1_000_000);
    const clock = pacedClock(60, machine);
    const woken: string[] = [];
    clock.at(clock.now() + 600_000, () => woken.push("before"));
    return { machine, clock, woken };
  };

  it("stands, and wakes nobody, until everybody has let go; then it goes on from where it was", () => {
    const { machine, clock, woken } = scene();
    machine.advance(4000);
    const release = clock.hold();
    const other = clock.hold();
    const stands = clock.now();
    clock.at(stands + 60_000, () => woken.push("while it stood"));
    machine.advance(3_600_000);
    release();
    release();
    machine.advance(1000);
    expect([clock.now(), woken]).toEqual([stands, []]);
    other();
    machine.advance(1000);
    expect([clock.now(), woken]).toEqual([stands + 60_000, ["while it stood"]]);
    machine.advance(4999);
    expect(woken).toEqual(["while it stood"]);
    machine.advance(1);
    expect(woken).toEqual(["while it stood", "before"]);
  });

  it("forgets whoever waits no more", () => {
    const { machine, clock, woken } = scene();
    const cancel = clock.at(clock.now() + 60_000, () => woken.push("cancelled"));
    const release = clock.hold();
    const held = clock.at(clock.now() + 60_000, () => woken.push("cancelled, as it stood"));
    cancel();
    held();
    release();
    machine.advance(10_000);
    expect(woken).toEqual(["before"]);
  });
});
