import fc from "fast-check";
import { expect, it } from "vitest";
import { readRecord } from "../../../../core/archive/documents/read-record.ts";
import type { PackSettings } from "../../../../core/archive/export/write-pack.ts";
import type { PackScope } from "../../../../core/archive/pack/pack-manifest.ts";
import { fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import { Failure } from "../../../../core/failure.ts";
import { readEntries } from "../../../../core/ledger/read-log.ts";
import { tileWidth } from "../../../../core/ledger/tiles.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import { madeToFit } from "../forgeries/made-to-fit.ts";
import { packOf, verified } from "../memory-pack.ts";
import type { Retold } from "../retelling.ts";
import { longAfter } from "./afterwards.ts";
import { histories } from "./histories.ts";
import { second } from "./second.ts";
import type { Step } from "./step.ts";
import { World } from "./world.ts";

// A service says something else in one place of a record, or of a document beside it. Much of what it says is its own word, so that
// not every lie is found; but whatever it says, verification of all of it and of a part comes to its end, and what it takes the second
// verifier takes too, which looks at less (docs/interop.md). CONTRIBUTING.md says how to tell thousands of them.

const runs = Number(process.env["HONEST_RUNS"] ?? 2);
const seed = Number(process.env["HONEST_SEED"] ?? 20261129);
const longest = Number(process.env["HONEST_STEPS"] ?? 60);
const other = process.env["HONEST_SECOND"] === undefined ? undefined : second;
/** Another key of the log and a witness's are for the log to tell, and its heads are made anew here. */
const ofTheLog: ReadonlySet<Step["what"]> = new Set(["rotate", "witness"]);

/** Which record, which place in it and what is said there, each the so-manieth. */
const lie = fc.record({
  record: fc.nat(),
  part: fc.nat(),
  place: fc.nat(),
  says: fc.oneof(fc.constantFrom<Json | undefined>(undefined, null, 7, -1, "", "x", [], {}, [null], true), fc.nat()),
  fits: fc.boolean(),
});
type Lie = typeof lie extends fc.Arbitrary<infer Value> ? Value : never;

it(
  "of whatever a service says, verification comes to its end, and what it takes the second verifier takes",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        histories(longest),
        fc.array(lie, { minLength: 10, maxLength: 20 }),
        async ({ rules, steps, apart = 0, begins }, lies) => {
          const world = new World(rules, { apart, begins, holdsUp: true });
          const first: Step = { what: "submit", who: 1, how: 1, more: 1 };
          for (const step of [first, ...steps.filter(({ what }) => !ofTheLog.has(what))]) await world.take(step);
          await world.catchUp();
          await longAfter(world);
          await world.catchUp();
          const { house } = world;
          const facts = await factsOf(world);
          const answered = async (told: Retold, part: Partial<PackSettings> = {}) => {
            const over = { ...told, ...part, attestationKeys: house.keysHeld, now: house.clock };
            const files = await packOf({ house }, over).catch(nothingOfIt);
            if (files === undefined) return { holds: false, why: undefined };
            const { holds } = await verified(files, { now: addSeconds(house.clock, 86_400) });
            return { holds, why: holds ? await other?.(files) : undefined };
          };
          fc.pre((await answered({ facts })).holds);
          for (const each of lies) {
            const told = await toldBy(each, { house, facts });
            if (told === undefined) continue;
            for (const part of [{}, partBy(each, { house, facts })])
              expect(await answered(told, part), JSON.stringify([each, part])).toMatchObject({ why: undefined });
          }
        },
      ),
      { seed, numRuns: runs },
    );
  },
  runs * 60_000,
);

/** Whoever says another model leaves a pack of the one before with nothing. */
function nothingOfIt(error: unknown): undefined {
  if (!(error instanceof Failure && error.code === "not-found")) throw error;
}

/** A part of the log that has something of a promotion, the so-manieth. */
function partBy(
  { record, place }: Lie,
  { house, facts }: { readonly house: World["house"]; readonly facts: readonly Fact[] },
): Partial<PackSettings> {
  const own = facts.filter(({ promotion }) => promotion !== undefined);
  const { promotion, at } = own[record % Math.max(1, own.length)] ?? {};
  if (promotion === undefined || at === undefined) return { withoutPersonalData: true };
  const { name } = house.promotions.stored(promotion).manifest.model;
  const scopes: readonly PackScope[] = [
    { kind: "everything" },
    { kind: "promotion", promotion },
    { kind: "model", model: name },
    { kind: "time", from: at, to: addSeconds(at, 3600) },
  ];
  const scope = scopes[place % scopes.length] ?? expect.unreachable();
  return { scope, withoutPersonalData: scope.kind === "everything" || (record + place) % 3 === 0 };
}

/** What the log has, in its order. */
async function factsOf({ stream: { log } }: World): Promise<readonly Fact[]> {
  const size = log.state?.range.size ?? 0;
  const facts: Fact[] = [];
  for (let first = 0; first < size; first += tileWidth)
    for (const entry of await readEntries(first, size, async (path) => log.objects.get(path))) {
      const { recordVersion: _, ...fact } = readRecord(entry);
      facts.push(fact);
    }
  return facts;
}

async function toldBy(
  { record, part, place, says, fits }: Lie,
  { house, facts }: { readonly house: World["house"]; readonly facts: readonly Fact[] },
): Promise<Retold | undefined> {
  const at = record % facts.length;
  const fact = facts[at];
  const documents = fact?.attachments.filter(({ name }) => name.endsWith(".json")) ?? [];
  const document = documents[(part % (documents.length + 1)) - 1];
  if (fact === undefined) return undefined;
  const blobs = new Map(house.blobs);
  const saying = (value: unknown) => withAnother(value, place, says);
  let lying: Fact;
  if (document === undefined) lying = { ...fact, body: saying(fact.body) as Fact["body"] };
  else {
    const bytes = canonicalJsonBytes(
      saying(JSON.parse(fromUtf8(house.blobs.get(document.sha256) ?? expect.unreachable()))),
    );
    const sha256 = sha256Hex(bytes);
    blobs.set(sha256, bytes);
    lying = { ...fact, attachments: fact.attachments.map((each) => (each === document ? { ...each, sha256 } : each)) };
  }
  const told = facts.with(at, lying);
  // Of a verdict over what is no list of seats any more it makes nothing anew.
  if (!fits || Object.keys(lying.body).length < Object.keys(fact.body).length) return { facts: told, blobs };
  return madeToFit(house, told, undefined, blobs).catch(() => ({ facts: told, blobs }));
}

/** The so-manieth member, at any depth, said to be something else, or left out. */
function withAnother(value: unknown, place: number, says: Json | undefined): Json {
  const changed = structuredClone(value);
  const places = placesIn(changed);
  const found = places[place % Math.max(1, places.length)];
  if (found === undefined) return {};
  const { holder, name } = found;
  if (says !== undefined) (holder as Record<string, Json>)[name] = says;
  else if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete (holder as Record<string, Json>)[name];
  return changed as Json;
}

function placesIn(value: unknown): readonly { readonly holder: object; readonly name: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => [{ holder: value, name }, ...placesIn(each)]);
}
