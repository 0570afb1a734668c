import { describe, expect, it } from "vitest";
import type { Instant } from "../../core/encoding/instant.ts";
import { blocks } from "../../core/gates/gate-report.ts";
import { judge } from "../../core/gates/judge.ts";
import type { GateThresholds } from "../../core/gates/thresholds.ts";
import { judgementOf } from "../core/gates/candidate.ts";
import { candidate, contents, type Kind, open, report, thresholds, unit } from "./release-evidence.ts";

describe("whatever is missing blocks", () => {
  const paths = (value: unknown, at: readonly string[] = []): readonly (readonly string[])[] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, member]) => [[...at, name], ...paths(member, [...at, name])])
      : [];
  const without = (value: unknown, [first, ...rest]: readonly string[]): unknown => {
    const members = Object.entries(value as object);
    return Object.fromEntries(
      members.flatMap(([name, member]) =>
        name !== first ? [[name, member]] : rest.length === 0 ? [] : [[name, without(member, rest)]],
      ),
    );
  };
  /** Said beyond what any rule needs. */
  const extra = new Set(["data-validation/metrics/expectations"]);
  const cases = Object.entries(contents).flatMap(([kind, content]) =>
    paths(content)
      .map((path): [string, string, readonly string[]] => [`${kind}/${path.join("/")}`, kind, path])
      .filter(([name]) => !extra.has(name)),
  );

  it.each(cases)("%s", (_name, kind, path) => {
    const from = candidate({ [kind]: without(contents[kind as Kind], path) });
    expect(report(from).outcome).toBe("blocked");
    expect(Object.keys(open(from))).not.toEqual([]);
  });

  it.each(Object.keys(contents))("the whole %s", (kind) => {
    const from = candidate();
    const documents = Object.fromEntries(Object.entries(from.documents).filter(([name]) => name !== `${kind}.json`));
    expect(Object.keys(open({ ...from, documents }))).toContain(`evidence.${kind}`);
  });
});

describe("a rule on trial", () => {
  const failing = unit({ tests: 40, failed: 1 });
  const until = "2026-12-01T00:00:00.000Z" as Instant;
  const onTrial = (rule: string): GateThresholds => ({ ...thresholds, dryRun: [{ rule, until }] });

  it.each(["unit-tests", "unit-tests.failed"])("named '%s' reports and does not block", (rule) => {
    const { outcome, findings } = report(failing, onTrial(rule));
    expect(outcome).toBe("passed");
    const finding = findings[0];
    expect(finding).toMatchObject({ rule: "unit-tests.failed", status: "failed", dryRunUntil: until });
    expect(finding?.sentence).toBe(
      "Number of failed unit tests is 1; at most 0 is required. This rule is on trial: it does not block before 2026-12-01.",
    );
    expect(findings.some(blocks)).toBe(false);
  });

  it("blocks at the instant at which its trial is over, and not a moment before", () => {
    expect(report(failing, onTrial("unit-tests"), "2026-11-30T23:59:59.999Z" as Instant).outcome).toBe("passed");
    const over = report(failing, onTrial("unit-tests"), until);
    expect(over.outcome).toBe("blocked");
    expect(over.findings[0]?.dryRunUntil).toBeUndefined();
  });

  it("leaves the others as they are, also those whose names begin alike", () => {
    expect(report(failing, onTrial("unit")).outcome).toBe("blocked");
    expect(report(failing, onTrial("iac")).outcome).toBe("blocked");
  });

  it("counts by the latest of several ends", () => {
    const early = { rule: "unit-tests.failed", until: "2026-11-01T00:00:00.000Z" as Instant };
    const both = { ...thresholds, dryRun: [early, { rule: "unit-tests", until }] };
    expect(report(failing, both).findings[0]?.dryRunUntil).toBe(until);
  });

  it("is refused where only the policy says so", () => {
    const judgement = judgementOf(failing);
    const lying: typeof judgement.evaluate = (facts, data) => {
      const evaluation = judgement.evaluate(facts, data);
      const findings = evaluation.kind === "evaluated" ? (evaluation.result as readonly object[]) : [];
      return { kind: "evaluated", result: findings.map((finding) => ({ ...finding, dryRun: until })) };
    };
    expect(judge({ ...judgement, thresholds, evaluate: lying }).report).toMatchObject({
      outcome: "blocked",
      findings: [{ rule: "policy.result", sentence: expect.stringContaining("do not ask for") }],
    });
  });

  it("changes the digest of the policy's data", () => {
    expect(report(failing).policy.data).not.toBe(report(failing, onTrial("iac")).policy.data);
  });
});
