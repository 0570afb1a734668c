import type { Requirement } from "./matrix.ts";

/** One signature that a requirement asks for; `leaf` is the place of the `role` requirement in its tree, as `1.0`. */
export interface Seat {
  readonly role: string;
  readonly leaf: string;
}

/** A rule may ask for this many seats over all its stages. */
export const maximumSeats = 50;

/** A rule may be met in this many ways over all its stages, `any` multiplied with `any`: bounds every exact search. */
export const maximumWays = 64;

/**
 * Every way to meet a requirement: the seats to fill, in the order of the file. Ways that ask for the same roles
 * are given once. The number of ways is bounded when the matrix is loaded.
 */
export function waysToMeet(requirement: Requirement): readonly (readonly Seat[])[] {
  const ways = known.get(requirement) ?? newWays(requirement);
  known.set(requirement, ways);
  return ways;
}

// Whoever judges promotions asks of the same few rules time and again.
const known = new WeakMap<Requirement, readonly (readonly Seat[])[]>();

function newWays(requirement: Requirement): readonly (readonly Seat[])[] {
  const seen = new Set<string>();
  return expand(requirement, "").filter((seats) => {
    const roles = seats
      .map((seat) => seat.role)
      .toSorted()
      .join(" ");
    if (seen.has(roles)) return false;
    seen.add(roles);
    return true;
  });
}

/** How many ways `waysToMeet` would go through, without going through them. */
export function countWays(requirement: Requirement): number {
  if ("role" in requirement) return 1;
  if ("all" in requirement) return requirement.all.reduce((product, part) => product * countWays(part), 1);
  return requirement.any.reduce((sum, part) => sum + countWays(part), 0);
}

/** The most seats that any way to meet a requirement asks for. */
export function mostSeats(requirement: Requirement): number {
  if ("role" in requirement) return requirement.count;
  if ("all" in requirement) return requirement.all.reduce((sum, part) => sum + mostSeats(part), 0);
  return Math.max(0, ...requirement.any.map(mostSeats));
}

/** The roles that a requirement names, each once, in the order of the file. */
export function rolesNamed(requirement: Requirement): readonly string[] {
  if ("role" in requirement) return [requirement.role];
  const parts = "all" in requirement ? requirement.all : requirement.any;
  return [...new Set(parts.flatMap(rolesNamed))];
}

/** The place of a part of an `all` or `any` that is itself at `place`. */
export function placeWithin(place: string, index: number): string {
  return place === "" ? String(index) : `${place}.${index}`;
}

function expand(requirement: Requirement, place: string): readonly (readonly Seat[])[] {
  if ("role" in requirement) {
    return [Array.from({ length: requirement.count }, () => ({ role: requirement.role, leaf: place }))];
  }
  if ("any" in requirement) return requirement.any.flatMap((part, index) => expand(part, placeWithin(place, index)));
  return requirement.all.reduce<readonly (readonly Seat[])[]>(
    (ways, part, index) => {
      const more = expand(part, placeWithin(place, index));
      return ways.flatMap((way) => more.map((seats) => [...way, ...seats]));
    },
    [[]],
  );
}
