import { eachAtOnce } from "../core/at-once.ts";
import { attachmentOf } from "../core/attestation/recorded-sign-off.ts";
import type { Sha256 } from "../core/encoding/sha256.ts";
import type { NewEntry, SequenceOutcome } from "../core/ledger/sequence.ts";
import type { Fact } from "../core/promotion/fact.ts";
import { ledgerEntry } from "../core/promotion/ledger-record.ts";
import { documentsIn, factsIn, type Stored } from "./stored-facts.ts";

/** What the bus is told of a fact that is in the ledger now. */
interface Announcement {
  readonly factId: string;
  readonly type: Fact["type"];
  readonly promotionId?: string;
  readonly at: string;
  readonly ledgerIndex: number;
}

export interface ArchiveFactsPorts {
  /** What the ledger tells of the installation: it begins with that. */
  readonly installation: () => Promise<readonly Fact[]>;
  /** What is recorded about the service's keys by now. */
  readonly keyFacts: () => Promise<readonly Fact[]>;
  /** What facts rest on and the ledger lacks. */
  readonly foundations: (facts: readonly Fact[]) => Promise<readonly Stored[]>;
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly sequence: (entries: readonly NewEntry[]) => Promise<SequenceOutcome>;
  readonly announce: (announcements: readonly Announcement[]) => Promise<void>;
}

/** A batch may hold a thousand sign-offs with two documents of their own each. */
const putsAtOnce = 16;

/** Makes one record of each fact, behind what it rests on, keeps the documents of the items that they are from, and then tells the bus. */
export async function archiveFacts(
  { installation, keyFacts, foundations, blobs, sequence, announce }: ArchiveFactsPorts,
  facts: readonly Fact[],
  from: readonly Stored[],
): Promise<SequenceOutcome> {
  const under = await foundations(facts);
  // The documents first: a record must never name one that is not there. Most sign-offs rest on the same key set.
  const documents = [...under, ...from].flatMap(documentsIn);
  const distinct = new Map(documents.map((document) => [attachmentOf(document).sha256, document]));
  await eachAtOnce(distinct.values(), putsAtOnce, ({ bytes, mediaType }) => blobs.put(bytes, mediaType));

  // Each time, since nobody knows how far a run before came; the sequencer has each of them but once. A key signs only once it is
  // recorded, so that behind these stands whatever it signed.
  const keys = published(await keyFacts());
  const before = [...(await installation()), ...keys, ...under.flatMap((each) => factsIn(each))];
  const sequenced = await sequence([...before, ...facts].map((fact) => ({ id: fact.id, bytes: ledgerEntry(fact) })));
  const told = new Set(facts.map(({ id }) => id));
  const known = new Set(before.map(({ id }) => id).filter((id) => !told.has(id)));
  const outcome = { ...sequenced, already: sequenced.already.filter(({ id }) => !known.has(id)) };
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

/** Those by which keys became known, each behind the one that vouches for it. */
function published(facts: readonly Fact[]): readonly Fact[] {
  return facts.filter(({ body }) => body["change"] === "published").toSorted((a, b) => (a.at < b.at ? -1 : 1));
}
