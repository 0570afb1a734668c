import { describe, expect, it } from "vitest";
import type { FreezeWindow } from "../../../../core/approval/calendar.ts";
import { calendarFit, type SaidOfWindows, unknownZones } from "../../../../core/archive/policies/calendar-fit.ts";
import type { Instant } from "../../../../core/encoding/instant.ts";

const at = (time: string) => `2026-11-23T${time}:00.000Z` as Instant;
/** Monday the 23rd of November: 02:00 to 03:00 in Vancouver, where it is eight hours before UTC, or seven. */
const vancouver: FreezeWindow = {
  name: "Weekend",
  zone: "America/Vancouver",
  when: { weekly: { from: { day: 1, minute: 120 }, until: { day: 1, minute: 180 } } },
  exceptions: [{ model: "urgent", reason: "Agreed" }],
};
const once: FreezeWindow = { ...vancouver, when: { from: at("10:00"), until: at("11:00") } };
const utc: FreezeWindow = { ...once, zone: "UTC" };
const how = (window: FreezeWindow, time: string, said: SaidOfWindows, model = "credit-scoring") =>
  calendarFit([window], { at: at(time), model, target: "production", said });
const of = { model: "credit-scoring", target: "production" };
const held = (until: string): SaidOfWindows => ({ kind: "held", window: "Weekend", until: at(until) });

describe("what a record says of a freeze window", () => {
  it("fits by the reader's time zone database or by one that has its zone's clock otherwise", () => {
    // Databases of before 2026b have winter time there.
    const fits = [how(vancouver, "09:30", held("10:00")), how(vancouver, "10:30", held("11:00"))];
    expect(fits.toSorted()).toEqual(["by-another-clock", "fits"]);
    expect(how(vancouver, "12:30", held("13:00"))).toBe("differs");
    expect(how(vancouver, "09:30", held("10:45"))).toBe("differs");
    expect(how(vancouver, "09:30", { ...held("10:00"), window: "Other" } as SaidOfWindows)).toBe("differs");
  });

  it("fits by half an hour and by an hour, of a window that is once as well", () => {
    expect(how(once, "10:30", held("11:00"))).toBe("fits");
    for (const [time, until] of [
      ["09:30", "10:00"],
      ["10:15", "10:30"],
      ["11:15", "11:30"],
      ["11:30", "12:00"],
    ] as const)
      expect(how(once, time, held(until)), until).toBe("by-another-clock");
    expect(how(once, "12:30", held("13:00"))).toBe("differs");
    expect(how(once, "10:15", held("10:45"))).toBe("differs");
  });

  it("fits by no other clock where its zone is UTC, whose clock nobody sets", () => {
    expect(how(utc, "10:30", held("11:00"))).toBe("fits");
    expect(how(utc, "09:30", held("10:00"))).toBe("differs");
    for (const zone of ["Etc/GMT+8", "-08:00", "+05:30"])
      expect(how({ ...utc, zone }, "09:30", held("10:00")), zone).toBe("differs");
  });

  it("fits where one zone's clock was otherwise, and that of the others as the reader has it", () => {
    // By the service's database the first one was over at 09:00; the other one has not begun at 09:15 by any.
    const first: FreezeWindow = { ...once, when: { from: at("05:00"), until: at("10:00") } };
    const second: FreezeWindow = { ...once, zone: "Europe/Zurich", when: { from: at("09:45"), until: at("12:00") } };
    const both = (time: string) =>
      calendarFit([first, second], {
        at: at(time),
        model: "credit-scoring",
        target: "production",
        said: { kind: "free" },
      });
    expect(both("09:15")).toBe("by-another-clock");
    expect(both("08:45")).toBe("differs");
    // Both an hour later: the second one, too, has a clock that may be otherwise.
    expect(both("09:55")).toBe("differs");
  });

  it("fits where all zones' clocks were otherwise in the same way, or one of three", () => {
    const until = (zone: string, from: Instant, end: Instant): FreezeWindow => ({
      ...once,
      zone,
      when: { from, until: end },
    });
    const free = (...windows: FreezeWindow[]) =>
      calendarFit(windows, { ...of, at: at("09:15"), said: { kind: "free" } });
    const over = until("America/Vancouver", at("05:00"), at("10:00"));
    const both = [over, until("Europe/Zurich", at("05:00"), at("10:00"))];
    expect(free(...both)).toBe("by-another-clock");
    const coming = ["Europe/Zurich", "Asia/Tokyo"].map((zone) => until(zone, at("09:45"), at("12:00")));
    expect(free(over, ...coming)).toBe("by-another-clock");
  });

  it("goes by the windows of the target, and by no window that has an exception", () => {
    const only = (target: string) => how({ ...once, targets: [target] }, "10:30", held("11:00"));
    expect([only("production"), only("staging")]).toEqual(["fits", "differs"]);
    expect(how(utc, "10:30", held("11:00"), "urgent")).toBe("differs");
  });

  it.each(["free", "signed"] as const)("is not that none held (%s) well within one", (kind) => {
    const long: FreezeWindow = { ...once, when: { from: at("06:00"), until: at("12:00") } };
    expect(how(long, "05:59", { kind })).toBe("fits");
    expect(how(long, "06:59", { kind })).toBe("by-another-clock");
    expect(how(long, "07:00", { kind })).toBe("differs");
    expect(how(long, "10:59", { kind })).toBe("differs");
    expect(how(long, "11:00", { kind })).toBe("by-another-clock");
    expect(how(long, "12:00", { kind })).toBe("fits");
    expect(how(utc, "10:00", { kind })).toBe("differs");
  });

  it("is that a deployment began whose run did before the window, by the one clock or the other", () => {
    const long: FreezeWindow = { ...once, when: { from: at("06:00"), until: at("12:00") } };
    expect(how(long, "06:14", { kind: "begun" })).toBe("fits");
    expect(how(long, "07:14", { kind: "begun" })).toBe("by-another-clock");
    expect(how(long, "07:15", { kind: "begun" })).toBe("differs");
    // It is over now, whatever was fifteen minutes ago.
    expect(how({ ...long, zone: "UTC" }, "11:59", { kind: "begun" })).toBe("differs");
    expect(how({ ...long, zone: "UTC" }, "12:00", { kind: "begun" })).toBe("fits");
  });

  it("is an exception of the window that held", () => {
    const excepted = { kind: "excepted", window: "Weekend", reason: "Agreed" } as const;
    expect(how(once, "10:30", excepted, "urgent")).toBe("fits");
    expect(how(once, "09:30", excepted, "urgent")).toBe("by-another-clock");
    expect(how(once, "10:30", excepted)).toBe("differs");
    expect(how(utc, "09:30", excepted, "urgent")).toBe("differs");
    expect(how(utc, "10:30", { ...excepted, window: "Other" }, "urgent")).toBe("differs");
    expect(how(utc, "10:30", { ...excepted, reason: "Because" }, "urgent")).toBe("differs");
  });
});

describe("where the reader's database does not have a window's zone", () => {
  const nowhere: FreezeWindow = { ...once, name: "Nowhere", zone: "Moon/Tycho" };
  const excepted = (window: string, reason = "Agreed"): SaidOfWindows => ({ kind: "excepted", window, reason });
  const told = (windows: readonly FreezeWindow[], time: string, said: SaidOfWindows, model = "credit-scoring") =>
    calendarFit(windows, { at: at(time), model, target: "production", said });
  const heldBy = (window: string): SaidOfWindows => ({ kind: "held", window, until: at("11:00") });

  it("is not told whether it held, but within fifteen hours of when it would in UTC", () => {
    const far = (instant: string) => calendarFit([nowhere], { ...of, at: instant as Instant, said: { kind: "free" } });
    expect(far("2026-11-22T18:59:59.999Z")).toBe("fits");
    expect(far("2026-11-22T19:00:00.000Z")).toBe("zone-unknown");
    expect(far("2026-11-24T01:59:59.999Z")).toBe("zone-unknown");
    expect(far("2026-11-24T02:00:00.000Z")).toBe("fits");
    const weekly: FreezeWindow = { ...nowhere, when: vancouver.when };
    const each = (instant: string) =>
      calendarFit([weekly], { ...of, at: instant as Instant, said: { kind: "signed" } });
    expect(each("2026-11-22T10:59:59.999Z")).toBe("fits");
    expect(each("2026-11-22T11:00:00.000Z")).toBe("zone-unknown");
    expect(each("2026-11-23T17:59:59.999Z")).toBe("zone-unknown");
    expect(each("2026-11-23T18:00:00.000Z")).toBe("fits");
  });

  it("holds what is said of it for possible, and nothing that its own lines refuse", () => {
    expect(told([nowhere], "10:30", heldBy("Nowhere"))).toBe("zone-unknown");
    expect(told([nowhere], "10:30", heldBy("Nowhere"), "urgent")).toBe("differs");
    // It may be over by then.
    const ending = { ...nowhere, exceptions: [{ model: "urgent", reason: "Agreed", until: at("10:15") }] };
    expect(told([ending], "10:30", heldBy("Nowhere"), "urgent")).toBe("zone-unknown");
    expect(told([nowhere], "10:30", heldBy("Weekend"))).toBe("differs");
    expect(told([nowhere], "10:30", excepted("Nowhere"), "urgent")).toBe("zone-unknown");
    expect(told([nowhere], "10:30", excepted("Nowhere", "Because"), "urgent")).toBe("differs");
    expect(told([nowhere], "10:30", excepted("Nowhere"))).toBe("differs");
    expect(told([{ ...nowhere, targets: ["staging"] }], "10:30", { kind: "free" })).toBe("fits");
    expect(told([{ ...nowhere, targets: ["staging"] }], "10:30", heldBy("Nowhere"))).toBe("differs");
  });

  it("goes by the windows whose zones it has", () => {
    expect(told([nowhere, utc], "10:30", heldBy("Weekend"))).toBe("fits");
    expect(told([nowhere, utc], "11:30", heldBy("Weekend"))).toBe("differs");
    for (const kind of ["free", "signed", "begun"] as const)
      expect(told([nowhere, utc], "10:30", { kind }), kind).toBe("differs");
    expect(told([nowhere, utc], "10:30", excepted("Nowhere"), "urgent")).toBe("zone-unknown");
    expect(told([nowhere, { ...utc, exceptions: [] }], "10:30", excepted("Nowhere"), "urgent")).toBe("differs");
    expect(told([nowhere, utc], "10:30", excepted("Weekend"), "urgent")).toBe("zone-unknown");
  });

  it("is named with its zone, once, where it is for the target", () => {
    const other = { ...nowhere, name: "Other" };
    expect(
      unknownZones([nowhere, other, utc, { ...nowhere, zone: "Moon/Plato", targets: ["staging"] }], "production"),
    ).toEqual(["Moon/Tycho"]);
  });
});
