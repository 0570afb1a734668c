import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seatPeople } from "../../../core/approval/matching.ts";

const role = fc.constantFrom("a", "b", "c", "d");
const seats = fc.array(role, { maxLength: 5 });
const people = fc.array(
  fc.uniqueArray(role, { maxLength: 3 }).map((roles) => new Set(roles)),
  { maxLength: 6 },
);

/** Tries every seating: the largest set of people that can sit at once, the earliest of the largest. */
function bestByTrying(seatRoles: readonly string[], persons: readonly ReadonlySet<string>[]): readonly number[] {
  let best: readonly number[] = [];
  const better = (a: readonly number[]) => {
    if (a.length !== best.length) return a.length > best.length;
    const place = a.findIndex((person, index) => person !== best[index]);
    return place >= 0 && (a[place] ?? 0) < (best[place] ?? 0);
  };
  const go = (seat: number, sitting: readonly number[]) => {
    const wanted = seatRoles[seat];
    if (wanted === undefined) {
      const sorted = sitting.toSorted((a, b) => a - b);
      if (better(sorted)) best = sorted;
      return;
    }
    go(seat + 1, sitting);
    for (const [person, roles] of persons.entries()) {
      if (roles.has(wanted) && !sitting.includes(person)) go(seat + 1, [...sitting, person]);
    }
  };
  go(0, []);
  return best;
}

describe("seating people", () => {
  it("does not waste whoever can fill a scarce seat on another", () => {
    expect(seatPeople(["data", "sre"], [new Set(["data", "sre"]), new Set(["data"])])).toEqual([1, 0]);
  });

  it("keeps the first two of three who could fill two seats", () => {
    expect(seatPeople(["a", "a"], [new Set(["a"]), new Set(["a"]), new Set(["a"])])).toEqual([0, 1]);
  });

  it("moves a chain of people to make room", () => {
    expect(seatPeople(["a", "b", "c"], [new Set(["a", "b"]), new Set(["b", "c"]), new Set(["a"])])).toEqual([2, 0, 1]);
  });

  it("moves somebody again who has moved before", () => {
    const people = ["ca", "db", "ab", "c"].map((roles) => new Set(roles));
    expect(seatPeople(["a", "b", "c", "d"], people)).toEqual([0, 2, 3, 1]);
  });

  it("leaves a seat free that nobody can fill", () => {
    expect(seatPeople(["a", "z"], [new Set(["a"])])).toEqual([0, undefined]);
  });

  it("fills as many seats as trying everything does, with the same, earliest people", () => {
    fc.assert(
      fc.property(seats, people, (seatRoles, persons) => {
        const seated = seatPeople(seatRoles, persons)
          .filter((person) => person !== undefined)
          .toSorted((a, b) => a - b);
        expect(seated).toEqual(bestByTrying(seatRoles, persons));
      }),
      { numRuns: 400 },
    );
  });

  it("never seats anybody twice, nor in a role that is not theirs", () => {
    fc.assert(
      fc.property(seats, people, (seatRoles, persons) => {
        const holders = seatPeople(seatRoles, persons);
        const seated = holders.filter((person) => person !== undefined);
        expect(new Set(seated).size).toBe(seated.length);
        for (const [seat, person] of holders.entries()) {
          const wanted = seatRoles[seat];
          if (person !== undefined && wanted !== undefined) expect(persons[person]?.has(wanted)).toBe(true);
        }
      }),
    );
  });
});
