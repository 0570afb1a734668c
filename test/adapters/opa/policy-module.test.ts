import { describe, expect, it } from "vitest";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { whyNotLoadable } from "../../../adapters/opa/policy-module.ts";
import { shippedWasm } from "../../core/gates/candidate.ts";

function leb(number: number): readonly number[] {
  const low = number & 0x7f;
  return number < 0x80 ? [low] : [low | 0x80, ...leb(number >>> 7)];
}
const part = (id: number, body: readonly number[]) => [id, ...leb(body.length), ...body];
const moduleOf = (...parts: readonly (readonly number[])[]) =>
  new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...parts.flat()]);
const text = (characters: string) => [characters.length, ...Buffer.from(characters)];
const imported = (...kind: readonly number[]) => [...text("env"), ...text("it"), ...kind];

const pages = leb(10_240);
const nothing = [1, 0x60, 0, 0];
// memory.fill(0, 1, all of it) in the start function: nobody has asked it anything yet.
const fill = [0, 0x41, 0, 0x41, 1, 0x41, 0x80, 0x80, 0x80, 0x80, 0x02, 0xfc, 11, 0, 0x0b];
const bomb = moduleOf(
  part(1, nothing),
  part(3, [1, 0]),
  part(5, [1, 0, ...pages]),
  part(8, [0]),
  part(10, [1, ...leb(fill.length), ...fill]),
);

describe("a module of rules", () => {
  it("is loaded as opa build makes it", () => {
    expect(whyNotLoadable(shippedWasm)).toBeUndefined();
  });

  it("with a memory of its own, which would be filled as it starts, is not", () => {
    expect(compiledPolicy(bomb).evaluate({} as never, {})).toEqual({
      kind: "failed",
      sentence: "The policy is not loaded: it brings a memory of its own.",
    });
  });

  it.each<[string, Uint8Array, string]>([
    ["two tables", moduleOf(part(4, [2, 0x70, 1, 1, 1, 0x70, 1, 1, 1])), "its table is larger"],
    ["a table of other things", moduleOf(part(4, [1, 0x6f, 1, 1, 1])), "its table is larger"],
    ["a table without a bound", moduleOf(part(4, [1, 0x70, 0, 1])), "its table is larger"],
    ["a table of millions", moduleOf(part(4, [1, 0x70, 1, 1, ...leb(65_537)])), "its table is larger"],
    ["a type of arrays", moduleOf(part(1, [1, 0x5e, 0x7f, 1])), "it has types that no policy has"],
    ["a group of types", moduleOf(part(1, [1, 0x4e, 1, 0x60, 0, 0])), "it has types that no policy has"],
    ["functions over references", moduleOf(part(1, [1, 0x60, 1, 0x6f, 0])), "it has types that no policy has"],
    [
      "two memories that it is handed",
      moduleOf(part(2, [2, ...imported(2, 0, 1), ...imported(2, 1, 1, 2)])),
      "it asks for",
    ],
    ["a table that it is handed", moduleOf(part(2, [1, ...imported(1, 0x70, 0, 1)])), "it asks for"],
    ["exceptions", moduleOf(part(13, [1, 0, 0])), "it has a part that no policy has"],
  ])("with %s is not", (_, wasm, why) => {
    expect(whyNotLoadable(wasm)).toMatch(new RegExp(`^${why}`));
  });

  it("that says it asks for more than it has room to name is not, and is not looked through for hours", () => {
    const counted = [0xff, 0xff, 0xff, 0xff, 0x7f];
    const why = "it asks for something else than functions and one memory";
    expect(whyNotLoadable(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 2, 5, ...counted]))).toBe(why);
  });

  it("that is cut off anywhere is not, and nothing is thrown", () => {
    for (const end of [0, 7, 9, 20, 300, 100_000])
      expect(compiledPolicy(shippedWasm.subarray(0, end)).evaluate({} as never, {})).toMatchObject({ kind: "failed" });
  });
});
