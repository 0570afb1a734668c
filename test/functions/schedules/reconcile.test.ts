import { describe, expect, it } from "vitest";
import { installationFact } from "../../../core/attestation/installation-record.ts";
import { blobsOf, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { factsIn, type Stored } from "../../../functions/ledger/stored-facts.ts";
import { type Pass, passNow } from "../../../functions/schedules/reconcile/pass.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { id, linkOpenedFact, now } from "../../core/promotion/promotion-in-review.ts";
import {
  all,
  differences,
  enrolled,
  entryOf,
  exported,
  holiday,
  linkOpened,
  opened,
  promotion,
  recorded,
  scene,
  tomorrow,
} from "./reconcile-scene.ts";

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

  it("calls missing, and nothing else, what the ledger lacks and is not what was signed", async () => {
    const { lines, run } = await scene(
      [
        {
          kind: "delegation",
          deed: { ...holiday, delegation: { ...holiday.delegation, scope: { target: "staging" } } },
        },
      ],
      [],
    );
    await run();
    expect(differences(lines).map(({ difference }) => difference)).toEqual(["missing"]);
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

  it("takes what has its place and is not published yet as missing, and publishes it there", async () => {
    const { announced, lines, ports, run } = await scene([exported, linkOpened]);
    const { ledger } = ports;
    const unpublished = {
      ...ledger,
      size: async () => 1,
      entries: async (first: number, size: number) => (await ledger.entries(first, 2)).slice(0, size),
      leaves: (indices: readonly number[]) => ledger.leaves(indices, 2),
    };
    await run(100, { ledger: unpublished });
    expect(differences(lines)).toEqual([{ difference: "missing", factId: linkOpened.fact.id }]);
    expect(announced).toEqual([linkOpened.fact.id]);
  });

  it("does not take it for the same where the log's tile is gone", async () => {
    const { announced, lines, ports, run } = await scene([linkOpened]);
    await run(100, { ledger: { ...ports.ledger, leaves: async () => new Map() } });
    expect(differences(lines)).toEqual([{ difference: "differs", factId: linkOpened.fact.id }]);
    expect(announced).toEqual([]);
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
