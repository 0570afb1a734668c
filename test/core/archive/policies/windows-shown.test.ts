import { describe, expect, it } from "vitest";
import type { FreezeWindow } from "../../../../core/approval/calendar.ts";
import { sameBesideClocks } from "../../../../core/archive/policies/windows-shown.ts";
import type { Instant } from "../../../../core/encoding/instant.ts";
import { shipped } from "../house.ts";

const at = (text: string) => text as Instant;
const once: FreezeWindow = {
  name: "End",
  zone: "Europe/Zurich",
  when: { from: at("2026-12-18T17:00:00.000Z"), until: at("2027-01-04T07:00:00.000Z") },
  exceptions: [],
};
const [from, until] = ["2026-12-18T17:00:00.000Z", "2027-01-04T07:00:00.000Z"];
const told = (begin: string, end = until, change = "New") =>
  `${change}: 'End': nothing is approved or deployed in every target from ${begin} to ${end}. Except for 'urgent' (agreed).`;
const line = "matrix.yaml: + expiresAfter: 3d";
const again = [told(from), line];

function same(said: readonly string[], derived = again, window = once): boolean {
  return sameBesideClocks(said, derived, [shipped, { matrix: { ...shipped.matrix, freezeWindows: [window] } }]);
}

describe("what reviewers were shown of a freeze window that is once", () => {
  it("is the same by another database, at most fifteen hours away at either end", () => {
    expect(same([told("2026-12-18T18:00:00.000Z"), line])).toBe(true);
    expect(same([told("2026-12-19T08:00:00.000Z", "2027-01-03T16:00:00.000Z"), line])).toBe(true);
    expect(same([told("2026-12-19T08:00:00.001Z"), line])).toBe(false);
    expect(same([told(from, "2027-01-03T15:59:59.999Z"), line])).toBe(false);
    expect(same([told("never-Z"), line])).toBe(false);
  });

  it("is another one in any other word, or left out, or there besides", () => {
    expect(same([told(from).replace("every target", "staging"), line])).toBe(false);
    expect(same([told(from).replace("agreed", "as ever"), line])).toBe(false);
    expect(same([told(from, until, "No longer"), line])).toBe(false);
    expect(same([line])).toBe(false);
    expect(same([told(from), told(from).replace("End", "Start"), line])).toBe(false);
    expect(same([told("2026-12-18T18:00:00.000Z"), "matrix.yaml: + expiresAfter: 4d"])).toBe(false);
    expect(same([told("2026-12-18T18:00:00.000Z")])).toBe(false);
    const other = "matrix.yaml: + # carryOver: 3d";
    expect(same([told(from), `${other}\n${line}`], [told(from), other, line])).toBe(false);
  });

  it("may be no change by the one database and one by the other", () => {
    const change = [told(from, until, "No longer"), told("2026-12-18T18:00:00.000Z")];
    expect(same([line], [...change, line])).toBe(true);
    expect(same([line], [told(from, until, "No longer"), told("2026-12-28T18:00:00.000Z"), line])).toBe(false);
  });

  it("is to the instant where no zone is but those that no government sets", () => {
    expect(same([told("2026-12-18T18:00:00.000Z"), line], again, { ...once, zone: "UTC" })).toBe(false);
    const weekly = { weekly: { from: { day: 5, minute: 960 }, until: { day: 1, minute: 420 } } };
    expect(same([told("2026-12-18T18:00:00.000Z"), line], again, { ...once, when: weekly })).toBe(false);
  });
});
