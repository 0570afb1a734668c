import * as v from "valibot";
import { type Instant, msOfInstant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { bodies } from "../documents/fact-bodies.ts";
import { firstFrom } from "../documents/first-from.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";

/** A function may have asked for the policies in force this long before it says what it found (Lambda's limit). */
export const longestRunSeconds = 900;

/** A version of the policies, and between which times somebody may have gone by it, in milliseconds. */
interface VersionInForce {
  readonly policy: Sha256;
  readonly from: number;
  readonly until: number;
}

/** The versions that a log tells of, in its order. */
export interface VersionsInForce {
  readonly count: number;
  /** Those by which whoever judged at an instant may have gone. */
  readonly mayBe: (at: Instant) => readonly VersionInForce[];
}

/**
 * Records that put policies in force, in the order in which they are counted: that of the log, but where one was on its way
 * to it for so long that another came first. Ones that say nothing of it come last.
 */
export function asCounted(activations: readonly PromotionRecord[]): readonly PromotionRecord[] {
  const numberOf = ({ record }: PromotionRecord): number => {
    const told = v.safeParse(bodies["policy-activated"], record.body);
    return told.success ? told.output.number : Number.MAX_SAFE_INTEGER;
  };
  return activations.toSorted((one, other) => numberOf(one) - numberOf(other) || one.index - other.index);
}

/** The versions that records put in force, in their order. One that says nothing of it is said with what it is. */
export function inForceIn(activations: readonly PromotionRecord[]): VersionsInForce {
  return inForceOf(
    activations.flatMap(({ record }) => {
      const told = v.safeParse(bodies["policy-activated"], record.body);
      return told.success ? [{ at: record.at, policy: told.output.policy }] : [];
    }),
  );
}

/** There may be thousands, and a hundred thousand promotions that ask: which may be meant is looked for by halves. */
export function inForceOf(told: readonly { readonly at: Instant; readonly policy: Sha256 }[]): VersionsInForce {
  const versions = told.map(({ policy, at }, place): VersionInForce => {
    const next = told[place + 1];
    return {
      policy,
      // The first is written down within minutes of the deployment that brought it.
      from: place === 0 ? Number.NEGATIVE_INFINITY : msOfInstant(at) - clockToleranceSeconds * 1000,
      until: next === undefined ? Number.POSITIVE_INFINITY : msOfInstant(next.at) + longestRunSeconds * 1000,
    };
  });
  // A log that lies may have put them in force in any order of times: the latest end so far, and the earliest begin from here on.
  const ends = versions.map(({ until }) => until);
  for (let place = 1; place < ends.length; place += 1)
    ends[place] = Math.max(ends[place] ?? 0, ends[place - 1] ?? Number.NEGATIVE_INFINITY);
  const begins = versions.map(({ from }) => from);
  for (let place = begins.length - 2; place >= 0; place -= 1)
    begins[place] = Math.min(begins[place] ?? 0, begins[place + 1] ?? Number.POSITIVE_INFINITY);
  return {
    count: versions.length,
    mayBe: (instant) => {
      const at = msOfInstant(instant);
      const [first, last] = [firstFrom(ends, at), firstFrom(begins, at + 1)];
      return versions.slice(first, last).filter(({ from, until }) => from <= at && at <= until);
    },
  };
}

/** What of all that is told may have gone by which version. */
export function byVersion<Told>(
  { mayBe }: VersionsInForce,
  told: readonly Told[],
  at: (told: Told) => Instant,
): ReadonlyMap<Sha256, ReadonlySet<Told>> {
  const found = new Map<Sha256, Set<Told>>();
  for (const each of told) {
    for (const { policy } of mayBe(at(each))) {
      const own = found.get(policy);
      if (own === undefined) found.set(policy, new Set([each]));
      else own.add(each);
    }
  }
  return found;
}
