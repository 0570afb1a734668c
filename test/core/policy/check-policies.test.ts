import { describe, expect, it } from "vitest";
import type { Instant } from "../../../core/encoding/instant.ts";
import { checkPolicies } from "../../../core/policy/check-policies.ts";
import type { PolicyTexts } from "../../../core/policy/policy-files.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { everybody, person, shippedTexts } from "./policy-texts.ts";

const now = "2026-11-23T12:00:00.000Z" as Instant;

function check(over: PolicyTexts = {}, members: readonly Member[] | undefined = everybody, at = now) {
  const result = checkPolicies({ ...shippedTexts, ...over }, members, at);
  const told = result.findings.map(
    ({ severity, file, line, path, sentence }) => `${severity} ${file}:${line} ${path}: ${sentence}`,
  );
  return { ...result, told };
}

/** A shipped file with a piece of its text exchanged. */
function changed(file: keyof PolicyTexts, before: string, after: string): PolicyTexts {
  if (!shippedTexts[file].includes(before)) throw new Error(`${file} does not hold ${before}`);
  return { [file]: shippedTexts[file].replace(before, after) };
}

const anotherRule = `
  - modelType: fraud
    target: production
    expiresAfter: 1d
    stages: [{ name: look, requires: { role: sre } }]
`;

describe("checking policies", () => {
  it("finds nothing in the shipped ones, with two people for every role", () => {
    expect(check()).toMatchObject({ holds: true, findings: [], notes: [] });
    expect(check().rules.map(({ number, seats, reachable }) => [number, seats, reachable])).toEqual([
      [1, 1, "always"],
      [2, 3, "always"],
      [3, 1, "always"],
      [4, 2, "always"],
    ]);
  });

  it("says what it did not look at without a directory", () => {
    const { holds, rules, notes } = checkPolicies(shippedTexts, undefined, now);
    expect(holds).toBe(true);
    expect(rules[1]).toEqual({ number: 2, modelType: "credit-scoring", target: "production", seats: 3, cases: 1 });
    expect(notes).toEqual([expect.stringContaining("no directory was given")]);
  });

  it("names a file that is not there, and goes on with the others", () => {
    const { "targets.yaml": _, ...texts } = shippedTexts;
    const { holds, findings, rules } = checkPolicies(texts, everybody, now);
    expect(holds).toBe(false);
    expect(findings).toMatchObject([{ severity: "error", file: "targets.yaml", sentence: "The file is not there." }]);
    expect(rules).toHaveLength(4);
  });

  it("tells every problem of every file, with its line", () => {
    const { told } = check({
      ...changed("matrix.yaml", "expiresAfter: 5d", "expiresAfter: soon"),
      ...changed("targets.yaml", "instanceCount: 2", "instanceCount: 0"),
    });
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^error matrix\.yaml:36 rules\[0\]\.expiresAfter: Here stands a duration/);
    expect(told[1]).toMatch(/^error targets\.yaml:\d+ targets\.production\.instanceCount: /);
  });

  it("finds a rule whose model type has no thresholds", () => {
    const { told } = check(changed("matrix.yaml", "\n# Who signs before", `${anotherRule}\n# Who signs before`));
    expect(told).toEqual([
      expect.stringMatching(
        /^error matrix\.yaml:\d+ rules\[3\]: thresholds\.yaml says nothing about 'fraud' in 'production'/,
      ),
    ]);
  });

  it("warns of models whose type is the request's to say, where rules of several types ask for different things", () => {
    const { told, holds } = check(changed("matrix.yaml", "    product-recommendation: { type: recommendation }\n", ""));
    expect(holds).toBe(true);
    expect(told).toEqual([
      expect.stringMatching(
        /^warning machines\.yaml:\d+ machines\[0\]\.submits\[1\]: The matrix does not say of which type 'product-recommendation' is/,
      ),
    ]);
  });

  it("finds thresholds to which no rule leads", () => {
    const { told, holds } = check(changed("thresholds.yaml", "modelType: recommendation", "modelType: ranking"));
    expect(holds).toBe(false);
    expect(told).toEqual([
      expect.stringMatching(/^error matrix\.yaml:\d+ rules\[0\]: thresholds\.yaml says nothing about 'recommendation'/),
      expect.stringMatching(/^warning thresholds\.yaml:\d+ rules\[1\]: No rule of the matrix is for 'ranking'/),
    ]);
  });

  it("finds targets that only one of two files knows", () => {
    const { told } = check(changed("targets.yaml", "  production:", "  live:"));
    expect(told.map((each) => each.replace(/:\d+ /, " "))).toEqual([
      "error matrix.yaml rules[0].target: targets.yaml has no 'production'; it has 'live' and 'cluster'.",
      "error matrix.yaml rules[1].target: targets.yaml has no 'production'; it has 'live' and 'cluster'.",
      "warning targets.yaml targets.live: No rule of the matrix is for 'live', so nothing may run in it.",
    ]);
  });

  it("finds a machine that the gates cannot weigh a model against", () => {
    const { told } = check(changed("targets.yaml", "ml.m5.large", "ml.z9.large"));
    expect(told).toEqual([
      expect.stringMatching(
        /^error targets\.yaml:\d+ .*instanceType: instance-types\.yaml does not know 'ml\.z9\.large'/,
      ),
    ]);
  });

  it("finds a trial and a freeze window that are over", () => {
    const trial = changed(
      "thresholds.yaml",
      "    security: { critical: 0, high: 10 }",
      "    security: { critical: 0, high: 10 }\n    dryRun: [{ rule: quality, until: 2026-11-20 }]",
    );
    const window = `
freezeWindows:
  - { name: summer, zone: Europe/Berlin, from: "2026-08-01 00:00", until: "2026-09-01 00:00" }
`;
    const { told, holds } = check({ ...trial, "matrix.yaml": shippedTexts["matrix.yaml"] + window });
    expect(holds).toBe(true);
    expect(told).toEqual([
      expect.stringMatching(/^warning matrix\.yaml:\d+ freezeWindows\[0\]: The window 'summer' ended at 2026-08-31T22/),
      expect.stringMatching(/^warning thresholds\.yaml:\d+ rules\[1\]\.dryRun\[0\]: The trial of 'quality' ended/),
    ]);
  });

  it("names a role that nobody holds, and the rules that cannot be reached for it", () => {
    const { told, rules } = check(
      {},
      everybody.filter(({ groups }) => !groups.includes("sre")),
    );
    expect(rules[1]?.reachable).toBe("never");
    expect(told).toEqual([
      "error matrix.yaml:24 roles.sre: Nobody holds the role 'sre': nobody is in 'sre'.",
      expect.stringMatching(
        /^error matrix\.yaml:43 rules\[1\]: Its quorum cannot be reached\. Nobody is left for the seat/,
      ),
      expect.stringMatching(/^error matrix\.yaml:\d+ rules\[2\]: Its quorum cannot be reached\. Nobody is left for/),
    ]);
  });

  it("does not count disabled accounts as holders", () => {
    const members = everybody.map((each) => (each.groups.includes("sre") ? { ...each, enabled: false } : each));
    expect(check({}, members).told[0]).toContain("Nobody holds the role 'sre': every account is disabled.");
  });

  it("warns of people without whom a quorum cannot be reached", () => {
    const { told, rules, holds } = check(
      {},
      everybody.filter(({ name }) => name !== "Sam"),
    );
    expect(holds).toBe(true);
    expect(rules[1]?.dependsOn).toEqual(["Mira"]);
    const without = expect.stringContaining("Without 'Mira' its quorum cannot be reached");
    expect(told).toEqual([without, without]);
  });

  it("does not let one person hold two seats", () => {
    const both = person("Mira", "sre", "lead-data-scientists");
    const { told } = check({}, [
      ...everybody.slice(0, 2),
      both,
      ...everybody.filter(({ groups }) => groups.includes("incident-commanders")),
    ]);
    expect(told.join("\n")).toContain("Its quorum cannot be reached.");
  });

  it("tries every case of a condition, and says in which one nobody is there", () => {
    const { told, rules } = check({
      ...changed(
        "matrix.yaml",
        "        requires: { role: lead-data-scientist }",
        "        requires: { all: [{ role: lead-data-scientist }, { role: sre, count: 3, when: { metrics: { auc: { below: 0.8 } } } }] }",
      ),
    });
    expect(rules[0]).toMatchObject({ cases: 2, seats: 4, reachable: "in-some-cases" });
    expect(told).toEqual([
      expect.stringMatching(/Its quorum cannot be reached\..*\{"evidence":\{"metrics":\{"auc":\[-0\.19/),
    ]);
  });

  it("warns of roles that no rule asks for", () => {
    const { told, holds } = check(
      changed("matrix.yaml", "\nrules:", "\n  auditor: { title: Auditor, groups: [auditors] }\n\nrules:"),
    );
    expect(holds).toBe(true);
    expect(told).toEqual([
      expect.stringContaining("No rule asks for the role 'auditor'."),
      expect.stringContaining("Nobody holds the role 'auditor'"),
    ]);
  });
});
