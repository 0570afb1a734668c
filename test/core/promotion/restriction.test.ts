import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { Remedy, TakenRemedy } from "../../../core/promotion/remedy.ts";
import {
  dueRemedy,
  dueSince,
  isOutOfService,
  isUnderWay,
  mayNotAskAgain,
  withRemedyDone,
  withRemedyFailed,
  withRemedyStarted,
} from "../../../core/promotion/restriction.ts";
import { restriction } from "../../functions/approved-promotion.ts";
import { codeOf, told } from "../refusal.ts";
import { digestOf, now, promotionInReview } from "./promotion-in-review.ts";

const again = promotionId(digestOf("again"), 1);
const former = { promotion: promotionId(digestOf("former"), 1), version: "1.3.0", verdict: digestOf("verdict") };
const begun: TakenRemedy = { remedy: "stop", because: "drift", startedAt: now };
const restricted = (over: Parameters<typeof restriction>[0] = {}): Promotion =>
  promotionInReview({ status: "restricted", restriction: restriction(over) });

describe("what is to be done about a restricted model", () => {
  it.each<[Remedy | undefined, Remedy | undefined, Status | undefined, string | undefined]>([
    [undefined, undefined, "rejected", undefined],
    ["keep", "stop", "in-review", undefined],
    ["keep", "stop", undefined, undefined],
    ["keep", "stop", "rejected", "stop not-reapproved"],
    ["keep", "previous", "expired", "previous not-reapproved"],
    ["keep", "stop", "blocked", "stop not-reapproved"],
    // A newer candidate took its place: nobody refused it.
    ["keep", "stop", "superseded", undefined],
    ["keep", "stop", "deployed", undefined],
    ["previous", undefined, undefined, "previous drift"],
    ["previous", "stop", "in-review", "previous drift"],
    // Where there was nothing to go back to, the refusal goes further.
    ["previous", "stop", "rejected", "stop not-reapproved"],
    ["stop", undefined, undefined, "stop drift"],
  ])(
    "by onDrift %s and ifNotReapproved %s, its approval being %s: %s",
    (remedy, unlessReapproved, status, expected) => {
      const { restriction: given, ...rest } = restricted();
      const promotion = {
        ...rest,
        restriction: {
          ...restriction(),
          ...given,
          ...(remedy === undefined ? {} : { remedy }),
          ...(unlessReapproved === undefined ? {} : { unlessReapproved }),
        },
      };
      const due = dueRemedy(promotion, status === undefined ? undefined : { id: again, status }, now);
      expect(due && `${due.remedy} ${due.because}`).toBe(expected);
    },
  );

  it("stays due once an approval was refused, whatever is asked for since", () => {
    const refused = restricted({ unlessReapproved: "stop", refused: true });
    for (const status of ["gating", "in-review", "superseded"] as const)
      expect(dueRemedy(refused, { id: again, status }, now)).toEqual({ remedy: "stop", because: "not-reapproved" });
    expect(dueRemedy(refused, undefined, now)).toBeDefined();
    for (const status of ["approved", "deploying", "deployed"] as const)
      expect(dueRemedy(refused, { id: again, status }, now)).toBeUndefined();
    expect(dueRemedy(restricted({ refused: true }), { id: again, status: "in-review" }, now)).toBeUndefined();
  });

  it("is due where newer candidates have taken the place of its approvals too often", () => {
    const asked = (times: number): Promotion => ({
      ...restricted({ unlessReapproved: "stop" }),
      history: Array.from({ length: times }, () => ({
        ...{ id: "1", type: "drift" as const, at: now, summary: "", attachments: [] },
        body: { reapproval: again },
      })),
    });
    expect(dueRemedy(asked(3), { id: again, status: "superseded" }, now)).toBeUndefined();
    expect(dueRemedy(asked(4), { id: again, status: "in-review" }, now)).toBeUndefined();
    expect(dueRemedy(asked(4), { id: again, status: "superseded" }, now)).toMatchObject({ remedy: "stop" });
  });

  describe("that nobody approves in the time that there is for it", () => {
    const timed = restricted({ unlessReapproved: "stop", reapproveBy: now });
    const before = addSeconds(now, -1);

    it("is due from then on, whoever was asked, and whether anybody was, until it is approved", () => {
      for (const asked of [undefined, "gating", "in-review", "superseded"] as const) {
        const approval = asked === undefined ? undefined : { id: again, status: asked };
        expect(dueRemedy(timed, approval, before)).toBeUndefined();
        expect(dueRemedy(timed, approval, now)).toEqual({ remedy: "stop", because: "not-reapproved" });
      }
      for (const status of ["approved", "loaned", "deploying", "deployed", "restricted"] as const)
        expect(dueRemedy(timed, { id: again, status }, now)).toBeUndefined();
    });

    it("is due since then; where it was refused before that, since it was", () => {
      const due = { remedy: "stop", because: "not-reapproved" } as const;
      const by = addSeconds(now, 3600);
      const promotion = restricted({ unlessReapproved: "stop", reapproveBy: by });
      const ended = (status: Status) => ({
        ...promotionInReview({ status }),
        history: [
          { id: "1", type: "rejected" as const, at: addSeconds(now, 60), summary: "", body: {}, attachments: [] },
        ],
      });
      expect(dueSince(promotion, due, undefined)).toBe(by);
      expect(dueSince(promotion, due, ended("superseded"))).toBe(by);
      expect(dueSince(promotion, due, ended("rejected"))).toBe(addSeconds(now, 60));
      expect(dueSince(promotion, { remedy: "stop", because: "drift" }, undefined)).toBe(now);
    });
  });

  it("is due since it drifted, where its approval ended before that or had been refused before", () => {
    const due = { remedy: "stop", because: "not-reapproved" } as const;
    const ended = (status: Status, seconds: number) => ({
      ...promotionInReview({ status }),
      history: [
        { id: "1", type: "rejected" as const, at: addSeconds(now, seconds), summary: "", body: {}, attachments: [] },
      ],
    });
    const by = addSeconds(now, 3600);
    const promotion = restricted({ unlessReapproved: "stop", reapproveBy: by });
    expect(dueSince(promotion, due, ended("rejected", -60))).toBe(now);
    expect(dueSince(restricted({ unlessReapproved: "stop", reapproveBy: by, refused: true }), due, undefined)).toBe(
      now,
    );
    expect(dueSince(restricted({ unlessReapproved: "stop" }), due, undefined)).toBe(now);
    expect(dueSince(promotion, due, { ...promotionInReview({ status: "rejected" }), history: [] })).toBe(by);
  });

  it("is not due for want of an approval where only other things are recorded often", () => {
    const facts = [
      { type: "drift" as const, body: { newer: again } },
      { type: "remedy" as const, body: { reapproval: again } },
    ];
    const often = {
      ...restricted({ unlessReapproved: "stop" }),
      history: Array.from({ length: 5 }, () => facts)
        .flat()
        .map((fact) => ({ id: "1", at: now, summary: "", attachments: [], ...fact })),
    };
    expect(mayNotAskAgain(often.history)).toBe(false);
    expect(dueRemedy(often, { id: again, status: "superseded" }, now)).toBeUndefined();
  });

  it("is nothing where it is done, or where nothing restricts it any more", () => {
    const done = { ...begun, doneAt: now };
    expect(dueRemedy(restricted({ remedy: "stop", taken: begun }), undefined, now)).toBeDefined();
    expect(dueRemedy(restricted({ remedy: "stop", taken: done }), undefined, now)).toBeUndefined();
    expect(dueRemedy({ ...restricted({ remedy: "stop" }), status: "rolled-back" }, undefined, now)).toBeUndefined();
    expect(dueRemedy(promotionInReview({ status: "deployed" }), undefined, now)).toBeUndefined();
  });
});

describe("what is done is told", () => {
  const due = { remedy: "previous", because: "drift" } as const;

  it("once as it begins, with what is to serve instead and its verdict", () => {
    const started = withRemedyStarted(restricted(), due, former, now);
    expect(started?.restriction?.taken).toEqual({ ...due, startedAt: now, to: former.promotion });
    expect(started?.history.at(-1)).toMatchObject({
      type: "remedy",
      summary: "It drifted. What runs in production goes back to credit-scoring 1.3.0, which was approved before.",
      body: { ...due, state: "started", to: former.promotion, verdict: former.verdict },
    });
    expect(started && withRemedyStarted(started, due, former, now)).toBeUndefined();
    const stopping = withRemedyStarted(restricted(), { remedy: "stop", because: "not-reapproved" }, undefined, now);
    expect(stopping?.history.at(-1)?.summary).toBe(
      "It was not approved again. credit-scoring 1.4.0 is taken out of service in production.",
    );
  });

  it("as failed once for each reason, and not as done then", () => {
    const failed = withRemedyFailed(restricted(), due, "No version was approved before it.", now);
    expect(failed?.history.at(-1)?.summary).toBe(
      "It drifted. What was approved before could not be put back. No version was approved before it. It is tried again.",
    );
    expect(failed?.restriction?.taken).toEqual({
      ...due,
      startedAt: now,
      failure: "No version was approved before it.",
    });
    if (failed === undefined) return;
    expect(withRemedyFailed(failed, due, "No version was approved before it.", now)).toBeUndefined();
    expect(withRemedyFailed(failed, due, "Another reason.", addSeconds(now, 21_600))?.history).toHaveLength(2);
    // What a target says of why may change with every run.
    expect(withRemedyFailed(failed, due, "Another reason.", addSeconds(now, 21_599))).toBeUndefined();
    expect(isOutOfService(failed)).toBe(false);
  });

  it("as begun anew where something else is to serve instead", () => {
    const started = withRemedyStarted(restricted(), due, former, now) ?? expect.unreachable();
    const other = { ...former, promotion: promotionId(digestOf("another"), 1) };
    expect(withRemedyStarted(started, due, other, now)?.restriction?.taken?.to).toBe(other.promotion);
    expect([former, other, undefined].map((to) => isUnderWay(started, due, to))).toEqual([true, false, false]);
    expect(isUnderWay(started, { remedy: "stop", because: "drift" }, former)).toBe(false);
    expect(isUnderWay(promotionInReview(), due, undefined)).toBe(false);
    expect(withRemedyDone(started, due, other, "It serves.", [], now)).toBeUndefined();
  });

  it.each([
    [
      "the id of a request",
      "Throttled (request 8c0b1f5e-0d0c-4c5b-9f3e-0a1b2c3d4e5f).",
      "Throttled (request 11111111-2222-3333-4444-AAAAbbbbCCCC).",
    ],
    ["a number", "The quota is 2 instances, with 1 in use.", "The quota is 2 instances, with 13 in use."],
  ])("as failed for the same reason where it differs by %s alone", (_, first, then) => {
    const failed = withRemedyFailed(restricted(), due, first, now) ?? expect.unreachable();
    expect(withRemedyFailed(failed, due, then, addSeconds(now, 21_600))).toBeUndefined();
  });

  it("as failed anew where another version is in its way", () => {
    const failed = withRemedyFailed(restricted(), due, "1.4.0: its verdict is gone.", now) ?? expect.unreachable();
    expect(withRemedyFailed(failed, due, "1.3.0: its verdict is gone.", addSeconds(now, 21_600))).toBeDefined();
  });

  it("as failed of each remedy by itself, and of no other thing that is told", () => {
    const stop = { remedy: "stop", because: "drift" } as const;
    const why = "The endpoint does not answer.";
    const failed = withRemedyFailed(restricted(), due, why, now) ?? expect.unreachable();
    const both = withRemedyFailed(failed, stop, why, addSeconds(now, 1));
    expect(both?.restriction?.taken).toEqual({ ...stop, startedAt: addSeconds(now, 1), failure: why });
    expect(both?.history.at(-1)).toMatchObject({ body: { ...stop, state: "failed" }, attachments: [] });
    const begun = withRemedyStarted(restricted(), due, former, now) ?? expect.unreachable();
    expect(begun.history.at(-1)?.attachments).toEqual([]);
    const after = withRemedyFailed(begun, due, why, addSeconds(now, 1));
    expect(after?.restriction?.taken).toEqual({ ...due, startedAt: now, to: former.promotion, failure: why });
    // The very same words are told once, however long it takes.
    expect(withRemedyFailed(after ?? begun, due, why, addSeconds(now, 90_000))).toBeUndefined();
  });

  it("as out of service only where it is, by its being stopped", () => {
    const done = { startedAt: now, doneAt: now, because: "drift" } as const;
    const out = (over: Parameters<typeof restriction>[0]) => isOutOfService(restricted(over));
    expect(out({ taken: { ...done, remedy: "stop" } })).toBe(true);
    expect(out({ taken: { ...done, remedy: "previous" } })).toBe(false);
    expect(out({ taken: begun })).toBe(false);
    expect(out({})).toBe(false);
    expect(isOutOfService(promotionInReview({ status: "restricted" }))).toBe(false);
    expect(isOutOfService({ ...restricted({ taken: { ...done, remedy: "stop" } }), status: "rolled-back" })).toBe(
      false,
    );
  });

  it("of nothing that no drift restricts", () => {
    expect(told(codeOf(() => withRemedyStarted(promotionInReview(), due, former, now)))).toBe(
      "conflict: Nothing restricts this promotion.",
    );
  });

  it("as begun also where it had failed before that: what is done has begun", () => {
    const stop = { remedy: "stop", because: "drift" } as const;
    const failed = withRemedyFailed(restricted(), stop, "The endpoint does not answer.", now);
    const started = failed && withRemedyStarted(failed, stop, undefined, addSeconds(now, 60));
    expect(started?.restriction?.taken).toEqual({ ...stop, startedAt: addSeconds(now, 60) });
    expect(started?.history.map(({ body }) => body["state"])).toEqual(["failed", "started"]);
    const again = started && withRemedyFailed(started, stop, "It is not done.", addSeconds(now, 90_000));
    expect(again && withRemedyStarted(again, stop, undefined, addSeconds(now, 90_060))).toBeUndefined();
  });

  it("as done: the promotion ends where another serves instead, and may come back where nothing does", () => {
    const files = [{ name: "deployment.json", mediaType: "application/json", sha256: digestOf("said") }];
    const back = withRemedyDone(
      restricted({ taken: { ...due, startedAt: now, to: former.promotion } }),
      due,
      former,
      "The endpoint serves it.",
      files,
      now,
    );
    expect(back).toMatchObject({ status: "rolled-back", reason: "It drifted. The endpoint serves it." });
    expect(back?.history.at(-1)).toMatchObject({ body: { ...due, state: "done" }, attachments: files });
    const stopped = withRemedyDone(restricted({ taken: begun }), begun, undefined, "The endpoint is gone.", files, now);
    expect(stopped?.status).toBe("restricted");
    expect(stopped && isOutOfService(stopped)).toBe(true);
    expect(stopped && withRemedyDone(stopped, begun, undefined, "Again.", files, now)).toBeUndefined();
    expect(withRemedyDone(restricted(), begun, undefined, "Nothing began.", files, now)).toBeUndefined();
  });

  it("of nothing that goes less far than what began: whoever looked before is behind", () => {
    const stop = { remedy: "stop", because: "not-reapproved" } as const;
    const returning = withRemedyStarted(restricted({ remedy: "previous" }), due, former, now);
    const stopping = returning && withRemedyStarted(returning, stop, undefined, now);
    const stopped = stopping && withRemedyDone(stopping, stop, undefined, "Nothing serves.", [], now);
    for (const further of [stopping, stopped]) {
      if (further === undefined) throw new Error("Nothing began.");
      expect(withRemedyStarted(further, due, former, now)).toBeUndefined();
      expect(withRemedyFailed(further, due, "It does not answer.", now)).toBeUndefined();
      expect(withRemedyDone(further, due, former, "It serves.", [], now)).toBeUndefined();
      expect([isUnderWay(further, due, former), isUnderWay(further, stop, undefined)]).toEqual([false, true]);
      // Nor is it due any more, whoever approves it after all.
      expect(dueRemedy(further, undefined, now)).toBeUndefined();
    }
    // What could not begin has taken nothing out.
    const failed = withRemedyFailed(restricted({ remedy: "previous" }), stop, "The endpoint does not answer.", now);
    expect(failed && dueRemedy(failed, undefined, now)).toEqual(due);
  });

  it("of nothing that is not restricted", () => {
    expect(codeOf(() => withRemedyStarted(promotionInReview(), due, former, now)).code).toBe("conflict");
  });
});
