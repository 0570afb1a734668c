import { describe, expect, it } from "vitest";
import { installationFact } from "../../../core/attestation/installation-record.ts";
import { blobsOf, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { readEntries, readLeaves } from "../../../core/ledger/read-log.ts";
import { sequence } from "../../../core/ledger/sequence.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { factsIn, type Stored } from "../../../functions/ledger/stored-facts.ts";
import { type ReconcilePorts, reconcile } from "../../../functions/schedules/reconcile/handler.ts";
import { type Pass, passNow } from "../../../functions/schedules/reconcile/pass.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { MemoryLedger } from "../../core/ledger/memory-ledger.ts";
import { cora, id, linkOpenedFact, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";

const { promotion: _promotion, ...installed } = linkOpenedFact({
  id: "export/1",
  type: "export",
  summary: "Exported.",
});
const opened = advance(promotionInReview(), {}, linkOpenedFact({ type: "stage-opened", summary: "Opened." }));
const promotion = {
  kind: "promotion",
  promotion: advance(opened, {}, linkOpenedFact({ type: "expired", summary: "Over." })),
} as const;
const recorded = await givenSignOff(promotionInReview(), cora);
const signOff: Stored = { kind: "sign-off", recorded };
const linkOpened = { kind: "fact", fact: linkOpenedFact() } as const;
const exported = { kind: "fact", fact: installed } as const;
const all = [promotion, signOff, linkOpened, { kind: "lane" }, exported] as const;
const holiday = await delegationDeed("delegate", delegationDocument(cora, sam, "compliance"), cora);
const enrolled = await passkeyDeed("enrol", authenticator("ES256", "cora"), cora);
const tomorrow = addSeconds(now, 86_400);

/** A table in pages of two items, a ledger that holds the facts of `archived`, and everything else that it needs. */
async function scene(table: readonly Stored[] = all, archived: readonly Stored[] = table) {
  const ledger = new MemoryLedger();
  const blobs = new MemoryBlobs();
  const lines: string[] = [];
  const announced: string[] = [];
  const explained = new Set<string>();
  let pass: Pass | undefined;
  const append = (facts: readonly { readonly id: string; readonly bytes: Uint8Array }[]) =>
    sequence(facts, ledger.ports());
  await append(
    archived.flatMap((stored) => factsIn(stored)).map((each) => ({ id: each.id, bytes: ledgerEntry(each) })),
  );
  const read = ledger.source().read;
  const ports: ReconcilePorts = {
    now: () => tomorrow,
    log: (_, message, fields) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    passes: {
      load: async () => pass,
      save: async (next) => {
        pass = structuredClone(next);
      },
      explanations: async () => explained,
    },
    table: {
      page: async (from = "0") => {
        const next = Number(from) + 2;
        const items = table.slice(Number(from), next);
        return next < table.length ? { items, next: String(next) } : { items };
      },
      itemsBehind: async (records) =>
        table.filter((stored) => factsIn(stored).some((each) => records.some((record) => record.id === each.id))),
    },
    ledger: {
      size: async () => (ledger.alias === undefined ? 0 : parseCheckpoint(ledger.alias.bytes).checkpoint.size),
      markers: ledger.ports().store.markers,
      leaves: (indices, size) => readLeaves(indices, size, read),
      entries: (first, size) => readEntries(first, size, read),
    },
    inLedger: ledger.ports().store.markers,
    historyOf: async () => promotion.promotion.history,
    installationTold: async () => [],
    installation: async () => [],
    keyFacts: async () => [],
    foundations: async () => [],
    blobs: { put: blobs.put },
    sequence: append,
    announce: async (announcements) => void announced.push(...announcements.map(({ factId }) => factId)),
  };
  /** One run that has time for so many pages and bundles. */
  const run = (steps = 100, over: Partial<ReconcilePorts> = {}) => {
    let left = steps;
    return reconcile({ ...ports, ...over })({}, { getRemainingTimeInMillis: () => (left-- > 0 ? 900_000 : 60_000) });
  };
  return { ledger, blobs, lines, announced, append, ports, run, explained, pass: () => pass };
}

const entryOf = (each: Fact) => ({ id: each.id, bytes: ledgerEntry(each) });

const differences = (lines: readonly string[]) =>
  lines
    .filter((line) => line.startsWith("not reconciled"))
    .map((line) => JSON.parse(line.slice("not reconciled ".length)));

describe("the reconciliation", () => {
  it("finds nothing where table and ledger tell the same", async () => {
    const { lines, run, pass } = await scene();
    await run();
    expect(lines).toEqual(['reconciled {"facts":5,"records":5,"differences":0}']);
    expect(pass()).toMatchObject({ phase: { kind: "finished" }, unmarked: [] });
  });

  it("knows what the ledger tells of the installation, which is in no table of promotions", async () => {
    const { lines, run, append } = await scene(all, []);
    const told = [installationFact(installation, 1, now)];
    await append([...told, ...all.flatMap((stored) => factsIn(stored))].map((each) => entryOf(each)));
    await run(100, { installationTold: async () => told });
    expect(lines).toEqual(['reconciled {"facts":5,"records":6,"differences":0}']);
  });

  it("says where items are of a newer version, and compares the others", async () => {
    const { lines, run } = await scene([{ kind: "unknown" }, { kind: "unknown" }, ...all]);
    await run();
    expect(lines).toEqual([
      'not reconciled {"difference":"unknown-kind","items":2}',
      'reconciled {"facts":5,"records":5,"differences":0}',
    ]);
  });

  it("names an item that cannot be read, until that is explained, and compares the others", async () => {
    const item = `PROMOTION#${id}/SIGNOFF#1`;
    const { lines, announced, run, explained } = await scene([{ kind: "unreadable", item }, linkOpened], []);
    await run();
    expect(differences(lines)).toEqual([
      { difference: "unreadable", item },
      { difference: "missing", factId: linkOpened.fact.id },
    ]);
    expect(announced).toEqual([linkOpened.fact.id]);
    explained.add(item);
    for (const day of [1, 2]) {
      lines.length = 0;
      await run(100, { now: () => addSeconds(tomorrow, day * 86_400) });
    }
    expect(lines).toEqual([
      `explained {"difference":"unreadable","item":"${item}"}`,
      'reconciled {"facts":1,"records":1,"differences":0}',
    ]);
  });

  it("names the policies in force where the ledger tells of later ones", async () => {
    const [first, second, third] = ["first", "second", "third"].map((name) => sha256Hex(utf8(name))) as [
      Sha256,
      Sha256,
      Sha256,
    ];
    const activated = (number: number, policy: Sha256, seconds = number): Stored => {
      const told = { id: `installation/policy/${number}`, type: "policy-activated", summary: "In force." } as const;
      return { kind: "fact", fact: { ...installed, ...told, at: addSeconds(now, seconds), body: { policy, number } } };
    };
    const both = [activated(2, second), activated(1, first)];
    const found = async (number: number, digest: Sha256, told = both) => {
      const inForce = { digest, documents: [], since: now, number };
      const { lines, run } = await scene([...told, { kind: "policy-in-force", inForce }]);
      await run();
      return differences(lines);
    };
    const setBack = [{ difference: "set-back", item: "POLICIES/IN-FORCE" }];
    expect(await found(1, first)).toEqual(setBack);
    // What a deployment brought, after somebody took the item away; and the version that then came in force under quorum.
    expect(await found(1, third)).toEqual(setBack);
    const counted = [activated(1, first), activated(3, third), activated(2, first, 4)];
    expect(await found(2, first, counted)).toEqual([]);
    expect(await found(3, third, counted)).toEqual(setBack);
    expect(await found(2, first)).toEqual(setBack);
    expect(await found(2, second)).toEqual([]);
    // They came in force since the comparison began.
    expect(await found(3, third)).toEqual([]);
    expect(await found(1, first, [])).toEqual([]);
  });

  it("finds an installation in the ledger that nobody told of", async () => {
    const { lines, run, append } = await scene(all, []);
    const told = installationFact({ ...installation, audiences: ["lunch-menu"] }, 1, now);
    await append([told, ...all.flatMap((stored) => factsIn(stored))].map((each) => entryOf(each)));
    await run(100, { installationTold: async () => [installationFact(installation, 1, now)] });
    expect(differences(lines)).toEqual([{ difference: "differs", ledgerIndex: 0, factId: "installation/settings/1" }]);
  });

  it("finds nothing in an empty house", async () => {
    const { lines, run } = await scene([]);
    await run();
    expect(lines).toEqual(['reconciled {"facts":0,"records":0,"differences":0}']);
  });

  it("names what no record can be made of every day, and appends the others", async () => {
    const odd = linkOpenedFact({ id: `${id}/link-opened/2`, body: { odds: Number.NaN } });
    const { lines, announced, run } = await scene([{ kind: "fact", fact: odd }, linkOpened, exported], [exported]);
    await run();
    expect(differences(lines).map(({ factId }) => factId)).toEqual([odd.id, `${id}/link-opened/1`]);
    expect(announced).toEqual([`${id}/link-opened/1`]);
    const refused = lines.flatMap((line) => (line.startsWith("record refused ") ? [JSON.parse(line.slice(15))] : []));
    expect(refused).toEqual([expect.objectContaining({ factId: odd.id, code: "not-made", error: "Failure" })]);
  });

  it("names a promotion whose policies are in force and that does not tell of it, once it had the time", async () => {
    const digest = sha256Hex(utf8("policies"));
    const inForce = { digest, documents: [], since: now, number: 2, promotion: id };
    const pinned: Stored = { kind: "policy-in-force", inForce };
    const { lines, run } = await scene([promotion, pinned]);
    await run(100, { now: () => addSeconds(now, 899) });
    expect(differences(lines)).toEqual([]);
    const later = await scene([promotion, pinned]);
    await later.run();
    expect(differences(later.lines)).toEqual([{ difference: "untold", factId: id }]);
    const told = async (type: "policy-activated" | "expired", policy: string, number = 2) => {
      const activated = linkOpenedFact({ type, summary: "In force.", body: { policy, number } });
      const telling: Stored = { kind: "promotion", promotion: advance(opened, {}, activated) };
      const { run: compare, lines: all } = await scene([telling, pinned]);
      await compare();
      return differences(all);
    };
    expect(await told("policy-activated", digest)).toEqual([]);
    expect(await told("policy-activated", sha256Hex(utf8("others")), 1)).toEqual([
      { difference: "untold", factId: id },
    ]);
    expect(await told("policy-activated", digest, 1)).toEqual([{ difference: "untold", factId: id }]);
    expect(await told("expired", digest)).toEqual([{ difference: "untold", factId: id }]);
    const gone = await scene([linkOpened, pinned]);
    await gone.run();
    expect(differences(gone.lines)).toEqual([{ difference: "untold", factId: id }]);
    const { promotion: _, ...deployed } = inForce;
    const byNobody = await scene([linkOpened, { kind: "policy-in-force", inForce: deployed }]);
    await byNobody.run();
    expect(differences(byNobody.lines)).toEqual([]);
  });

  it("appends what the ledger lacks, with its documents, tells the bus, and says so", async () => {
    const { ledger, blobs, lines, announced, run } = await scene(all, [promotion, exported]);
    await run();
    const lacking = [signOffFact(recorded).id, `${id}/link-opened/1`];
    expect(differences(lines)).toEqual(lacking.map((factId) => ({ difference: "missing", factId })));
    expect(announced).toEqual(lacking);
    expect(lacking.map((each) => ledger.markers.get(each)?.index)).toEqual([3, 4]);
    expect(blobsOf(recorded).every(({ bytes }) => blobs.has(sha256Hex(bytes)))).toBe(true);
    expect(lines.at(-1)).toBe('reconciled {"facts":5,"records":3,"differences":2}');
  });

  it("repairs once: the next day finds nothing", async () => {
    const { lines, run } = await scene(all, [promotion]);
    await run();
    lines.length = 0;
    await run(100, { now: () => addSeconds(tomorrow, 86_400) });
    expect(differences(lines)).toEqual([]);
  });

  it("leaves the stream its time for what is young", async () => {
    const { lines, announced, run } = await scene(all, []);
    await run(100, { now: () => addSeconds(now, 899) });
    expect(lines).toEqual(['reconciled {"facts":0,"records":0,"differences":0}']);
    expect(announced).toEqual([]);
    const due = await scene([linkOpened], []);
    await due.run(100, { now: () => addSeconds(now, 900) });
    expect(due.announced).toEqual([linkOpened.fact.id]);
  });

  it("tells nobody what the installation is where it appends nothing: others may know that better by now", async () => {
    const installation = () => Promise.reject(new Error("The settings of before were told."));
    const { lines, run } = await scene();
    await run(100, { installation });
    expect(lines).toEqual(['reconciled {"facts":5,"records":5,"differences":0}']);
    const lacking = await scene(all, [promotion]);
    await expect(lacking.run(100, { installation })).rejects.toThrow("The settings of before were told.");
    expect(differences(lacking.lines)).not.toEqual([]);
  });

  it("reports an entry that no item of the table makes, and appends what else the ledger lacks", async () => {
    const invented = linkOpenedFact({ id: `${id}/link-opened/2` });
    const { ledger, lines, announced, append, run } = await scene(all, [promotion]);
    await append([entryOf(invented), { id: "nonsense", bytes: utf8("{}") }]);
    await run();
    expect(differences(lines).slice(0, 2)).toEqual([
      { difference: "unexplained", ledgerIndex: 2, factId: invented.id },
      { difference: "unexplained", ledgerIndex: 3 },
    ]);
    const lacking = [signOffFact(recorded).id, `${id}/link-opened/1`, exported.fact.id];
    expect(differences(lines).slice(2)).toEqual(lacking.map((factId) => ({ difference: "missing", factId })));
    expect(announced).toEqual(lacking);
    expect(lacking.every((each) => ledger.markers.has(each))).toBe(true);
  });

  it("appends nothing of a promotion's history behind what the ledger tells otherwise, and everything else", async () => {
    const other: Stored = { kind: "promotion", promotion: advance(opened, {}, linkOpenedFact({ type: "rejected" })) };
    const { lines, announced, run } = await scene([promotion, linkOpened], [other]);
    const later: Stored = {
      kind: "promotion",
      promotion: advance(promotion.promotion, {}, linkOpenedFact({ type: "clean-up" })),
    };
    await run(100, { table: { page: async () => ({ items: [later, linkOpened] }), itemsBehind: async () => [later] } });
    expect(announced).toEqual([`${id}/link-opened/1`]);
    expect(lines).toContainEqual(
      expect.stringMatching(new RegExp(`record refused .*"factId":"${id}/2","code":"waits"`)),
    );
  });

  it("appends nothing that the ledger has and whose marker is gone, and nothing at all where too many are", async () => {
    const { ledger, lines, announced, run } = await scene([linkOpened, exported]);
    ledger.markers.delete(linkOpened.fact.id);
    await run();
    expect(differences(lines)).toEqual([
      { difference: "misplaced", ledgerIndex: 0, factId: linkOpened.fact.id },
      { difference: "missing", factId: linkOpened.fact.id },
    ]);
    const many = Array.from({ length: 1002 }, (_, n): Stored => {
      return { kind: "fact", fact: linkOpenedFact({ id: `${id}/link-opened/${n}` }) };
    });
    const archived = many.slice(1);
    const gone = await scene(many, archived);
    for (const each of archived) if (each.kind === "fact") gone.ledger.markers.delete(each.fact.id);
    await gone.run(10_000);
    expect(differences(gone.lines)).toContainEqual({ difference: "missing", factId: `${id}/link-opened/0` });
    expect([...announced, ...gone.announced]).toEqual([]);
  });

  it("is still about what people have explained, once that was rung for, and says what it is", async () => {
    const lost = linkOpenedFact({ id: `${id}/link-opened/2` });
    const { lines, append, run, explained } = await scene([linkOpened]);
    await append([entryOf(lost), { id: "nonsense", bytes: utf8("{}") }]);
    const night = async (number: number) => {
      lines.length = 0;
      await run(100, { now: () => addSeconds(tomorrow, number * 86_400) });
      return differences(lines).map(({ ledgerIndex }) => ledgerIndex);
    };
    expect(await night(0)).toEqual([1, 2]);
    explained.add(lost.id).add("2");
    expect(await night(1)).toEqual([1, 2]);
    expect(await night(2)).toEqual([]);
    expect(lines).toEqual([
      `explained {"difference":"unexplained","ledgerIndex":1,"factId":"${lost.id}"}`,
      'explained {"difference":"unexplained","ledgerIndex":2}',
      'reconciled {"facts":1,"records":3,"differences":0}',
    ]);
    // Nothing else, and no more of the same fact.
    await append([{ id: "another id", bytes: ledgerEntry(lost) }]);
    expect(await night(3)).toEqual([3]);
    explained.clear();
    expect(await night(4)).toEqual([1, 2, 3]);
  });

  const edited = (over: Partial<Fact>): Stored => ({ kind: "fact", fact: linkOpenedFact(over) });
  const summaries = ["Edited by hand.", "Edited once more."];

  it.each<[string, Stored, readonly Stored[]]>([
    ["a fact", linkOpened, summaries.map((summary) => edited({ summary }))],
    [
      "a fact, also where no record can be made of it",
      linkOpened,
      summaries.map((summary) => edited({ summary, body: { odds: Number.NaN } })),
    ],
    [
      "what was signed beside a fact",
      { kind: "delegation", deed: holiday },
      ["staging", "edge"].map((target): Stored => {
        const deed = { ...holiday, delegation: { ...holiday.delegation, scope: { target } } };
        return { kind: "delegation", deed };
      }),
    ],
  ])("rings for another edit than the one that is explained, of %s", async (_, signed, edits) => {
    const [first = expect.unreachable(), second = expect.unreachable()] = edits;
    const table = [first];
    const { lines, run, explained } = await scene(table, [signed]);
    const [{ id: factId } = expect.unreachable()] = factsIn(signed);
    explained.add(factId);
    const night = async (number: number) => {
      lines.length = 0;
      await run(100, { now: () => addSeconds(tomorrow, number * 86_400) });
      return differences(lines);
    };
    const both = [
      { difference: "differs", ledgerIndex: 0, factId },
      { difference: "differs", factId },
    ];
    expect([await night(0), await night(1)]).toEqual([both, []]);
    table[0] = second;
    expect([await night(2), await night(3)]).toEqual([both, []]);
  });

  it("does not ring again for a fact that is explained as its promotion goes on", async () => {
    const history = opened.history.map((each) => ({ ...each, body: { odds: Number.NaN } }));
    const edited = { ...opened, history };
    const table: Stored[] = [{ kind: "promotion", promotion: edited }];
    const { lines, run, explained, ports } = await scene(table, [{ kind: "promotion", promotion: opened }]);
    const [{ id: factId } = expect.unreachable()] = history;
    explained.add(factId);
    const night = async (number: number) => {
      lines.length = 0;
      await run(100, { ...ports, now: () => addSeconds(tomorrow, number * 86_400) });
      return differences(lines);
    };
    const both = [
      { difference: "differs", ledgerIndex: 0, factId },
      { difference: "differs", factId },
    ];
    expect([await night(0), await night(1)]).toEqual([both, []]);
    table[0] = { kind: "promotion", promotion: { ...edited, revision: edited.revision + 1 } };
    expect(await night(2)).toEqual([]);
  });

  it("begins anew where a version of before was in the middle of it", async () => {
    const { lines, run, ports } = await scene();
    const { unmarked: _unmarked, ...before } = {
      ...(passNow(undefined, 5, now) as Pass),
      phase: { kind: "table" } as const,
    };
    await run(100, { passes: { ...ports.passes, load: async () => before as unknown as Pass } });
    expect(lines).toEqual(['reconciled {"facts":5,"records":5,"differences":0}']);
  });

  it("reports a fact that table and ledger tell differently, from both sides", async () => {
    const other: Stored = { kind: "fact", fact: linkOpenedFact({ summary: "Nobody opened anything." }) };
    const { lines, announced, run } = await scene([linkOpened], [other]);
    await run();
    expect(differences(lines)).toEqual([
      { difference: "differs", ledgerIndex: 0, factId: `${id}/link-opened/1` },
      { difference: "differs", factId: `${id}/link-opened/1` },
    ]);
    expect(announced).toEqual([]);
  });

  it.each<[string, Stored, Stored]>([
    [
      "a delegation, whose scope was changed",
      { kind: "delegation", deed: holiday },
      { kind: "delegation", deed: { ...holiday, delegation: { ...holiday.delegation, scope: { target: "staging" } } } },
    ],
    [
      "a passkey, whose public key was changed",
      { kind: "passkey", deed: enrolled },
      {
        kind: "passkey",
        deed: { ...enrolled, passkey: { ...enrolled.passkey, publicKey: authenticator("ES256", "other").publicKey } },
      },
    ],
    [
      "a delegation, whose envelope was taken away",
      { kind: "delegation", deed: holiday },
      { kind: "delegation", deed: { ...holiday, envelope: { ...holiday.envelope, payload: "" } } },
    ],
  ])("reports an item that is not what was signed, though its fact tells less: %s", async (_, signed, stored) => {
    const [told = expect.unreachable()] = factsIn(signed);
    const { lines, announced, run } = await scene([stored], [signed]);
    await run();
    expect(differences(lines)).toEqual([
      { difference: "differs", ledgerIndex: 0, factId: told.id },
      { difference: "differs", factId: told.id },
    ]);
    expect(announced).toEqual([]);
  });

  it("finds nothing in what was signed about delegations and passkeys", async () => {
    const { lines, run } = await scene([
      { kind: "delegation", deed: holiday },
      { kind: "passkey", deed: enrolled },
    ]);
    await run();
    expect(differences(lines)).toEqual([]);
  });

  it("names a fact that was changed into what no record can be made of, and compares the others", async () => {
    const odd: Stored = { kind: "fact", fact: linkOpenedFact({ body: { odds: Number.NaN } }) };
    const invented = linkOpenedFact({ id: `${id}/link-opened/2` });
    const { lines, append, run } = await scene([odd, exported], [linkOpened, exported]);
    await append([entryOf(invented)]);
    await run();
    expect(differences(lines)).toEqual([
      { difference: "differs", ledgerIndex: 0, factId: linkOpened.fact.id },
      { difference: "unexplained", ledgerIndex: 2, factId: invented.id },
      { difference: "differs", factId: linkOpened.fact.id },
    ]);
  });

  it("does not take a marker's word for what is not in the log", async () => {
    const { ledger, lines, run } = await scene([linkOpened, exported]);
    const [one, two] = [...ledger.markers.values()];
    if (one === undefined || two === undefined) throw new Error("There are no markers.");
    ledger.markers.set(one.id, { ...one, index: two.index });
    await run();
    expect(differences(lines)).toEqual([
      { difference: "misplaced", ledgerIndex: 0, factId: one.id },
      { difference: "differs", factId: one.id },
    ]);
    const altered = await scene([linkOpened]);
    altered.ledger.markers.set(one.id, { ...one, leafHash: two.leafHash });
    await altered.run();
    expect(differences(altered.lines)).toEqual([{ difference: "differs", ledgerIndex: 0, factId: one.id }]);
  });

  it("reports an entry that is there twice", async () => {
    const { lines, append, run } = await scene([linkOpened]);
    await append([{ id: "another id", bytes: ledgerEntry(linkOpenedFact()) }]);
    await run();
    expect(differences(lines)).toEqual([{ difference: "misplaced", ledgerIndex: 1, factId: `${id}/link-opened/1` }]);
  });

  it("goes on where the time of the run before was over, and comes to the same", async () => {
    const { lines, run, pass } = await scene(all, [promotion]);
    for (let runs = 0; pass()?.phase.kind !== "finished"; runs += 1) {
      expect(runs).toBeLessThan(10);
      await run(1);
    }
    expect(differences(lines)).toHaveLength(3);
    expect(lines[0]).toContain("to be continued");
    expect(lines.at(-1)).toBe('reconciled {"facts":5,"records":2,"differences":3}');
  });

  it("covers more bundles than one, and the last as far as it goes", async () => {
    const many = Array.from(
      { length: 300 },
      (_, n): Stored => ({
        kind: "fact",
        fact: linkOpenedFact({ id: `${id}/link-opened/${n}` }),
      }),
    );
    const { lines, run } = await scene(many);
    await run(1000);
    expect(lines).toEqual(['reconciled {"facts":300,"records":300,"differences":0}']);
  });

  it("begins once a day, whatever the schedule does", async () => {
    const { lines, run } = await scene();
    const at = async (seconds: number) => {
      lines.length = 0;
      await run(100, { now: () => addSeconds(tomorrow, seconds) as Instant });
      return lines.length;
    };
    expect(await at(0)).toBe(1);
    expect(await at(3600)).toBe(0);
    expect(await at(23 * 3600)).toBe(0);
    expect(await at(86_400 - 60)).toBe(1);
  });

  it("says so when it does not come to an end", async () => {
    const { lines, run } = await scene();
    await run(1);
    await run(1, { now: () => addSeconds(tomorrow, 36 * 3600) });
    expect(lines[1]).toContain("reconciliation is late");
  });

  it("writes down ids, places and counts only", async () => {
    const { lines, run } = await scene(all, [promotion]);
    await run();
    expect(lines.join()).not.toMatch(/Opened|opened\.|eyJ|example\.org|https/);
  });
});
