import { describe, expect, it } from "vitest";
import { readPolicyFiles } from "../../../adapters/policies/policy-folder.ts";
import { loadPolicies } from "../../../core/policy/load-policies.ts";
import type { BundledText } from "../../../core/policy/policy-bundle.ts";
import { policyChanges } from "../../../core/policy/policy-changes.ts";

const bundle = readPolicyFiles(new URL("../../../policies/", import.meta.url));
const shipped = loadPolicies(bundle);

/** The shipped policies with a passage of a file exchanged. */
function changed(name: BundledText, from: string, to: string) {
  const text = bundle.texts[name].replace(from, to);
  expect(text).not.toBe(bundle.texts[name]);
  return loadPolicies({ ...bundle, texts: { ...bundle.texts, [name]: text } });
}

describe("what proposed policies change", () => {
  it("is nothing where they are the same", () => {
    expect(policyChanges(shipped, loadPolicies(bundle))).toEqual([]);
  });

  it("is told in sentences first, then line by line", () => {
    expect(policyChanges(shipped, changed("matrix.yaml", "expiresAfter: 10d", "expiresAfter: 12d"))).toEqual([
      "No longer: credit-scoring in production: It must be decided within 10 days of its submission.",
      "New: credit-scoring in production: It must be decided within 12 days of its submission.",
      "matrix.yaml: … rules:",
      "matrix.yaml: …   - modelType: credit-scoring",
      "matrix.yaml: −     expiresAfter: 10d",
      "matrix.yaml: +     expiresAfter: 12d",
    ]);
  });

  it("says for a stage what it asks for, and what else holds in it", () => {
    const stage = "requires: { role: lead-data-scientist }";
    const of = (to: string) =>
      policyChanges(shipped, changed("matrix.yaml", stage, to)).filter((each) => !each.startsWith("matrix.yaml"));
    expect(of("requires: { role: sre }")).toEqual([
      "No longer: recommendation in production, stage 'model': One person in the role 'Lead data scientist'",
      "New: recommendation in production, stage 'model': One person in the role 'Site reliability engineer'",
    ]);
    expect(of(`${stage}\n        minimumReview: 5m`)).toEqual([
      "New: recommendation in production, stage 'model': Nobody can approve in the first 5 minutes after it opened.",
    ]);
  });

  it("says what the gates ask", () => {
    expect(policyChanges(shipped, changed("thresholds.yaml", "auc: { min: 0.65 }", "auc: { min: 0.6 }"))).toEqual([
      "No longer: recommendation in production: AUC at least 0.65.",
      "New: recommendation in production: AUC at least 0.6.",
      "thresholds.yaml: … rules:",
      "thresholds.yaml: …   - modelType: recommendation",
      "thresholds.yaml: …     quality:",
      "thresholds.yaml: −       auc: { min: 0.65 }",
      "thresholds.yaml: +       auc: { min: 0.6 }",
    ]);
  });

  it("says who holds a role, when nothing is deployed, and who signs for a change of all this", () => {
    const role = changed("matrix.yaml", "groups: [sre]", "groups: [operators]");
    expect(policyChanges(shipped, role).slice(0, 2)).toEqual([
      "No longer: Site reliability engineer: Held by whoever is in the group 'sre'.",
      "New: Site reliability engineer: Held by whoever is in the group 'operators'.",
    ]);
    const window = changed(
      "matrix.yaml",
      "\nrules:",
      "\nfreezeWindows: [{ name: end, zone: UTC, weekly: { from: fri 16:00, until: mon 07:00 } }]\nrules:",
    );
    expect(policyChanges(shipped, window)).toEqual([
      "New: 'end': nothing is approved or deployed in every target every week from Friday 16:00 to Monday 07:00 (UTC).",
      "matrix.yaml: + freezeWindows: [{ name: end, zone: UTC, weekly: { from: fri 16:00, until: mon 07:00 } }]",
    ]);
    const [policyChange = ""] = /\npolicyChange:.*/s.exec(bundle.texts["matrix.yaml"]) ?? [];
    const sentences = policyChanges(shipped, changed("matrix.yaml", policyChange, "")).filter((each) =>
      each.startsWith("No longer"),
    );
    expect(sentences).toContain("No longer: policy in policies: It must be decided within 5 days of its submission.");
    expect(sentences).toContain("No longer: policy in policies, stage 'policy': All of these");
  });

  it("is told where only the compiled gates are others", () => {
    const other = loadPolicies({ ...bundle, wasm: new Uint8Array([1]) });
    expect(policyChanges(shipped, other)).toEqual([
      `The compiled gates are others: ${other.wasmDigest} instead of ${shipped.wasmDigest}. What they do cannot be read from this: build them from their sources, and compare the digest.`,
    ]);
  });

  it("is told where no sentence is another: a comment, or the order of lines", () => {
    const comment = changed("matrix.yaml", "# The approval matrix:", "# Our matrix:");
    expect(policyChanges(shipped, comment)).toEqual([
      "matrix.yaml: − # The approval matrix: who must sign before a model of some type may run in some target.",
      "matrix.yaml: + # Our matrix: who must sign before a model of some type may run in some target.",
    ]);
    const order = changed(
      "matrix.yaml",
      "    title: Site reliability engineer\n    groups: [sre]",
      "    groups: [sre]\n    title: Site reliability engineer",
    );
    expect(policyChanges(shipped, order)).toEqual([
      "matrix.yaml: … roles:",
      "matrix.yaml: …   sre:",
      "matrix.yaml: −     title: Site reliability engineer",
      "matrix.yaml: +     title: Site reliability engineer",
    ]);
    const empty = changed("people.yaml", "\npeopleVersion", "\n  \n\npeopleVersion");
    expect(policyChanges(shipped, empty)).toEqual(["people.yaml: blank lines, and nothing else."]);
  });

  it("reads otherwise wherever it is otherwise, also where that does not show", () => {
    const [address = ""] = /[\w-]+@[\w.]+/.exec(bundle.texts["people.yaml"]) ?? [];
    const unseen = address.replace("@", "\ufe00@");
    const lines = policyChanges(shipped, changed("people.yaml", address, unseen));
    const read = lines.filter((line) => / [−+] /.test(line)).map((line) => line.replace(/ [−+] /, " "));
    expect(read[1]).toBe(read[0]?.replace(address, unseen.replace("\ufe00", "\\u{fe00}")));
    const title = changed("matrix.yaml", "title: Site reliability", "title: Sitе reliability");
    expect(policyChanges(shipped, title)).toContain(
      "New: Sit\\u{435} reliability engineer: Held by whoever is in the group 'sre'.",
    );
  });

  it("counts a line that stands there twice, and once more", () => {
    const twice = changed("people.yaml", "\npeopleVersion", "\n# again\n# again\npeopleVersion");
    expect(policyChanges(shipped, twice)).toEqual(["people.yaml: + # again", "people.yaml: + # again"]);
    const thrice = changed("people.yaml", "\npeopleVersion", "\n# again\n# again\n# again\npeopleVersion");
    expect(policyChanges(twice, thrice)).toEqual(["people.yaml: + # again"]);
    expect(policyChanges(thrice, twice)).toEqual(["people.yaml: − # again"]);
  });
});
