import { readRecord } from "../../../core/archive/documents/read-record.ts";
import { hex, utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { leafHash } from "../../../core/ledger/merkle.ts";
import type { Marker } from "../../../core/ledger/sequencer-ports.ts";
import { tileWidth } from "../../../core/ledger/tiles.ts";
import type { Fact, LedgerRecord } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type ArchiveFactsPorts, archiveFacts } from "../../ledger/archive-facts.ts";
import { factsIn, isAsSigned, type Stored } from "../../ledger/stored-facts.ts";
import { leafOf } from "../../ledger/told-otherwise.ts";
import type { Log } from "../../log.ts";
import { type DifferenceKind, type Found, sortOut } from "./differences.ts";
import { isLate, type Pass, passNow } from "./pass.ts";

export interface ReconcilePorts extends ArchiveFactsPorts {
  readonly now: () => Instant;
  readonly log: Log;
  readonly passes: {
    load(): Promise<Pass | undefined>;
    save(pass: Pass): Promise<void>;
    /** What people have explained: ids of facts, and numbers of entries that tell of none. */
    explanations(): Promise<ReadonlySet<string>>;
  };
  /** What the ledger was told of the installation so far. */
  readonly installationTold: () => Promise<readonly Fact[]>;
  readonly table: {
    /** A page of the promotions table, in no order, and where the next begins. */
    page(from?: string): Promise<{ readonly items: readonly Stored[]; readonly next?: string }>;
    /** The items that these records were made from, as far as they are there. */
    itemsBehind(records: readonly Pick<LedgerRecord, "id" | "promotion">[]): Promise<readonly Stored[]>;
  };
  readonly ledger: {
    /** Entries under the published checkpoint. */
    size(): Promise<number>;
    markers(ids: readonly string[]): Promise<ReadonlyMap<string, Marker>>;
    /** The leaf hashes at these indices of the log of `size` entries, by index; those that are not there left out. */
    leaves(indices: readonly number[], size: number): Promise<ReadonlyMap<number, Uint8Array>>;
    /** The entries from `first`, a multiple of 256, to the end of their bundle in the log of `size` entries. */
    entries(first: number, size: number): Promise<readonly Uint8Array[]>;
  };
}

/** Facts that are younger may still be on their way through the stream, which is retried. */
const graceSeconds = 900;
/** What one page may take, and the saving of the pass. */
const reservedMilliseconds = 60_000;

/** As an item that cannot be read is named: by its key. */
const policyInForceItem = "POLICIES/IN-FORCE";

/** Where so many markers are gone, the table that has them is not the log's: people have to look before anything is appended. */
const mostUnmarked = 1000;

/**
 * Holds the ledger and the promotions table against each other, once a day: every entry of the log is what the table
 * holds, and every fact of the table is in the log. What the log lacks is appended as the archive would have, and by the same
 * rules: nothing behind what the log tells otherwise, and nothing twice. Another entry that nobody can explain says nothing against
 * that fact, of which whoever could write it into the table would have the archive append it as well; nor does an item that cannot be
 * read, against the others. Each difference, and each fact that is appended, is one line and an alarm. Works page by page from a cursor
 * that is kept, so that it can stop at any time and go on.
 */
export function reconcile(ports: ReconcilePorts) {
  return async (_event: unknown, lambda: { getRemainingTimeInMillis(): number }): Promise<void> => {
    let pass = passNow(await ports.passes.load(), await ports.ledger.size(), ports.now());
    if (pass === undefined) return;
    const explanations = await ports.passes.explanations();
    if (isLate(pass, ports.now())) ports.log("error", "reconciliation is late", { begunAt: pass.begunAt });
    while (pass.phase.kind !== "finished" && lambda.getRemainingTimeInMillis() > reservedMilliseconds) {
      const compared =
        pass.phase.kind === "table" ? await comparePage(pass, pass.phase.from) : await compareBundle(pass);
      const sorted = sortOut(compared.pass, compared.found, explanations);
      for (const each of sorted.ringing) ports.log("error", "not reconciled", { ...each });
      for (const each of sorted.explained) ports.log("info", "explained", { ...each });
      await repair(compared);
      pass = sorted.pass;
      await ports.passes.save(pass);
    }
    const { phase, facts, records, differences } = pass;
    ports.log("info", phase.kind === "finished" ? "reconciled" : "to be continued", { facts, records, differences });
  };

  /** Every fact of a page of the table is in the log. */
  async function comparePage(pass: Pass, from: string | undefined): Promise<Compared> {
    const { items, next } = await ports.table.page(from);
    const latest = addSeconds(ports.now(), -graceSeconds);
    const unknown = items.filter(({ kind }) => kind === "unknown").length;
    if (unknown > 0) ports.log("error", "not reconciled", { difference: "unknown-kind", items: unknown });
    const due = heldBy(items).filter(({ fact }) => fact.at <= latest);
    const places = await placesOf(due.map(({ fact }) => fact));
    const missing = due.filter(({ fact }) => places.get(fact.id) === undefined);
    const others = due.filter(({ fact, item }) => {
      const place = places.get(fact.id);
      return place === "other" || (place === "same" && !isAsSigned(item));
    });
    const untold = await untoldPolicies(items, latest);
    const setBack = items.flatMap((each) => setBackPolicies(each, pass) ?? []);
    const unreadable = items.filter((each) => each.kind === "unreadable");
    const found = (difference: DifferenceKind, these: typeof due) =>
      these.map(({ fact, item }) => ({ difference, factId: fact.id, told: toldDigest(fact, item) }));
    return {
      pass: {
        ...pass,
        phase: next === undefined ? { kind: "finished" } : { kind: "table", from: next },
        facts: pass.facts + due.length,
      },
      found: [
        ...unreadable.map(({ kind, item }) => ({ difference: kind, item })),
        ...untold.map((factId) => ({ difference: "untold" as const, factId })),
        ...setBack,
        ...found("missing", missing),
        ...found("differs", others),
      ],
      missing,
    };
  }

  /** Appends what the log lacks. */
  async function repair({ pass, missing = [] }: Compared): Promise<void> {
    const lacking = missing.filter(({ fact }) => !pass.unmarked.includes(fact.id));
    if (lacking.length === 0 || pass.unmarked.length > mostUnmarked) return;
    const { refused } = await archiveFacts(
      ports,
      lacking.map(({ fact }) => fact),
      lacking.map(({ item }) => item),
    );
    for (const { id, code, why } of refused) ports.log("error", "record refused", { ...why, factId: id, code });
  }

  /** The promotions that put policies in force, by what is written down about that, and do not tell of it. */
  async function untoldPolicies(items: readonly Stored[], latest: Instant): Promise<readonly PromotionId[]> {
    const untold: PromotionId[] = [];
    for (const item of items) {
      if (item.kind !== "policy-in-force" || item.inForce.promotion === undefined || item.inForce.since > latest)
        continue;
      const { promotion: id, digest, number } = item.inForce;
      const [behind] = await ports.table.itemsBehind([{ id: `${id}/0`, promotion: id }]);
      const history = behind?.kind === "promotion" ? behind.promotion.history : [];
      const tells = ({ type, body }: Fact) =>
        type === "policy-activated" && body["policy"] === digest && body["number"] === number;
      if (!history.some(tells)) untold.push(id);
    }
    return untold;
  }

  /** Whether the log holds these facts: `same` or `other` bytes in their places; nothing for one that has no place. */
  async function placesOf(facts: readonly Fact[]): Promise<ReadonlyMap<string, "same" | "other">> {
    if (facts.length === 0) return new Map();
    const size = await ports.ledger.size();
    const markers = await ports.ledger.markers(facts.map(({ id }) => id));
    const published = [...markers.values()].filter(({ index }) => index < size);
    const leaves = await ports.ledger.leaves(
      published.map(({ index }) => index),
      size,
    );
    const placeOf = new Map(published.map(({ id, index }) => [id, index]));
    return new Map(
      facts.flatMap((fact): readonly [string, "same" | "other"][] => {
        const index = placeOf.get(fact.id);
        if (index === undefined) return [];
        // The marker only says where to look: what counts is the hash in the log.
        const leaf = leaves.get(index);
        return [[fact.id, leaf !== undefined && hex(leaf) === leafOf(fact) ? "same" : "other"]];
      }),
    );
  }

  /** Every entry of a bundle of the log is a fact of the table, in the place that its marker names. */
  async function compareBundle(pass: Pass): Promise<Compared> {
    const first = pass.phase.kind === "ledger" ? pass.phase.next : 0;
    if (first >= pass.size) return { pass: { ...pass, phase: { kind: "table" } }, found: [] };
    const entries = await ports.ledger.entries(first, pass.size);
    const records = entries.map(recordIn);
    const readable = records.filter((record) => record !== undefined);
    const items = await ports.table.itemsBehind(readable);
    // Those of the installation lie in the ledger's own table. Whoever appends adds to them, and nobody who only looks: a function
    // that a deployment has not come to yet would tell the settings of before.
    const installation = await ports.installationTold();
    const held = heldBy(items);
    const facts = new Map([...installation, ...held.map(({ fact }) => fact)].map((fact) => [fact.id, fact]));
    const itemOf = new Map(held.map(({ fact, item }) => [fact.id, item]));
    const markers = await ports.ledger.markers(readable.map(({ id }) => id));
    const found = entries.flatMap((entry, at): readonly Found[] => {
      const why = whyDifferent(entry, records[at], first + at);
      if (why === undefined) return [];
      const factId = records[at]?.id;
      const fact = why === "differs" && factId !== undefined ? facts.get(factId) : undefined;
      return [
        {
          ...{ difference: why, ledgerIndex: first + at },
          ...(factId === undefined ? {} : { factId }),
          ...(fact === undefined ? {} : { told: toldDigest(fact, itemOf.get(fact.id)) }),
        },
      ];
    });
    const unmarked = readable.flatMap(({ id }) => (markers.has(id) ? [] : [id]));
    return {
      pass: {
        ...pass,
        phase: { kind: "ledger", next: first + tileWidth },
        records: pass.records + entries.length,
        unmarked: [...pass.unmarked, ...unmarked].slice(0, mostUnmarked + 1),
        ...latestPolicies(pass, readable),
      },
      found,
    };

    function whyDifferent(
      entry: Uint8Array,
      record: LedgerRecord | undefined,
      index: number,
    ): DifferenceKind | undefined {
      const fact = record === undefined ? undefined : facts.get(record.id);
      if (record === undefined || fact === undefined) return "unexplained";
      const leaf = hex(leafHash(entry));
      const item = itemOf.get(record.id);
      if (leafOf(fact) !== leaf || (item !== undefined && !isAsSigned(item))) return "differs";
      const marker = markers.get(record.id);
      if (marker?.index !== index) return "misplaced";
      return marker.leafHash === leaf ? undefined : "differs";
    }
  }
}

/** How far a pass came with what it compared last, and what differs there. */
interface Compared {
  readonly pass: Pass;
  readonly found: readonly Found[];
  readonly missing?: readonly { readonly fact: Fact; readonly item: Stored }[];
}

/** The policies that came in force last, by what the log tells up to here. */
function latestPolicies({ policies }: Pass, records: readonly LedgerRecord[]): Pick<Pass, "policies"> {
  let last = policies;
  for (const { type, at, body } of records) {
    const { number, policy: digest } = body;
    if (type !== "policy-activated" || typeof number !== "number" || typeof digest !== "string") continue;
    const highest = Math.max(number, last?.highest ?? number);
    last = last !== undefined && at < last.since ? { ...last, highest } : { since: at, number, digest, highest };
  }
  return last === undefined ? {} : { policies: last };
}

/** Policies in force by the table that are not those of which the log tells last, nor of a number that it knows nothing of yet. */
function setBackPolicies(item: Stored, { policies: last }: Pass): Found | undefined {
  if (item.kind !== "policy-in-force" || last === undefined) return undefined;
  const { number, digest } = item.inForce;
  if (number > last.highest || (number === last.number && digest === last.digest)) return undefined;
  return { difference: "set-back", item: policyInForceItem, told: sha256Hex(utf8(JSON.stringify(item.inForce))) };
}

/** Changes with every edit of a fact, or of what is signed beside it, also where no record can be made of it; with nothing else. */
function toldDigest(fact: Fact, item: Stored | undefined): string {
  const digestOf = (told: object) => sha256Hex(utf8(JSON.stringify(told)));
  return item !== undefined && !isAsSigned(item) ? digestOf(item) : (leafOf(fact) ?? digestOf(fact));
}

function heldBy(items: readonly Stored[]): readonly { readonly fact: Fact; readonly item: Stored }[] {
  return items.flatMap((item) => factsIn(item).map((fact) => ({ fact, item })));
}

function recordIn(entry: Uint8Array): LedgerRecord | undefined {
  try {
    return readRecord(entry);
  } catch (error) {
    if (error instanceof Failure && error.code === "pack-invalid") return undefined;
    throw error;
  }
}
