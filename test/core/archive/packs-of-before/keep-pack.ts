import { writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { writeZip } from "../../../../core/archive/zip/write-zip.ts";
import { collected, packOf } from "../pack-fixture.ts";
import { recordEverything } from "../tampering/everything.ts";
import { changedPolicies } from "./changed-policies.ts";

// `node test/core/archive/packs-of-before/keep-pack.ts NAME` keeps a pack as this version makes it: two for each version
// that was released, and until the first release two that may be made again. One whose name ends with `-policies` is of
// policies that change, the other of everything.

const name = process.argv[2];
if (name === undefined || !/^[a-z0-9.-]+$/.test(name)) throw new Error("Say how the pack is to be called.");
const files = await packOf(name.endsWith("-policies") ? await changedPolicies() : await recordEverything());
async function* each() {
  for (const [path, content] of files) yield { name: path, content };
}
const zip = await collected(writeZip(each()));
writeFileSync(new URL(`${name}.zip.br`, import.meta.url), brotliCompressSync(zip));
