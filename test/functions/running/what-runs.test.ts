import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import {
  deployedBefore,
  laneOf,
  lastByNow,
  type PromotionLists,
  surveyLane,
  whatShouldRun,
  whyOvertaken,
} from "../../../functions/running/what-runs.ts";
import { manifest, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { restriction } from "../approved-promotion.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const base = promotionInReview();
const lane = laneOf(base);
const submitted = (at: number, status: Status): Promotion => ({
  ...base,
  id: `p-${String(at).padStart(32, "0")}-1` as PromotionId,
  submittedAt: addSeconds(now, at),
  status,
});

/** As the table lists them, and what each page was asked for. */
function listing(newestFirst: readonly Promotion[]) {
  const asked: (readonly Status[] | undefined)[] = [];
  const list: PromotionLists["list"] = async ({ among }, limit, from = "0") => {
    asked.push(among);
    const rest = newestFirst.slice(Number(from));
    if (among !== undefined) return { promotions: rest.filter(({ status }) => among.includes(status)) };
    const next = Number(from) + limit;
    return { promotions: rest.slice(0, limit), ...(next < newestFirst.length ? { next: String(next) } : {}) };
  };
  return { asked, lists: { list } };
}

const failed = Array.from({ length: 1000 }, (_, at) => submitted(2000 - at, at % 2 === 0 ? "blocked" : "rejected"));
const deployed = submitted(20, "deployed");
const former = submitted(10, "deployed");

it("finds what runs beyond a thousand that came to nothing, without reading them", async () => {
  const { asked, lists } = listing([submitted(2001, "in-review"), ...failed, submitted(30, "deploying"), deployed]);
  const survey = await surveyLane(lists, lane);
  expect(survey).toMatchObject({
    running: { id: deployed.id },
    newer: { status: "in-review" },
    released: { status: "deploying" },
  });
  expect(asked).toHaveLength(2);
  expect(asked[1]).not.toContain("blocked");
});

it("asks for one page, and all of it, where what runs is among the newest", async () => {
  const { asked, lists } = listing([submitted(2001, "gating"), deployed, ...failed]);
  expect((await surveyLane(lists, lane)).running?.id).toBe(deployed.id);
  expect(asked).toEqual([undefined]);
});

it("finds what was deployed before, beyond a thousand that came to nothing", async () => {
  const { asked, lists } = listing([deployed, ...failed, former]);
  const found: PromotionId[] = [];
  for await (const { id } of deployedBefore(lists, deployed)) found.push(id);
  expect(found).toEqual([former.id]);
  expect(asked).toEqual([undefined, ["deployed"]]);
});

/** Taken out of service, or making place for another, since noon. */
const remedied = (at: number, over: Partial<NonNullable<Promotion["restriction"]>["taken"]> = {}): Promotion => ({
  ...submitted(at, "restricted"),
  restriction: restriction({ taken: { remedy: "stop", because: "drift", startedAt: now, doneAt: now, ...over } }),
});

describe("what is on its way beside what runs", () => {
  it.each<[Status]>([["deploying"], ["loaned"]])(
    "is released where it is %s, and the newest of several",
    async (status) => {
      const newest = submitted(40, status);
      const survey = await surveyLane(listing([newest, submitted(30, "deploying"), deployed]).lists, lane);
      expect(survey).toMatchObject({
        running: { id: deployed.id },
        newer: { id: newest.id },
        released: { id: newest.id },
      });
    },
  );

  it("is no release before that, nor once it is over", async () => {
    const over = [submitted(50, "rolled-back"), submitted(45, "withdrawn"), submitted(40, "approved")];
    expect(await surveyLane(listing([...over, deployed]).lists, lane)).toEqual({
      ...{ running: deployed, newer: over[2], wentBack: [] },
    });
    expect(await surveyLane(listing([...over.slice(0, 2)]).lists, lane)).toEqual({ wentBack: [] });
  });

  it("and what drifted and made place is told, the newest first; what was rolled back as it was released is not", async () => {
    const wentBack = [50, 40].map(
      (at): Promotion => ({ ...remedied(at, { remedy: "previous" }), status: "rolled-back" }),
    );
    const { doneAt: _, ...begun } = wentBack[0]?.restriction?.taken ?? expect.unreachable();
    const stuck: Promotion = { ...submitted(35, "rolled-back"), restriction: restriction({ taken: begun }) };
    const others = [stuck, submitted(30, "rolled-back"), { ...remedied(25), status: "expired" as const }];
    const survey = await surveyLane(listing([...wentBack, ...others, deployed]).lists, lane);
    expect(survey).toEqual({ running: deployed, wentBack });
  });
});

describe("what was approved last, once the target has said what runs", () => {
  const next = submitted(60, "deployed");
  const last = (listed: Promotion | undefined, of: Promotion | undefined, ...stored: readonly Promotion[]) =>
    lastByNow(new MemoryPromotions(stored), listed, of, lane);
  const elsewhere = (of: Promotion): readonly Promotion[] => [
    { ...of, manifest: { ...manifest, model: { ...manifest.model, name: "fraud" } } },
    { ...of, manifest: { ...manifest, target: { ...manifest.target, name: "staging" } } },
  ];

  it("is what was listed, where that is deployed still", async () => {
    const restricted: Promotion = { ...deployed, status: "restricted" };
    expect(await last(deployed, undefined, deployed)).toBe(deployed);
    expect(await last(deployed, former, restricted)).toBe(restricted);
  });

  it("is what runs, where that is deployed by now and newer, or nothing else is deployed any more", async () => {
    expect(await last(deployed, next, deployed)).toBe(next);
    expect(await last(undefined, next)).toBe(next);
    expect(await last(next, former, { ...next, status: "rolled-back" })).toBe(former);
    expect(await last(next, former)).toBe(former);
  });

  it("is not what runs where that came before it, or is not deployed, or is another model's or another target's", async () => {
    expect(await last(deployed, former, deployed)).toBe(deployed);
    const same = { ...next, submittedAt: deployed.submittedAt };
    expect(await last(deployed, same, deployed)).toBe(deployed);
    for (const runs of [submitted(60, "deploying"), submitted(60, "rolled-back"), ...elsewhere(next)])
      expect(await last(deployed, runs, deployed)).toBe(deployed);
    for (const runs of elsewhere(next)) expect(await last(undefined, runs)).toBeUndefined();
  });

  it("is what was listed where nothing is known better", async () => {
    const gone: Promotion = { ...deployed, status: "rolled-back" };
    for (const runs of [undefined, submitted(60, "deploying")]) expect(await last(deployed, runs, gone)).toBe(deployed);
    expect(await last(undefined, undefined)).toBeUndefined();
  });
});

describe("what a newer candidate has overtaken", () => {
  const slow = submitted(30, "deploying");

  it.each<[string, Promotion]>([
    ["is being deployed", submitted(40, "deploying")],
    ["is on loan", submitted(40, "loaned")],
    ["is deployed", submitted(40, "deployed")],
    ["has drifted since", submitted(40, "restricted")],
  ])("is not deployed over one that %s", async (_, newer) => {
    expect(await whyOvertaken(listing([newer, slow, deployed]).lists, slow)).toBe(
      `1.4.0 was approved for 'production' after it, and is ${newer.status}; this one is not deployed over it any more.`,
    );
  });

  it.each<[string, readonly Promotion[]]>([
    ["only older ones are there", [slow, submitted(25, "loaned"), deployed]],
    ["nothing else is there", [slow]],
    ["the newer one is in review", [submitted(40, "in-review"), slow, deployed]],
    ["the newer one came to nothing", [submitted(40, "rolled-back"), submitted(35, "failed"), slow, deployed]],
  ])("is nothing where %s", async (_, newestFirst) => {
    expect(await whyOvertaken(listing(newestFirst).lists, slow)).toBeUndefined();
  });
});

describe("what should run in a place", () => {
  const { target } = manifest;
  const goesBack = remedied(20, { remedy: "previous", to: former.id });

  it("is what was deployed last, whatever runs", () => {
    for (const runs of [undefined, deployed, former]) expect(whatShouldRun(deployed, runs, target)).toBe(deployed);
    expect(whatShouldRun(undefined, former, target)).toBeUndefined();
    expect(whatShouldRun(undefined, undefined, target)).toBeUndefined();
  });

  it("is nothing where that was taken out of service", () => {
    expect(whatShouldRun(remedied(20), former, target)).toBeUndefined();
  });

  it("is what it makes place for, in the place that both were approved for", () => {
    expect(whatShouldRun(goesBack, former, target)).toBe(former);
    expect(whatShouldRun(goesBack, undefined, target)).toBe(goesBack);
    expect(whatShouldRun(goesBack, submitted(15, "deployed"), target)).toBe(goesBack);
    const elsewhere = { ...target, endpoint: "another" } as typeof target;
    expect(whatShouldRun(goesBack, former, elsewhere)).toBe(goesBack);
  });
});
