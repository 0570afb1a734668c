import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesForThreads } from "../../cli/verify-threads.ts";
import { namesOf } from "../../core/archive/zip/pack-source.ts";
import { openZip } from "../../core/archive/zip/read-zip.ts";
import { commandLineFiles, packed } from "../../scripts/build-cli.ts";
import { folderOnDisk, zipOnDisk } from "../cli/pack-on-disk.ts";
import type { Files } from "../core/archive/pack-fixture.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const kept = "test/core/archive/packs-of-before/version-1.zip.br";

let folder: string;
let archive: Uint8Array;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "countersign-cli-"));
  archive = await packed(await commandLineFiles(root));
  writeFileSync(join(folder, "countersign.tgz"), archive);
  // As somebody who has nothing else installs it: npm is a script on Windows, which only a shell starts.
  const { status, stderr } = spawnSync(
    "npm install --global --offline --ignore-scripts --no-audit --no-fund --prefix installed ./countersign.tgz",
    { cwd: folder, shell: true, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the installed command with this Node, in a folder where nothing of the checkout is. */
function countersign(...parameters: readonly string[]) {
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, "installed", "lib", "node_modules", "countersign", "lib", "countersign.mjs"), ...parameters],
    { cwd: folder, encoding: "utf8", env: { PATH: "", HOME: folder } },
  );
  return { status, printed: lines(stdout), noted: stderr };
}

async function keptPack(): Promise<Files> {
  const zip = brotliDecompressSync(readFileSync(join(root, kept)));
  const opened = await openZip({ size: zip.length, read: async (at, length) => zip.subarray(at, at + length) });
  if (opened.kind === "refused") throw new Error(opened.sentence);
  const files = new Map<string, Uint8Array>();
  for (const name of namesOf(opened.source)) {
    const bytes = await opened.source.read(name);
    if (bytes !== undefined) files.set(name, bytes);
  }
  return files;
}

describe("the package of the command line", () => {
  it("is installed with nothing beside it, and is of the version of the checkout", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
    expect(countersign("--version")).toEqual({ status: 0, printed: [version], noted: "" });
    expect(countersign("--help").printed.join("\n")).toContain("For auditors:");
  });

  it("verifies a pack, by one thread and by several, and refuses one of which a byte is changed", async () => {
    const files = await keptPack();
    const { status, printed } = countersign("verify", folderOnDisk(files));
    expect(printed.at(-1)).toMatch(/^PASSED: everything that could be checked holds, for \d+ promotions\.$/);
    expect(status).toBe(0);
    const changed = new Map(files).set("promotions.csv", Buffer.from("nothing"));
    for (let at = 0; at < filesForThreads; at++) changed.set(`stray/${at}`, new Uint8Array());
    const refused = countersign("verify", await zipOnDisk(changed));
    expect(refused.noted).toBe("");
    expect(refused.status).toBe(1);
    expect(refused.printed[0]).toMatch(/^✘ file-changed: promotions\.csv/);
    expect(refused.printed.filter((line) => line.startsWith("PASSED  "))).toEqual(
      printed.filter((line) => line.startsWith("PASSED  ")),
    );
  });

  it("says what is wrong with a folder of policies, and what a pipeline forgot", () => {
    cpSync(join(root, "policies"), join(folder, "policies"), { recursive: true });
    expect(countersign("policy", "check", "policies").status).toBe(0);
    const { status, noted } = countersign("wait", "p-0123456789abcdef0123456789abcdef-1");
    expect(noted).toContain("say where Countersign is, with --url https://…");
    expect(status).toBe(1);
  });

  it("is the same to the byte wherever the checkout lies", async () => {
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    for (const name of ["cli", "core", "adapters", "functions", "package.json", "LICENSE", "THIRD-PARTY-NOTICES.md"])
      cpSync(join(root, name), join(elsewhere, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(elsewhere, "node_modules"), "junction");
    const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    expect(digestOf(await packed(await commandLineFiles(elsewhere)))).toBe(digestOf(archive));
  });
});
