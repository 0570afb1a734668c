import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import type { ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { recheckShadowRun } from "../../../../core/archive/promotion/verify-shadow.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { observationsBytes, type ShadowObservations, shadowReportBytes } from "../../../../core/gates/shadow/report.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
import { shadowObservationsName, shadowPlanDigest, shadowReportName } from "../../../../core/promotion/shadow.ts";
import { digestOf, id, now, promotionInReview, requirements } from "../../promotion/promotion-in-review.ts";
import { refused } from "../../refusal.ts";

const plan = { durationSeconds: 60, requests: 2, withinSeconds: 600 };
const until = addSeconds(now, 60);
const measured = { invocations: 2, errors4xx: 0, errors5xx: 0 };
const observations: ShadowObservations = {
  ...{ observationsVersion: 1, promotion: id, plan: shadowPlanDigest(plan), beside: "champion", from: now, until },
  measured: { champion: measured, candidate: measured },
  captured: { champion: 2, candidate: 2, unreadable: 0 },
  compared: 2,
  answers: [
    [0.1, 0.1, 1],
    [0.7, 0.8, 1],
  ],
};
const [report, kept] = [digestOf("report"), digestOf("kept")];
const evidence = {
  ...{ kind: "shadow-run", format: "plain", name: shadowReportName, mediaType: "application/json", size: 3 },
  sha256: report,
};
const shadow = { plan: shadowPlanDigest(plan), askedAt: now, beside: "champion", since: now, endedAt: until };
const rule = { ...requirements.document.rule, shadow: plan };

const overRecord: Omit<LedgerRecord, "body"> = {
  ...{ recordVersion: 1, id: `${id}/9`, type: "shadow-run", at: now, promotion: id, summary: "" },
  attachments: [],
};

function recheck(
  over: { readonly told?: ShadowObservations; readonly report?: Uint8Array; readonly read?: ReadDocument } = {},
  step: Partial<Step> = {},
  body: LedgerRecord["body"] = { state: "reported", evidence },
) {
  const { told = observations } = over;
  const record: LedgerRecord = {
    ...{ recordVersion: 1, id: `${id}/9`, type: "shadow-run", at: now, promotion: id, summary: "", body },
    attachments: [
      { name: shadowReportName, mediaType: "application/json", sha256: report },
      { name: shadowObservationsName, mediaType: "application/json", sha256: kept },
    ],
  };
  const files = new Map([
    [report, over.report ?? shadowReportBytes(observations)],
    [kept, observationsBytes(told)],
  ]);
  const promotion = promotionInReview({ shadow });
  return recheckShadowRun(
    {
      index: 9,
      record,
      before: promotion,
      after: promotion,
      requirements: { ...requirements.document, rule },
      ...step,
    },
    over.read ?? (async (sha256) => files.get(sha256)),
  );
}

describe("the end of a run in shadow", () => {
  /** Over so many seconds after it began, and after so many requests. */
  const over = (seconds: number, count: number, step: Partial<Step> = {}) =>
    recheck(
      {},
      { ...step, record: { ...overRecord, at: addSeconds(now, seconds), body: { state: "over", requests: count } } },
    );

  it("comes once it lasted as long as its plan asks, give or take what clocks differ by", async () => {
    expect(await over(60, 2)).toEqual([]);
    expect(await over(55, 2)).toEqual([]);
    expect(await over(54, 9)).toEqual([
      `The run in shadow is said to be over at ${addSeconds(now, 54)}, and it began at ${now}: its plan asks for 1m.`,
    ]);
  });

  it("comes after as many requests as its plan asks for, or once it lasted as long as it may", async () => {
    expect(await over(594, 1)).toEqual([
      `The run in shadow is said to be over at ${addSeconds(now, 594)}, and it began at ${now}, after 1 requests: its plan asks for 2 requests, or 10m.`,
    ]);
    expect(await over(595, 0)).toEqual([]);
    expect(await over(594, 2)).toEqual([]);
  });

  it("comes no later than it may last, where it is to last for longer", async () => {
    const longer = { ...plan, durationSeconds: 6000 };
    const run = { ...shadow, plan: shadowPlanDigest(longer) };
    const step = {
      after: promotionInReview({ shadow: run }),
      requirements: { ...requirements.document, rule: { ...rule, shadow: longer } },
    };
    expect(await over(600, 0, step)).toEqual([]);
    expect(await over(594, 9, step)).toHaveLength(1);
  });

  it("is nobody's where it never began, or is by another plan", async () => {
    const { since: _, ...never } = shadow;
    expect(await over(1, 0, { after: promotionInReview({ shadow: never }) })).toEqual([]);
    expect(await over(1, 0, { requirements: undefined })).toEqual([]);
    expect(await over(1, 0, { after: promotionInReview({ shadow: { ...shadow, plan: digestOf("other") } }) })).toEqual(
      [],
    );
  });
});

describe("the report of a run in shadow", () => {
  it("is what both models' answers make", async () => {
    expect(await recheck()).toEqual([]);
    const other = { ...observations, answers: observations.answers.slice(1) };
    expect(await recheck({ told: other })).toEqual([
      "What both models answered in the run in shadow does not make the report that was recorded.",
    ]);
  });

  it("is asked for once it is reported", async () => {
    expect(await recheck({ read: async () => undefined }, {}, { state: "running" })).toEqual([]);
  });

  it.each<[string, Partial<ShadowObservations>]>([
    ["promotion", { promotion: `p-${"0".repeat(32)}-1` as typeof id }],
    ["plan", { plan: digestOf("other") }],
    ["champion", { beside: "other" }],
    ["beginning", { from: addSeconds(now, 1) }],
    ["end", { until: addSeconds(until, 1) }],
  ])("is of the run that was recorded: no other %s", async (_, over) => {
    const told = { ...observations, ...over };
    expect(await recheck({ told, report: shadowReportBytes(told) })).toEqual([
      "The observations of the run in shadow are of another run than the recorded one.",
    ]);
  });

  it("is of a run by the plan of the rule, where the rule is known", async () => {
    const sentence = "The candidate ran in shadow by another plan than its rule has.";
    const other = { ...requirements.document, rule: { ...rule, shadow: { ...plan, requests: 3 } } };
    expect(await recheck({}, { requirements: other })).toEqual([sentence]);
    expect(await recheck({}, { requirements: undefined })).toEqual([]);
  });

  it("is in the pack, with what it was made of", async () => {
    for (const missing of [report, kept])
      expect(
        await recheck({ read: async (sha256) => (sha256 === missing ? undefined : shadowReportBytes(observations)) }),
      ).toEqual(["The report of the run in shadow is not in the pack."]);
  });

  it("is of a form and a version that are known", async () => {
    expect(
      await recheck({ read: async (sha256) => (sha256 === kept ? utf8("{}") : shadowReportBytes(observations)) }),
    ).toEqual(["The observations of the shadow run are not of the form that they have here."]);
    expect(await refused(recheck({ report: utf8('{"reportVersion":99}') }))).toEqual({
      code: "newer-version",
      sentence: "_shadow-run.json is of version 99: it could not be checked, since a newer Countersign made it.",
    });
  });
});
