import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadMatrix } from "../../../core/approval/loading/load-matrix.ts";
import { escalationDue, isWorkingTime, type Reminders, reminderDue } from "../../../core/approval/reminders.ts";
import { addSeconds, type Instant, instantFromMs, msOfInstant } from "../../../core/encoding/instant.ts";

const hour = 3600;
const berlin = { zone: "Europe/Berlin", from: 9 * 60, to: 17 * 60, days: [1, 2, 3, 4, 5] };
const daily: Reminders = { everySeconds: 24 * hour, workingHours: berlin };
const at = (text: string) => `${text}:00.000Z` as Instant;

describe("a reminder", () => {
  it("is due once a period is over, and not before", () => {
    const opened = at("2026-11-23T09:00");
    const always = { everySeconds: 24 * hour };
    expect(reminderDue(always, opened, addSeconds(opened, 24 * hour - 1))).toBeUndefined();
    expect(reminderDue(always, opened, addSeconds(opened, 24 * hour))).toBe(1);
    expect(reminderDue(always, opened, addSeconds(opened, 50 * hour))).toBe(2);
  });

  it("waits for the working day, and the weekend's are one", () => {
    const friday = at("2026-11-20T16:30");
    expect(reminderDue(daily, friday, at("2026-11-21T16:30"))).toBeUndefined();
    expect(reminderDue(daily, friday, at("2026-11-23T07:59"))).toBeUndefined();
    expect(reminderDue(daily, friday, at("2026-11-23T08:00"))).toBe(2);
    expect(reminderDue(daily, friday, at("2026-11-23T16:00"))).toBeUndefined();
  });

  it.each([
    ["before the clocks go forward", "2026-03-27T08:00", "2026-03-27T07:59"],
    ["after the clocks went forward", "2026-03-30T07:00", "2026-03-30T06:59"],
    ["before the clocks go back", "2026-10-23T07:00", "2026-10-23T06:59"],
    ["after the clocks went back", "2026-10-26T08:00", "2026-10-26T07:59"],
  ])("keeps to nine o'clock %s", (_, open, early) => {
    expect([isWorkingTime(berlin, at(open)), isWorkingTime(berlin, at(early))]).toEqual([true, false]);
  });

  /** Berlin's and New York's changes of 2026, and Lord Howe's, which is by half an hour. */
  const changes = ["2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T07:00", "2026-11-01T06:00", "2026-04-04T15:00"];
  const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];

  it("leaves in working hours by the zone's own clock whenever clocks change, and never twice for a period", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...changes),
        fc.constantFrom(...zones),
        fc.integer({ min: -72, max: 24 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 22 }),
        fc.integer({ min: 1, max: 8 }),
        (change, zone, hoursBefore, every, from, length) => {
          const opened = addSeconds(at(change), hoursBefore * hour);
          const to = Math.min(24, from + length);
          const reminders = {
            everySeconds: every * hour,
            workingHours: { zone, from: from * 60, to: to * 60, days: [0, 1, 2, 3, 4, 5, 6] },
          };
          const clock = new Intl.DateTimeFormat("en", { timeZone: zone, hour: "numeric", hourCycle: "h23" });
          let latest = 0;
          for (let quarter = 0; quarter < 4 * 96; quarter += 1) {
            const now = instantFromMs(msOfInstant(opened) + quarter * 900_000);
            const period = reminderDue(reminders, opened, now);
            const shown = Number(clock.format(new Date(now)));
            const within = from <= shown && shown < to;
            expect(period !== undefined).toBe(within && quarter * 900 >= every * hour);
            if (period === undefined) continue;
            expect(period).toBeGreaterThanOrEqual(latest);
            expect(period * every * hour).toBeLessThanOrEqual(quarter * 900);
            latest = period;
          }
        },
      ),
      { numRuns: 10 },
    );
  });
});

it("an escalation is due from its time on, in working hours", () => {
  const reminders = { ...daily, escalation: { afterSeconds: 48 * hour, to: "head-of-risk" } };
  const opened = at("2026-11-23T10:00");
  expect(escalationDue(reminders, opened, at("2026-11-25T09:59"))).toBeUndefined();
  expect(escalationDue(reminders, opened, at("2026-11-25T10:00"))).toBe("head-of-risk");
  expect(escalationDue(reminders, opened, at("2026-11-25T20:00"))).toBeUndefined();
  expect(escalationDue(daily, opened, at("2026-12-25T10:00"))).toBeUndefined();
});

describe("in the matrix", () => {
  const matrix = (reminders: string) => `matrixVersion: 1
roles:
  a: { title: A, groups: [as], judges: [model] }
rules:
  - modelType: m
    target: t
    expiresAfter: 5d
    stages: [{ name: s, requires: { role: a } }]
reminders:
${reminders}`;
  const problems = (text: string) => {
    const loaded = loadMatrix(matrix(text));
    return loaded.kind === "refused" ? loaded.problems.map(({ line, sentence }) => `${line}: ${sentence}`) : [];
  };

  it("they are read", () => {
    const loaded = loadMatrix(
      matrix(`  every: 1d
  workingHours: { timeZone: Europe/Berlin, from: "09:00", to: "17:00", days: [mon, tue, wed, thu, fri] }
  escalation: { after: 2d, to: a }`),
    );
    expect(loaded).toMatchObject({
      value: { reminders: { ...daily, escalation: { afterSeconds: 48 * hour, to: "a" } } },
    });
  });

  it.each([
    ["  every: 1m", "between 1h and 30d"],
    ["  every: 1d\n  escalation: { after: 2d, to: b }", "There is no role 'b'"],
    ['  every: 1d\n  workingHours: { timeZone: Mars, from: "09:00", to: "17:00", days: [mon] }', "no time zone 'Mars'"],
    [
      '  every: 1d\n  workingHours: { timeZone: UTC, from: "17:00", to: "09:00", days: [mon] }',
      "ends before it begins",
    ],
    ['  every: 1d\n  workingHours: { timeZone: UTC, from: "9", to: "17:00", days: [mon] }', "such as '09:00'"],
    [
      '  every: 1d\n  workingHours: { timeZone: UTC, from: "09:00", to: "17:00", days: [monday] }',
      "This must be a day",
    ],
    ['  every: 1d\n  workingHours: { timeZone: UTC, from: "09:00", to: "17:00", days: [] }', ""],
    ["  escalation: { after: 2d, to: a }", "every"],
  ])("%s is refused", (text, why) => {
    expect(problems(text).join()).toContain(why);
    expect(problems(text)).not.toEqual([]);
  });
});
