import { describe, expect, it } from "vitest";
import { manifestPath, proofPath, recordPath, sinceProofPath } from "../../core/archive/pack-layout.ts";
import { packManifestBytes, readPackManifest } from "../../core/archive/pack-manifest.ts";
import { type Files, resealed, verified } from "../core/archive/memory-pack.ts";
import { headOf, sinceHead, smallFacts, smallPack } from "../core/archive/small-pack.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

// Packs that do not hold the whole log, as whoever hands them on might make them: told to both verifiers.

const manifestOf = (files: Files) => readPackManifest(files.get(manifestPath) ?? new Uint8Array());
const last = smallFacts.length - 1;
const since = await smallPack({ scope: sinceHead(headOf(await smallPack(), 7)) });
const nameless = await smallPack({ withoutPersonalData: true });

/** Under the head that everybody was shown: records of another tree, with their proofs in that one. */
async function ofAnotherTree(): Promise<Files> {
  const facts = smallFacts.map((fact, at) => (at === last ? { ...fact, summary: "It was otherwise." } : fact));
  const forked = await smallPack({ facts, scope: manifestOf(since).scope });
  const head = Object.fromEntries(["log/checkpoint", sinceProofPath].map((path) => [path, since.get(path)]));
  const manifest = { ...manifestOf(forked), log: manifestOf(since).log };
  return resealed(forked, { ...head, [manifestPath]: packManifestBytes(manifest) });
}

/** The last record taken out, and counted among what was left out. */
function lacking(): Files {
  const { records, recordsLeftOut, ...rest } = manifestOf(nameless);
  const manifest = { ...rest, records: records - 1, recordsLeftOut: recordsLeftOut + 1 };
  const gone = { [recordPath(last)]: undefined, [proofPath(last)]: undefined };
  return resealed(nameless, { ...gone, [manifestPath]: packManifestBytes(manifest) });
}

const another = "records of another tree under the head that everybody was shown";
const packs: readonly (readonly [string, Files, RegExp | undefined])[] = [
  ["what came since", since, undefined],
  ["everything without personal data", nameless, undefined],
  [another, await ofAnotherTree(), /a proof has another checkpoint than the pack/],
  ["a record taken out that is not named", lacking(), /a record is not there, and not among those that were left out/],
];

describe.each(packs)("a pack that does not hold the whole log: %s", (_, files, refused) => {
  it("is taken by our verifier as it was exported, and not otherwise", async () => {
    expect((await verified(files)).holds).toBe(refused === undefined);
  });

  withTool(
    python,
    "is taken by the second verifier as it was exported, and not otherwise",
    async () => {
      const { status, output } = await verdictOn(files);
      expect([status, output]).toEqual([
        refused === undefined ? 0 : 1,
        expect.stringMatching(refused ?? /Everything that was checked holds\./),
      ]);
    },
    () => requireOnThePage(files),
  );
});
