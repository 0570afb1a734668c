import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact, FactType } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";

// Whoever runs the service holds the log's key and can write whatever they like into it: what was recorded, told
// otherwise. `packOf` makes a perfect log of it, with perfect digests.

/** What was recorded: every fact in its order, and the documents that they name. */
export interface Recordings {
  readonly facts: readonly Fact[];
  readonly blobs: ReadonlyMap<Sha256, Uint8Array>;
}

export interface Retold {
  readonly facts?: readonly Fact[];
  readonly blobs?: ReadonlyMap<Sha256, Uint8Array>;
}

export function factOf({ facts }: Recordings, type: FactType, promotion?: PromotionId): Fact {
  const found = facts.find((fact) => fact.type === type && (promotion === undefined || fact.promotion === promotion));
  if (found === undefined) throw new Error(`There is no ${type}.`);
  return found;
}

/** The first of a type that names a document. */
export function factWith({ facts }: Recordings, type: FactType, document: string): Fact {
  const found = facts.find((fact) => fact.type === type && fact.attachments.some(({ name }) => name === document));
  if (found === undefined) throw new Error(`There is no ${type} with ${document}.`);
  return found;
}

/** All facts with one changed, or taken out where the change answers nothing. */
export function changed(
  { facts }: Recordings,
  wanted: Fact,
  change: (fact: Fact) => Fact | undefined,
): readonly Fact[] {
  return facts.flatMap((fact) => (fact === wanted ? (change(fact) ?? []) : fact));
}

/** With other words in the fact's body. */
export function saying(house: Recordings, wanted: Fact, body: Fact["body"]): Retold {
  return { facts: changed(house, wanted, (fact) => ({ ...fact, body: { ...fact.body, ...body } })) };
}

/** With other bytes as a document of the fact. */
export function withDocument(house: Recordings, wanted: Fact, name: string, bytes: Uint8Array): Retold {
  const sha256 = sha256Hex(bytes);
  const attachments = wanted.attachments.map((each) => (each.name === name ? { ...each, sha256 } : each));
  return {
    facts: changed(house, wanted, (fact) => ({ ...fact, attachments })),
    blobs: new Map(house.blobs).set(sha256, bytes),
  };
}

/** With a JSON document of the fact changed. */
export function withChanged(
  house: Recordings,
  wanted: Fact,
  name: string,
  change: (document: Record<string, unknown>) => object,
): Retold {
  const document = JSON.parse(fromUtf8(documentOf(house, wanted, name)));
  return withDocument(house, wanted, name, canonicalJsonBytes(change(document)));
}

export function documentOf({ blobs }: Recordings, fact: Fact, name: string): Uint8Array {
  const attachment = fact.attachments.find((each) => each.name === name);
  const bytes = attachment === undefined ? undefined : blobs.get(attachment.sha256);
  if (bytes === undefined) throw new Error(`There is no ${name}.`);
  return bytes;
}

export function flipped(bytes: Uint8Array, at = Math.floor(bytes.length / 2)): Uint8Array {
  // A slice of a Buffer would be a view: what is flipped would be flipped for every test after this one as well.
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** The log goes on for so many seconds more: somebody opens a link. What was on its way has come to it by then. */
export function goingOn(facts: readonly Fact[], seconds = 1000): readonly Fact[] {
  const last = facts
    .map(({ at }) => at)
    .toSorted()
    .at(-1);
  const promotion = facts.findLast((fact) => fact.promotion !== undefined)?.promotion;
  if (last === undefined || promotion === undefined) throw new Error("Nothing was recorded.");
  const opened: Fact = {
    ...{ id: `${promotion}/link-opened/later`, promotion, type: "link-opened", at: addSeconds(last, seconds) },
    ...{ summary: "A link was opened.", body: {}, attachments: [] },
  };
  return [...facts, opened];
}
