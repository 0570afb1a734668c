import { describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import type { Fact, FactType } from "../../core/promotion/fact.ts";
import { type Files, packOf, verified } from "../core/archive/memory-pack.ts";
import { documentOf, factWith, withDocument } from "../core/archive/retelling.ts";
import { attestationKeyOfPack, told } from "../core/archive/told.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

// What the service writes of what it saw is in the one spelling: in another, each reader might read something else.

const documents: readonly (readonly [FactType, string])[] = [
  ["deployed", "deployment.json"],
  ["traffic-shifted", "deployment.json"],
  ["rolled-back", "deployment.json"],
  ["intruder-found", "running.json"],
];
const spellings: Readonly<Record<string, (text: string) => string>> = {
  "with a blank": (text) => text.replace("{", "{ "),
  "with a line behind it": (text) => `${text}\n`,
  "with a byte order mark": (text) => `\ufeff${text}`,
  "with a member twice": (text) => text.replace(/^\{("[^"]*"):/, "{$1:0,$1:"),
};

async function packWith(fact: Fact, name: string, bytes: Uint8Array): Promise<Files> {
  const { facts = [], blobs = told.house.blobs } = withDocument(told.house, fact, name, bytes);
  const own = facts.filter(({ promotion }) => promotion === undefined || promotion === fact.promotion);
  const scope = { kind: "promotion", promotion: fact.promotion ?? told.deployed } as const;
  return packOf({ house: { facts: own, blobs, attestation: { key: attestationKeyOfPack } } }, { scope });
}

describe.each(documents)("what a record '%s' keeps as %s", (type, name) => {
  const fact = factWith(told.house, type, name);
  const text = fromUtf8(documentOf(told.house, fact, name));
  const packs = Object.entries(spellings).map(
    ([how, spell]) => [how, packWith(fact, name, utf8(spell(text)))] as const,
  );
  const asIs = packWith(fact, name, utf8(text));

  it("is taken by our verifier as it is written, and in no other spelling", async () => {
    expect(await verified(await asIs)).toMatchObject({ holds: true });
    for (const [how, pack] of packs) expect([how, (await verified(await pack)).holds]).toEqual([how, false]);
  });

  withTool(
    python,
    "is taken by the second verifier as it is written, and in no other spelling",
    async () => {
      expect(await verdictOn(await asIs)).toMatchObject({ status: 0 });
      for (const [how, pack] of packs) {
        const { status, output } = await verdictOn(await pack);
        expect([how, status, output]).toEqual([how, 1, expect.stringMatching(/not canonical|a member twice/)]);
      }
    },
    async () => requireOnThePage(await asIs),
  );
});

const strange = ["x", 0, {}, undefined];
/** What a document says otherwise: a member, and what it is not. */
const members: readonly (readonly [FactType, string, string, readonly unknown[]])[] = [
  ["rollback", "deployment.json", "progress", [0, {}, null, undefined]],
  ["deployed", "deployment.json", "alarms", ["x", 0, {}, [{}], [{ name: "a", state: "OK", raisedAt: 1 }], null]],
  ["intruder-found", "running.json", "expected", strange],
  ["intruder-found", "running.json", "promotion", strange],
  ["intruder-found", "running.json", "candidate", strange],
  ["intruder-found", "running.json", "more", [0]],
];

describe.each(members)("what a record '%s' keeps as %s, with another '%s'", (type, name, member, others) => {
  const fact = factWith(told.house, type, name);
  const document = JSON.parse(fromUtf8(documentOf(told.house, fact, name)));
  const packs = others.map(async (value) => packWith(fact, name, canonicalJsonBytes({ ...document, [member]: value })));

  it("is not taken by our verifier", async () => {
    for (const [at, pack] of packs.entries())
      expect([others[at], (await verified(await pack)).holds]).toEqual([others[at], false]);
  });

  withTool(
    python,
    "is not taken by the second verifier",
    async () => {
      for (const [at, pack] of packs.entries())
        expect([others[at], (await verdictOn(await pack)).status]).toEqual([others[at], 1]);
    },
    async () => requireOnThePage((await packs[0]) ?? expect.unreachable()),
  );
});
