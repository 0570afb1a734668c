import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { builtinsIn } from "../../../adapters/opa/builtins.ts";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { policyHost } from "../../../adapters/opa/policy-host.ts";
import type { PolicyData } from "../../../core/gates/policy-data.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";
import { codeOf } from "../../core/refusal.ts";
import { askingModule, moduleOf, type Sketch } from "./modules.ts";

const megabyte = 1024 * 1024;
const judged = (sketch: Sketch) =>
  compiledPolicy(moduleOf(sketch)).evaluate({} as Parameters<EvaluatePolicy>[0], {} as PolicyData);

describe("a module of rules that anybody may have made", () => {
  it("is read where it lists what it asks for", () => {
    expect([...policyHost(moduleOf({ says: '{"json.is_valid":7,"regex.split":8}' })).builtins]).toEqual([
      [7, "json.is_valid"],
      [8, "regex.split"],
    ]);
  });

  it("prints nothing, neither what it is told to nor what is wrong with it", () => {
    const written: unknown[] = [];
    const spies = (["log", "error", "warn", "info"] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...said) => void written.push(...said)),
    );
    try {
      const says = "PASSED: everything that could be checked holds.\u001b[8m";
      expect(judged({ calls: "opa_println", says })).toMatchObject({ kind: "failed" });
      expect(() => builtinsIn(moduleOf({ calls: "opa_println", says }))).toThrow();
      expect(judged({ says })).toMatchObject({ kind: "failed" });
      expect(written).toEqual([]);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });

  it("is stopped with the beginning of its reason, however long that is", () => {
    expect(judged({ calls: "opa_abort", says: "division by zero" })).toEqual({
      kind: "failed",
      sentence: "The policy engine stopped: division by zero.",
    });
    expect(judged({ calls: "opa_abort", fills: 100 * megabyte })).toEqual({
      kind: "failed",
      sentence: `The policy engine stopped: ${"x".repeat(500)}.`,
    });
  });

  it("is not heard out where it says more than rules do", () => {
    const why = `it says more than ${8 * megabyte} bytes at once`;
    expect(judged({ fills: 100 * megabyte })).toEqual({
      kind: "failed",
      sentence: `The policy engine stopped: ${why}.`,
    });
    expect(codeOf(() => builtinsIn(moduleOf({ fills: 9 * megabyte })))).toEqual({
      code: "invalid-policy",
      sentence: "compiled/gates.wasm cannot be read: it does not list what it needs.",
    });
  });

  it("is not answered what would be longer than rules say, and what that is, is not even made", () => {
    const before = process.memoryUsage().rss;
    const evaluated = (builtin: string, given: readonly [string, string]) =>
      compiledPolicy(askingModule(builtin, given)).evaluate({} as Parameters<EvaluatePolicy>[0], {} as PolicyData);
    const stopped = {
      kind: "failed",
      sentence: `The policy engine stopped: it asks for more than ${8 * megabyte} bytes at once.`,
    };
    expect(evaluated("sprintf", ['"%0400000000d"', "[1]"])).toEqual(stopped);
    const aliases = `a: &a ${"x".repeat(100_000)}\nb: [${Array(90).fill("*a").join(", ")}]`;
    expect(evaluated("yaml.unmarshal", [JSON.stringify(aliases), "1"])).toEqual(stopped);
    // What is short is answered: it is asked for again to put that into memory, and again, without an end.
    expect(evaluated("sprintf", ['"%07d"', "[1]"])).toMatchObject({ sentence: /call stack/i });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * megabyte);
  });

  it("is not looked for where there is nothing", () => {
    for (const [at, why] of [
      [-(2 ** 31), "it says something that is nowhere"],
      [-1, "it says something that is nowhere"],
      [2 ** 31 - 1, `it says more than ${8 * megabyte} bytes at once`],
    ] as const)
      expect(judged({ at })).toEqual({ kind: "failed", sentence: `The policy engine stopped: ${why}.` });
  });

  it("is not begun with a memory of its own, also where it is only asked what it needs", () => {
    const own = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1];
    expect(codeOf(() => builtinsIn(new Uint8Array(own)))).toEqual({
      code: "invalid-policy",
      sentence: "compiled/gates.wasm cannot be read: it brings a memory of its own.",
    });
  });

  it("is the shipped one, and has its entrypoint", () => {
    const wasm = readFileSync(new URL("../../../policies/compiled/gates.wasm", import.meta.url));
    const { entrypoints } = policyHost(wasm).policy();
    expect(Object.keys(entrypoints)).toContain("countersign/gates/findings");
  });
});
