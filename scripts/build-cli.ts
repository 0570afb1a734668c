import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { gzipSync } from "fflate";
import { pack } from "tar-stream";
import { shippedPackages } from "./third-party-notices.ts";

/**
 * `npm run build:cli`: writes the command line as a package that npm installs and that needs nothing else,
 * `cli/dist/countersign.tgz`, and `cli/dist/SHA256SUMS` beside it. The same checkout gives the same bytes on every machine,
 * so that whoever got it from somewhere can tell what it was made of.
 */

const root = fileURLToPath(new URL("../", import.meta.url));

/** Dependencies that are CommonJS call `require`, which an ES module does not have. */
const banner =
  'import{createRequire as $createRequire}from"node:module";const require=$createRequire(import.meta.url);';

/** What npm gives every file of a package, since a date would make two builds differ: 26 October 1985, in seconds. */
const packedAt = 499_162_500;

/** A package of npm: its files by their paths below its folder. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>;

/** Bundles the command line of the checkout at `root`. Nothing is minified: what verifies packs can be read. */
export async function commandLineFiles(root: string): Promise<PackageFiles> {
  const { outputFiles, metafile } = await build({
    entryPoints: {
      countersign: join(root, "cli/countersign.mjs"),
      // Started by its name (cli/verify-threads.ts).
      "verify-worker": join(root, "cli/verify-worker.ts"),
    },
    absWorkingDir: root,
    outdir: join(root, "lib"),
    outExtension: { ".js": ".mjs" },
    write: false,
    metafile: true,
    bundle: true,
    // What verifies waits for nothing that only those who upload or deploy need.
    splitting: true,
    platform: "node",
    target: "node22.18",
    format: "esm",
    mainFields: ["module", "main"],
    // A package is what package-lock.json calls it, wherever it lies.
    preserveSymlinks: true,
    banner: { js: banner },
    // All of them are in the notices.
    legalComments: "none",
    logLevel: "warning",
  });
  refuseWhatIsNotShipped(metafile);
  const files = new Map<string, Uint8Array>([["package.json", utf8(manifestOf(root))]]);
  for (const [from, to] of [
    ["cli/README.md", "README.md"],
    ["LICENSE", "LICENSE"],
    ["THIRD-PARTY-NOTICES.md", "THIRD-PARTY-NOTICES.md"],
  ] as const)
    files.set(to, readFileSync(join(root, from)));
  for (const { path, contents } of outputFiles)
    files.set(path.slice(join(root, "/").length).replaceAll("\\", "/"), contents);
  return files;
}

/** Whose licence is in no notice must not be handed on. */
function refuseWhatIsNotShipped({ inputs }: Metafile): void {
  const shipped = shippedPackages().map(({ folder }) => `${folder}/`);
  const strange = Object.keys(inputs).filter(
    (input) => input.includes("node_modules/") && !shipped.some((folder) => input.startsWith(folder)),
  );
  if (strange.length > 0)
    throw new Error(`The command line would bring what THIRD-PARTY-NOTICES.md does not name: ${strange[0]}.`);
}

function manifestOf(root: string): string {
  const { name, version, description, license, type } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const bin = { countersign: "lib/countersign.mjs" };
  return `${JSON.stringify({ name, version, description, license, type, bin, engines: { node: ">=22.18" } }, null, 2)}\n`;
}

/**
 * The archive that npm installs: the files in the order of their paths, below `package/`. Node's own zlib compresses otherwise on
 * another processor, this one nowhere.
 */
export async function packed(files: PackageFiles): Promise<Uint8Array> {
  const archive = pack();
  for (const [path, bytes] of [...files].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    archive.entry({ name: `package/${path}`, mode: 0o644, mtime: new Date(packedAt * 1000) }, Buffer.from(bytes));
  archive.finalize();
  return gzipSync(await buffer(archive), { level: 9, mtime: 0 });
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

if (import.meta.main) {
  const dist = join(root, "cli", "dist");
  const archive = await packed(await commandLineFiles(root));
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, "countersign.tgz"), archive);
  const digest = createHash("sha256").update(archive).digest("hex");
  writeFileSync(join(dist, "SHA256SUMS"), `${digest}  countersign.tgz\n`);
  console.log(`cli/dist/countersign.tgz: ${archive.byteLength} bytes, SHA-256 ${digest}`);
}
