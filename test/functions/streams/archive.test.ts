import type { DynamoDBRecord, ScheduledEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { startedExport } from "../../../core/archive/export/export-job.ts";
import { installationFact } from "../../../core/attestation/installation-record.ts";
import { type KeyChange, keyFactWith, keyGeneration } from "../../../core/attestation/key-record.ts";
import { delegationBlobs } from "../../../core/attestation/recorded-delegation.ts";
import { passkeyBlobs } from "../../../core/attestation/recorded-passkey.ts";
import { blobsOf, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { hex } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { leafHash } from "../../../core/ledger/merkle.ts";
import type { NewEntry, SequenceOutcome } from "../../../core/ledger/sequence.ts";
import type { Marker } from "../../../core/ledger/sequencer-ports.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { type ArchivePorts, archive } from "../../../functions/streams/archive/handler.ts";
import { scheduledEvent } from "../../../local/eventbridge/scheduler.ts";
import { askedExport } from "../../core/archive/export/asked-export.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { cora, id, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryBlobs } from "../memory-blobs.ts";

type Image = NonNullable<NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"]>;
type Stored = ReturnType<ArchivePorts["read"]>;

const fact = (type: Fact["type"], summary: string) => ({ type, at: now, summary, body: {}, attachments: [] });
const before = advance(promotionInReview(), {}, fact("stage-opened", "Opened."));
const after = advance(before, { status: "approved" }, fact("stage-decided", "Decided."));
const recorded = await givenSignOff(promotionInReview(), cora);
const opened: Fact = { ...fact("link-opened", "A review link was opened."), id: `${id}/link-opened/1`, promotion: id };

/** What the ledger has of the promotion's history, unless it lost it. */
const bytesOf = new Map(after.history.map((each) => [each.id, ledgerEntry(each)]));

/** A record whose images are what `read` gives back: how items look is adapters/dynamodb's business. */
function record(sequenceNumber: string, image?: Stored, old?: Stored): DynamoDBRecord {
  return {
    dynamodb: {
      SequenceNumber: sequenceNumber,
      ...(image === undefined ? {} : { NewImage: image as object as Image }),
      ...(old === undefined ? {} : { OldImage: old as object as Image }),
    },
  };
}
const promotionMoved = record("100", { kind: "promotion", promotion: after }, { kind: "promotion", promotion: before });
const signedOff = record("101", { kind: "sign-off", recorded });
const underWay = startedExport(askedExport, now) ?? askedExport;
const rung = scheduledEvent(
  "arn:aws:events:eu-central-1:123456789012:rule/every-minute",
  now,
) as object as ScheduledEvent;
const linkOpened = record("102", { kind: "fact", fact: opened });

/** An archive whose ledger refuses some ids, and lacks some that the stream brought before. */
function scene(
  refusing: readonly string[] = [],
  lost: readonly string[] = [],
  begun: readonly Fact[] = [],
  keyFacts: readonly Fact[] = [],
) {
  const ledger = new Map<string, { readonly index: number; readonly bytes: Uint8Array }>();
  const blobs = new MemoryBlobs();
  const announced: string[] = [];
  const lines: string[] = [];
  const ports: ArchivePorts = {
    log: (level, message, fields) => void lines.push(JSON.stringify({ level, message, ...fields })),
    read: (image) => image as Stored,
    installation: async () => begun,
    keyFacts: async () => keyFacts,
    historyOf: async () => after.history,
    foundations: async () => ({ found: [], unreadable: new Map() }),
    blobs: { put: blobs.put },
    inLedger: async (ids) =>
      new Map(
        ids.flatMap((each): readonly [string, Pick<Marker, "leafHash">][] => {
          const bytes = ledger.get(each)?.bytes ?? (lost.includes(each) ? undefined : bytesOf.get(each));
          return bytes === undefined ? [] : [[each, { leafHash: hex(leafHash(bytes)) as Sha256 }]];
        }),
      ),
    sequence: async (entries: readonly NewEntry[]): Promise<SequenceOutcome> => {
      const taken = entries.filter((entry) => !refusing.includes(entry.id));
      const fresh = taken.filter((entry) => !ledger.has(entry.id));
      for (const entry of fresh) ledger.set(entry.id, { index: ledger.size, bytes: entry.bytes });
      const place = (entry: NewEntry) => ({
        id: entry.id,
        index: ledger.get(entry.id)?.index ?? -1,
        leafHash: sha256Hex(entry.bytes),
      });
      return {
        appended: fresh.map(place),
        already: taken.filter((entry) => !fresh.includes(entry)).map(place),
        refused: refusing.map((each) => ({ id: each, code: "too-large", sentence: "It is too large." })),
        size: ledger.size,
      };
    },
    announce: async (announcements) =>
      void announced.push(...announcements.map(({ factId, ledgerIndex }) => `${ledgerIndex} ${factId}`)),
  };
  return {
    ledger,
    blobs,
    announced,
    lines,
    ports,
    run: (...records: readonly DynamoDBRecord[]) => archive(ports)({ Records: [...records] }),
  };
}

describe("the archive", () => {
  it("makes one record of each new fact, and then tells the bus", async () => {
    const { ledger, announced, run } = scene();
    expect(await run(promotionMoved, signedOff, linkOpened)).toEqual({ batchItemFailures: [] });
    expect([...ledger.keys()]).toEqual([`${id}/1`, `${id}/sign-off/${recorded.signOff.id}`, opened.id]);
    expect(ledger.get(opened.id)?.bytes).toEqual(ledgerEntry(opened));
    expect(announced).toEqual([`0 ${id}/1`, `1 ${id}/sign-off/${recorded.signOff.id}`, `2 ${opened.id}`]);
  });

  it("is held up by nothing that a newer version wrote before somebody went back to this one, and says so", async () => {
    const { ledger, lines, run } = scene();
    const ofTomorrow = record("99", { kind: "unknown" });
    expect(await run(ofTomorrow)).toEqual({ batchItemFailures: [] });
    expect(await run(ofTomorrow, linkOpened)).toEqual({ batchItemFailures: [] });
    expect([...ledger.keys()]).toEqual([opened.id]);
    const refused = JSON.stringify({ level: "error", message: "record refused", code: "newer-version" });
    expect(lines.filter((line) => line === refused)).toHaveLength(2);
  });

  it("is held up by no item of whose facts one is none", async () => {
    const { ledger, run } = scene();
    const broken = { ...before, history: [...before.history, null as never] };
    const item = { kind: "promotion", promotion: broken } as const;
    expect(await run(record("97", item, { kind: "promotion", promotion: before }), linkOpened)).toEqual({
      batchItemFailures: [],
    });
    expect([...ledger.keys()]).toEqual([opened.id]);
  });

  it("is held up by no item that cannot be read, which it names, and tells all of it once it is put back", async () => {
    const { ledger, lines, ports, run } = scene();
    const broken = { kind: "promotion", promotion: { ...before, history: undefined as never } } as const;
    const Keys = { pk: { S: `PROMOTION#${id}` }, sk: { S: "PROMOTION" } };
    const named = ({ dynamodb }: DynamoDBRecord) => ({ dynamodb: { ...dynamodb, Keys } });
    expect(await run(named(record("98", broken, { kind: "promotion", promotion: before })), linkOpened)).toEqual({
      batchItemFailures: [],
    });
    expect([...ledger.keys()]).toEqual([opened.id]);
    const told = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === "error");
    expect(told).toMatchObject([
      { message: "record refused", code: "unreadable", item: `PROMOTION#${id}/PROMOTION`, error: "TypeError" },
    ]);
    await run(named(record("99", { kind: "promotion", promotion: after }, broken)));
    expect([...ledger.keys()]).toEqual([opened.id, ...after.history.map((fact) => fact.id)]);
    const packed = archive({
      ...ports,
      read: () => {
        throw new Error("Decompression failed");
      },
    });
    expect(await packed({ Records: [named(linkOpened)] })).toEqual({ batchItemFailures: [] });
  });

  it("begins the ledger with what the installation is, and tells of each change before anything else", async () => {
    const told = [1, 2].map((number) => installationFact(installation, number, now));
    const { ledger, announced, lines, run } = scene([], [], told);
    await run(linkOpened);
    await run(promotionMoved);
    expect([...ledger.keys()]).toEqual(["installation/settings/1", "installation/settings/2", opened.id, `${id}/1`]);
    // Nobody waits to hear of it, and it counts as what came again for nobody.
    expect(announced).toEqual([`2 ${opened.id}`, `3 ${id}/1`]);
    expect(lines.map((line) => JSON.parse(line).already)).toEqual([0, 0]);
  });

  it("tells of settings that a deployment changed as the clock rings, although nothing else is told", async () => {
    const told = [1, 2].map((number) => installationFact(installation, number, now));
    const key = keyFactWith(keyGeneration("attestation", 1, "key 1"), { change: "published" }, now, undefined);
    const { ledger, announced, lines, ports } = scene([], [], told, [key]);
    const ring = archive(ports);
    expect(await ring(rung)).toEqual({ batchItemFailures: [] });
    await ring(rung);
    expect([...ledger.keys()]).toEqual(["installation/settings/1", "installation/settings/2", key.id]);
    expect(announced).toEqual([]);
    // Once, and not each minute that there is nothing to tell.
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: "info", message: "settings archived", appended: 3, size: 3 },
    ]);
  });

  it("does not begin a log as the clock rings before anything is recorded about its keys", async () => {
    const { ledger, ports } = scene([], [], [installationFact(installation, 1, now)]);
    await archive(ports)(rung);
    expect(ledger.size).toBe(0);
  });

  it("tells of a key before whatever that signed, the one that vouches for it first, and announces it as it comes", async () => {
    const key = (generation: number, change: KeyChange, at: Instant): Fact =>
      keyFactWith(keyGeneration("attestation", generation, `key ${generation}`), change, at, undefined);
    const [third, retired, second] = [
      key(3, { change: "published" }, addSeconds(now, 60)),
      key(1, { change: "retired", until: addSeconds(now, 7200) }, addSeconds(now, 30)),
      key(2, { change: "published" }, now),
    ];
    const { ledger, announced, run } = scene([], [], [], [third, retired, second]);
    await run(signedOff);
    const signOff = `${id}/sign-off/${recorded.signOff.id}`;
    expect([...ledger.keys()]).toEqual([second.id, third.id, signOff]);
    expect(announced).toEqual([`2 ${signOff}`]);
    await run(record("102", { kind: "fact", fact: second }), record("103", { kind: "fact", fact: retired }));
    expect(announced.slice(1)).toEqual([`0 ${second.id}`, `3 ${retired.id}`]);
  });

  it("appends nothing where it cannot tell what the installation is", async () => {
    const { ledger, ports } = scene();
    const installation = async () => {
      throw new Error("The log is another.");
    };
    await expect(archive({ ...ports, installation })({ Records: [linkOpened] })).rejects.toThrow("The log is another.");
    expect(ledger.size).toBe(0);
  });

  it("puts what a fact rests on before it, with its documents, and tells the bus of that once its own turn comes", async () => {
    const deed = await passkeyDeed("confirm", authenticator(), cora, sam);
    const confirmed: Stored = { kind: "passkey", deed };
    const { ledger, blobs, announced, ports } = scene();
    const run = archive({
      ...ports,
      foundations: async (facts) => ({ found: facts.includes(opened) ? [confirmed] : [], unreadable: new Map() }),
    });
    await run({ Records: [linkOpened] });
    const place = `passkey/${deed.id}/confirm`;
    expect([...ledger.keys()]).toEqual([place, opened.id]);
    for (const { bytes } of passkeyBlobs(deed)) expect(blobs.has(sha256Hex(bytes))).toBe(true);
    expect(announced).toEqual([`1 ${opened.id}`]);
    await run({ Records: [record("103", confirmed)] });
    expect(announced).toEqual([`1 ${opened.id}`, `0 ${place}`]);
    expect(ledger.size).toBe(2);
  });

  it("writes all facts of a promotion that is new", async () => {
    const { ledger, run } = scene();
    await run(record("1", { kind: "promotion", promotion: after }));
    expect([...ledger.keys()]).toEqual([`${id}/0`, `${id}/1`]);
  });

  it("writes what was given up before ahead of what follows it, as the promotion's history has it, and once", async () => {
    const later = advance(after, { status: "deploying" }, fact("deployment-started", "Started."));
    const moved = record("103", { kind: "promotion", promotion: later }, { kind: "promotion", promotion: after });
    const { ledger, announced, lines, run } = scene([], [`${id}/0`, `${id}/1`]);
    await run(moved, linkOpened);
    expect([...ledger.keys()]).toEqual([`${id}/0`, `${id}/1`, `${id}/2`, opened.id]);
    expect(announced).toEqual([`0 ${id}/0`, `1 ${id}/1`, `2 ${id}/2`, `3 ${opened.id}`]);
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual(
      [0, 1].map((at) => ({ level: "error", message: "record given up before", factId: `${id}/${at}` })),
    );
    await run(moved);
    expect(announced.slice(4)).toEqual([`2 ${id}/2`]);
  });

  it("looks for nothing that comes with the same batch, and tells again nothing that is there", async () => {
    const later = advance(after, { status: "deploying" }, fact("deployment-started", "Started."));
    const moved = record("103", { kind: "promotion", promotion: later }, { kind: "promotion", promotion: after });
    const { ledger, announced, run } = scene([], [`${id}/1`]);
    await run(promotionMoved, moved);
    expect(announced).toEqual([`0 ${id}/1`, `1 ${id}/2`]);
    const one = scene([], [`${id}/1`]);
    await one.run(moved);
    expect([...one.ledger.keys()]).toEqual([...ledger.keys()]);
  });

  it("writes down that an export was asked for, and nothing when it starts", async () => {
    const { ledger, run } = scene();
    await run(record("1", { kind: "export", job: askedExport }));
    await run(record("2", { kind: "export", job: underWay }, { kind: "export", job: askedExport }));
    expect([...ledger.keys()]).toEqual([`installation/export-requested/${askedExport.id}`]);
  });

  it("keeps a sign-off's documents before it writes the record that names them", async () => {
    const { ledger, blobs, ports } = scene();
    const documents = blobsOf(recorded).map(({ bytes }) => sha256Hex(bytes));
    expect(signOffFact(recorded).attachments.map(({ sha256 }) => sha256)).toEqual(documents);
    const sequence: ArchivePorts["sequence"] = async (entries) => {
      expect(documents.every((digest) => blobs.has(digest))).toBe(true);
      return ports.sequence(entries);
    };
    await archive({ ...ports, sequence })({ Records: [signedOff] });
    expect(ledger.size).toBe(1);
  });

  it("told twice makes one record, and the bus hears it again", async () => {
    const { ledger, announced, run } = scene();
    await run(promotionMoved, linkOpened);
    await run(promotionMoved, linkOpened);
    expect(ledger.size).toBe(2);
    expect(announced).toHaveLength(4);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])("that dies at call %i loses nothing when the stream comes again", async (call) => {
    const { ledger, announced, ports, run } = scene();
    const { read, log } = ports;
    const dying = archive({ ...crashing(ports, { call, moment: "before" }).ports, read, log });
    await expect(dying({ Records: [signedOff, linkOpened] })).rejects.toBeInstanceOf(Crashed);
    await run(signedOff, linkOpened);
    expect([...ledger.keys()]).toEqual([`${id}/sign-off/${recorded.signOff.id}`, opened.id]);
    expect(announced.length).toBeGreaterThanOrEqual(2);
  });

  it("keeps what was done about a passkey with its documents, and nothing of a counter", async () => {
    const { ledger, blobs, run } = scene();
    const deed = await passkeyDeed("enrol", authenticator(), cora);
    await run(record("103", { kind: "passkey", deed }), record("104", { kind: "passkey-use" }));
    expect([...ledger.keys()]).toEqual([`passkey/${deed.id}/enrol`]);
    for (const { bytes } of passkeyBlobs(deed)) expect(await blobs.get(sha256Hex(bytes))).toEqual(bytes);
  });

  it("keeps what was done about a delegation with its documents, and nothing of an absence", async () => {
    const { ledger, blobs, run } = scene();
    const deed = await delegationDeed("delegate", delegationDocument(sam, cora, "sre"), sam);
    const absence = { person: sam.identity, until: deed.recordedAt };
    await run(record("103", { kind: "delegation", deed }), record("104", { kind: "absence", absence }));
    expect([...ledger.keys()]).toEqual([`delegation/${deed.id}/delegate`]);
    for (const { bytes } of delegationBlobs(deed)) expect(await blobs.get(sha256Hex(bytes))).toEqual(bytes);
  });

  it("holds nobody up for a record that the ledger can never take, and announces only the others", async () => {
    const { announced, lines, run } = scene([opened.id]);
    expect(await run(promotionMoved, linkOpened)).toEqual({ batchItemFailures: [] });
    expect(announced).toEqual([`0 ${id}/1`]);
    expect(lines[0]).toContain("record refused");
  });

  const unsayable = { ...fact("link-opened", "Opened."), body: { odds: Number.NaN } };

  it("holds nobody up for a fact that no record can be made of, and says which it is and where that was found", async () => {
    const { announced, ledger, lines, run } = scene();
    const odd: Fact = { ...unsayable, id: `${id}/link-opened/2`, promotion: id };
    const opening = record("102", { kind: "fact", fact: odd });
    expect(await run(opening, promotionMoved, linkOpened)).toEqual({ batchItemFailures: [] });
    expect(announced).toEqual([`0 ${id}/1`, `1 ${opened.id}`]);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      ...{ level: "error", message: "record refused", factId: odd.id },
      ...{ code: "not-made", error: "Failure", at: expect.stringContaining("canonical-json.ts") },
    });
    expect(lines).toHaveLength(2);
    expect(ledger.has(odd.id)).toBe(false);
  });

  it("writes nothing of a promotion's history behind what no record can be made of, until there is one", async () => {
    const told = (body: Fact["body"]) => advance(after, {}, { ...unsayable, body });
    const followed = (each: typeof after) => advance(each, { status: "deploying" }, fact("deployment-started", "Go."));
    const { ledger, lines, run } = scene([], [`${id}/0`, `${id}/1`, `${id}/2`, `${id}/3`]);
    await run(record("1", { kind: "promotion", promotion: followed(told(unsayable.body)) }), linkOpened);
    expect([...ledger.keys()]).toEqual([`${id}/0`, `${id}/1`, opened.id]);
    expect(lines.slice(0, 2).map((line) => [JSON.parse(line).factId, JSON.parse(line).code])).toEqual([
      [`${id}/2`, "not-made"],
      [`${id}/3`, "waits"],
    ]);
    // With what the promotion tells next, once the program can say it.
    const mended = followed(told({ odds: "none" }));
    const later = advance(mended, { status: "deployed" }, fact("deployed", "Done."));
    await run(record("3", { kind: "promotion", promotion: later }, { kind: "promotion", promotion: mended }));
    expect([...ledger.keys()].slice(3)).toEqual([`${id}/2`, `${id}/3`, `${id}/4`]);
  });

  it("writes nothing of a promotion's history behind what is too large for the ledger", async () => {
    const large = advance(after, {}, { ...fact("link-opened", "Opened."), body: { odds: "x".repeat(70_000) } });
    const followed = advance(large, { status: "deploying" }, fact("deployment-started", "Go."));
    const { ledger, lines, run } = scene([], [`${id}/0`, `${id}/1`, `${id}/2`, `${id}/3`]);
    await run(record("1", { kind: "promotion", promotion: followed }), linkOpened);
    expect([...ledger.keys()]).toEqual([`${id}/0`, `${id}/1`, opened.id]);
    expect(lines.slice(0, 2).map((line) => [JSON.parse(line).factId, JSON.parse(line).code])).toEqual([
      [`${id}/2`, "too-large"],
      [`${id}/3`, "waits"],
    ]);
  });

  it("writes no sign-off ahead of the passkey that it rests on and that no record can be made of", async () => {
    const { ledger, lines, ports } = scene();
    const deed = await passkeyDeed("confirm", authenticator(), cora, sam);
    const odd: Stored = { kind: "passkey", deed: { ...deed, groups: [Number.NaN as unknown as string] } };
    const signed: Fact = { ...opened, id: `${id}/sign-off/1`, body: { passkey: { id: deed.id } } };
    const run = archive({ ...ports, foundations: async () => ({ found: [odd], unreadable: new Map() }) });
    await run({ Records: [record("101", { kind: "fact", fact: signed }), linkOpened] });
    expect([...ledger.keys()]).toEqual([opened.id]);
    expect(lines.slice(0, 2).map((line) => [JSON.parse(line).factId, JSON.parse(line).code])).toEqual([
      [`passkey/${deed.id}/confirm`, "not-made"],
      [signed.id, "waits"],
    ]);
  });

  it("writes no sign-off whose passkey's item cannot be read, which it names, nor holds up anybody else's; and both once it can be", async () => {
    const { ledger, lines, ports } = scene();
    const deed = await passkeyDeed("enrol", authenticator(), cora);
    const enrol = `passkey/${deed.id}/enrol`;
    const item = `PASSKEYS/${deed.id}#enrol`;
    const signed: Fact = { ...opened, id: `${id}/sign-off/1`, body: { passkey: { id: deed.id } } };
    const foundations = async () => ({ found: [], unreadable: new Map([[enrol, { item }]]) });
    const records = [record("101", { kind: "fact", fact: signed }), promotionMoved, linkOpened];
    expect(await archive({ ...ports, foundations })({ Records: records })).toEqual({ batchItemFailures: [] });
    expect([...ledger.keys()]).toEqual([`${id}/1`, opened.id]);
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toMatchObject([
      { level: "error", message: "record refused", factId: enrol, code: "unreadable", item },
      { level: "error", message: "record refused", factId: signed.id, code: "waits", behind: enrol },
    ]);
    await archive(ports)({ Records: [record("104", { kind: "passkey", deed }), ...records] });
    expect([...ledger.keys()]).toEqual([`${id}/1`, opened.id, enrol, signed.id]);
  });

  it("does nothing for removals and for changes that add no fact", async () => {
    const { ports } = scene();
    const never: ArchivePorts["sequence"] = async () => {
      throw new Error("Nothing was to be written.");
    };
    const same = record("1", { kind: "promotion", promotion: before }, { kind: "promotion", promotion: before });
    expect(await archive({ ...ports, sequence: never })({ Records: [record("2"), same] })).toEqual({
      batchItemFailures: [],
    });
  });

  it("logs counts and ids, never what the facts say", async () => {
    const { lines, run } = scene();
    await run(promotionMoved, signedOff, linkOpened);
    expect(lines).toEqual([JSON.stringify({ level: "info", message: "archived", appended: 3, already: 0, size: 3 })]);
  });
});
