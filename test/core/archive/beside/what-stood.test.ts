import { describe, expect, it } from "vitest";
import {
  type Displaced,
  displacedIn,
  type KeptFrom,
  recheckKeptFrom,
} from "../../../../core/archive/beside/what-stood.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { SignOffResult } from "../../../../core/promotion/sign-off.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { factOf } from "../retelling.ts";
import { resultOf, reviewOf, told } from "../told.ts";
import { withStep } from "../told-steps.ts";

const from = factOf(told.house, "sign-off-kept", told.kept).body["from"] as PromotionId;
const { keptFrom } = (await resultOf(told.kept)).besides;
const [kept] = keptFrom;
const { displaced } = (await resultOf(from)).besides;
if (kept === undefined || displaced === undefined) throw new Error("Nothing is kept.");
const { decisions } = displaced;
const { steps, held, own } = await reviewOf(from);
const people = { asDecided: () => [own] };

/** What is said of the first that is kept, by what became of the older promotion. */
function why(older: Partial<Displaced>, over: Partial<KeptFrom> = {}): readonly string[] {
  const { findings, unchecked } = recheckKeptFrom([{ ...(kept as KeptFrom), ...over }], {
    displaced: [{ ...(displaced as Displaced), ...older }],
    isKnown: () => true,
    isMissing: () => false,
  });
  expect(unchecked).toEqual([]);
  return findings.map(({ sentence }) =>
    sentence.replace(/^The sign-off [0-9a-f]{64} is kept from p-[0-9a-f]+-1, /, ""),
  );
}

/** With the decision that is kept told otherwise. */
const otherwise = (over: Partial<Displaced["decisions"][number]>): Partial<Displaced> => ({
  decisions: decisions.map((each) => (each.signOff === kept.signOff ? { ...each, ...over } : each)),
});

describe("what is kept from a candidate whose place was taken", () => {
  it("stood there, by its records", () => {
    expect(keptFrom.length).toBeGreaterThan(1);
    expect(keptFrom.every((each) => each.from === from && each.promotion === told.kept)).toBe(true);
    const known = { displaced: [displaced], isKnown: () => true, isMissing: () => false };
    expect(recheckKeptFrom(keptFrom, known)).toEqual({ findings: [], unchecked: [] });
  });

  it("is told by these alone where they are not here, once", () => {
    expect(recheckKeptFrom(keptFrom, { displaced: [], isKnown: () => false, isMissing: () => false })).toEqual({
      findings: [],
      unchecked: [
        {
          promotion: told.kept,
          sentence:
            "Whether what was kept from an earlier candidate still stood there, neither taken back nor fallen, is told by that candidate's records alone.",
        },
      ],
    });
  });

  it("is nothing that a log without that candidate could prove", () => {
    const { findings } = recheckKeptFrom([kept], { displaced: [], isKnown: () => false, isMissing: () => true });
    expect(findings).toEqual([
      {
        code: "sign-off-invalid",
        path: `records/${kept.index}.json`,
        promotion: told.kept,
        sentence: `The sign-off ${kept.signOff} is kept from ${from}, whose place it did not take.`,
      },
    ]);
  });

  it("is of the one whose place it took", () => {
    expect(why({ by: told.deployed })).toEqual(["whose place it did not take."]);
    expect(why({ promotion: told.deployed })).toEqual(["whose place it did not take."]);
  });

  it("was given there as it is kept", () => {
    expect(why({ decisions: [] })).toEqual(["where nobody gave it."]);
    expect(why(otherwise({ result: "reject" }))).toEqual(["where nobody gave it."]);
    for (const over of [
      { recordedAt: addSeconds(kept.recordedAt, 1) },
      { envelope: digestOf("other") },
      { beside: "{}x" },
    ])
      expect(why({}, over)).toEqual(["where it was recorded otherwise."]);
  });

  it("had not been taken back, nor fallen, but for what became known in the last moment", () => {
    const until = addSeconds(kept.at, -8);
    expect(why(otherwise({ until }))).toEqual([`where it did not stand any more since ${until}.`]);
    expect(why(otherwise({ until: addSeconds(kept.at, -7) }))).toEqual([]);
  });

  it("outlives no rejection that stood", () => {
    const rejection = { ...decisions[0], signOff: digestOf("no"), result: "reject" as const };
    const rejected = (recordedAt: number, until?: number): Partial<Displaced> => ({
      decisions: [
        ...decisions,
        {
          ...(rejection as Displaced["decisions"][number]),
          recordedAt: addSeconds(kept.at, recordedAt),
          ...(until === undefined ? {} : { until: addSeconds(kept.at, until) }),
        },
      ],
    });
    const stood = ["where a rejection stood: no approval outlives it."];
    expect(why(rejected(-60))).toEqual(stood);
    expect(why(rejected(-5))).toEqual(stood);
    expect(why(rejected(-4))).toEqual([]);
    expect(why(rejected(-60, 5))).toEqual([]);
    expect(why(rejected(-60, 6))).toEqual(stood);
  });
});

describe("what became of the sign-offs of a candidate whose place was taken", () => {
  const [given] = held;
  if (given === undefined) throw new Error("Nobody signed.");
  const { signOff } = given;
  const recordedAt = addSeconds(signOff.recordedAt, 30);
  const then = (over: Partial<typeof signOff>, result: SignOffResult = "withdraw") =>
    displacedIn(
      steps,
      [...held, { ...given, signOff: { ...signOff, id: digestOf("later"), result, recordedAt, ...over } }],
      people,
    )?.decisions ?? [];
  const untilOf = (all: Displaced["decisions"]) => all.find((each) => each.signOff === signOff.id)?.until;
  /** With the first opening of a stage told as another record. */
  const reopening = (body: (typeof steps)[number]["record"]["body"]) =>
    displacedIn(
      withStep(steps, "stage-opened", ({ record }) => ({ record: { ...record, type: "seat-reopened", body } })),
      held,
      people,
    )?.decisions ?? [];
  const openedAt = steps.find(({ record: { type } }) => type === "stage-opened")?.record.at;

  it("is told of none that was not superseded", async () => {
    expect(displacedIn([], [], people)).toBeUndefined();
    const { besides } = await resultOf(told.rejected);
    expect(besides).not.toHaveProperty("displaced");
    expect(besides).toMatchObject({ keptFrom: [] });
  });

  it("is that they stood to the end, or until the same person decided otherwise in the same place", () => {
    expect(displaced).toMatchObject({ promotion: from, by: told.kept });
    expect(untilOf(decisions)).toBeUndefined();
    expect(untilOf(then({}))).toBe(recordedAt);
    expect(then({}).map((each) => each.signOff)).not.toContain(digestOf("later"));
    expect(untilOf(then({}, "reject"))).toBe(recordedAt);
    expect(then({}, "reject")).toContainEqual(
      expect.objectContaining({ signOff: digestOf("later"), result: "reject" }),
    );
    expect(untilOf(then({ stage: 7 }))).toBeUndefined();
    expect(untilOf(then({ review: 7 }))).toBeUndefined();
    expect(untilOf(then({ reviewer: { ...signOff.reviewer, subject: "other" } }))).toBeUndefined();
    expect(untilOf(then({ recordedAt: addSeconds(signOff.recordedAt, -30) }))).toBeUndefined();
  });

  it("is that they fell, as it was told", () => {
    expect(untilOf(reopening({ fallen: [{ signOff: signOff.id, why: "no longer holds the role" }] }))).toBe(openedAt);
    expect(untilOf(reopening({ fallen: [{ signOff: digestOf("other"), why: "" }] }))).toBeUndefined();
    const [sha256, next] = [digestOf("older"), digestOf("newer")];
    // A review that begins anew keeps none but those that it names.
    expect(untilOf(reopening({ from: sha256, to: next, fallen: [] }))).toBe(openedAt);
  });

  it("is that they stood on where the next review kept them", () => {
    const at = addSeconds(recordedAt, 60);
    const again = { signOff: signOff.id, stage: 0, roles: [...signOff.roles], review: signOff.review + 1 };
    const [opened, ...rest] = steps.filter(({ record: { type } }) => type === "stage-opened");
    if (opened === undefined) throw new Error("No stage was opened.");
    const anew = { ...opened, record: { ...opened.record, type: "seat-reopened" as const } };
    const [sha256, next] = [digestOf("older"), digestOf("newer")];
    const all = [
      { ...anew, record: { ...anew.record, body: { from: sha256, to: next, fallen: [] } } },
      { ...anew, record: { ...anew.record, at, body: { review: again.review, kept: [again], fallen: [] } } },
      ...rest,
      ...steps.filter(({ record: { type } }) => type === "superseded" || type === "gates"),
    ];
    expect(untilOf(displacedIn(all, held, people)?.decisions ?? [])).toBeUndefined();
    const later = { ...given, signOff: { ...signOff, ...again, id: digestOf("later"), recordedAt: at } };
    expect(untilOf(displacedIn(all, [...held, later], people)?.decisions ?? [])).toBe(at);
  });
});
