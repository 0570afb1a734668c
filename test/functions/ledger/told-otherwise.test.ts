import type { DynamoDBRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { sequence } from "../../../core/ledger/sequence.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { archiveFacts } from "../../../functions/ledger/archive-facts.ts";
import { toldOtherwise } from "../../../functions/ledger/told-otherwise.ts";
import { type ArchivePorts, archive } from "../../../functions/streams/archive/handler.ts";
import { MemoryLedger } from "../../core/ledger/memory-ledger.ts";
import { entriesOf } from "../../core/ledger/sequenced-facts.ts";
import { id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";

type Stored = ReturnType<ArchivePorts["read"]>;
type Image = NonNullable<NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"]>;

const told = (promotion: Promotion, type: Fact["type"], over: Partial<Fact> = {}, status = promotion.status) =>
  advance(promotion, { status }, { type, at: now, summary: `It is ${type}.`, body: {}, attachments: [], ...over });
const opened = told(promotionInReview(), "stage-opened");
const decided = told(opened, "stage-decided", {}, "approved");
/** The same promotion, restored to when its stage was open, goes on otherwise. */
const rejected = told(opened, "rejected", {}, "rejected");
const cleaned = told(rejected, "clean-up");
const linkOpened: Fact = {
  ...{ id: `${id}/link-opened/1`, type: "link-opened", at: now, promotion: id },
  ...{ summary: "A review link was opened.", body: {}, attachments: [] },
};

/** An archive whose ledger is the real one, with the life of the promotion in which it was approved. */
async function scene() {
  const ledger = new MemoryLedger();
  const lines: string[] = [];
  /** The promotion as the table has it now. */
  const table: { promotion?: Promotion } = {};
  const ports: ArchivePorts = {
    log: (level, message, fields) => void (level === "error" && lines.push(`${message} ${JSON.stringify(fields)}`)),
    read: (image) => image as Stored,
    installation: async () => [],
    keyFacts: async () => [],
    foundations: async () => ({ found: [], unreadable: new Map() }),
    blobs: { put: new MemoryBlobs().put },
    inLedger: ledger.ports().store.markers,
    historyOf: async () => table.promotion?.history ?? [],
    sequence: (entries) => sequence(entries, ledger.ports()),
    announce: async () => {},
  };
  const image = (stored: Stored) => stored as object as Image;
  const item = (promotion: Promotion) => image({ kind: "promotion", promotion });
  const bring = (...images: readonly NonNullable<DynamoDBRecord["dynamodb"]>[]) =>
    archive(ports)({ Records: images.map((dynamodb) => ({ dynamodb })) });
  const moved = (from: Promotion, to: Promotion) => ({ NewImage: item(to), OldImage: item(from) });
  await bring({ NewImage: item(decided) });
  const types = async () => (await entriesOf(ledger)).map((each) => JSON.parse(each).type);
  const refused = () =>
    lines.flatMap((line) => (line.startsWith("record refused ") ? [JSON.parse(line.slice(15))] : []));
  return {
    ledger,
    ports,
    table,
    bring,
    moved,
    fact: (fact: Fact) => ({ NewImage: image({ kind: "fact", fact }) }),
    link: { NewImage: image({ kind: "fact", fact: linkOpened }) },
    types,
    lines,
    refused,
  };
}

const lived = ["stage-opened", "stage-decided"];
const because = expect.stringContaining(`The ledger tells ${id}/1 otherwise than the table`);

describe("of a promotion whose item was restored to an earlier time", () => {
  it("nothing is written behind what the ledger tells otherwise, and everything else is", async () => {
    const { bring, moved, link, types, refused } = await scene();
    await bring(moved(opened, rejected));
    await bring(moved(rejected, cleaned), link);
    expect(await types()).toEqual([...lived, "link-opened"]);
    expect(refused()).toEqual([
      { factId: `${id}/1`, code: "differs", because },
      { factId: `${id}/2`, code: "waits", behind: `${id}/1`, because },
    ]);
  });

  it("nothing is written either where all of it comes at once", async () => {
    const { bring, moved, types, refused } = await scene();
    await bring(moved(opened, cleaned));
    expect(await types()).toEqual(lived);
    expect(refused().map(({ code }) => code)).toEqual(["differs", "waits"]);
  });

  it("what waited comes no sooner by what is told next", async () => {
    const { bring, moved, types, refused } = await scene();
    await bring(moved(opened, cleaned));
    const withdrawn = told(cleaned, "withdrawn");
    await bring(moved(cleaned, withdrawn));
    expect(await types()).toEqual(lived);
    expect(refused().slice(2)).toEqual(
      [2, 3].map((at) => expect.objectContaining({ factId: `${id}/${at}`, code: "waits" })),
    );
  });

  it("the reconciliation writes no more than the archive", async () => {
    const { ports, types } = await scene();
    const { refused } = await archiveFacts(ports, cleaned.history.slice(2), [
      { kind: "promotion", promotion: cleaned },
    ]);
    expect(refused).toEqual([{ id: `${id}/2`, code: "waits", why: { behind: `${id}/1`, because } }]);
    expect(await types()).toEqual(lived);
  });

  const signed: Fact = { ...linkOpened, type: "sign-off", id: `${id}/sign-off/1` };

  it.each([
    ["has gone on otherwise", rejected, `${id}/1`],
    ["does not tell what the ledger tells next", opened, `${id}/1`],
    ["is not there at all", undefined, `${id}/0`],
  ] as const)("what people sign is not written where the item %s, and what they were told is", async (_, now, part) => {
    const { table, bring, link, fact, types, refused } = await scene();
    if (now !== undefined) table.promotion = now;
    await bring(fact(signed), link);
    expect(await types()).toEqual([...lived, "link-opened"]);
    const why = expect.stringContaining(`The ledger tells ${part} otherwise than the table, or it alone does`);
    expect(refused()).toEqual([{ factId: signed.id, code: "waits", behind: part, because: why }]);
    table.promotion = decided;
    await bring(fact(signed));
    expect(await types()).toEqual([...lived, "link-opened", "sign-off"]);
  });

  it("what people sign is written where the promotion went on while it was looked at", async () => {
    const { ports, types } = await scene();
    let looks = 0;
    const historyOf = async () => {
      looks += 1;
      return looks === 1 ? opened.history : decided.history;
    };
    const { refused } = await archiveFacts({ ...ports, historyOf }, [signed], [{ kind: "fact", fact: signed }]);
    expect(refused).toEqual([]);
    expect(await types()).toEqual([...lived, "sign-off"]);
  });

  it("everything is written once the item is as the ledger tells it", async () => {
    const { bring, moved, types, lines } = await scene();
    await bring(moved(decided, told(decided, "verdict")));
    expect(await types()).toEqual([...lived, "verdict"]);
    expect(lines).toEqual([]);
  });
});

describe("what the ledger tells otherwise", () => {
  const inLedger = async (ids: readonly string[]) => {
    const ledger = new MemoryLedger();
    await sequence(
      [...decided.history, linkOpened].map((fact) => ({ id: fact.id, bytes: ledgerEntry(fact) })),
      ledger.ports(),
    );
    return ledger.ports().store.markers(ids);
  };
  const last = (promotion: Promotion) => promotion.history.slice(-1);

  it.each([
    ["the fact before the one that is told", last(cleaned), cleaned.history, [`${id}/1`]],
    ["the fact itself", last(rejected), rejected.history, [`${id}/1`]],
    ["nothing where the two tell the same", decided.history, decided.history, []],
    ["nothing of what has no place in a history", [{ ...linkOpened, summary: "Otherwise." }], [], []],
    ["nothing of what the ledger lacks", last(told(decided, "verdict")), decided.history, []],
    [
      "what no record can be made of any more",
      last(told(told(opened, "stage-decided", { body: { odds: Number.NaN } }), "verdict")),
      told(opened, "stage-decided", { body: { odds: Number.NaN } }).history,
      [`${id}/1`],
    ],
  ] as const)("is %s", async (_, facts, all, expected) => {
    expect([...(await toldOtherwise(facts, all, inLedger))]).toEqual(expected);
  });

  it("is not looked for where nobody tells of a history", async () => {
    const never = () => Promise.reject(new Error("The ledger was asked."));
    expect((await toldOtherwise([linkOpened], [], never)).size).toBe(0);
  });
});
