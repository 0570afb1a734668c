import { expect, it } from "vitest";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { isBelied } from "../../../core/gates/belied.ts";
import { judge } from "../../../core/gates/judge.ts";
import type { PolicyFinding } from "../../../core/gates/policy-finding.ts";
import { type Candidate, change, goodCandidate, judgementOf, reportOf, saying, shippedWasm } from "./candidate.ts";
import { findingOf } from "./told-facts.ts";

// Six bytes of them are others: these gates say `passed` where they said `failed`, and are otherwise what was shipped. What they saw and
// what they ask for stands in their findings as before.
const patched = Buffer.from(shippedWasm);
patched.write("passed", patched.indexOf("passed\0failed\0missing\0") + 7, "latin1");
const belied = compiledPolicy(patched);

const admin = JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
const plan = (...changes: readonly object[]) =>
  saying("iac-plan.json", { format_version: "1.2", resource_changes: changes });

it.each<[string, string, Candidate]>([
  ["a metric", "quality.auc", saying("model-quality.json", { metrics: { accuracy: 0.76, auc: 0.1 } })],
  [
    "findings of the scan",
    "security.critical",
    saying("security-scan.json", { counts: { critical: 9, high: 0, medium: 0, low: 0 } }),
  ],
  ["personal data", "data.pii", saying("data-schema.json", { violations: [], pii: { columns: ["ssn"] }, columns: [] })],
  [
    "a policy that allows everything",
    "iac.permissions",
    plan(change("aws_iam_role_policy", "create", { policy: admin })),
  ],
  ["a bucket that is destroyed", "iac.stateful", plan(change("aws_s3_bucket", "delete"))],
  [
    "bytes that are others than declared",
    "digest.model.json",
    { ...goodCandidate, computed: { "model.json": "0".repeat(64) as never } },
  ],
])("blocks by gates that say passed of what they themselves say is not as they ask: %s", (_, rule, candidate) => {
  const honest = reportOf(candidate);
  expect([honest.outcome, honest.findings.find((each) => each.rule === rule)?.status]).toEqual(["blocked", "failed"]);
  const { report } = judge({ ...judgementOf(candidate), evaluate: belied.evaluate });
  const finding = report.findings.find((each) => each.rule === rule);
  expect(report.outcome, `${finding?.status}: ${finding?.sentence}`).toBe("blocked");
});

it("blocks where an interval reaches out of what they ask of it", () => {
  const candidate = saying("model-quality.json", {
    metrics: { accuracy: 0.76, auc: 0.79 },
    intervals95: { auc: { lower: 0.01, upper: 0.99 } },
  });
  const judgement = judgementOf(candidate);
  const thresholds = {
    ...judgement.thresholds,
    quality: { ...judgement.thresholds?.quality, auc: { min: 0.72, interval: { min: 0.68 } } },
  } as typeof judgement.thresholds;
  expect(judge({ ...judgement, thresholds }).report.outcome).toBe("blocked");
  const { report } = judge({ ...judgement, thresholds, evaluate: belied.evaluate });
  const finding = report.findings.find((each) => each.rule === "quality.auc.interval");
  expect(report.outcome, `${finding?.status}: ${finding?.sentence}`).toBe("blocked");
});

it.each<[string, Partial<PolicyFinding>]>([
  ["a number in its bounds", { gate: "quality", observed: 0.72, required: { min: 0.72, max: 0.72 } }],
  ["an interval in them", { gate: "fairness", observed: { low: 0.8, high: 1.2 }, required: { min: 0.8, max: 1.25 } }],
  [
    "a first release, which is compared with none",
    { gate: "champion", observed: "first release", required: { dropAtMost: 1 } },
  ],
  ["a comparison", { gate: "champion", observed: 0.7, required: { min: 0.69 } }],
  ["nothing that may not be there", { gate: "pii", observed: [], required: ["age"] }],
  ["no machine of another type", { gate: "infrastructure", observed: [], required: ["ml.m5.large"] }],
  ["few enough machines", { gate: "infrastructure", observed: 2, required: { max: 4 } }],
  ["sections and one more", { gate: "card", subject: ["card", "sections"], observed: ["a", "b"], required: ["a"] }],
  ["a risk that may be", { gate: "card", subject: ["card", "risk"], observed: "Low", required: ["Low", "Medium"] }],
  ["what can be read", { gate: "evidence", observed: "readable", required: "readable" }],
  ["what a rule of one's own asks for in its own words", { gate: "other", observed: 0.1, required: "an answer" }],
  ["what was found not to hold", { status: "failed", observed: 0.1, required: { min: 0.72 } }],
  ["what was not there", { status: "missing", observed: null, required: { min: 0.72 } }],
])("takes at its word %s", (_, finding) => {
  expect(isBelied(findingOf({ status: "passed", ...finding }))).toBe(false);
});

it.each<[string, Partial<PolicyFinding>]>([
  ["a number out of its bounds", { gate: "measure", observed: 5, required: { max: 4 } }],
  ["a number as a text", { gate: "quality", observed: "0.1", required: { min: 0.72 } }],
  ["nothing", { gate: "quality", observed: null, required: { min: 0.72 } }],
  ["an interval of one end", { gate: "fairness", observed: { low: 0.9 }, required: { min: 0.8 } }],
  ["an interval that begins below", { gate: "fairness", observed: { low: 0.7, high: 1 }, required: { min: 0.8 } }],
  ["a comparison with nothing", { gate: "champion", observed: 0.1, required: { dropAtMost: 1 } }],
  ["a group that was not there before", { gate: "champion", observed: "no such group before", required: { ideal: 1 } }],
  ["a column", { gate: "pii", observed: ["ssn"], required: ["ssn"] }],
  ["columns that are no list", { gate: "pii", observed: "ssn", required: [] }],
  ["a wildcard", { gate: "infrastructure", observed: ["aws_iam_role_policy.x"], required: "no wildcard" }],
  ["a card without a section", { gate: "card", subject: ["card", "sections"], observed: ["b"], required: ["a", "b"] }],
  ["a risk that may not be", { gate: "card", subject: ["card", "risk"], observed: "High", required: ["Low"] }],
  ["other bytes", { gate: "digest", observed: "0".repeat(64), required: "1".repeat(64) }],
  ["what cannot be read", { gate: "evidence", observed: "unreadable", required: "readable" }],
  ["a number of a rule of one's own", { gate: "other", observed: 0.1, required: { min: 0.72 } }],
])("does not take for passed %s", (_, finding) => {
  expect(isBelied(findingOf({ status: "passed", ...finding }))).toBe(true);
});
