import { describe, expect, it } from "vitest";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import {
  type FoundIntruder,
  type IntruderSubject,
  intruderFound,
  intruderGone,
  isNews,
  openIntruder,
  openIntruders,
  placeFound,
  takeBackFailed,
  takeBackStarted,
} from "../../../core/promotion/intruder-facts.ts";
import { digestOf, id, now } from "./promotion-in-review.ts";

const place = { kind: "sagemaker-endpoint", target: "production", endpoint: "scoring" } as const;
const ofPromotion: IntruderSubject = { promotion: id, place };
const ofNone: IntruderSubject = { promotion: undefined, place };
const found: FoundIntruder = { kind: "unapproved", why: "Nobody approved it.", running: "quick-fix", action: "report" };
const later = "2026-11-23T12:30:00.000Z" as Instant;
const attachment = { name: "running.json", mediaType: "application/json", sha256: digestOf("running") };

/** Findings one after the other, each told with those before at hand. */
function findings(...subjects: readonly IntruderSubject[]): readonly Fact[] {
  const facts: Fact[] = [];
  for (const subject of subjects) facts.push(intruderFound(subject, facts, found, [], now));
  return facts;
}

describe("what is found to run without an approval", () => {
  it("is told of the promotion that should run there, or that does, with what was read", () => {
    expect(intruderFound(ofPromotion, [], found, [attachment], now)).toEqual({
      id: `${id}/intruder/scoring/1`,
      type: "intruder-found",
      at: now,
      promotion: id,
      summary: "Nobody approved it.",
      body: { kind: "unapproved", running: "quick-fix", action: "report", place },
      attachments: [attachment],
    });
  });

  it("is told of none where nothing was ever approved there", () => {
    const fact = intruderFound(ofNone, [], found, [], now);
    expect(fact.id).toBe("installation/intruder/production/scoring/1");
    expect(fact).not.toHaveProperty("promotion");
  });

  it("says so where what was approved is put back", () => {
    const { summary, body } = intruderFound(ofPromotion, [], { ...found, action: "take-back" }, [], now);
    expect(summary).toBe("Nobody approved it. What was approved is put back.");
    expect(body["action"]).toBe("take-back");
  });

  it("has the next number of its place, past the ninth as well", () => {
    const twelve = findings(...Array<IntruderSubject>(12).fill(ofPromotion));
    expect(twelve.at(-1)?.id).toBe(`${id}/intruder/scoring/12`);
    expect(openIntruder(twelve.toReversed(), place)?.id).toBe(`${id}/intruder/scoring/12`);
  });

  it("is numbered by the findings there alone, whatever else was told there or found elsewhere", () => {
    const elsewhere = { ...ofPromotion, place: { ...place, endpoint: "fraud" } };
    const [first, ...rest] = findings(ofPromotion, elsewhere, elsewhere, elsewhere);
    if (first === undefined) return expect.unreachable("Nothing was found.");
    const facts = [first, ...rest, intruderGone(first, later), takeBackStarted(first, undefined, later)];
    expect(intruderFound(ofPromotion, facts, found, [], later).id).toBe(`${id}/intruder/scoring/2`);
    expect(intruderFound(ofPromotion, rest, found, [], later).id).toBe(`${id}/intruder/scoring/1`);
  });

  it.each<[string, Partial<IntruderSubject["place"]>, IntruderSubject]>([
    ["in another target", { target: "staging" }, ofPromotion],
    ["of another kind", { kind: "kubernetes" }, ofPromotion],
    ["of another kind, where nothing was approved", { kind: "kubernetes" }, ofNone],
  ])("is told beside what was found in a place of the same name %s", (_, other, subject) => {
    const elsewhere = { ...subject, place: { ...place, ...other } };
    const facts = findings(subject, elsewhere, subject);
    expect(new Set(facts.map((fact) => fact.id)).size).toBe(3);
    expect(openIntruder(facts, elsewhere.place)).toBe(facts[1]);
    expect(openIntruder(facts, place)).toBe(facts[2]);
  });

  it("is news where it is of another kind, another thing, or to be answered otherwise than what stands", () => {
    const open = intruderFound(ofPromotion, [], found, [], now);
    expect(isNews(open, found)).toBe(false);
    expect(isNews(undefined, found)).toBe(true);
    for (const other of [{ kind: "altered" }, { running: "slow-fix" }, { action: "take-back" }] as const)
      expect(isNews(open, { ...found, ...other }), JSON.stringify(other)).toBe(true);
  });
});

describe("the finding that stands of a place", () => {
  const [first, second, elsewhere] = findings(ofNone, ofNone, {
    ...ofNone,
    place: { ...place, endpoint: "fraud" },
  }) as [Fact, Fact, Fact];

  it("is the latest, until that is told to be gone", () => {
    expect(openIntruder([], place)).toBeUndefined();
    expect(openIntruder([first, second], place)).toBe(second);
    // An end counts for its own finding alone.
    expect(openIntruder([first, second, intruderGone(first, later)], place)).toBe(second);
    expect(openIntruder([first, second, intruderGone(second, later)], place)).toBeUndefined();
    // Being put back is no end of it.
    expect(openIntruder([first, takeBackStarted(first, undefined, later)], place)).toBe(first);
  });

  it("is one for each place", () => {
    expect(openIntruders([first, second, elsewhere])).toEqual([second, elsewhere]);
    expect(openIntruders([first, second, elsewhere, intruderGone(elsewhere, later)])).toEqual([second]);
  });

  it.each<[string, Partial<Pick<Fact, "type" | "body">>]>([
    ["of another type", { type: "intruder-gone" }],
    ["that names none", { body: {} }],
    ["that names nothing", { body: { place: null } }],
    ["that names a word", { body: { place: "production" } }],
    ["that names a list", { body: { place: ["sagemaker-endpoint", "production", "scoring"] } }],
    ["that does not say of what kind", { body: { place: { ...place, kind: 1 } } }],
    ["that does not say in which target", { body: { place: { ...place, target: null } } }],
    ["that does not say which", { body: { place: { kind: place.kind, target: place.target } } }],
  ])("is no fact %s", (_, over) => {
    expect(placeFound(first)).toEqual(place);
    expect(placeFound({ ...first, ...over })).toBeUndefined();
    expect(openIntruders([{ ...first, ...over }])).toEqual([]);
  });
});

describe("what becomes of a finding", () => {
  const fact = intruderFound(ofPromotion, [], found, [], now);
  const told = { at: later, promotion: id, attachments: [] };

  it("is told to be gone, whoever saw to that", () => {
    expect(intruderGone(fact, later)).toEqual({
      ...told,
      id: `${fact.id}/gone`,
      type: "intruder-gone",
      summary: "What should not run does not run there any more.",
      body: { found: fact.id },
    });
    const missing = intruderFound(ofPromotion, [], { ...found, kind: "missing" }, [], now);
    expect(intruderGone(missing, later).summary).toBe("What was approved is no longer missing there.");
    expect(intruderGone(intruderFound(ofNone, [], found, [], now), later)).not.toHaveProperty("promotion");
  });

  it("is taken out of service, or gives way to what was approved, under that verdict", () => {
    const takeBack = { ...told, id: `${fact.id}/take-back`, type: "take-back" };
    expect(takeBackStarted(fact, digestOf("verdict"), later)).toEqual({
      ...takeBack,
      summary: "What was approved is put back in the place of what should not run.",
      body: { found: fact.id, state: "started", verdict: digestOf("verdict") },
    });
    expect(takeBackStarted(fact, undefined, later)).toEqual({
      ...takeBack,
      summary: "What should not run is taken out of service.",
      body: { found: fact.id, state: "started" },
    });
  });

  it("is told once where it could not be", () => {
    expect(takeBackFailed(fact, "The target does not answer.", later)).toEqual({
      ...told,
      id: `${fact.id}/take-back/failed`,
      type: "take-back",
      summary: "What should not run could not be taken back. The target does not answer. It is tried again.",
      body: { found: fact.id, state: "failed" },
    });
  });
});
