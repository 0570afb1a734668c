import { describe, expect, it } from "vitest";
import { rateOf, scheduledEvent, startSchedule } from "../../../local/eventbridge/scheduler.ts";
import { handClock } from "../hand-clock.ts";

describe("a schedule", () => {
  it.each([
    ["rate(1 minute)", 60_000],
    ["rate(5 minutes)", 300_000],
    ["rate(2 hours)", 7_200_000],
    ["rate(1 day)", 86_400_000],
  ])("understands %s", (expression, interval) => {
    expect(rateOf(expression)).toBe(interval);
  });

  it.each([
    "cron(0 9 * * ? *)",
    "at(2026-11-22T09:00:00)",
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(30 seconds)",
    "rate(0 minutes)",
  ])("refuses %s", (expression) => {
    expect(() => rateOf(expression)).toThrow(expect.objectContaining({ code: "invalid-request" }));
  });

  it("runs after each interval, and leaves out a turn while the last one is under way", async () => {
    const clock = handClock();
    const times: string[] = [];
    let finish = () => {};
    const schedule = startSchedule({
      expression: "rate(5 minutes)",
      clock,
      run: (time) => {
        times.push(time.slice(11, 16));
        return new Promise((resolve) => (finish = resolve));
      },
    });
    clock.advance(5 * 60_000);
    clock.advance(5 * 60_000);
    finish();
    await schedule.tick().catch(() => {});
    clock.advance(5 * 60_000);
    expect(times).toEqual(["09:05", "09:15"]);
    finish();
    await schedule.close();
    clock.advance(60 * 60_000);
    expect(times).toHaveLength(2);
  });

  it("goes on after a run that failed", async () => {
    const clock = handClock();
    let runs = 0;
    const schedule = startSchedule({
      expression: "rate(1 minute)",
      clock,
      run: async () => {
        runs += 1;
        throw new Error("the function failed");
      },
    });
    clock.advance(60_000);
    await expect(schedule.tick()).rejects.toThrow("the function failed");
    clock.advance(60_000);
    await schedule.close();
    expect(runs).toBe(2);
  });

  it("sends the event of a rule", () => {
    expect(scheduledEvent("arn:rule", "2026-11-22T09:00:00.000Z")).toMatchObject({
      "detail-type": "Scheduled Event",
      source: "aws.events",
      resources: ["arn:rule"],
    });
  });
});
