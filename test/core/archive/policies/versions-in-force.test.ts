import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asCounted,
  byVersion,
  inForceOf,
  longestRunSeconds,
} from "../../../../core/archive/policies/versions-in-force.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";

const at = (seconds: number) => addSeconds(now, seconds);
const version = (name: string, seconds: number) => ({ policy: digestOf(name), at: at(seconds) });
const three = [version("first", 0), version("second", 3600), version("third", 7200)];
const policies = (instant: Instant, of = three) =>
  inForceOf(of)
    .mayBe(instant)
    .map(({ policy }) => policy);

describe("the versions that may have been in force", () => {
  it("are those that were put in force by then, and whose time was not over for longer than a function runs", () => {
    expect(policies(at(3594))).toEqual([digestOf("first")]);
    expect(policies(at(3595))).toEqual([digestOf("first"), digestOf("second")]);
    expect(policies(at(3600 + longestRunSeconds))).toEqual([digestOf("first"), digestOf("second")]);
    expect(policies(at(3601 + longestRunSeconds))).toEqual([digestOf("second")]);
    expect(policies(at(999_999))).toEqual([digestOf("third")]);
    expect(policies(now, [])).toEqual([]);
  });

  it("are the first before it is written down, and told of none where the log tells of none", () => {
    expect(policies(at(-86_400))).toEqual([digestOf("first")]);
    expect([inForceOf([]).count, inForceOf(three).count]).toEqual([0, 3]);
  });

  it("are the same as one by one, whatever times a log says in whatever order", () => {
    const seconds = fc.integer({ min: -5000, max: 5000 });
    fc.assert(
      fc.property(fc.array(seconds, { maxLength: 12 }), seconds, (times, moment) => {
        const of = times.map((each, place) => version(`${place}`, each));
        const oneByOne = of.filter(({ at: begun }, place) => {
          const next = of[place + 1];
          const over = next !== undefined && at(moment) > addSeconds(next.at, longestRunSeconds);
          return (place === 0 || begun <= addSeconds(at(moment), 5)) && !over;
        });
        expect(policies(at(moment), of)).toEqual(oneByOne.map(({ policy }) => policy));
      }),
    );
  });

  it("are counted by their numbers, of one number by the log, and what says nothing of it comes last", () => {
    const told = [3, 1, 2, 1, "x"].map((number, index) => ({
      index,
      record: {
        ...{ recordVersion: 1 as const, id: `installation/policy/${number}`, type: "policy-activated" as const },
        ...{ at: now, summary: "", body: { policy: digestOf("p"), number }, attachments: [] },
      },
    }));
    expect(asCounted(told).map(({ index }) => index)).toEqual([1, 3, 2, 0, 4]);
  });

  it("are asked once each, by all that may have gone by them", () => {
    const asked = byVersion(inForceOf([...three, version("second", 9000)]), [3700, 9100], at);
    expect([...asked].map(([policy, told]) => [policy, [...told]])).toEqual([
      [digestOf("first"), [3700]],
      [digestOf("second"), [3700, 9100]],
      [digestOf("third"), [9100]],
    ]);
  });
});
