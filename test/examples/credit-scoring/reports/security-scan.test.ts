import { describe, expect, it } from "vitest";
import { buildCandidate } from "../../../../examples/credit-scoring/candidate.ts";
import { scan, securityScan, securityScanSarif } from "../../../../examples/credit-scoring/reports/security-scan.ts";

const modelText = buildCandidate("weak").get("model.json") ?? "";

function rulesBroken(kind: "model" | "program" | "dockerfile" | "document", text: string): readonly string[] {
  return scan([{ name: "file", kind, text }]).findings.map((finding) => finding.rule);
}

describe("the security scan", () => {
  it("passes the model as it is written", () => {
    expect(rulesBroken("model", modelText)).toEqual([]);
  });

  it.each([
    ["a model that is no JSON", "model", "\u0080\u0004cos\nsystem\n", "model-is-data"],
    ["a model that carries a script", "model", modelText.replace('"Good"', '"<script>x()</script>"'), "model-is-data"],
    ["a program that imports a package", "program", 'import x from "left-pad";', "program-has-no-dependencies"],
    [
      "a program that can start others",
      "program",
      'import { spawn } from "node:child_process";',
      "program-runs-no-text",
    ],
    [
      "a program that opens connections",
      "program",
      'import { request } from "node:http";',
      "program-has-no-dependencies",
    ],
    ["a program that hands on a package", "program", 'export * from "left-pad";', "program-has-no-dependencies"],
    ["a program that evaluates text", "program", "eval(body);", "program-runs-no-text"],
    ["a Dockerfile with a moving base", "dockerfile", "FROM node:latest\n", "base-image-is-chosen"],
    ["a document with a key in it", "document", `{"key":"AKIA${"A".repeat(16)}"}`, "no-secrets"],
  ] as const)("stops %s", (_, kind, text, rule) => {
    expect(rulesBroken(kind, text)).toContain(rule);
  });

  it("counts findings by severity, and says what it did not look at", () => {
    const report = securityScan(scan([{ name: "serve.ts", kind: "program", text: "eval(x);" }]));
    expect(report).toMatchObject({ counts: { critical: 1, high: 0 } });
    expect(report).toHaveProperty("notScanned.0", "operating system packages of the base image");
  });

  it("says the same in SARIF", () => {
    const sarif = securityScanSarif(scan([{ name: "serve.ts", kind: "program", text: "eval(x);" }]));
    expect(sarif).toMatchObject({
      version: "2.1.0",
      runs: [{ results: [{ ruleId: "program-runs-no-text", level: "error" }] }],
    });
  });
});
