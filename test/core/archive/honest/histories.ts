import fc from "fast-check";
import { longAfter, stuck, yearsAfter } from "./afterwards.ts";
import { type Other, refused } from "./packs.ts";
import { everyRule, type Rules } from "./rules.ts";
import { type Step, weights } from "./step.ts";
import { World } from "./world.ts";

const number = fc.nat({ max: 10_000 });
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    ...(Object.keys(weights) as Step["what"][]).map((what) => ({
      weight: weights[what],
      arbitrary: fc.constant(what),
    })),
  ),
  who: number,
  how: number,
  more: number,
});

/** What happens in some days under the rules that it begins with, and a number by which parts of the log are chosen. */
export interface History {
  readonly rules: Rules;
  readonly steps: readonly Step[];
  readonly pick: number;
  /** By how many milliseconds the clocks of two hosts differ at most. */
  readonly apart?: number;
  /** When it begins, in milliseconds since 1970. */
  readonly begins?: number;
}

export function histories(longest: number): fc.Arbitrary<History> {
  return fc.record({
    rules: firstOfAllRules,
    steps: fc.array(step, { minLength: Math.floor(longest / 3), maxLength: longest, size: "max" }),
    pick: fc.nat({ max: 1000 }),
    apart: fc.constantFrom(...clocks),
    begins: fc.constantFrom(...beginnings),
  });
}

/** Among others before a year is over, a month that has a day more every four years, and clocks are set forward or back. */
const beginnings = [
  "2026-11-23T09:00",
  "2026-11-23T09:00",
  "2026-12-31T23:40",
  "2027-03-13T22:30",
  "2027-03-28T00:10",
  "2027-10-30T23:30",
  "2028-02-28T23:00",
].map((text) => Date.parse(`${text}Z`));

const clocks =
  process.env["HONEST_APART"] === undefined ? [0, 0, 50, 1000, 2000] : [Number(process.env["HONEST_APART"])];

/** Mostly as the shipped ones have it. */
const firstOfAllRules = fc.record(
  Object.fromEntries(
    Object.entries(everyRule).map(([name, [first, ...others]]) => [
      name,
      fc.oneof({ weight: 3, arbitrary: fc.constant(first) }, { weight: 1, arbitrary: fc.constantFrom(...others) }),
    ]),
  ),
) as unknown as fc.Arbitrary<Rules>;

const firstOfAll: Step = { what: "submit", who: 1, how: 1, more: 1 };

/**
 * What is found in packs of an honest history: first of what the ledger has when it is over, then of all of it, once the archive
 * has caught up.
 */
export async function findingsIn(
  { rules, steps, pick, apart = 0, begins }: History,
  other?: Other,
): Promise<readonly string[]> {
  const world = new World(rules, { apart, begins, holdsUp: true });
  const { stream } = world;
  // What is on its way for a quarter of an hour is missed, and should be.
  const now = async (which: number) => (stream.lost > 0 || stream.waitsFor > 600 ? [] : await refused(world, 1, which));
  for (const each of [firstOfAll, ...steps]) {
    await world.take(each);
    const soon = each.what === "exported" && each.who % 2 === 0 ? await now(each.more) : [];
    if (soon.length > 0) return soon.map(({ scope, findings }) => `meanwhile, ${scope.kind}: ${textOf(findings)}`);
  }
  const soon = await now(pick);
  if (soon.length > 0) return soon.map(({ scope, findings }) => `on its way, ${scope.kind}: ${textOf(findings)}`);
  await world.catchUp();
  const whole = { all: true, ...(other === undefined ? {} : { other }) };
  const found = await refused(world, 2, pick, whole);
  if (found.length > 0) return found.map(({ scope, findings }) => `${scope.kind}: ${textOf(findings)}`);
  await longAfter(world);
  await world.catchUp();
  const late = await refused(world, 1, pick, whole);
  const left = [
    ...late.map(({ scope, findings }) => `long after, ${scope.kind}: ${textOf(findings)}`),
    ...stuck(world),
  ];
  if (left.length > 0 || pick % 4 > 0) return left;
  await yearsAfter(world, pick);
  await world.catchUp();
  const years = await refused(world, 1, pick, whole);
  return [...years.map(({ scope, findings }) => `years after, ${scope.kind}: ${textOf(findings)}`), ...stuck(world)];
}

function textOf(
  findings: readonly { readonly code: string; readonly path: string; readonly sentence: string }[],
): string {
  return findings
    .slice(0, 3)
    .map(({ code, path, sentence }) => `${code} ${path} ${sentence}`)
    .join(" | ");
}
