import { eachAtOnce } from "../../core/at-once.ts";
import { attachmentOf, type Blob } from "../../core/attestation/recorded-sign-off.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { by } from "../../core/encoding/text-order.ts";
import { maxEntryBytes } from "../../core/ledger/entry-bundle.ts";
import type { NewEntry, RefusedEntry, SequenceOutcome } from "../../core/ledger/sequence.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { ledgerEntry } from "../../core/promotion/ledger-record.ts";
import { errorFields, type LogFields } from "../log.ts";
import { type Foundations, factIdsBehind } from "./foundations.ts";
import { documentsIn, factsIn, type Stored } from "./stored-facts.ts";
import {
  type HistoryOf,
  type InLedger,
  idBefore,
  isDeed,
  isHistory,
  toldOtherwise,
  whereTheyPart,
} from "./told-otherwise.ts";

/** What the bus is told of a fact that is in the ledger now. */
interface Announcement {
  readonly factId: string;
  readonly type: Fact["type"];
  readonly promotionId?: string;
  readonly at: string;
  readonly ledgerIndex: number;
}

export interface ArchiveFactsPorts {
  readonly inLedger: InLedger;
  readonly historyOf: HistoryOf;
  /** What the ledger tells of the installation: it begins with that. */
  readonly installation: () => Promise<readonly Fact[]>;
  /** What is recorded about the service's keys by now. */
  readonly keyFacts: () => Promise<readonly Fact[]>;
  /** What facts rest on and the ledger lacks. */
  readonly foundations: (facts: readonly Fact[]) => Promise<Foundations>;
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly sequence: (entries: readonly NewEntry[]) => Promise<SequenceOutcome>;
  readonly announce: (announcements: readonly Announcement[]) => Promise<void>;
}

/** Why a fact is no record of the ledger by now. */
interface RefusedFact {
  readonly id: string;
  /** `not-made`: there is no record, or no document, of what it says; `unreadable`: its item cannot be read; `waits`: what has to stand before it is one of these, or told otherwise. */
  readonly code: RefusedEntry["code"] | "not-made" | "unreadable" | "waits";
  /** Where it could not be made, or behind what it waits, for the log. */
  readonly why?: LogFields;
}

/** What became of each fact, and how far the published log reaches. */
export interface ArchiveOutcome extends Omit<SequenceOutcome, "refused"> {
  readonly refused: readonly RefusedFact[];
}

/** A batch may hold a thousand sign-offs with two documents of their own each. */
const putsAtOnce = 16;

/**
 * Makes one record of each fact, behind what it rests on, keeps the documents of the items that they are from, and then tells the
 * bus. What no record can be made of holds up nothing but what has to stand behind it; it stays in the table, and is tried again
 * with whatever its promotion tells next, and by the reconciliation.
 */
export async function archiveFacts(
  { inLedger, historyOf, installation, keyFacts, foundations, blobs, sequence, announce }: ArchiveFactsPorts,
  facts: readonly Fact[],
  from: readonly Stored[],
): Promise<ArchiveOutcome> {
  const { found: under, unreadable } = await foundations(facts);
  const documents = [...under, ...from].flatMap(partsOf).map((stored) => documentsOf(stored));
  // The documents first: a record must never name one that is not there. Most sign-offs rest on the same key set.
  const distinct = new Map(
    documents.flatMap(({ made }) => made).map((document) => [attachmentOf(document).sha256, document]),
  );
  await eachAtOnce(distinct.values(), putsAtOnce, ({ bytes, mediaType }) => blobs.put(bytes, mediaType));

  // Each time, since nobody knows how far a run before came; the sequencer has each of them but once. A key signs only once it is
  // recorded, so that behind these stands whatever it signed.
  const keys = published(await keyFacts());
  const first = [...(await installation()), ...keys];
  const rest = [...under.flatMap((each) => factsIn(each)), ...facts];
  const otherwise = await toldOtherwise(
    facts,
    from.flatMap((each) => factsIn(each)),
    inLedger,
  );
  const parted = await whereTheyPart(facts, historyOf, inLedger);
  const without = new Map(documents.flatMap((each) => each.without));
  const { entries, refused } = entriesOf(rest, { without, unreadable, otherwise, parted });
  const sequenced = await sequence([...first.map(entryOf), ...entries]);
  const told = new Set(facts.map(({ id }) => id));
  const known = new Set([...first, ...rest].map(({ id }) => id).filter((id) => !told.has(id)));
  const outcome = {
    ...sequenced,
    already: sequenced.already.filter(({ id }) => !known.has(id)),
    refused: [...sequenced.refused, ...refused],
  };
  const indexes = new Map([...outcome.appended, ...outcome.already].map(({ id, index }) => [id, index]));
  const announcements = facts.flatMap((fact): readonly Announcement[] => {
    const ledgerIndex = indexes.get(fact.id);
    if (ledgerIndex === undefined) return [];
    const promotion = fact.promotion === undefined ? {} : { promotionId: fact.promotion };
    return [{ factId: fact.id, type: fact.type, at: fact.at, ledgerIndex, ...promotion }];
  });
  await announce(announcements);
  return outcome;
}

/** A promotion keeps many facts, each with its own documents. */
function partsOf(stored: Stored): readonly Stored[] {
  return stored.kind === "promotion"
    ? stored.promotion.history.map((fact): Stored => ({ kind: "fact", fact }))
    : [stored];
}

/** The documents of an item, or the facts that have none, and why. */
function documentsOf(stored: Stored): {
  readonly made: readonly Blob[];
  readonly without: readonly (readonly [id: string, why: LogFields])[];
} {
  try {
    return { made: documentsIn(stored), without: [] };
  } catch (error) {
    return { made: [], without: factsIn(stored).map(({ id }) => [id, errorFields(error)]) };
  }
}

/** What there is no entry of, or that it would be told behind. */
interface Apart {
  /** Facts that have no documents, and why. */
  readonly without: ReadonlyMap<string, LogFields>;
  readonly unreadable: Foundations["unreadable"];
  readonly otherwise: ReadonlySet<string>;
  readonly parted: ReadonlyMap<Fact["promotion"], string>;
}

/**
 * The entries of facts in their order, as far as there can be one of each. Not behind one that there is none of, or that the ledger
 * tells otherwise: what its promotion's history tells next, since that is verified in its order, and what rests on it.
 */
function entriesOf(
  facts: readonly Fact[],
  { without, unreadable, otherwise, parted }: Apart,
): { readonly entries: readonly NewEntry[]; readonly refused: readonly RefusedFact[] } {
  const entries: NewEntry[] = [];
  // Not told here, and nobody could say what they are: what rests on them waits until they can be read.
  const refused = new Map(
    [...unreadable].map(([id, why]): [string, RefusedFact] => [id, { id, code: "unreadable", why }]),
  );
  /** Of each promotion, behind what the rest of its history waits. */
  const broken = new Map<Fact["promotion"], string>();
  for (const fact of facts) {
    const refusal = refusalOf(fact);
    if (refusal === undefined) continue;
    refused.set(fact.id, refusal);
    if (isHistory(fact) && !broken.has(fact.promotion)) broken.set(fact.promotion, fact.id);
  }
  return { entries, refused: [...refused.values()] };

  /** Makes the entry, or says why there is none. */
  function refusalOf(fact: Fact): RefusedFact | undefined {
    const { id } = fact;
    const why = without.get(id);
    if (why !== undefined) return { id, code: "not-made", why };
    if (otherwise.has(id)) return { id, code: "differs", why: { because: toldByLedger(id) } };
    const behind = behindWhat(fact);
    if (behind !== undefined) {
      const told = otherwise.has(behind) || parted.get(fact.promotion) === behind;
      const because = told ? { because: toldByLedger(behind) } : {};
      return { id, code: "waits", why: { behind, ...because } };
    }
    try {
      const entry = entryOf(fact);
      // The sequencer would refuse it as well, and take what has to wait for it.
      if (entry.bytes.length > maxEntryBytes) return { id, code: "too-large" };
      entries.push(entry);
      return undefined;
    } catch (error) {
      return { id, code: "not-made", why: errorFields(error) };
    }
  }

  /** What would have to stand before it, and cannot. */
  function behindWhat(fact: Fact): string | undefined {
    const before = idBefore(fact);
    if (before !== undefined && otherwise.has(before)) return before;
    const apart = isHistory(fact) ? broken.get(fact.promotion) : isDeed(fact) ? parted.get(fact.promotion) : undefined;
    return apart ?? factIdsBehind(fact).find((each) => refused.has(each));
  }
}

function toldByLedger(id: string): string {
  return `The ledger tells ${id} otherwise than the table, or it alone does: the table was restored to an earlier time, or changed by hand. Of what this promotion tells from then on, and of what people do about it, nothing is written to the ledger.`;
}

function entryOf(fact: Fact): NewEntry {
  return { id: fact.id, bytes: ledgerEntry(fact) };
}

/** Those by which keys became known, each behind the one that vouches for it. */
function published(facts: readonly Fact[]): readonly Fact[] {
  return facts.filter(({ body }) => body["change"] === "published").toSorted(by(({ at }) => at));
}
