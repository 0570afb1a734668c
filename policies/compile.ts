import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

/** policies/compiled/manifest.json: what the committed wasm was made from, and by which compiler. */
export interface CompiledManifest {
  readonly opaVersion: string;
  readonly entrypoints: readonly string[];
  /** SHA-256 of each Rego file, by its path below policies/. */
  readonly sources: Readonly<Record<string, string>>;
  /** SHA-256 of gates.wasm. */
  readonly wasm: string;
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const entrypoints = ["countersign/gates/findings"];
/** What rules may not use: the network, the clock, chance, the machine, and what the wasm host cannot compute. */
const forbiddenBuiltins =
  /^(http\.|net\.|time\.|rand\.|uuid\.|opa\.runtime$|rego\.|trace$|print$|io\.jwt|crypto\.|graphql\.|providers\.|sprintf$)/;

/** Digests of the Rego files that go into the wasm; tests do not. */
export function sourceDigests(): Readonly<Record<string, string>> {
  const names = readdirSync(join(folder, "gates")).filter((name) => name.endsWith(".rego"));
  const sources = names.filter((name) => !name.endsWith("_test.rego")).toSorted();
  return Object.fromEntries(
    sources.map((name) => [`gates/${name}`, sha256(readFileSync(join(folder, "gates", name)))]),
  );
}

/** The version of the `opa` on the PATH, or undefined where there is none. */
export function opaVersion(): string | undefined {
  try {
    return /^Version: (\S+)/.exec(opa("version"))?.[1];
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Runs `opa` in policies/, because paths go into what it compiles. */
export function opa(...args: readonly string[]): string {
  return opaIn(folder, ...args);
}

function opaIn(cwd: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync("opa", args, { cwd, encoding: "utf8", timeout: 60_000 });
  if (error !== undefined) throw error;
  // It complains on either of them.
  if (status !== 0) throw new Error(`opa ${args[0] ?? ""} failed: ${stdout}${stderr}`);
  return stdout;
}

/** More Rego than anybody reviews; opa's own limit is on memory alone. */
const maximumSourceBytes = 1024 * 1024;

/**
 * Compiles the gates. Without optimisation: `-O1` without the data at hand gave wrong decisions.
 * https://www.openpolicyagent.org/docs/wasm
 */
export function compileGates(): { readonly wasm: Uint8Array; readonly manifest: CompiledManifest } {
  const version = opaVersion();
  if (version === undefined)
    throw new Error("opa is not on the PATH: go install github.com/open-policy-agent/opa@v1.22.2");
  const wasm = buildWasm(folder);
  return { wasm, manifest: { opaVersion: version, entrypoints, sources: sourceDigests(), wasm: sha256(wasm) } };
}

/**
 * The wasm of the Rego in `gates/` below a folder. Throws what opa says of rules that do not parse, call themselves, or
 * use a builtin that is not allowed.
 */
export function buildWasm(cwd: string): Uint8Array {
  const size = readdirSync(join(cwd, "gates")).reduce((sum, name) => sum + statSync(join(cwd, "gates", name)).size, 0);
  if (size > maximumSourceBytes)
    throw new Error(`The rules have ${size} bytes; at most ${maximumSourceBytes} are compiled.`);
  const work = mkdtempSync(join(tmpdir(), "countersign-gates-"));
  try {
    const capabilities = join(work, "capabilities.json");
    writeFileSync(capabilities, trimmedCapabilities());
    const bundle = join(work, "bundle.tar.gz");
    const entries = entrypoints.flatMap((entrypoint) => ["--entrypoint", entrypoint]);
    const ignored = ["--ignore", "*_test.rego"];
    opaIn(
      cwd,
      "build",
      "gates",
      "--target",
      "wasm",
      "--optimize",
      "0",
      ...entries,
      ...ignored,
      "--capabilities",
      capabilities,
      "--output",
      bundle,
    );
    return fileInTar(gunzipSync(readFileSync(bundle)), "/policy.wasm");
  } finally {
    rmSync(work, { recursive: true });
  }
}

function trimmedCapabilities(): string {
  const all: unknown = JSON.parse(opa("capabilities", "--current"));
  if (typeof all !== "object" || all === null || !("builtins" in all) || !Array.isArray(all.builtins))
    throw new Error("opa capabilities has another shape than was expected.");
  const builtins = all.builtins.filter((builtin: { name: string }) => !forbiddenBuiltins.test(builtin.name));
  return JSON.stringify({ ...all, builtins, allow_net: [] });
}

/** One file out of a ustar archive: headers of 512 bytes, the name first, the size in octal at 124. */
function fileInTar(tar: Uint8Array, wanted: string): Uint8Array {
  const text = (from: number, to: number) =>
    Buffer.from(tar.subarray(from, to)).toString("latin1").replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= tar.length; ) {
    const name = text(at, at + 100);
    const size = Number.parseInt(text(at + 124, at + 136), 8);
    if (name === wanted) return tar.subarray(at + 512, at + 512 + size);
    if (name === "") break;
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`The bundle holds no ${wanted}.`);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

if (
  process.argv[1] !== undefined &&
  existsSync(process.argv[1]) &&
  process.argv[1] === fileURLToPath(import.meta.url)
) {
  try {
    const { wasm, manifest } = compileGates();
    const output = join(folder, "compiled");
    mkdirSync(output, { recursive: true });
    writeFileSync(join(output, "gates.wasm"), wasm);
    writeFileSync(join(output, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    console.log(`gates.wasm: ${wasm.byteLength} bytes, compiled by opa ${manifest.opaVersion}`);
  } catch (error) {
    // What opa says of the rules has their file and line; where in this script it was heard helps nobody.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
