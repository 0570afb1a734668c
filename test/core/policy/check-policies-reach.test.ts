import { describe, expect, it } from "vitest";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { PolicyTexts } from "../../../core/policy/policy-files.ts";
import { changed, check } from "./checked-policies.ts";
import { everybody, person, shippedTexts } from "./policy-texts.ts";

describe("checking policies", () => {
  it("names a role that nobody holds, and the rules that cannot be reached for it", () => {
    const { told, rules } = check(
      {},
      everybody.filter(({ groups }) => !groups.includes("sre")),
    );
    expect(rules[1]?.reachable).toBe("never");
    expect(told).toEqual([
      "error matrix.yaml:26 roles.sre: Nobody holds the role 'sre': nobody is in 'sre'.",
      "warning matrix.yaml:35 roles.operator: Nobody holds the role 'operator': nobody is in 'sre'.",
      expect.stringMatching(
        /^error matrix\.yaml:52 rules\[1\]: Its quorum cannot be reached\. Nobody is left for the seat/,
      ),
      expect.stringMatching(/^error matrix\.yaml:\d+ rules\[2\]: Its quorum cannot be reached\. Nobody is left for/),
      expect.stringMatching(/^error matrix\.yaml:\d+ rules\[3\]: Its quorum cannot be reached\. Nobody is left for/),
      expect.stringMatching(/^error matrix\.yaml:\d+ rules\[4\]: Its quorum cannot be reached\. Nobody is left for/),
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
    expect(told).toEqual([without, without, without, without]);
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

  it("says nothing of pairs where one of the two could not be read", () => {
    const unread = (file: keyof PolicyTexts, members = everybody) => check({ [file]: "[" }, members);
    for (const file of [
      "thresholds.yaml",
      "targets.yaml",
      "machines.yaml",
      "instance-types.yaml",
      "people.yaml",
    ] as const)
      expect(unread(file).told).toEqual([expect.stringMatching(new RegExp(`^error ${file}:1 `))]);
    expect(unread("matrix.yaml")).toMatchObject({ holds: false, rules: [], roles: [] });
    expect(unread("matrix.yaml").told).toEqual([expect.stringMatching(/^error matrix\.yaml:1 /)]);
  });

  it("finds thresholds for a target to which no rule leads, though one for the model type is there", () => {
    const more = `
  - modelType: recommendation
    target: cluster
    artifacts: [model]
    evidence: [model-quality]
    quality: { accuracy: { min: 0.5 } }
`;
    const { told } = check({ "thresholds.yaml": shippedTexts["thresholds.yaml"] + more });
    expect(told).toEqual([
      expect.stringMatching(
        /^warning thresholds\.yaml:\d+ rules\[4\]: No rule of the matrix is for 'recommendation' in 'cluster' under these thresholds, so nothing comes to them\.$/,
      ),
    ]);
  });

  it("says which thresholds no rule leads to, where they are for every target", () => {
    const { told } = check(changed("thresholds.yaml", "modelType: recommendation", "modelType: ranking"));
    expect(told[1]).toMatch(
      /: No rule of the matrix is for 'ranking' under these thresholds, so nothing comes to them\.$/,
    );
  });

  it("finds a cluster that the gates cannot weigh a model against, where they ask for it", () => {
    const { told } = check(
      changed(
        "thresholds.yaml",
        "evidence: [model-quality, bias, security-scan]",
        "evidence: [model-quality, bias, security-scan]\n    capacity: { sizeFactor: 5, reserveGib: 0.5, declared: false }",
      ),
    );
    expect(told).toEqual([
      expect.stringMatching(
        /^error targets\.yaml:\d+ targets\.cluster: The gates ask whether a model fits into its machine, and nobody here knows the machines of a cluster/,
      ),
    ]);
    const line = shippedTexts["targets.yaml"].split("\n").indexOf("  cluster:") + 1;
    expect(told[0]).toContain(`targets.yaml:${line} `);
  });

  it("finds a model that the matrix classifies and no pipeline may submit", () => {
    const { told, holds } = check(
      changed(
        "matrix.yaml",
        "    product-recommendation: { type: recommendation }",
        "    product-recommendation: { type: recommendation }\n    churn: { type: recommendation }",
      ),
    );
    expect(holds).toBe(true);
    const line = shippedTexts["matrix.yaml"].split("\n").findIndex((each) => each.includes("product-recommendation"));
    expect(told).toEqual([
      `warning matrix.yaml:${line + 2} classification.models.churn: No pipeline of machines.yaml may submit 'churn'.`,
    ]);
  });

  it.each([
    ["riskTiers", "tiers: [low, high]", "riskTier: low"],
    ["dataClasses", "classes: [public, personal]", "dataClass: public"],
  ])("finds a model without a place on a scale of the matrix: %s", (scale, values, own) => {
    const models = `classification:
  ${scale}: ${values.slice(values.indexOf("["))}
  models:
    credit-scoring: { type: credit-scoring, ${own} }
`;
    const { told } = check({
      "matrix.yaml": shippedTexts["matrix.yaml"].replace(/classification:.*?\n(?=\n)/s, models),
    });
    expect(told).toEqual([
      expect.stringMatching(
        /^warning machines\.yaml:\d+ machines\[0\]\.submits\[1\]: The matrix does not classify 'product-recommendation', so it is judged by the highest tier and class\.$/,
      ),
      expect.stringContaining("The matrix does not say of which type 'product-recommendation' is"),
      expect.stringContaining("The matrix does not classify 'home-recommendation'"),
      expect.stringContaining("The matrix does not say of which type 'home-recommendation' is"),
      expect.stringContaining("The matrix does not classify 'overdraft-scoring'"),
      expect.stringContaining("The matrix does not say of which type 'overdraft-scoring' is"),
    ]);
  });

  it("lets a request say the type of a model where all rules are of one", () => {
    const matrix = shippedTexts["matrix.yaml"]
      .replace("    product-recommendation: { type: recommendation }\n", "")
      .replace("modelType: recommendation", "modelType: credit-scoring")
      .replace("target: production", "target: elsewhere");
    const { told } = check({ "matrix.yaml": matrix });
    expect(told.filter((each) => each.includes("of which type"))).toEqual([]);
  });

  it("tells what ends, at the instant at which it is over", () => {
    const trial = changed(
      "thresholds.yaml",
      "    security: { critical: 0, high: 10 }",
      "    security: { critical: 0, high: 10 }\n    dryRun: [{ rule: quality, until: 2026-11-20 }]",
    );
    const windows = `
freezeWindows:
  - { name: weekend, zone: UTC, weekly: { from: fri 16:00, until: mon 07:00 } }
  - name: autumn
    zone: UTC
    from: "2026-11-01 00:00"
    until: "2026-11-20 00:00"
    exceptions:
      - { model: churn, reason: agreed }
      - { model: credit-scoring, reason: agreed, until: "2026-11-10 00:00" }
`;
    const over = { ...trial, "matrix.yaml": shippedTexts["matrix.yaml"] + windows };
    const endedBy = (at: string) =>
      check(over, everybody, at as Instant).told.map((each) => each.replace(/:\d+ /, " "));
    expect(endedBy("2026-11-09T23:59:59.999Z")).toEqual([]);
    const exception =
      "warning matrix.yaml freezeWindows[1].exceptions[1]: The exception for 'credit-scoring' ended at 2026-11-10T00:00:00.000Z.";
    expect(endedBy("2026-11-10T00:00:00.000Z")).toEqual([exception]);
    expect(endedBy("2026-11-20T00:00:00.000Z")).toEqual([
      "warning matrix.yaml freezeWindows[1]: The window 'autumn' ended at 2026-11-20T00:00:00.000Z.",
      exception,
      "warning thresholds.yaml rules[1].dryRun[0]: The trial of 'quality' ended at 2026-11-20T00:00:00.000Z: it blocks.",
    ]);
  });
});
