import { describe, expect, it } from "vitest";
import type { PromotionRecord } from "../../../../core/archive/pack/promotion-file.ts";
import { installationIntruders, recheckIntruders } from "../../../../core/archive/promotion/verify-intruders.ts";
import { type CandidateSaid, candidateSaid } from "../../../../core/deployment/intruder.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import { promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { refused } from "../../refusal.ts";
import { recordsOf, replayedOf, told } from "../told.ts";

const { steps } = await replayedOf(told.deployed);
const records = recordsOf(told.house.facts).filter(({ record }) => record.promotion === told.deployed);
const recordOf = (type: FactType): PromotionRecord => {
  const found = records.find(({ record }) => record.type === type);
  if (found === undefined) throw new Error(`There is no ${type}.`);
  return found;
};
const found = recordOf("intruder-found");
const document = JSON.parse(
  new TextDecoder().decode(told.house.blobs.get(found.record.attachments[0]?.sha256 ?? digestOf(""))),
);
const problems = (of: readonly PromotionRecord[], said: object | null = document) =>
  recheckIntruders(of, steps, async () => (said === null ? undefined : canonicalJsonBytes({ ...said })));
const saying = (each: PromotionRecord, body: LedgerRecord["body"]): PromotionRecord => ({
  ...each,
  record: { ...each.record, body: { ...each.record.body, ...body } },
});
const judged = { verdict: "It is too old.", altered: null };
/** What the records say of it as it was found. */
const recorded = () =>
  candidateSaid(steps.findLast(({ record }) => record.at <= found.record.at)?.after ?? expect.unreachable(), judged);
const wrong = (sentence: string, of = found) => [{ index: of.index, sentence }];

describe("an intruder", () => {
  it("is what the kept document comes to; it is gone, and something was put back, as is told", async () => {
    expect(await problems(records)).toEqual([]);
  });

  it("is of the kind that ran then", async () => {
    expect(await problems([saying(found, { kind: "expired" })])).toEqual(
      wrong("It is recorded as 'expired', and what ran then comes to 'unapproved'."),
    );
    expect(await problems([found], { ...document, revision: null })).toEqual(
      wrong("It is recorded as 'unapproved', and what ran then comes to 'none'."),
    );
  });

  it("is missing where nothing ran that should, and nobody puts that back", async () => {
    const candidate = recorded();
    const at = addSeconds(candidate.since, 900);
    const later = { ...found, record: { ...found.record, at } };
    const nothing = { ...document, readAt: at, revision: null, promotion: null, candidate };
    const missing = { kind: "missing", running: "", action: "report" };
    expect(await problems([saying(later, missing)], nothing)).toEqual([]);
    expect(await problems([saying(later, { ...missing, running: "other" })], nothing)).toEqual(
      wrong("It is recorded of something else than the document says."),
    );
    expect(await problems([saying(later, { ...missing, action: "take-back" })], nothing)).toEqual(
      wrong("What is missing is said to be taken back, and nobody puts it there again."),
    );
    expect(await problems([saying(later, missing)], { ...nothing, candidate: { ...candidate, version: "2" } })).toEqual(
      wrong("The document says something else of its promotion than the records do."),
    );
    expect(await problems([saying(later, missing)], { ...nothing, expected: null })).toEqual(
      wrong("It is recorded as 'missing', and what ran then comes to 'none'."),
    );
  });

  it.each<[string, LedgerRecord["body"]]>([
    ["something else", { running: "other" }],
    ["elsewhere", { place: { kind: "sagemaker-endpoint", target: "production", endpoint: "other" } }],
  ])("is not %s than the document says", async (_, body) => {
    expect(await problems([saying(found, body)])).toEqual(
      wrong("It is recorded of something else than the document says."),
    );
  });

  it("is told of what should run there, or of what does", async () => {
    const never = steps.filter(({ record }) => record.at < found.record.at).slice(0, 3);
    const told = (said: object) =>
      recheckIntruders([saying(found, { action: "report" })], never, async () =>
        canonicalJsonBytes({ ...document, ...said }),
      );
    const another = wrong("It is told of another than what should run there, or does, by the document.");
    expect(await told({ promotion: null, candidate: null })).toEqual(another);
    const candidate = candidateSaid(never.at(-1)?.after ?? expect.unreachable(), judged);
    expect(await told({ promotion: found.record.promotion, candidate })).toEqual([]);
  });

  it.each<[string, Partial<CandidateSaid> | null]>([
    ["nothing is known of it", null],
    ["it was withdrawn", { status: "withdrawn", since: addSeconds(found.record.at, -86_400) }],
    ["it has been so for longer", { since: addSeconds(found.record.at, -86_400) }],
    ["it runs on loan", { status: "loaned", lentUntil: addSeconds(found.record.at, 900) }],
    ["it is for elsewhere", { place: { kind: "sagemaker-endpoint", target: "production", endpoint: "other" } }],
    ["it is another version", { version: "9.9.9" }],
  ])("is not told by a document that says that %s, where the records say otherwise", async (_, over) => {
    const { promotion } = found.record;
    const own = { ...document, promotion };
    expect(await problems([found], { ...own, candidate: recorded() })).toEqual([]);
    const said = over === null ? null : { ...recorded(), ...over };
    expect(await problems([found], { ...own, candidate: said })).toEqual(
      wrong("The document says something else of its promotion than the records do."),
    );
    // Of another promotion these records do not speak.
    const another = promotionId(digestOf("another"), 1);
    expect(await problems([found], { ...own, promotion: another, candidate: said })).toEqual([]);
  });

  it("may have been read before what was being recorded, a quarter of an hour long", async () => {
    const { before, record } = steps.find((step) => step.record.type === "drift") ?? expect.unreachable();
    const was = candidateSaid(before ?? expect.unreachable(), judged);
    const seen = async (seconds: number) => {
      const at = addSeconds(record.at, seconds);
      const own = { ...document, readAt: at, promotion: found.record.promotion, candidate: was };
      return await problems([{ ...found, record: { ...found.record, at } }], own);
    };
    expect(await seen(900)).toEqual([]);
    expect(await seen(900.001)).toEqual(
      wrong("The document says something else of its promotion than the records do."),
    );
  });

  it.each([
    ["a quarter of an hour and a millisecond before", -900.001],
    ["six seconds after", 6],
  ])("is not told where somebody looked %s", async (_, seconds) => {
    const said = (by: number) => ({ ...document, readAt: addSeconds(found.record.at, by) });
    const sentence = "It was found at another time than the document says that somebody looked.";
    expect(await problems([found], said(seconds))).toEqual(wrong(sentence));
    for (const within of [-900, 5]) expect(await problems([found], said(within))).toEqual([]);
  });

  it("is told by a document of a form that is known", async () => {
    expect(await problems([found], { ...document, more: true })).toEqual(
      wrong("running.json is not of the form that is known here."),
    );
    expect(await problems([found], null)).toEqual([]);
    const bare = { ...found, record: { ...found.record, attachments: [] } };
    expect((await refused(problems([bare]))).sentence).toMatch(/names no running\.json\.$/);
  });
});

describe("what was done about an intruder", () => {
  it.each(["intruder-gone", "take-back"] as const)("%s is about one that was found", async (type) => {
    const answer = recordOf(type);
    expect(await problems([answer])).toEqual(wrong("It is about something that was never found.", answer));
    expect(await problems([found, saying(answer, { found: "another" })])).toEqual(
      wrong("It is about something that was never found.", answer),
    );
  });

  it.each(["intruder-gone", "take-back"] as const)(
    "%s is about the one of its id, which was found by then",
    async (type) => {
      const answer = recordOf(type);
      const other = { ...found, record: { ...found.record, id: `${found.record.id}0` } };
      expect(await problems([found, other, saying(answer, { found: other.record.id })])).toEqual(
        wrong("It is about another finding than its id says.", answer),
      );
      const at = (seconds: number) => ({
        ...answer,
        record: { ...answer.record, at: addSeconds(found.record.at, seconds) },
      });
      expect(await problems([found, at(-5.001)])).toEqual(
        wrong("It is about something that was not found yet.", answer),
      );
      expect(await problems([found, at(-5)])).toEqual([]);
    },
  );

  it("puts back what the promotion's verdict allows, and says under which, if any", async () => {
    const back = recordOf("take-back");
    const sentence = "What was put back is not what the promotion's verdict allows.";
    expect(await problems([found, saying(back, { verdict: digestOf("other") })])).toEqual(wrong(sentence, back));
    const { verdict: _, ...body } = back.record.body;
    expect(await problems([found, { ...back, record: { ...back.record, body } }])).toEqual([]);
    const failed = steps.map((step) =>
      step.after.verdict === undefined
        ? step
        : { ...step, after: { ...step.after, verdict: { ...step.after.verdict, result: "FAILED" as const } } },
    );
    expect(await recheckIntruders([found, back], failed, async () => canonicalJsonBytes({ ...document }))).toEqual(
      wrong(sentence, back),
    );
  });

  it("is done of what was said to be put back, and of nothing that was to be reported and no more", async () => {
    const back = recordOf("take-back");
    const sentence = "It was taken back, and was said to be reported and no more as it was found.";
    expect(await problems([saying(found, { action: "report" }), back])).toEqual(wrong(sentence, back));
    const gone = recordOf("intruder-gone");
    expect(await problems([saying(found, { action: "report" }), gone])).toEqual([]);
  });

  it("of other kinds is none of this", async () => {
    expect(await problems([recordOf("outcome"), recordOf("sign-off")])).toEqual([]);
  });
});

describe("an intruder where nothing was ever approved", () => {
  const { promotion: _, ...nobodys } = found.record;
  const id = "installation/intruder/production/credit-scoring/1";
  const stranger = saying({ index: 1, record: { ...nobodys, id } }, { action: "report" });
  const gone = (body: LedgerRecord["body"] = {}, seconds = 60): PromotionRecord => ({
    index: 2,
    record: {
      ...{ ...nobodys, id: `${id}/gone`, type: "intruder-gone", attachments: [] },
      ...{ at: addSeconds(nobodys.at, seconds), body: { found: id, ...body } },
    },
  });
  const unknown = { ...document, promotion: null, expected: null, candidate: null };

  /** What is wrong with each, in a log that has them in this order. */
  async function wrongIn(of: readonly PromotionRecord[], { all = true, said = unknown } = {}) {
    const { recheck, answers } = installationIntruders(all, async () => canonicalJsonBytes({ ...said }));
    const found: unknown[] = [];
    for (const each of of) found.push(await recheck(each));
    for (const { wrong: why } of answers()) found.push(await why());
    return found.filter((each) => each !== undefined);
  }

  it("is what the kept document comes to, and gone as is told, whichever stands first in the log", async () => {
    expect(await wrongIn([stranger, gone()])).toEqual([]);
    expect(await wrongIn([gone(), stranger])).toEqual([]);
    expect(await wrongIn([recordOf("outcome")])).toEqual([]);
  });

  it("is put back by nobody", async () => {
    expect(await wrongIn([saying(stranger, { action: "take-back" })])).toEqual([
      "What runs there is said to be taken back, and nothing that was approved should run there.",
    ]);
    const { record } = gone({ state: "started" });
    expect(await wrongIn([stranger, { index: 2, record: { ...record, type: "take-back" } }])).toEqual([
      "It was taken back, and was said to be reported and no more as it was found.",
    ]);
  });

  it.each([{ expected: found.record.promotion }, { candidate: recorded() }])(
    "is told of no promotion where one is known: %j",
    async (over) => {
      expect(await wrongIn([stranger], { said: { ...unknown, ...over } })).toEqual([
        "It is told of another than what should run there, or does, by the document.",
      ]);
    },
  );

  it("is not gone before it was found, nor where it never was: of a part of the log that is said of what the part has", async () => {
    expect(await wrongIn([gone()])).toEqual(["It is about something that was never found."]);
    expect(await wrongIn([gone()], { all: false })).toEqual([]);
    for (const all of [true, false])
      expect(await wrongIn([stranger, gone({}, -6)], { all })).toEqual([
        "It is about something that was not found yet.",
      ]);
  });
});
