import { NotOfThisFormat } from "./evidence-reader.ts";
import type { Attribution } from "./facts.ts";
import { clause, type JsonPlace, membersOf, numberOf } from "./json-places.ts";

/**
 * Feature attributions from an object of feature → number. An explanation that has no features, or a feature without
 * a number, explains nothing: it throws `NotOfThisFormat`.
 */
export function attributionsIn(place: JsonPlace): readonly Attribution[] {
  const members = membersOf(place);
  if (members.length === 0) throw new NotOfThisFormat(place.path, "No feature is in it.");
  return members.map(([feature, at]) => {
    const value = numberOf(at);
    if (value === undefined) throw new NotOfThisFormat(at.path, `A number is expected; it ${clause(at)}.`);
    return { feature, value };
  });
}
