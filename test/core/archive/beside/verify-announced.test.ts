import { describe, expect, it } from "vitest";
import {
  type Announced,
  announcedIn,
  type Elsewhere,
  recheckAnnounced,
} from "../../../../core/archive/beside/verify-announced.ts";
import type { PromotionRecord } from "../../../../core/archive/pack/promotion-file.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import { type PromotionId, promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { recordsOf, replayedOf, told } from "../told.ts";
import { withStep } from "../told-steps.ts";

const [drifted, other, again] = ["drifted", "other", "again"].map((name) => promotionId(digestOf(name), 1)) as [
  PromotionId,
  PromotionId,
  PromotionId,
];
const at = (seconds: number) => addSeconds(now, seconds);
const record = (
  index: number,
  promotion: PromotionId,
  type: FactType,
  { seconds = 0, body = {} }: { seconds?: number; body?: LedgerRecord["body"] } = {},
): PromotionRecord => ({
  index,
  record: {
    ...{ recordVersion: 1, id: `${promotion}/${index}`, type, at: at(seconds), promotion, summary: "" },
    ...{ body, attachments: [] },
  },
});
const announced: Announced = {
  ...{ promotion: drifted, index: 7, at: now, what: "stop", deployed: 5 },
  place: { target: "production", endpoint: "credit-scoring" },
};
/** What was deployed at an endpoint at an entry, and what its records say after that. */
const deployment = (
  types: readonly FactType[],
  { index = 9, endpoint = "credit-scoring", target = "production" } = {},
) => [
  record(1, other, "request", { body: { target } }),
  record(index, other, "deployment-started", { body: { endpoint } }),
  ...types.map((type, place) => record(index + 1 + place, other, type, { seconds: 3600 })),
];

async function said(over: Partial<Announced>, log: readonly PromotionRecord[] = [], more: Partial<Elsewhere> = {}) {
  const { findings, unchecked } = await recheckAnnounced([{ ...announced, ...over }], {
    goesTo: at(86_400),
    whole: true,
    recordsOf: async (promotion) => log.filter((each) => each.record.promotion === promotion),
    deployments: async () => log.filter((each) => each.record.type === "deployment-started"),
    ...more,
  });
  return [findings, unchecked].map((each) => each.map(({ sentence }) => sentence));
}

const late = [[expect.stringMatching(/^'stop' was announced.*does not say that it began\.$/)], []];
const open = [[], [expect.stringMatching(/^Whether what drifted still serves: 'stop' was announced/)]];

describe("what was announced", () => {
  it("is due for a day, in a log that tells all of it, where somebody can look at what runs", async () => {
    expect(await said({})).toEqual(late);
    expect(await said({}, [], { goesTo: at(86_399) })).toEqual(open);
    expect(await said({}, [], { goesTo: undefined })).toEqual(open);
    expect(await said({}, [], { whole: false })).toEqual(open);
    expect(await said({ ofPipeline: true })).toEqual(open);
  });

  it("has begun, and is said not to be done", async () => {
    expect(await said({ begunAt: at(60) })).toEqual([[], [expect.stringContaining(`began at ${at(60)}`)]]);
  });

  it("is not due where something else serves there since", async () => {
    for (const types of [["deployed"], ["loan-running"], ["loan-running", "loan-ratified"]] as const)
      expect(await said({}, deployment(types))).toEqual([[], []]);
    expect(await said({}, deployment(["deployed"], { endpoint: "Credit-Scoring" }))).toEqual([[], []]);
  });

  it("is due whatever was deployed elsewhere, before, or not at all", async () => {
    expect(await said({}, deployment(["deployed"], { endpoint: "other" }))).toEqual(late);
    expect(await said({}, deployment(["deployed"], { index: 4 }))).toEqual(late);
  });

  it("cannot be told while something is under way there, or by the name of its endpoint alone", async () => {
    expect(await said({}, deployment([]))).toEqual(open);
    expect(await said({}, deployment(["deployed"], { target: "other" }))).toEqual(open);
  });

  it("is due again from when that was gone", async () => {
    for (const types of [["rolled-back"], ["failed"], ["loan-running", "loan-taken-back"]] as const) {
      expect(await said({}, deployment(types))).toEqual(open);
      expect(await said({}, deployment(types), { goesTo: at(90_000) })).toEqual(late);
    }
  });

  it("is not due where what took its place was taken out of service itself: nothing serves there", async () => {
    const remedied = (remedy: string, target = "production") =>
      deployment(["deployed", "drift", "remedy"], { target }).map((each) =>
        each.record.type === "remedy"
          ? { ...each, record: { ...each.record, body: { remedy, because: "drift", state: "done" } } }
          : each,
      );
    expect(await said({}, remedied("stop"), { goesTo: at(90_000) })).toEqual([[], []]);
    expect(await said({}, remedied("previous"), { goesTo: at(90_000) })).toEqual(late);
    expect(await said({}, remedied("stop", "other"), { goesTo: at(90_000) })).toEqual(late);
  });

  it("is due where what took its place does not say in a form that is known what serves there instead", async () => {
    const states = ["started", "done"].values();
    const log = deployment(["deployed", "drift", "remedy", "remedy"]).map((each) => {
      if (each.record.type !== "remedy") return each;
      const body = { remedy: "previous", because: "drift", state: states.next().value ?? "done", to: 7 };
      return { ...each, record: { ...each.record, body } };
    });
    expect(await said({}, log, { goesTo: at(90_000) })).toEqual(late);
  });

  it("is due where its approval was refused, from then on, and not where it was superseded or is open", async () => {
    const ended = (type: FactType) => [record(9, again, type, { seconds: 3600 })];
    const of = { unless: again };
    for (const type of [
      "blocked",
      "rejected",
      "expired",
      "withdrawn",
      "failed",
      "rolled-back",
      "loan-ended",
    ] as const) {
      expect(await said(of, ended(type))).toEqual(open);
      expect(await said(of, ended(type), { goesTo: at(90_000) })).toEqual(late);
    }
    for (const type of ["superseded", "deployed", "stage-opened"] as const)
      expect(await said(of, ended(type), { goesTo: at(90_000) })).toEqual([[], []]);
    expect(await said(of)).toEqual([[], []]);
    expect(await said(of, [], { whole: false })).toEqual([[], [expect.stringContaining(`${again} tells`)]]);
  });
});

describe("what a promotion announces and leaves open", () => {
  it("is what began and is not done, of the kept pack's that drifted, and nothing of others", async () => {
    const { steps } = await replayedOf(told.deployed);
    const own = recordsOf(told.house.facts).filter((each) => each.record.promotion === told.deployed);
    const remedy = steps.find((each) => each.record.type === "remedy")?.record;
    expect(announcedIn(steps, own)).toMatchObject([{ what: "stop", begunAt: remedy?.at }]);
    const [begun] = announcedIn(
      steps.filter((each) => each.record.type !== "remedy"),
      own,
    );
    expect(begun).toMatchObject({ what: "stop", place: { target: "production", endpoint: "credit-scoring" } });
    expect(begun).not.toHaveProperty("begunAt");
    const done = withStep(steps, "remedy", (step) => ({
      record: { ...step.record, body: { ...step.record.body, state: "done" } },
    }));
    expect(announcedIn(done, own)).toEqual([]);
    for (const promotion of [told.kept, told.ratified, told.rejected])
      expect(announcedIn((await replayedOf(promotion)).steps, [])).toEqual([]);
  });

  it("is that something is taken back, until it is gone, by the last that was found in its place", async () => {
    const { steps } = await replayedOf(told.deployed);
    const own = recordsOf(told.house.facts).filter((each) => each.record.promotion === told.deployed);
    const without = (...types: readonly FactType[]) => own.filter((each) => !types.includes(each.record.type));
    const open = (of: readonly PromotionRecord[]) => announcedIn(steps, of).filter((each) => each.what === "take-back");
    expect(open(own)).toEqual([]);
    expect(open(without("intruder-gone"))).toMatchObject([{ begunAt: expect.any(String) }]);
    const left = without("intruder-gone", "take-back");
    const found = left.find((each) => each.record.type === "intruder-found") ?? expect.unreachable();
    expect(open(left)).toMatchObject([{ index: found.index, at: found.record.at }]);
    expect(open(left)[0]).not.toHaveProperty("begunAt");
    const next = { ...found.record, id: `${found.record.id}2`, body: { ...found.record.body, action: "report" } };
    expect(open([...left, { index: found.index + 1, record: next }])).toEqual([]);
  });
});
