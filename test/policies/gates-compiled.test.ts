import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { buildWasm, compileGates, opa, opaVersion, sourceDigests } from "../../policies/compile.ts";
import { shippedWasm } from "../core/gates/candidate.ts";

const manifest = JSON.parse(
  readFileSync(new URL("../../policies/compiled/manifest.json", import.meta.url), "utf8"),
) as unknown as { opaVersion: string; sources: Record<string, string>; wasm: string; entrypoints: string[] };
const installed = opaVersion();

describe("the committed wasm", () => {
  it("was compiled from the Rego files as they are now (else: node policies/compile.ts)", () => {
    expect(manifest.sources).toEqual(sourceDigests());
  });

  it("is the one that its manifest names", () => {
    expect(sha256Hex(shippedWasm)).toBe(manifest.wasm);
  });

  it("asks the host for nothing but memory, abort and the calls of builtins", async () => {
    const module = await WebAssembly.compile(shippedWasm);
    const names = WebAssembly.Module.imports(module).map(({ name }) => name);
    expect(names.filter((name) => !/^(memory|opa_abort|opa_builtin[0-4])$/.test(name))).toEqual([]);
  });

  it.runIf(installed === manifest.opaVersion)("comes out byte for byte when it is compiled again", () => {
    const again = compileGates();
    expect(again.manifest).toEqual(manifest);
    expect(Buffer.compare(Buffer.from(again.wasm), shippedWasm)).toBe(0);
  });

  it.runIf(installed !== undefined).each<[string, string, RegExp]>([
    ["do not parse", "package countersign.gates\nfindings contains {", /rego_parse_error/],
    ["call themselves", "package countersign.gates\nf(x) := f(x)\nfindings contains f(1)", /recursi/],
    [
      "fetch",
      'package countersign.gates\nfindings contains http.send({"url": "http://a"})',
      /undefined function http\.send/,
    ],
    ["read the clock", "package countersign.gates\nfindings contains time.now_ns()", /undefined function time\.now_ns/],
    ["throw dice", 'package countersign.gates\nfindings contains rand.intn("a", 2)', /undefined function rand\.intn/],
    [
      "read the environment",
      "package countersign.gates\nfindings contains opa.runtime()",
      /undefined function opa\.runtime/,
    ],
    ["are too large", `package countersign.gates\n# ${"x".repeat(1024 * 1024)}`, /at most 1048576 are compiled/],
  ])("is not made of rules that %s", (_name, rego, problem) => {
    const folder = mkdtempSync(join(tmpdir(), "countersign-rules-"));
    try {
      mkdirSync(join(folder, "gates"));
      writeFileSync(join(folder, "gates", "rules.rego"), rego);
      expect(() => buildWasm(folder)).toThrow(problem);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is refused in one sentence where there is no opa", () => {
    const script = fileURLToPath(new URL("../../policies/compile.ts", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], { env: { PATH: "" }, encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: `opa is not on the PATH: go install github.com/open-policy-agent/opa@v${manifest.opaVersion}\n`,
    });
  });

  it.runIf(installed !== undefined)("has sources that opa checks and tests without complaint", () => {
    expect(opa("check", "--strict", "gates")).toBe("");
    expect(opa("fmt", "--list", "gates")).toBe("");
    expect(opa("test", "gates")).toMatch(/^PASS: \d+\/\d+\s*$/);
  });
});
