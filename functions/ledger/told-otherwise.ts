import { hex } from "../../core/encoding/bytes.ts";
import { Failure } from "../../core/failure.ts";
import { leafHash } from "../../core/ledger/merkle.ts";
import type { Marker } from "../../core/ledger/sequencer-ports.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { ledgerEntry } from "../../core/promotion/ledger-record.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

/** What the ledger has of these ids, by id. */
export type InLedger = (ids: readonly string[]) => Promise<ReadonlyMap<string, Pick<Marker, "leafHash">>>;

/**
 * Of the promotions' histories that these facts go on with: which of them, and of the facts right before them, the ledger tells
 * otherwise than the table. So it is where the table was restored to an earlier time, or an item changed by hand, and the promotion
 * goes on: what it tells next belongs to another life than what stands in the log, and behind that nobody could verify either.
 */
export async function toldOtherwise(
  facts: readonly Fact[],
  /** All facts of the items that these are from. */
  all: readonly Fact[],
  inLedger: InLedger,
): Promise<ReadonlySet<string>> {
  const ids = new Set(facts.filter(isHistory).flatMap((fact) => [fact.id, idBefore(fact) ?? fact.id]));
  if (ids.size === 0) return new Set();
  const factOf = new Map([...all, ...facts].map((fact) => [fact.id, fact]));
  const markers = await inLedger([...ids]);
  const otherwise = [...markers].filter(([id, { leafHash: told }]) => {
    const fact = factOf.get(id);
    return fact !== undefined && leafOf(fact) !== told;
  });
  return new Set(otherwise.map(([id]) => id));
}

/** What a promotion tells in the table, in its order. */
export type HistoryOf = (id: PromotionId) => Promise<readonly Fact[]>;

/**
 * Of the promotions about which somebody did something, such as to sign: behind what of it table and ledger part. What was done about
 * the one life would stand in the log among what was of the other.
 */
export async function whereTheyPart(
  facts: readonly Fact[],
  historyOf: HistoryOf,
  inLedger: InLedger,
): Promise<ReadonlyMap<Fact["promotion"], string>> {
  const parted = new Map<Fact["promotion"], string>();
  for (const id of new Set(facts.filter(isDeed).map(({ promotion }) => promotion))) {
    const at = id === undefined ? undefined : await whereItStaysApart(id, historyOf, inLedger);
    if (at !== undefined) parted.set(id, at);
  }
  return parted;
}

/** The same of one promotion, looked at twice: it may have gone on between a look at the table and one at the ledger. */
export async function whereItStaysApart(
  id: PromotionId,
  historyOf: HistoryOf,
  inLedger: InLedger,
): Promise<string | undefined> {
  const partsAt = async () => whereItParts({ id, history: await historyOf(id) }, inLedger);
  return (await partsAt()) === undefined ? undefined : partsAt();
}

/** Which fact of a promotion the ledger tells otherwise than the table, or alone; nothing where it goes on from what the ledger has. */
export async function whereItParts(
  { id, history }: Pick<Promotion, "id" | "history">,
  inLedger: InLedger,
): Promise<string | undefined> {
  const next = `${id}/${history.length}`;
  const markers = await inLedger([...history.map((fact) => fact.id), next]);
  const other = history.find((fact) => {
    const told = markers.get(fact.id)?.leafHash;
    return told !== undefined && told !== leafOf(fact);
  });
  return other?.id ?? (markers.has(next) ? next : undefined);
}

/** The id of one of these facts that the ledger tells otherwise; nothing of those that it does not tell yet. */
export async function oneToldOtherwise(facts: readonly Fact[], inLedger: InLedger): Promise<string | undefined> {
  const markers = await inLedger(facts.map(({ id }) => id));
  return facts.find((fact) => {
    const told = markers.get(fact.id)?.leafHash;
    return told !== undefined && told !== leafOf(fact);
  })?.id;
}

/** Whether somebody did it about a promotion: not what that tells in its order, nor what people were told of it. */
export function isDeed(fact: Fact): boolean {
  return (
    fact.promotion !== undefined && !isHistory(fact) && !/^(notification-|link-opened$|escalated$)/.test(fact.type)
  );
}

/** Whether it is one of those that a promotion tells in their order, which are numbered. */
export function isHistory(fact: Pick<Fact, "id" | "promotion">): boolean {
  return numberOf(fact) !== undefined;
}

/** The id of what its promotion told right before; nothing of what is no history, or begins one. */
export function idBefore(fact: Pick<Fact, "id" | "promotion">): string | undefined {
  const number = numberOf(fact);
  return number === undefined || number === 0 ? undefined : `${fact.promotion}/${number - 1}`;
}

function numberOf({ id, promotion }: Pick<Fact, "id" | "promotion">): number | undefined {
  if (promotion === undefined) return undefined;
  const number = id.slice(promotion.length + 1);
  return /^\d+$/.test(number) ? Number(number) : undefined;
}

/** The leaf that the ledger would have of a fact; nothing where no record can be made of what it says. */
export function leafOf(fact: Fact): string | undefined {
  try {
    return hex(leafHash(ledgerEntry(fact)));
  } catch (error) {
    if (error instanceof Failure && error.code === "invalid-request") return undefined;
    throw error;
  }
}
