import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { conditionHolds, namesIn, resolve, type Scope } from "../../../local/cloudformation/resolve.ts";
import { readTemplate } from "../../../local/cloudformation/template.ts";

const template = readTemplate("Service", {
  Parameters: { PortalUrl: { Type: "String", Default: "" } },
  Conditions: {
    HasPortalUrl: { "Fn::Not": [{ "Fn::Equals": [{ Ref: "PortalUrl" }, ""] }] },
    Both: { "Fn::And": [{ Condition: "HasPortalUrl" }, { "Fn::Equals": ["a", "a"] }] },
    Either: { "Fn::Or": [{ Condition: "HasPortalUrl" }, { "Fn::Equals": ["a", "a"] }] },
  },
  Mappings: { Sizes: { small: { memory: "128" } } },
});

/** A place in the text of `Fn::Sub`. */
function of(name: string): string {
  return `\${${name}}`;
}

function scope(over: Partial<Scope> = {}): Scope {
  return {
    template,
    parameters: { PortalUrl: "" },
    pseudo: { "AWS::Region": "us-east-1", "AWS::URLSuffix": "amazonaws.com" },
    created: (id) =>
      id === "Table" ? { ref: "the-table", attributes: { Arn: "arn:table", "Outputs.Of": "x" } } : undefined,
    exported: (name) => (name === "Data:TableArn" ? "arn:other" : undefined),
    ...over,
  };
}

describe("intrinsic functions", () => {
  it.each<[string, Json, Json]>([
    ["Ref of a resource", { Ref: "Table" }, "the-table"],
    ["Ref of a parameter", { Ref: "PortalUrl" }, ""],
    ["Ref of a pseudo parameter", { Ref: "AWS::Region" }, "us-east-1"],
    ["GetAtt as a list", { "Fn::GetAtt": ["Table", "Arn"] }, "arn:table"],
    ["GetAtt as text", { "Fn::GetAtt": "Table.Arn" }, "arn:table"],
    ["GetAtt with a dot in the attribute", { "Fn::GetAtt": ["Table", "Outputs.Of"] }, "x"],
    ["Join", { "Fn::Join": ["-", ["a", { Ref: "Table" }, 3]] }, "a-the-table-3"],
    ["Split and Select", { "Fn::Select": [1, { "Fn::Split": ["/", "a/b/c"] }] }, "b"],
    [
      "Sub",
      { "Fn::Sub": `${of("Table")}/${of("Table.Arn")}/${of("AWS::Region")}/${of("!Table")}` },
      `the-table/arn:table/us-east-1/${of("Table")}`,
    ],
    [
      "Sub with variables of its own",
      { "Fn::Sub": [`${of("a")}-${of("Table")}`, { a: { Ref: "AWS::Region" } }] },
      "us-east-1-the-table",
    ],
    ["If that holds not", { "Fn::If": ["HasPortalUrl", "yes", "no"] }, "no"],
    ["ImportValue", { "Fn::ImportValue": "Data:TableArn" }, "arn:other"],
    ["FindInMap", { "Fn::FindInMap": ["Sizes", "small", "memory"] }, "128"],
    ["Base64", { "Fn::Base64": "abc" }, "YWJj"],
  ])("carries %s", (_, value, expected) => {
    expect(resolve(value, scope())).toEqual(expected);
  });

  it("leaves out what stands for AWS::NoValue, in objects and in lists", () => {
    const absent = { Ref: "AWS::NoValue" };
    expect(resolve({ kept: 1, gone: absent, list: [absent, 2] }, scope())).toEqual({ kept: 1, list: [2] });
  });

  it("does not touch the branch that a condition does not choose", () => {
    expect(resolve({ "Fn::If": ["HasPortalUrl", { Ref: "Nobody" }, "chosen"] }, scope())).toBe("chosen");
  });

  it.each<[string, Json, string]>([
    ["a resource that nobody made", { Ref: "Nobody" }, "refers to Nobody"],
    ["an attribute that is not known", { "Fn::GetAtt": ["Table", "Colour"] }, "asks for Table.Colour"],
    ["an export that no stack has", { "Fn::ImportValue": "Data:Nothing" }, "imports Data:Nothing"],
    ["a function that is not carried", { "Fn::Cidr": ["10.0.0.0/8", 1, 8] }, "uses Fn::Cidr"],
    ["an item past the end of a list", { "Fn::Select": [3, ["a"]] }, "selects item 3"],
  ])("refuses %s with a sentence", (_, value, sentence) => {
    expect(() => resolve(value, scope())).toThrow(sentence);
  });
});

describe("conditions", () => {
  it("combine", () => {
    const given = scope({ parameters: { PortalUrl: "http://localhost:1" } });
    expect(["HasPortalUrl", "Both", "Either"].map((name) => conditionHolds(name, given))).toEqual([true, true, true]);
    expect(["HasPortalUrl", "Both", "Either"].map((name) => conditionHolds(name, scope()))).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe("names that a value depends on", () => {
  it("are found in Ref, GetAtt and Sub, and only in the chosen branch", () => {
    const value = {
      a: { Ref: "One" },
      b: { "Fn::GetAtt": ["Two", "Arn"] },
      c: [{ "Fn::Sub": `${of("Three")}/${of("Four.Arn")}/${of("!Literal")}` }],
      d: { "Fn::If": ["HasPortalUrl", { Ref: "NotThis" }, { Ref: "Five" }] },
    };
    expect([...namesIn(value, scope())].sort()).toEqual(["Five", "Four", "One", "Three", "Two"]);
  });
});
