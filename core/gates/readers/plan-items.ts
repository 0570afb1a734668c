import { NotOfThisFormat } from "../evidence-reader.ts";
import { itemsOf, type JsonPlace, memberOf } from "../json-places.ts";

/** What is in a member that is a list; nothing where it is none. */
export function itemsIn(place: JsonPlace, name: string): readonly JsonPlace[] {
  const list = memberOf(place, name);
  return Array.isArray(list.value) ? itemsOf(list) : [];
}

/** More than the largest policies come to that IAM takes: 6,144 characters attached, 10,240 inline. */
const mostPairs = 100_000;

/**
 * Room for what the policies of a plan allow: pairs are products, and a document of some kilobytes could come to millions. Whoever is
 * about to write so many more asks first; throws `NotOfThisFormat` where they are more than anybody reads.
 */
export function roomIn(changes: JsonPlace): (pairs: number) => void {
  let left = mostPairs;
  return (pairs) => {
    left -= pairs;
    if (left >= 0) return;
    throw new NotOfThisFormat(
      changes.path,
      "Its IAM policies allow more than 100,000 pairs of an action and a resource, which is more than can be looked at.",
    );
  };
}
