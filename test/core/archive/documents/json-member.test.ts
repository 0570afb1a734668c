import { expect, it } from "vitest";
import {
  hasNumber,
  listIn,
  numberIn,
  objectIn,
  textIn,
  textsIn,
} from "../../../../core/archive/documents/json-member.ts";
import type { Json } from "../../../../core/encoding/canonical-json.ts";

const value: Json = {
  object: { a: 1 },
  list: ["a", 1, "b", null, ["c"]],
  text: "text",
  number: 7,
  half: 0.5,
  none: null,
};
/** What is no object has no members, whatever they are asked for. */
const none: readonly Json[] = [null, "text", 7, true, ["object"], []];

it("an object's member of the form that is asked for is told", () => {
  expect(objectIn(value, "object")).toEqual({ a: 1 });
  expect(listIn(value, "list")).toEqual(["a", 1, "b", null, ["c"]]);
  expect(textIn(value, "text")).toBe("text");
  expect(numberIn(value, "number")).toBe(7);
  expect(textsIn(value, "list")).toBe("a, b");
  expect([hasNumber(value, "number"), hasNumber(value, "half")]).toEqual([true, true]);
});

it("a member of another form counts as none", () => {
  for (const name of ["list", "text", "number", "none", "missing"]) expect(objectIn(value, name)).toBeNull();
  for (const name of ["object", "text", "number", "none", "missing"]) {
    expect(listIn(value, name)).toEqual([]);
    expect(textsIn(value, name)).toBe("");
  }
  for (const name of ["object", "list", "number", "none", "missing"]) expect(textIn(value, name)).toBe("");
  for (const name of ["object", "list", "text", "half", "none", "missing"])
    expect(numberIn(value, name)).toBeUndefined();
  for (const name of ["object", "list", "text", "none", "missing"]) expect(hasNumber(value, name)).toBe(false);
});

it("what is no object has no members, and an object only its own", () => {
  for (const each of none) {
    expect(objectIn(each, "length")).toBeNull();
    expect(listIn(each, "0")).toEqual([]);
    expect(textIn(each, "0")).toBe("");
    expect(numberIn(each, "length")).toBeUndefined();
    expect(hasNumber(each, "length")).toBe(false);
  }
  expect(objectIn({}, "__proto__")).toBeNull();
  expect(textIn({}, "constructor")).toBe("");
});
