import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  calendarAt,
  type FreezeWindow,
  frozenSentence,
  instantInZone,
  isTimeZone,
  mayBeTimeZone,
  mayHold,
  secondsUntil,
  wallClockOf,
} from "../../../core/approval/calendar.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { manifest } from "../promotion/promotion-in-review.ts";

const at = (text: string) => text as Instant;
const yearEnd = at("2027-01-04T07:00:00.000Z");
const once: FreezeWindow = {
  name: "Year end",
  zone: "UTC",
  when: { from: at("2026-12-18T17:00:00.000Z"), until: yearEnd },
  exceptions: [],
};
const weekend: FreezeWindow = {
  name: "Weekend",
  zone: "Europe/Berlin",
  when: { weekly: { from: { day: 5, minute: 960 }, until: { day: 1, minute: 420 } } },
  exceptions: [],
};

describe("the freeze calendar", () => {
  it("holds up from a window's first instant to before its last, and says when it ends", () => {
    const frozen = { kind: "frozen", window: "Year end", until: "2027-01-04T07:00:00.000Z" };
    expect(calendarAt([once], manifest, at("2026-12-18T16:59:59.999Z"))).toEqual({ kind: "free" });
    expect(calendarAt([once], manifest, at("2026-12-18T17:00:00.000Z"))).toEqual(frozen);
    expect(calendarAt([once], manifest, at("2027-01-04T06:59:59.999Z"))).toEqual(frozen);
    expect(calendarAt([once], manifest, at("2027-01-04T07:00:00.000Z"))).toEqual({ kind: "free" });
  });

  it.each([
    ["in winter", "2026-11-27T15:00:00.000Z", "2026-11-30T06:00:00.000Z"],
    ["in summer", "2026-07-03T14:00:00.000Z", "2026-07-06T05:00:00.000Z"],
    ["as clocks go back", "2026-10-23T14:00:00.000Z", "2026-10-26T06:00:00.000Z"],
    ["as clocks go forward", "2026-03-27T15:00:00.000Z", "2026-03-30T05:00:00.000Z"],
    ["in the first week that there is", "1970-01-02T15:00:00.000Z", "1970-01-05T06:00:00.000Z"],
    ["over the new year", "2027-01-01T15:00:00.000Z", "2027-01-04T06:00:00.000Z"],
  ])("comes back every week on its own zone's clock, %s", (_, from, until) => {
    expect(calendarAt([weekend], manifest, addSeconds(at(from), -1))).toEqual({ kind: "free" });
    expect(calendarAt([weekend], manifest, at(from))).toEqual({ kind: "frozen", window: "Weekend", until });
    expect(calendarAt([weekend], manifest, addSeconds(at(until), -1))).toMatchObject({ kind: "frozen", until });
    expect(calendarAt([weekend], manifest, at(until))).toEqual({ kind: "free" });
  });

  it("names of two windows the one that ends last", () => {
    const saturday = at("2027-01-02T12:00:00.000Z");
    const short = { ...once, name: "Short", when: { from: saturday, until: addSeconds(saturday, 60) } };
    expect(calendarAt([short, once, weekend], manifest, saturday)).toMatchObject({ window: "Year end" });
  });

  it("names of two that end together the one that the file has last", () => {
    const saturday = at("2027-01-02T12:00:00.000Z");
    const close = { ...once, name: "Close", when: { from: saturday, until: yearEnd } };
    expect(calendarAt([once, close], manifest, saturday)).toMatchObject({ window: "Close" });
    expect(calendarAt([close, once], manifest, saturday)).toMatchObject({ window: "Year end" });
  });

  it("knows its week where it is another day than in Greenwich", () => {
    const early: FreezeWindow = {
      name: "Sunday",
      zone: "Pacific/Auckland",
      when: { weekly: { from: { day: 0, minute: 60 }, until: { day: 0, minute: 300 } } },
      exceptions: [],
    };
    // Sunday, 29 November, 02:00 in Auckland, which is 13 hours ahead.
    expect(calendarAt([early], manifest, at("2026-11-28T13:00:00.000Z"))).toMatchObject({
      until: "2026-11-28T16:00:00.000Z",
    });
    expect(calendarAt([early], manifest, at("2026-11-29T02:00:00.000Z"))).toEqual({ kind: "free" });
  });

  it("says what it holds up until when", () => {
    expect(frozenSentence({ window: "Year end", until: at("2027-01-04T07:00:00.000Z") })).toBe(
      "Changes are frozen ('Year end') until 2027-01-04T07:00:00.000Z.",
    );
  });

  it("leaves other targets alone", () => {
    const elsewhere = { ...once, targets: ["staging"] };
    expect(calendarAt([elsewhere], manifest, at("2026-12-20T00:00:00.000Z"))).toEqual({ kind: "free" });
  });

  it("lets an excepted model pass with its reason, until the exception ends, and through no other window", () => {
    const exception = { model: "credit-scoring", reason: "Agreed", until: at("2026-12-20T00:00:00.000Z") };
    const windows = [{ ...once, exceptions: [exception] }];
    const before = at("2026-12-19T10:00:00.000Z");
    expect(calendarAt(windows, manifest, before)).toMatchObject({ kind: "excepted", reason: "Agreed" });
    expect(calendarAt(windows, manifest, at("2026-12-20T00:00:00.000Z"))).toMatchObject({ kind: "frozen" });
    const { until: _, ...openEnded } = exception;
    expect(calendarAt([{ ...once, exceptions: [openEnded] }], manifest, addSeconds(exception.until, 60))).toEqual({
      kind: "excepted",
      window: "Year end",
      until: "2027-01-04T07:00:00.000Z",
      reason: "Agreed",
    });
    const other = { ...manifest, model: { ...manifest.model, name: "churn" } };
    expect(calendarAt(windows, other, before)).toMatchObject({ kind: "frozen" });
    expect(calendarAt([...windows, weekend], manifest, before)).toMatchObject({ kind: "frozen", window: "Weekend" });
  });
});

describe("a wall clock's time in a zone", () => {
  it.each([
    ["Europe/Berlin", "2026-03-29T02:30:00.000Z", "2026-03-29T01:00:00.000Z"],
    ["Europe/Berlin", "2026-10-25T02:30:00.000Z", "2026-10-25T00:30:00.000Z"],
    ["Asia/Kathmandu", "2026-06-01T00:00:00.000Z", "2026-05-31T18:15:00.000Z"],
    ["Pacific/Apia", "2026-06-01T00:00:00.000Z", "2026-05-31T11:00:00.000Z"],
  ])("in %s of %s is %s, also where it is skipped or comes twice", (zone, wall, instant) => {
    expect(instantInZone(Date.parse(wall), zone)).toBe(instant);
  });

  it("ends with the last instant that can be written, where what has no end is written as the year 9999", () => {
    const forever = Date.UTC(9999, 11, 31, 23, 59);
    expect(instantInZone(forever, "Europe/Berlin")).toBe("9999-12-31T22:59:00.000Z");
    expect(instantInZone(forever, "America/New_York")).toBe("9999-12-31T23:59:59.999Z");
    const until = instantInZone(forever, "America/New_York");
    const window = { ...once, zone: "America/New_York", when: { from: yearEnd, until } };
    const behind = calendarAt([window], manifest, yearEnd, () => -3600);
    expect(behind).toEqual({ kind: "free" });
    expect(calendarAt([window], manifest, addSeconds(yearEnd, 3600), () => -3600)).toMatchObject({ until });
    expect(mayHold(window, yearEnd)).toBe(true);
  });

  it("is what the clock shows there", () => {
    expect(wallClockOf(at("2026-11-28T13:30:00.000Z"), "Pacific/Auckland")).toEqual({ day: 0, minute: 150 });
    expect(wallClockOf(at("2026-11-28T13:30:00.000Z"), "America/New_York")).toEqual({ day: 6, minute: 510 });
  });

  it("is of a zone that there is", () => {
    expect(isTimeZone("Europe/Berlin")).toBe(true);
    expect(isTimeZone("Europe/Atlantis")).toBe(false);
  });

  it.each([
    ["2026-11-23T09:00:00.000Z", "2026-11-23T10:30:00.000Z", 5400],
    ["2026-11-23T09:00:00.000Z", "2026-11-23T09:00:01.001Z", 2],
    ["2026-11-23T09:00:00.000Z", "2026-11-23T09:00:00.000Z", 1],
  ])("is waited for from %s to %s for %s whole seconds", (now, until, seconds) => {
    expect(secondsUntil(at(until), at(now))).toBe(seconds);
  });

  it("never falls back behind an earlier time", () => {
    const year = fc.integer({ min: Date.UTC(2026, 0, 2) / 900_000, max: Date.UTC(2026, 11, 30) / 900_000 });
    fc.assert(
      fc.property(
        year,
        fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
        (quarter, zone) => {
          const [now, later] = [quarter * 900_000, (quarter + 1) * 900_000];
          expect(instantInZone(later, zone) >= instantInZone(now, zone)).toBe(true);
          expect(Math.abs(Date.parse(instantInZone(now, zone)) - now)).toBeLessThan(15 * 3_600_000);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("a window whose zone nobody knows here", () => {
  const hours = (instant: string, by: number) => addSeconds(at(instant), by * 3600);

  it("may hold from fifteen hours before its times in UTC until fifteen hours after", () => {
    expect(mayHold(once, hours("2026-12-18T17:00:00.000Z", -15))).toBe(true);
    expect(mayHold(once, addSeconds(hours("2026-12-18T17:00:00.000Z", -15), -0.001))).toBe(false);
    expect(mayHold(once, addSeconds(hours("2027-01-04T07:00:00.000Z", 15), -0.001))).toBe(true);
    expect(mayHold(once, hours("2027-01-04T07:00:00.000Z", 15))).toBe(false);
  });

  it.each([
    ["2026-11-27T16:00:00.000Z", "2026-11-30T07:00:00.000Z"],
    // Of the week before, and of the next.
    ["2026-11-20T16:00:00.000Z", "2026-11-23T07:00:00.000Z"],
  ])("may hold each week from fifteen hours before %s until fifteen hours after %s", (from, until) => {
    expect(mayHold(weekend, hours(from, -15))).toBe(true);
    expect(mayHold(weekend, addSeconds(hours(from, -15), -60))).toBe(false);
    expect(mayHold(weekend, addSeconds(hours(until, 15), -60))).toBe(true);
    expect(mayHold(weekend, hours(until, 15))).toBe(false);
  });

  it("counts the minutes of the hour, not only hours", () => {
    const from = "2026-11-27T16:00:00.000Z";
    expect(mayHold(weekend, addSeconds(hours(from, -15), 1800))).toBe(true);
    expect(mayHold(weekend, addSeconds(hours(from, -15), -1800))).toBe(false);
  });

  it("has a name as zones have", () => {
    for (const name of ["Europe/Berlin", "Etc/GMT+5", "America/Port-au-Prince", "UTC", "+05:30", "EST5EDT"])
      expect(mayBeTimeZone(name)).toBe(true);
    for (const name of ["", "Europe/ Berlin", " UTC", "UTC\n", "Zürich", "UTC;"])
      expect(mayBeTimeZone(name)).toBe(false);
  });
});

describe("by a clock that is ahead of this database", () => {
  const hour = () => 3600;
  it("a window begins and ends so much earlier", () => {
    const until = "2027-01-04T06:00:00.000Z";
    expect(calendarAt([once], manifest, at("2026-12-18T15:59:59.999Z"), hour)).toEqual({ kind: "free" });
    const frozen = { kind: "frozen", window: "Year end", until };
    expect(calendarAt([once], manifest, at("2026-12-18T16:00:00.000Z"), hour)).toEqual(frozen);
    expect(calendarAt([once], manifest, at("2027-01-04T05:59:59.999Z"), hour)).toEqual(frozen);
    expect(calendarAt([once], manifest, at(until), hour)).toEqual({ kind: "free" });
  });
});
