import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../core/archive/pack/promotion-file.ts";
import type { LateRecords } from "../../../core/archive/recorded-when.ts";
import { recheckLate } from "../../../core/archive/verify-late.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { recordsOf, told } from "./told.ts";

const recordsIn = (promotion: PromotionId) =>
  recordsOf(told.house.facts).filter(({ record }) => record.promotion === promotion);
const of = (records: readonly PromotionRecord[], type: FactType): PromotionRecord =>
  records.find(({ record }) => record.type === type) ?? expect.unreachable(`There is no ${type}.`);

const lateBy = (index: number, after: Instant): LateRecords => new Map([[index, { after, signed: "without it" }]]);

const kept: ReadDocument = async (sha256) => told.house.blobs.get(sha256);

/** What is said where the log was signed without the first record of a type, so long after it says it was. */
async function late(
  promotion: PromotionId,
  type: FactType,
  seconds: number,
  { over = recordsIn(promotion), read = kept }: { over?: readonly PromotionRecord[]; read?: ReadDocument } = {},
) {
  const { record, index } = of(over, type);
  return await recheckLate(promotion, over, lateBy(index, addSeconds(record.at, seconds)), read);
}

describe("what the log had long after it says it was", () => {
  it("is told by itself alone", async () => {
    const { record } = of(recordsIn(told.rejected), "stage-opened");
    expect(await late(told.rejected, "stage-opened", 7200)).toEqual({
      findings: [],
      unchecked: [
        {
          promotion: told.rejected,
          sentence: `Whether '${record.id}' was as early as it says is told by it alone: it says ${record.at}, and the log was signed without it at ${addSeconds(record.at, 7200)}.`,
        },
      ],
    });
  });

  it("is told by the first checkpoint that has it, where the log had signed nothing in between", async () => {
    const over = recordsIn(told.rejected);
    const { record, index } = of(over, "stage-opened");
    const after = addSeconds(record.at, 7200);
    const { unchecked } = await recheckLate(
      told.rejected,
      over,
      new Map([[index, { after, signed: "with it" }]]),
      kept,
    );
    expect(unchecked[0]?.sentence).toMatch(/: it says \S+, and the first checkpoint that has it was signed at \S+\.$/);
  });

  it("is counted, where there is more of it, and is no matter where no rule rests on it", async () => {
    const records = recordsIn(told.deployed);
    const read = async () => undefined;
    const after = "2026-11-24T00:00:00.000Z" as Instant;
    const all = new Map(records.flatMap(({ index }) => [...lateBy(index, after)]));
    const { unchecked } = await recheckLate(told.deployed, records, all, read);
    expect(unchecked.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/'p-.*\/0', and \d+ others, was/),
    ]);
    expect(await late(told.deployed, "notification-sent", 7200)).toEqual({ findings: [], unchecked: [] });
  });
});

/** As if a promotion's rule were another. */
function ruledBy(
  records: readonly PromotionRecord[],
  change: (rule: { readonly stages: readonly object[] }) => object,
): ReadDocument {
  const named = records.flatMap(({ record: { type, attachments } }) =>
    type === "gates" ? attachments.flatMap(({ name, sha256 }) => (name === "requirements.json" ? [sha256] : [])) : [],
  );
  return async (sha256) => {
    const bytes = await kept(sha256);
    if (!named.includes(sha256) || bytes === undefined) return bytes;
    const document = JSON.parse(fromUtf8(bytes));
    return canonicalJsonBytes({ ...document, rule: change(document.rule) });
  };
}

describe("a stage that was decided by whoever it was escalated to", () => {
  const openings = recordsIn(told.kept).filter(
    ({ record: { type, body } }) => type === "stage-opened" && body["stage"] === 1,
  );
  const [first = expect.unreachable(), again = expect.unreachable()] = openings;
  const { at: signedAt, body: signed } =
    recordsIn(told.kept).findLast(({ record: { type } }) => type === "sign-off")?.record ?? expect.unreachable();
  /** As if its last seat had been filled in a role that its signer did not sign in. */
  const escalated = recordsIn(told.kept).map((each) => {
    if (each.record.type !== "stage-decided") return each;
    const seats = (each.record.body["seats"] as readonly { readonly signOff: string }[]).map((seat) =>
      seat.signOff === signed["signOff"] ? { ...seat, role: "compliance-officer" } : seat,
    );
    return { ...each, record: { ...each.record, body: { ...each.record.body, seats } } };
  });
  const secondsFrom = ({ record }: PromotionRecord) => (Date.parse(signedAt) - Date.parse(record.at)) / 1000;
  /** What is said where it was escalated after so long, and the log was signed without an opening so long after that. */
  const why = async (opening: PromotionRecord, afterSeconds: number, seconds: number, over = escalated) => {
    const read = ruledBy(over, (rule) => ({ ...rule, escalation: { afterSeconds, to: "head-of-risk" } }));
    const late = lateBy(opening.index, addSeconds(opening.record.at, seconds));
    return (await recheckLate(told.kept, over, late, read)).findings.map(({ sentence }) => sentence);
  };

  it("was open for so long first, by the log too", async () => {
    const waited = secondsFrom(first);
    expect(await why(first, waited, 905)).toEqual([]);
    expect(await why(first, waited, 906)).toEqual([
      expect.stringMatching(/that who it was escalated to waited for .* is not so by the log\.$/),
    ]);
    // By no escalation, and of no role but its signer's own.
    expect(await why(first, 0, 906)).toEqual([]);
    expect(await why(first, waited, 906, recordsIn(told.kept))).toEqual([]);
  });

  it("had waited before it was opened again, however late the log has that", async () => {
    expect(again.index).toBeGreaterThan(first.index);
    expect(await why(again, secondsFrom(again), 906)).toEqual([]);
    expect(await why(again, secondsFrom(first), 906)).toEqual([]);
  });
});

it("an escalation counts from the first opening in each review by itself", async () => {
  const records = recordsIn(told.reopened);
  const opening =
    records.find(
      ({ record: { type, body } }) => type === "stage-opened" && body["stage"] === 1 && body["review"] === 2,
    ) ?? expect.unreachable();
  const signed = records.findLast(({ record: { type } }) => type === "sign-off")?.record ?? expect.unreachable();
  const escalated = records.map((each) => {
    if (each.record.type !== "stage-decided") return each;
    const seats = (each.record.body["seats"] as readonly { readonly signOff: string }[]).map((seat) =>
      seat.signOff === signed.body["signOff"] ? { ...seat, role: "compliance-officer" } : seat,
    );
    return { ...each, record: { ...each.record, body: { ...each.record.body, seats } } };
  });
  const afterSeconds = (Date.parse(signed.at) - Date.parse(opening.record.at)) / 1000;
  const read = ruledBy(escalated, (rule) => ({ ...rule, escalation: { afterSeconds, to: "head-of-risk" } }));
  const late = lateBy(opening.index, addSeconds(opening.record.at, 906));
  const { findings } = await recheckLate(told.reopened, escalated, late, read);
  expect(findings.map(({ sentence }) => sentence)).toEqual([
    expect.stringMatching(/that who it was escalated to waited for .* is not so by the log\.$/),
  ]);
});

describe("a stage that says it was open for as long as its review takes", () => {
  const records = recordsIn(told.deployed);
  const opened = of(records, "stage-opened").record.at;
  const approved = (Date.parse(of(records, "sign-off").record.at) - Date.parse(opened)) / 1000;
  const asking = (minimumReviewSeconds: number): ReadDocument =>
    ruledBy(records, ({ stages, ...rule }) => ({
      ...rule,
      stages: stages.map((stage) => ({ ...stage, minimumReviewSeconds })),
    }));
  const why = async (seconds: number, minimum: number, over = records) =>
    (await late(told.deployed, "stage-opened", seconds, { over, read: asking(minimum) })).findings.map(
      ({ sentence }) => sentence,
    );
  /** With another decision in the log, so long after the opening. */
  const andAnother = (seconds: number, said: object = {}) => {
    const { record, index } = of(records, "sign-off");
    const other = { ...record, at: addSeconds(opened, seconds), body: { ...record.body, ...said } };
    return [...records, { index: index + 10_000, record: other }];
  };

  it("was, where the log had its opening in time, or no time was asked for", async () => {
    expect(await why(900, approved)).toEqual([]);
    expect(await why(905, approved)).toEqual([]);
    expect(await why(900 + approved, 0)).toEqual([]);
  });

  it("was not, by the log, where that was signed without it for too long", async () => {
    expect(await why(906, approved)).toEqual([
      expect.stringMatching(/that its first approval waited for .* is not so by the log\.$/),
    ]);
    expect(await why(900 + approved, approved)).toHaveLength(1);
  });

  it("cannot be told of where the approval was before the log could have known of either", async () => {
    expect(await why(901 + approved, approved)).toEqual([]);
  });

  it("was by its first approval, whichever the log has first", async () => {
    const half = Math.floor(approved / 2);
    expect(await why(900 + half, half)).toEqual([]);
    expect(await why(900 + half, half, andAnother(half + 1))).toHaveLength(1);
  });

  it.each([
    ["a rejection", { result: "reject" }],
    ["an approval of another stage", { stage: 1 }],
    ["an approval of another review", { review: 2 }],
  ])("is not held against %s", async (_, said) => {
    expect(await why(900 + approved / 2, approved / 2, andAnother(approved / 2 + 1, said))).toEqual([]);
  });

  it("is not made good by an approval from before it was open", async () => {
    expect(await why(906, approved, andAnother(-1))).toHaveLength(1);
  });
});

describe("a release that says it was watched for a day", () => {
  const records = recordsIn(told.reopened);
  const begun = of(records, "deployment-started").record;
  const ended = of(records, "deployed").record;
  const watched = (Date.parse(ended.at) - Date.parse(begun.at)) / 1000;
  const day = 86_400;

  it("was, where the log had its beginning in time", async () => {
    expect(watched).toBeGreaterThan(day);
    expect((await late(told.reopened, "deployment-started", 900 + watched - day)).findings).toEqual([]);
    // Not by more than what two clocks may differ by.
    expect((await late(told.reopened, "deployment-started", 905 + watched - day)).findings).toEqual([]);
  });

  it("was not, by the log, where that was signed without its beginning for too long", async () => {
    const seconds = 906 + watched - day;
    expect((await late(told.reopened, "deployment-started", seconds)).findings).toEqual([
      {
        code: "order",
        path: `records/${of(records, "deployment-started").index}.json`,
        promotion: told.reopened,
        sentence: `'${begun.id}' says that it was at ${begun.at}, and the log was signed without it at ${addSeconds(begun.at, seconds)}: that its release waited for 1d is not so by the log.`,
      },
    ]);
  });

  it("cannot be told of where all of it was late", async () => {
    expect((await late(told.reopened, "deployment-started", 901 + watched)).findings).toEqual([]);
    expect((await late(told.reopened, "deployment-started", 900 + watched)).findings).toHaveLength(1);
  });

  it("gave each part of the requests for its time, by the log too", async () => {
    expect((await late(told.reopened, "traffic-shifted", 900)).findings).toEqual([]);
    expect((await late(told.reopened, "traffic-shifted", 12 * 3600)).findings).toMatchObject([
      {
        code: "order",
        sentence: expect.stringMatching(/that what followed this part of the requests waited for 1d is not so/),
      },
    ]);
  });

  it("gave each part for its own time, until the very next was given or it served alone", async () => {
    const [first = expect.unreachable(), second = expect.unreachable()] = records.filter(
      ({ record: { type } }) => type === "traffic-shifted",
    );
    const waited = (from: PromotionRecord, until: Instant) => (Date.parse(until) - Date.parse(from.record.at)) / 1000;
    const why = async ({ record, index }: PromotionRecord, seconds: number) => {
      const { findings } = await recheckLate(
        told.reopened,
        records,
        lateBy(index, addSeconds(record.at, seconds)),
        kept,
      );
      return findings.map(({ sentence }) => /waited for (\S+) is not so/.exec(sentence)?.[1]);
    };
    const [ofFirst, ofSecond] = [waited(first, second.record.at) - day, waited(second, ended.at) - 300];
    expect(await why(first, 905 + ofFirst)).toEqual([]);
    expect(await why(first, 906 + ofFirst)).toEqual(["1d"]);
    expect(await why(second, 905 + ofSecond)).toEqual([]);
    expect(await why(second, 906 + ofSecond)).toEqual(["5m"]);
  });

  it("is not looked at where what it says cannot be read", async () => {
    const garbled = records.map((each) =>
      each.record.type === "deployed"
        ? { ...each, record: { ...each.record, type: "superseded" as const, body: {} } }
        : each,
    );
    expect((await late(told.reopened, "deployment-started", 12 * 3600, { over: garbled })).findings).toEqual([]);
  });
});
