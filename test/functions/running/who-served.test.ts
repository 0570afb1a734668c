import { describe, expect, it } from "vitest";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { Target } from "../../../core/promotion/target.ts";
import type { Traffic } from "../../../core/promotion/traffic.ts";
import type { PromotionLists } from "../../../functions/running/what-runs.ts";
import { servedMost } from "../../../functions/running/who-served.ts";
import { digestOf, manifest, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { deployedPromotion } from "../api/deployed-promotion.ts";
import { restriction } from "../approved-promotion.ts";

const running = deployedPromotion();
const { startedAt } = running.deployment ?? { startedAt: now };
const blocked = Array.from({ length: 2000 }, (_, at) =>
  promotionInReview({
    id: promotionId(digestOf(`blocked ${at}`), 1),
    status: "blocked",
    submittedAt: addSeconds(running.submittedAt, -at - 1),
  }),
);

/** As the table lists them, a page at a time. */
function listing(newestFirst: readonly (typeof running)[]) {
  let pages = 0;
  const list: PromotionLists["list"] = async (_lane, limit, from = "0") => {
    pages += 1;
    const next = Number(from) + limit;
    const promotions = newestFirst.slice(Number(from), next);
    return { promotions, ...(next < newestFirst.length ? { next: String(next) } : {}) };
  };
  return { lists: { list }, pages: () => pages };
}

it("is what was deployed first, of a day of which an hour lay before, without reading all that was tried until then", async () => {
  const { lists, pages } = listing([running, ...blocked]);
  const window = { from: addSeconds(startedAt, -3600), until: addSeconds(startedAt, 82_800) };
  expect((await servedMost(lists, running, window))?.id).toBe(running.id);
  expect(pages()).toBeLessThanOrEqual(51);
});

it("is nothing of a time before anything was deployed, and what runs where the last five hundred do not tell", async () => {
  const window = { from: addSeconds(startedAt, -7200), until: addSeconds(startedAt, -3600) };
  expect(await servedMost(listing([running, ...blocked.slice(0, 20)]).lists, running, window)).toBeUndefined();
  expect((await servedMost(listing([running, ...blocked]).lists, running, window))?.id).toBe(running.id);
});

describe("of the hours of a day", () => {
  const midnight = "2026-11-23T00:00:00.000Z" as Instant;
  const at = (hour: number): Instant => addSeconds(midnight, hour * 3600);
  const day = { from: at(0), until: at(24) };
  const allAtOnce: Traffic = { kind: "all-at-once", waitSeconds: 0 };
  const canary: Traffic = { kind: "canary", percent: 10, waitSeconds: 600 };
  const places: readonly Target[] = [
    { name: "production", kind: "pipeline", endpoint: "scores", audience: "vault", withinSeconds: 60 },
    { name: "production", kind: "webhook", endpoint: "scores", url: "https://deploys.example/hook" },
  ].map((place) => place as Target);

  /** A version that was submitted, and whose release began, at an hour. */
  function version(
    name: string,
    startedAt: number,
    {
      status = "deployed",
      traffic = allAtOnce,
      target = manifest.target,
      facts = {},
      over = {},
    }: {
      readonly status?: Status;
      readonly traffic?: Traffic;
      readonly target?: Target;
      readonly facts?: Partial<Readonly<Record<Fact["type"], number>>>;
      readonly over?: Partial<Promotion>;
    } = {},
  ): Promotion {
    const id = promotionId(digestOf(name), 1);
    const history = Object.entries(facts).map(
      ([type, hour], index): Fact => ({
        ...{ id: `${id}/${index}`, promotion: id, summary: "", body: {}, attachments: [] },
        ...{ type: type as Fact["type"], at: at(hour) },
      }),
    );
    return promotionInReview({
      ...{ id, status, history, submittedAt: at(startedAt), manifest: { ...manifest, target } },
      deployment: {
        startedAt: at(startedAt),
        serves: { image: "", model: { uri: "", versionId: "v1", sha256: digestOf("model") } },
        release: { kind: "update", traffic },
      },
      ...over,
    });
  }

  const lent = (over: Partial<Loan> = {}): Loan => ({
    terms: { incident: "INC-1", seconds: 3600 },
    lenders: [],
    ...{ at: at(0), until: at(24), runningSince: at(15) },
    ...over,
  });
  const first = version("1.3.0", -240);

  /** Who served the most, of what is listed newest first; the oldest runs where nothing else is said. */
  const most = async (newestFirst: readonly Promotion[], window = day, runs = newestFirst.at(-1)) =>
    (await servedMost(listing(newestFirst).lists, runs ?? expect.unreachable(), window))?.id;

  it.each([
    ["the newer one, where it has served for the longer part", 11, "second"],
    ["the one before, where it has", 13, "first"],
  ])("it is %s", async (_, hour, which) => {
    const second = version("1.4.0", hour);
    expect(await most([second, first])).toBe(which === "second" ? second.id : first.id);
  });

  it.each([
    ["the newer", "second"],
    ["the older", "first"],
  ])("of two with twelve hours each it is the one that runs: %s", async (_, which) => {
    const second = version("1.4.0", 12);
    const runs = which === "second" ? second : first;
    expect(await most([second, first], day, runs)).toBe(runs.id);
    expect(await most([version("1.5.0", 18), version("1.4.1", 12), first], day, first)).toBe(first.id);
  });

  it("one with more is not passed over for one that runs with less", async () => {
    const second = version("1.4.0", 13);
    expect(await most([second, first], day, second)).toBe(first.id);
    expect(await most([version("1.5.0", 20), version("1.4.0", 9), first], day, first)).toBe(version("1.4.0", 9).id);
  });

  it("each part of the day counts, where what served for the middle of it was taken back", async () => {
    // Seven hours of the one before, in two parts of five and two; six of each of the others.
    const others = [
      version("1.6.0", 18),
      version("1.5.0", 14, { status: "rolled-back", facts: { "rolled-back": 16 } }),
      version("1.4.0", 5, { status: "rolled-back", facts: { "rolled-back": 14 } }),
    ];
    expect(await most([...others, first])).toBe(others[2]?.id);
    expect(await most([...others, first], { from: at(0), until: at(12) })).toBe(others[2]?.id);
    const short = version("1.4.0", 7, { status: "rolled-back", facts: { "rolled-back": 14 } });
    expect(await most([...others.slice(0, 2), short, first])).toBe(first.id);
  });

  it("what made place before the day began has no part in it, and what began after it neither", async () => {
    const over = version("1.4.0", -48, { status: "rolled-back", facts: { "rolled-back": -24 } });
    expect(await most([version("1.5.0", 24), over, first])).toBe(first.id);
    expect(await most([version("1.5.0", 24), over], day)).toBeUndefined();
    expect(await most([version("1.5.0", 30)], day)).toBeUndefined();
  });

  it.each<[string, ReturnType<typeof restriction>]>([
    [
      "taken out of service",
      restriction({ taken: { remedy: "stop", because: "drift", startedAt: at(1), doneAt: at(2) } }),
    ],
    [
      "drifted, and made place",
      restriction({ taken: { remedy: "previous", because: "drift", startedAt: at(1), doneAt: at(2) } }),
    ],
  ])("what was %s served until then", async (_, restricted) => {
    const gone = version("1.4.0", -4, { status: "restricted", over: { restriction: restricted } });
    expect(await most([gone, first])).toBe(first.id);
    expect(await most([gone, first], { from: at(-4), until: at(2) })).toBe(gone.id);
  });

  it.each<[Status]>([["restricted"], ["deployed"]])(
    "what is %s, and nothing was done about, serves on",
    async (status) => {
      const on = version("1.4.0", -4, { status, over: status === "restricted" ? { restriction: restriction() } : {} });
      expect(await most([on, first])).toBe(on.id);
    },
  );

  it.each<[Status]>([["deploying"], ["in-review"], ["approved"], ["withdrawn"]])(
    "what is %s answers nothing yet, or nothing any more",
    async (status) => {
      const { deployment: _, ...undeployed } = version("1.4.0", -4, { status });
      for (const each of [undeployed, version("1.4.0", -4, { status })])
        expect(await most([each, first])).toBe(first.id);
    },
  );

  it("what failed without a word of whether it was taken back has no part in it", async () => {
    expect(await most([version("1.4.0", -4, { status: "failed" }), first])).toBe(first.id);
  });

  it("what never was deployed has no part in it, whatever became of it", async () => {
    const { deployment: _, ...stopped } = version("1.4.0", -4, { status: "blocked", facts: { "rolled-back": 23 } });
    expect(await most([stopped, first])).toBe(first.id);
  });

  describe("traffic that came over in parts", () => {
    it.each<[string, Traffic, Target]>([
      ["a canary", canary, manifest.target],
      ...places.map((place): [string, Traffic, Target] => [`a ${place.kind}`, allAtOnce, place]),
    ])("%s answers all requests once it is deployed", async (_, traffic, target) => {
      const second = version("1.4.0", 9, { traffic, target, facts: { "deployment-started": 9, deployed: 13 } });
      expect(await most([second, first])).toBe(first.id);
      expect(await most([second, first], { from: at(3), until: at(24) })).toBe(second.id);
    });

    it("all at once is it from its beginning", async () => {
      expect(await most([version("1.4.0", 9, { facts: { deployed: 13 } }), first])).toBe(version("1.4.0", 9).id);
    });

    it("where it is not said when it was, a canary that is deployed is so from its beginning, and one that was taken back never", async () => {
      expect(await most([version("1.4.0", 9, { traffic: canary }), first])).toBe(version("1.4.0", 9).id);
      const back = version("1.4.0", 0, { traffic: canary, status: "rolled-back", facts: { "rolled-back": 23 } });
      expect(await most([back, first])).toBe(first.id);
    });
  });

  describe("what ran on loan", () => {
    it.each<[string, Status, Partial<Loan>, Traffic, boolean]>([
      ["serves from when its loan says so, and on", "loaned", { runningSince: at(11) }, canary, true],
      ["has not served before that", "loaned", { runningSince: at(13) }, canary, false],
      ["served until it was taken back", "expired", { runningSince: at(1), takenBackAt: at(14) }, canary, true],
      ["served no longer than until then", "expired", { runningSince: at(1), takenBackAt: at(12) }, allAtOnce, false],
      ["serves on once it was ratified", "deployed", { runningSince: at(11), ratifiedAt: at(12) }, canary, true],
    ])("%s", async (_, status, loan, traffic, isMost) => {
      const { runningSince = at(0), ...more } = loan;
      const second = version("1.4.0", 0, { status, traffic, over: { loan: lent({ runningSince, ...more }) } });
      expect(await most([second, first], day, first)).toBe(isMost ? second.id : first.id);
    });

    it.each<[string, Status, Traffic, boolean]>([
      ["with a part of the requests only, answers none alone", "loaned", canary, false],
      ["with a part of the requests only, answered none alone", "rolled-back", canary, false],
      ["all at once, does from its beginning", "loaned", allAtOnce, true],
    ])("that is on its way %s", async (_, status, traffic, isMost) => {
      const { runningSince: _since, ...loan } = lent();
      const facts = status === "loaned" ? {} : { "rolled-back": 23 };
      const second = version("1.4.0", 0, { status, traffic, facts, over: { loan } });
      expect(await most([second, first])).toBe(isMost ? second.id : first.id);
    });
  });
});
