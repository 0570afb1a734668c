import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { type Files, resealed } from "./memory-pack.ts";
import { headOf, sinceHead, smallFacts, smallPack, withManifest, wrongWith } from "./small-pack.ts";
import { keptFiles, told } from "./told.ts";

const whole = await smallPack();
const part = await smallPack({ scope: { kind: "promotion", promotion: told.rejected } });
const earlier = headOf(whole, 7);
const since = await smallPack({ scope: sinceHead(earlier) });
const more = utf8("more\n");
const wrong = (files: Files, changes: Readonly<Record<string, Uint8Array | undefined>>, over = {}) =>
  wrongWith(resealed(files, changes), over);

describe("a file that belongs to nothing", () => {
  const unexpected = (name: string) => `file-unexpected ${name}: ${name} belongs to no record of the pack.`;

  it.each(["more.txt", "blobs/sha256/more", "bundles/more.json"])("is named: %s", async (name) => {
    for (const files of [whole, part]) expect(await wrong(files, { [name]: more })).toEqual([unexpected(name)]);
    expect(await wrong(since, { [name]: more }, { since: earlier })).toEqual([unexpected(name)]);
  });

  it("is named in the folder of the log as well, where the pack holds a part of it", async () => {
    expect(await wrong(part, { "log/tile/0/more": more })).toEqual([unexpected("log/tile/0/more")]);
    expect(await wrong(part, { "log/checkpoints/7": more })).toEqual([unexpected("log/checkpoints/7")]);
    expect((await wrong(whole, { "log/tile/0/more": more })).join("\n")).toMatch(
      /^unknown-object log\/tile\/0\/more: .*$/,
    );
  });

  it("is not looked for where what was verified before is not looked at again", async () => {
    expect(await wrong(whole, { "more.txt": more }, { since: headOf(whole, 14) })).toEqual([]);
  });
});

describe("what is made again of the records", () => {
  const differs = (name: string) => `view-differs ${name}: ${name} does not say what the records say.`;

  it.each(["verify.sh", "keys/checkpoint.pem", "records.csv", "promotions.csv", "parquet/sign-offs/sign-offs.parquet"])(
    "is what the pack has: %s",
    async (name) => {
      for (const files of [whole, part]) expect(await wrong(files, { [name]: more })).toEqual([differs(name)]);
      expect(await wrong(whole, { [name]: undefined })).toEqual([`file-missing ${name}: ${name} is missing.`]);
    },
  );
});

describe("the installation", () => {
  const policy = smallFacts.find(({ type }) => type === "policy-activated")?.attachments[0]?.sha256;

  it("has the documents that its records name", async () => {
    const path = `blobs/sha256/${policy}`;
    const { length } = (await wrong(whole, { [path]: undefined })).filter((each) =>
      each.startsWith("document-missing"),
    );
    expect(length).toBeGreaterThan(0);
  });

  it("tells which policies were in force, in a whole log alone", async () => {
    const facts = smallFacts.map((fact) =>
      fact.type === "policy-activated" ? { ...fact, body: { ...fact.body, number: 7 } } : fact,
    );
    const counted = "policy-differs records/2.json: It is counted as another version than it is.";
    expect(await wrongWith(await smallPack({ facts }))).toContain(counted);
    const scope = { kind: "promotion", promotion: told.rejected } as const;
    expect(await wrongWith(await smallPack({ facts, scope }))).not.toContain(counted);
  });
});

describe("loans", () => {
  it("that have one place in a budget are named, of whichever promotions they are", async () => {
    const facts = told.house.facts.map((fact) =>
      fact.type === "loan" && fact.promotion === told.ratified
        ? { ...fact, body: { ...fact.body, budget: { period: "2026-Q4", number: 1, of: 2 } } }
        : fact,
    );
    expect(await wrongWith(await smallPack({ facts }))).toContainEqual(
      expect.stringMatching(/: Two loans to 'credit-scoring' are both said to be number 1 of 2026-Q4\.$/),
    );
  });
});

it("a manifest that leaves out what a whole log has makes it no whole log", async () => {
  const changed = withManifest(keptFiles, (manifest) => ({ ...manifest, personalRecordsLeftOut: [] }));
  expect((await wrongWith(changed, { mode: "checkpoint" })).join("\n")).toMatch(/record-unproven/);
});
