import { writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { writeZip } from "../../../../core/archive/zip/write-zip.ts";
import { collected, packOf } from "../pack-fixture.ts";
import { packIn } from "../packs-in-version.ts";
import { recordEverything } from "../tampering/everything.ts";
import { changedPolicies } from "./changed-policies.ts";

// `node test/core/archive/packs-of-before/keep-pack.ts NAME` keeps a pack of what this version records: two for each version
// of packs, `version-1`, `version-1-policies`, `version-2`, …, each with the reports of its own. One whose name ends with
// `-policies` is of policies that change, the other of everything. Until the first release they may be made again.

const name = process.argv[2];
const version = ([1, 2] as const).find((each) => name === `version-${each}` || name === `version-${each}-policies`);
if (name === undefined || version === undefined) throw new Error("Say which pack: version-N or version-N-policies.");
const recorded = name.endsWith("-policies") ? await changedPolicies() : await recordEverything();
const files = await packIn(await packOf(recorded), version);
async function* each() {
  for (const [path, content] of files) yield { name: path, content };
}
const zip = await collected(writeZip(each()));
writeFileSync(new URL(`${name}.zip.br`, import.meta.url), brotliCompressSync(zip));
