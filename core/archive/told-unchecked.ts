import type { PromotionId } from "../promotion/promotion-id.ts";
import type { Unchecked } from "./pack/pack-findings.ts";

/** Something that could not be checked, as it is told to people. */
export interface ToldUnchecked {
  readonly sentence: string;
  /** For which it is so; none where it is about the pack. */
  readonly promotions: readonly PromotionId[];
  /** How many others differ from it by what they name alone. */
  readonly alike: number;
}

/** So many are told one by one. */
const oneByOne = 50;

/**
 * Each thing once, with the promotions that it is so for, and what is about the pack as a whole first. Of very many one of each
 * kind: whoever makes many promotions must not hide by them what is said of another.
 */
export function toldUnchecked(unchecked: readonly Unchecked[]): readonly ToldUnchecked[] {
  const bySentence = [...Map.groupBy(unchecked, ({ sentence }) => sentence)].map(([sentence, those]) => ({
    sentence,
    promotions: those.flatMap(({ promotion }) => promotion ?? []),
    alike: 0,
  }));
  const ordered = [true, false].flatMap((ofPack) =>
    bySentence.filter(({ promotions }) => (promotions.length === 0) === ofPack),
  );
  if (ordered.length <= oneByOne) return ordered;
  const kinds = Map.groupBy(ordered, ({ sentence }) =>
    sentence.replace(names, (name) => (name.startsWith("'") && !namesRecord.test(name) ? name : "#")),
  );
  return [...kinds.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, alike: others.length }],
  );
}

/** Ids, digests, instants, numbers, and what is quoted. */
const names = /'[^']*'|p-[0-9a-f]{32}-[0-9]+|[0-9a-f]{64}|[0-9][0-9TZ:.-]*/g;
/** Of what is quoted, records alone: a provider, an application or a page is to be looked at each. */
const namesRecord = /^'records\/|p-[0-9a-f]{32}-[0-9]|[0-9a-f]{64}/;
