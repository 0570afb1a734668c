import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import type { HeldSignOff } from "../../../../core/archive/people/verify-sign-offs.ts";
import { stoppedUntold } from "../../../../core/archive/promotion/stopped-untold.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { SignOff } from "../../../../core/promotion/sign-off.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { deployed } from "../told-review.ts";
import { stepOf } from "../told-steps.ts";

const { held, steps } = deployed;
const verdict = stepOf(steps, "verdict");
const seat = verdict.after.settled.at(-1)?.seats[0] ?? expect.unreachable("Nobody fills a seat.");
const seated = held.find(({ signOff }) => signOff.id === seat.signOff) ?? expect.unreachable("It is not there.");
const id = digestOf("other");

/** Whoever fills a seat decides otherwise, so many seconds after the verdict. */
const otherwise = (seconds: number, over: Partial<SignOff>, at: Instant = verdict.record.at): HeldSignOff => ({
  ...seated,
  signOff: { ...seated.signOff, id, recordedAt: addSeconds(at, seconds), ...over },
});
const said = (all: readonly HeldSignOff[], life: readonly Step[] = steps) =>
  stoppedUntold(all, life, []).map(({ promotion, sentence }) => {
    expect(promotion).toBe(seated.signOff.promotion);
    return sentence;
  });
const atOnce = (what: string) => [
  `Whether the ${what} ${id} came before the verdict '${verdict.record.id}' is told by the service's clock alone: they are of the same seconds.`,
];

describe.each([
  ["rejection", { result: "reject" }],
  ["withdrawal", { result: "withdraw" }],
] as const)("a %s", (what, result) => {
  it("of the seconds in which the verdict was signed may have come before it", () => {
    expect(said(held)).toEqual([]);
    for (const seconds of [-5, 0, 5]) expect(said([...held, otherwise(seconds, result)])).toEqual(atOnce(what));
    for (const seconds of [-6, 6]) expect(said([...held, otherwise(seconds, result)])).toEqual([]);
  });

  it("was heard where something came of it, and is no matter of another review's, or of what was kept", () => {
    const all = [...held, otherwise(0, result)];
    for (const type of ["rejected", "seat-reopened"] as const)
      expect(said(all, [...steps, { ...verdict, record: { ...verdict.record, type } }])).toEqual([]);
    expect(said([...held, otherwise(0, { ...result, review: seated.signOff.review + 1 })])).toEqual([]);
    expect(said([...held, { ...otherwise(0, result), kept: true }])).toEqual([]);
  });

  it("stops no loan's verdict, nor one that failed", () => {
    const all = [...held, otherwise(0, result)];
    for (const body of [{ loan: true }, { result: "FAILED" }]) {
      const record = { ...verdict.record, body: { ...verdict.record.body, ...body } };
      const life = steps.map((step) => (step.record.type === "verdict" ? { ...step, record } : step));
      expect(said(all, life)).toEqual([]);
    }
  });
});

describe("a withdrawal", () => {
  it("takes no seat from the verdict that its person does not fill, or fills by what came after", () => {
    const reviewer = { ...seated.signOff.reviewer, subject: "somebody else" };
    const other = { ...otherwise(-60, { reviewer }), member: { ...seated.member, identity: reviewer, address: "" } };
    expect(
      said([...held, other, { ...other, signOff: otherwise(0, { reviewer, result: "withdraw" }).signOff }]),
    ).toEqual([]);
    const again = held.map((each) =>
      each === seated ? { ...each, signOff: { ...each.signOff, recordedAt: verdict.record.at } } : each,
    );
    const before = { ...seated, signOff: { ...seated.signOff, id: digestOf("before") } };
    expect(said([...again, before, otherwise(-1, { result: "withdraw" })])).toEqual([]);
  });

  it("takes back what stood", () => {
    const given = seated.signOff.recordedAt;
    const nothing = [
      `What the withdrawal ${id} took back: no decision of its reviewer that stood then is told, and one that was left out leaves no gap.`,
    ];
    const withdrawn = otherwise(1, { result: "withdraw" }, given);
    expect(said([seated, withdrawn])).toEqual([]);
    expect(said([withdrawn])).toEqual(nothing);
    expect(
      said([
        { ...seated, signOff: { ...seated.signOff, result: "withdraw", recordedAt: addSeconds(given, -1) } },
        withdrawn,
      ]),
    ).toContain(nothing[0]);
    expect(said([{ ...seated, signOff: { ...seated.signOff, stage: 7 } }, withdrawn])).toEqual(nothing);
    // By another account of theirs, or in an earlier review, from which it was kept.
    const account = { ...seated.signOff.reviewer, subject: "another account" };
    const theirs = { ...seated, member: { ...seated.member, identity: account } };
    expect(said([{ ...theirs, signOff: { ...seated.signOff, reviewer: account } }, withdrawn])).toEqual([]);
    expect(said([seated, otherwise(1, { result: "withdraw", review: 2 }, given)])).toEqual([]);
    expect(said([{ ...seated, signOff: { ...seated.signOff, stage: 7 }, kept: true }, withdrawn])).toEqual([]);
  });
});
