import { describe, expect, it } from "vitest";
import { proofPath, recordPath } from "../../../core/archive/pack/pack-layout.ts";
import { hex } from "../../../core/encoding/bytes.ts";
import { leafHash } from "../../../core/ledger/merkle.ts";
import { type Files, resealed } from "./memory-pack.ts";
import { smallFacts, smallPack, verifiedPack, withManifest, wrongWith } from "./small-pack.ts";
import { told } from "./told.ts";

// A pack of everything without personal data: whoever hands it on may take nothing else out of it.

const last = smallFacts.length - 1;
const opened = {
  ...told.house.facts[0],
  ...{ id: `${told.expired}/link-opened/1`, promotion: told.expired, type: "link-opened" as const },
  ...{ at: smallFacts[last]?.at ?? expect.unreachable(), summary: "A link was opened.", body: {}, attachments: [] },
};
const withLetter = await smallPack({ facts: [...smallFacts, opened], withoutPersonalData: true });
const whole = await smallPack({ withoutPersonalData: true });

/** Without the record of an entry, its proof, and what counts them. */
function lacking(files: Files, index: number): Files {
  const less = withManifest(files, ({ records, recordsLeftOut, ...rest }) => ({
    ...{ ...rest, records: Number(records) - 1, recordsLeftOut: Number(recordsLeftOut) + 1 },
  }));
  return resealed(less, { [recordPath(index)]: undefined, [proofPath(index)]: undefined });
}

describe("a pack of everything without personal data", () => {
  it("lacks what is personal, by its hash, and nothing else", async () => {
    const { holds, unchecked } = await verifiedPack(withLetter);
    expect(holds).toBe(true);
    expect(unchecked.map(({ sentence }) => sentence)).toContain(
      "What 1 records say that were left out as being about letters, opened links and exports: they are here by their hash alone, and could be about anything, a rejection or a revocation too.",
    );
  });

  it("does not hold without a record that it does not name", async () => {
    for (const files of [whole, withLetter])
      expect(await wrongWith(lacking(files, last), { mode: "checkpoint" })).toEqual([
        `record-missing ${recordPath(last)}: The record of entry ${last} is missing.`,
        "manifest-differs manifest.json: The manifest miscounts the records that were left out.",
      ]);
  });

  it("does not hold where a record is named that is there, or one counts for two", async () => {
    const leaf = hex(leafHash(whole.get(recordPath(last)) ?? new Uint8Array()));
    const named = [{ index: last, type: "link-opened", leafHash: leaf }];
    const there = withManifest(whole, (manifest) => ({ ...manifest, personalRecordsLeftOut: named }));
    expect(await wrongWith(there, { mode: "checkpoint" })).toEqual([
      `manifest-differs manifest.json: Entry ${last} is not the record that the manifest says was left out.`,
      "manifest-differs manifest.json: The manifest miscounts the records that were left out.",
    ]);
    const twice = withManifest(lacking(withLetter, last), (manifest) => {
      const own = Object(manifest["personalRecordsLeftOut"]);
      return { ...manifest, personalRecordsLeftOut: [...own, ...own] };
    });
    expect(await wrongWith(twice, { mode: "checkpoint" })).toEqual([
      `record-missing ${recordPath(last)}: The record of entry ${last} is missing.`,
    ]);
  });
});
