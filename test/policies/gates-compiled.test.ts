import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { compileGates, opa, opaVersion, sourceDigests } from "../../policies/compile.ts";
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

  it.runIf(installed !== undefined)("has sources that opa checks and tests without complaint", () => {
    expect(opa("check", "--strict", "gates")).toBe("");
    expect(opa("fmt", "--list", "gates")).toBe("");
    expect(opa("test", "gates")).toMatch(/^PASS: \d+\/\d+\s*$/);
  });
});
