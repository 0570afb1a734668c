import { describe, expect, it } from "vitest";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { plainSecurityScan } from "../../../../core/gates/readers/plain-security-scan.ts";
import { sarif } from "../../../../core/gates/readers/sarif.ts";

function counts(reader: typeof sarif, document: unknown): Record<string, number> {
  const result = reader.read(utf8(JSON.stringify(document)), "scan.json");
  if (result.kind === "unreadable") throw new Error(result.sentence);
  return Object.fromEntries((result.facts.scans ?? []).map(({ severity, value }) => [severity, value]));
}

const rule = (id: string, score?: unknown, level?: string) => ({
  id,
  ...(score === undefined ? {} : { properties: { "security-severity": score } }),
  ...(level === undefined ? {} : { defaultConfiguration: { level } }),
});
const run = (rules: readonly unknown[], results: readonly unknown[], more: object = {}) => ({
  version: "2.1.0",
  runs: [{ tool: { driver: { name: "scanner", rules } }, results, ...more }],
});

describe("SARIF", () => {
  it("is read with as many rules and results as a document can have", () => {
    const many = [...Array(60_000).keys()];
    const rules = many.map((each) => rule(`r${each}`, "9.8"));
    const results = many.flatMap((each) => [{ ruleIndex: each }, { ruleId: `r${each}` }]);
    expect(counts(sarif, run(rules, results))["critical"]).toBe(120_000);
  });

  it("takes the first of the rules with one id", () => {
    const found = counts(sarif, run([rule("a", "9.8"), rule("a", "1.0")], [{ ruleId: "a" }]));
    expect(found).toMatchObject({ critical: 1, low: 0 });
  });

  it.each([
    ["9.8", "critical"],
    ["9.0", "critical"],
    ["8.9", "high"],
    ["7.0", "high"],
    ["4.0", "medium"],
    ["0.1", "low"],
    [5, "medium"],
    ["severe", "critical"],
    ["", "critical"],
  ])("cuts a score of %j as %s", (score, severity) => {
    const found = counts(sarif, run([rule("a", score)], [{ ruleId: "a", level: "note" }]));
    expect(found).toEqual({ critical: 0, high: 0, medium: 0, low: 0, [severity]: 1 });
  });

  it.each([
    [{ level: "error" }, "critical"],
    [{ level: "warning" }, "high"],
    [{}, "high"],
    [{ level: "note" }, "low"],
    [{ level: "catastrophe" }, "critical"],
  ])("counts an unscored result %j by its level", (result, severity) => {
    expect(counts(sarif, run([], [result]))[severity]).toBe(1);
  });

  it("takes the level of the rule where the result has none", () => {
    expect(counts(sarif, run([rule("a", undefined, "error")], [{ ruleId: "a" }]))["critical"]).toBe(1);
  });

  it("finds the rule by index, in the tool or in its extension", () => {
    expect(counts(sarif, run([rule("a", "1.0"), rule("b", "9.9")], [{ ruleIndex: 1 }]))["critical"]).toBe(1);
    const extension = {
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { rules: [rule("a", "1.0")] }, extensions: [{ rules: [rule("b", "9.9")] }] },
          results: [{ rule: { index: 0, toolComponent: { index: 0 } } }],
        },
      ],
    };
    expect(counts(sarif, extension)["critical"]).toBe(1);
  });

  it("counts suppressed results, and no passes", () => {
    const results = [
      { level: "error", suppressions: [{ kind: "inSource" }] },
      { kind: "pass" },
      { kind: "notApplicable" },
    ];
    expect(counts(sarif, run([], results))).toEqual({ critical: 1, high: 0, medium: 0, low: 0 });
  });

  it.each([
    ["another version", { version: "2.0.0", runs: [] }],
    ["no run", { version: "2.1.0", runs: [] }],
    ["no results, because the scan could not start", { version: "2.1.0", runs: [{ results: null }] }],
    ["a run that broke off", run([], [], { invocations: [{ executionSuccessful: false }] })],
  ])("is unreadable with %s", (_name, document) => {
    expect(sarif.read(utf8(JSON.stringify(document)), "scan.json").kind).toBe("unreadable");
  });
});

describe("plain security scan", () => {
  it("reads the counts", () => {
    const four = { critical: 0, high: 1, medium: 2, low: 3 };
    expect(counts(plainSecurityScan, { counts: four })).toEqual(four);
  });

  it.each([[-1], [0.5], ["0"], [null]])("takes %j for no count", (critical) => {
    const result = plainSecurityScan.read(
      utf8(JSON.stringify({ counts: { critical, high: 0, medium: 0, low: 0 } })),
      "s",
    );
    expect(result).toMatchObject({ facts: { gaps: [{ subject: ["scan", "critical"] }] } });
  });
});
