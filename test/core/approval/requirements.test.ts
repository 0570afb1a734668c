import { describe, expect, it } from "vitest";
import type { Matrix } from "../../../core/approval/matrix.ts";
import { requirementsOf } from "../../../core/approval/requirements.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { one, roles, rule, stage } from "./people-and-votes.ts";

const scoring = rule(stage("compliance", one("compliance")), stage("operations", { any: [one("data"), one("sre")] }));
const matrix: Matrix = {
  matrixVersion: 1,
  roles,
  rules: [scoring, { ...scoring, modelType: "recommendation", target: "staging" }],
};
const gatePolicy = { wasm: sha256Hex(utf8("wasm")), thresholds: { accuracy: 0.9 } };
const base = { matrix, modelType: "credit-scoring", target: "production", gatePolicy };
const digest = (over: Partial<typeof base>) => requirementsOf({ ...base, ...over }).sha256;

describe("the requirements of a promotion", () => {
  it("are its rule, the roles it names and its gates, and nothing else", () => {
    const { document, bytes, sha256 } = requirementsOf(base);
    expect(document.rule).toEqual(scoring);
    expect(Object.keys(document.roles)).toEqual(["compliance", "data", "sre"]);
    expect(document.gates).toEqual(gatePolicy);
    expect(sha256).toBe(sha256Hex(bytes));
    expect(JSON.parse(fromUtf8(bytes))).toEqual(document);
  });

  it("do not change with a rule for another model type, an unused role or the order of a list", () => {
    const [first, second] = matrix.rules;
    if (first === undefined || second === undefined) throw new Error("the matrix has two rules");
    const other: Matrix = {
      matrixVersion: 1,
      roles: { ...roles, extra: { title: "Extra", groups: ["x"], judges: [] } },
      rules: [{ ...second, expiresAfterSeconds: 60 }, first],
    };
    expect(digest({ matrix: other })).toBe(digest({}));
    const ordered = { ...matrix, rules: [{ ...scoring, excludes: ["requester", "owns-the-data"] as const }] };
    const reordered = { ...matrix, rules: [{ ...scoring, excludes: ["owns-the-data", "requester"] as const }] };
    expect(digest({ matrix: reordered })).toBe(digest({ matrix: ordered }));
  });

  it.each<[string, Partial<typeof base>]>([
    [
      "the groups of a role it names",
      { matrix: { ...matrix, roles: { ...roles, sre: { title: "SRE", groups: ["ops"], judges: [] } } } },
    ],
    ["a seat", { matrix: { ...matrix, rules: [rule(stage("compliance", one("compliance", 2)))] } }],
    ["a threshold", { gatePolicy: { ...gatePolicy, thresholds: { accuracy: 0.91 } } }],
    ["the compiled gates", { gatePolicy: { ...gatePolicy, wasm: sha256Hex(utf8("other")) } }],
  ])("change with %s", (_, over) => {
    expect(digest(over)).not.toBe(digest({}));
  });

  it("are refused for a model type that the matrix does not know, naming those it does", () => {
    expect(() => digest({ modelType: "vision" })).toThrow(
      expect.objectContaining({
        code: "unknown-model-type",
        message:
          "The approval matrix has no rule for the model type 'vision'; it knows 'credit-scoring' and 'recommendation'.",
      }),
    );
  });

  it("are refused for a target that the model type has no rule for", () => {
    expect(() => digest({ target: "staging" })).toThrow(
      expect.objectContaining({
        code: "unknown-target",
        message: "The approval matrix has no rule for 'credit-scoring' in the target 'staging'; it knows 'production'.",
      }),
    );
  });
});
