import { describe, expect, it } from "vitest";
import type { Facts } from "../../../core/gates/facts.ts";
import { describeFinding } from "../../../core/gates/finding-sentence.ts";
import type { PolicyFinding } from "../../../core/gates/policy-finding.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { factsOf, findingOf, releaseOf } from "./told-facts.ts";

type Row = readonly [sentence: string, over: Partial<PolicyFinding>, facts?: Partial<Facts>];

const told = (over: Partial<PolicyFinding>, facts: Partial<Facts> = {}) =>
  describeFinding(findingOf(over), factsOf(facts));

/** Each sentence with what leads to it, all of one family of rules. */
function family(name: string, base: Partial<PolicyFinding>, rows: readonly Row[]): void {
  describe(name, () => {
    it.each(rows.map(([sentence, over, facts]) => ({ sentence, over, facts })))("$sentence", (row) => {
      expect(told({ ...base, ...row.over }, row.facts).sentence).toBe(row.sentence);
    });
  });
}

const gap = (where: string, subject: Facts["gaps"][number]["subject"], why = "is null") => ({
  gaps: [{ where, subject, why }],
});

describe("what a rule is called", () => {
  it.each<[string, Partial<PolicyFinding>]>([
    ["Thresholds for this model type", { gate: "policy", subject: ["policy", "scoring", "production"] }],
    ["Artifact: model", { gate: "artifact", subject: ["artifact", "model"] }],
    ["Evidence: bias", { gate: "evidence", subject: ["evidence", "bias"] }],
    ["Digest of model.json", { gate: "digest", subject: ["digest", "model.json"] }],
    ["AUC", {}],
    ["Disparate impact (DI) for sex", { gate: "fairness", subject: ["facet", "sex", "DI"] }],
    ["Number of failed unit tests", { gate: "measure", subject: ["measure", "unit-tests", "failed"] }],
    ["Data schema", { gate: "schema", subject: ["schema"] }],
    ["Personal data in the training data", { gate: "pii", subject: ["pii"] }],
    ["Security scan: high", { gate: "security", subject: ["scan", "high"] }],
    ["Resources that hold data", { gate: "infrastructure", subject: ["iac", "stateful"] }],
    ["of an organisation's own", { gate: "infrastructure", subject: ["iac", "of an organisation's own"] }],
    ["Accelerators of the machine", { gate: "capacity", subject: ["capacity", "accelerators"] }],
    ["disk", { gate: "capacity", subject: ["capacity", "disk"] }],
    ["AUC, compared with earlier releases", { gate: "champion", subject: ["metric", "auc"] }],
    [
      "Disparate impact (DI) for sex, compared with earlier releases",
      { gate: "champion", subject: ["facet", "sex", "DI"] },
    ],
    ["Model card: sections", { gate: "card", subject: ["card", "sections"] }],
    ["house.rule", { gate: "other", rule: "house.rule", subject: [] }],
    ["Interval of AUC", { rule: "quality.auc.interval", subject: ["metric", "auc", "interval"] }],
    ["constructor", { gate: "infrastructure", subject: ["iac", "constructor"] }],
    ["constructor", { gate: "capacity", subject: ["capacity", "constructor"] }],
  ])("%s", (title, over) => {
    expect(told(over).title).toBe(title);
  });
});

family("thresholds", { gate: "policy", subject: ["policy", "scoring", "production"] }, [
  ["Thresholds are set for 'scoring' in the target 'production'.", {}],
  [
    "No thresholds are set for the model type 'scoring' in the target 'production', so nothing can be judged.",
    { status: "failed" },
  ],
]);

family("an artifact", { gate: "artifact", subject: ["artifact", "model"], where: "model.json" }, [
  ["The artifact 'model' is frozen (model.json).", {}],
  ["No artifact has the role 'model'; at least one is required.", { status: "missing" }],
]);

const document: Facts["evidence"][number] = {
  ...{ name: "bias.json", kind: "bias", format: "plain", size: 1, readable: false },
  ...{ declared: digestOf("a"), computed: digestOf("a") },
};
const problem = { where: "bias.json#/facets", sentence: "It is no object." };

family("a document of evidence", { gate: "evidence", subject: ["evidence", "bias"], where: "bias.json" }, [
  ["The bias evidence is there and can be read.", {}],
  ["No bias evidence was given; it is required.", { status: "missing" }],
  ["The bias evidence bias.json cannot be read: nobody can tell why.", { status: "failed" }],
  [
    "The bias evidence bias.json#/facets cannot be read: It is no object.",
    { status: "failed" },
    {
      evidence: [
        { ...document, name: "other.json" },
        { ...document, problem },
      ],
    },
  ],
  [
    "The bias evidence bias.json cannot be read: It is no JSON.",
    { status: "failed" },
    { evidence: [{ ...document, problem: { where: "bias.json", sentence: "It is no JSON." } }] },
  ],
  [
    "The bias evidence bias.json cannot be read: nobody can tell why.",
    { status: "failed" },
    { evidence: [{ ...document, kind: "data-schema", problem }] },
  ],
]);

const digests = { observed: "a".repeat(64), required: "b".repeat(64) };
family("a digest", { gate: "digest", subject: ["digest", "model.json"], ...digests }, [
  ["model.json is byte for byte what was declared.", {}],
  ["model.json has no bytes to hash; its declared digest bbbbbbbbbbbb… cannot be shown.", { status: "missing" }],
  ["model.json has the digest aaaaaaaaaaaa…; bbbbbbbbbbbb… was declared.", { status: "failed" }],
  ["model.json has the digest none; bbbbbbbbbbbb… was declared.", { status: "failed", observed: null }],
]);

family("a metric", {}, [
  ["AUC is 0.8; at least 0.7 is required.", {}],
  ["AUC is not given; at least 0.7 is required.", { status: "missing" }],
  [
    "AUC cannot be judged (q.json#/auc is null); at least 0.7 is required.",
    { status: "missing" },
    gap("q.json#/auc", ["metric", "auc"]),
  ],
  [
    "AUC cannot be judged (q.json#/auc is the second); at least 0.7 is required.",
    { status: "missing" },
    {
      gaps: [
        { where: "q.json#/auc", subject: ["metric", "f1"], why: "is the first" },
        { where: "q.json#/auc", subject: ["metric", "auc"], why: "is the second" },
      ],
    },
  ],
  [
    "AUC cannot be judged (q.json#/auc is the first); at least 0.7 is required.",
    { status: "missing" },
    gap("q.json#/auc", ["metric", "f1"], "is the first"),
  ],
  ["AUC is not given; at least 0.7 is required.", { status: "missing" }, gap("elsewhere", ["metric", "auc"])],
]);

const interval = { rule: "quality.auc.interval", subject: ["metric", "auc", "interval"] };
family("a confidence interval", interval, [
  [
    "The confidence interval of AUC is 0.75 to 0.85; all of it has to be at least 0.7.",
    { observed: { low: 0.75, high: 0.85 } },
  ],
  ["The confidence interval of AUC is null to null; all of it has to be at least 0.7.", { observed: null }],
  ["No confidence interval is given for AUC; all of it has to be at least 0.7.", { status: "missing", observed: null }],
]);

it("a metric that is called interval is one", () => {
  expect(told({ rule: "quality.interval", subject: ["metric", "interval"], observed: 1 }).sentence).toBe(
    "The confidence interval of Interval is null to null; all of it has to be at least 0.7.",
  );
  expect(told({ rule: "quality.intervals", subject: ["metric", "interval"] }).title).toBe("Interval");
  expect(told({ rule: "house.interval", subject: ["metric", "auc"] }).title).toBe("AUC");
});

const facets = [{ facet: "sex", group: "female", metric: "DI", value: 0.8, where: "b.json#/0" }];
family("a group", { gate: "fairness", subject: ["facet", "sex", "DI"], where: "b.json#/0" }, [
  ["Disparate impact (DI) for sex is 0.8; at least 0.7 is required.", {}],
  ["Disparate impact (DI) for sex (group female) is 0.8; at least 0.7 is required.", {}, { facets }],
  ["Disparate impact (DI) for sex is 0.8; at least 0.7 is required.", { where: "b.json#/1" }, { facets }],
]);

family("another measure", { gate: "measure", subject: ["measure", "unit-tests", "failed"], required: { max: 0 } }, [
  ["Number of failed unit tests is 2; at most 0 is required.", { observed: 2, status: "failed" }],
]);

family("the data's schema", { gate: "schema", subject: ["schema"], required: { max: 0 } }, [
  ["The training data has no schema violations; none is allowed.", { observed: 0 }],
  ["The training data has 1 schema violation; at most 3 are allowed.", { observed: 1, required: { max: 3 } }],
  ["The number of schema violations is not given; none is allowed.", { status: "missing" }],
]);

family("personal data", { gate: "pii", subject: ["pii"], observed: [], required: [] }, [
  ["No column of the training data is flagged as personal data; none may be.", {}],
  ["No column of the training data is flagged as personal data beyond email.", { required: ["email"] }],
  [
    "Columns of the training data are flagged as personal data: name, phone; none may be.",
    { status: "failed", observed: ["name", "phone"] },
  ],
  [
    "Columns of the training data are flagged as personal data: name; only email may be.",
    { status: "failed", observed: ["name"], required: ["email"] },
  ],
  ["Whether columns are flagged as personal data is not given; none may be.", { status: "missing" }],
  [
    "Whether columns are flagged as personal data is not given; only email may be.",
    { status: "missing", required: ["email"] },
  ],
]);

family("a security scan", { gate: "security", subject: ["scan", "high"], required: { max: 5 } }, [
  ["The security scan has no high findings; at most 5 are allowed.", { observed: 0 }],
  ["The security scan has 1 high finding; at most 5 are allowed.", { observed: 1 }],
  ["The number of high findings of the security scan is not given; at most 5 are allowed.", { status: "missing" }],
]);

const plan = (name: string): Partial<PolicyFinding> => ({ subject: ["iac", name] });
family("an infrastructure plan", { gate: "infrastructure", observed: [], required: { max: 0 } }, [
  [
    "Resources that the plan deletes: no infrastructure plan that can be read was given.",
    { ...plan("deletions"), status: "missing" },
  ],
  ["The plan deletes 2 resources; none is allowed.", { ...plan("deletions"), observed: 2 }],
  ["The plan replaces 1 resource; none is allowed.", { ...plan("replacements"), observed: 1 }],
  ["The plan asks for 3 machines; at most 4 are allowed.", { ...plan("instances"), observed: 3, required: { max: 4 } }],
  [
    "The plan leaves open for how many machines it asks; at most 4 are allowed.",
    { ...plan("instances"), observed: null, required: { max: 4 } },
  ],
  ["The plan asks for no machine beyond a, b.", { ...plan("instance-types"), required: ["a", "b"] }],
  [
    "The plan asks for machines of c; only a, b may be.",
    { ...plan("instance-types"), observed: ["c"], required: ["a", "b"] },
  ],
  ["The plan deletes and replaces nothing that holds data.", plan("stateful")],
  ["The plan deletes or replaces what holds data: bucket; none may be.", { ...plan("stateful"), observed: ["bucket"] }],
  ["No IAM policy of the plan allows more than it names.", plan("permissions")],
  [
    "IAM policies of the plan allow more than they name, or what they allow is not known before: role; none may be.",
    { ...plan("permissions"), observed: ["role"] },
  ],
  ['drift is 7; {"max":0} is required.', { ...plan("drift"), observed: 7 }],
]);

const memory = { gate: "capacity", subject: ["capacity", "memory"], required: { max: 8 } } as const;
const cluster: Facts["target"] = {
  ...{ name: "edge", kind: "kubernetes", endpoint: "e", cluster: "ml", namespace: "n", workload: "deployment" },
  ...{ container: "c", fetcher: "f", port: 8080, readinessPath: "/ping" },
};
family("the machine", memory, [
  ["Memory of the machine (GiB): the model needs 2.5; ml.m5.large has 8.", { observed: 2.5 }],
  [
    "Memory of the machine (GiB): the model card does not say what the model needs; ml.m5.large has 8.",
    { status: "missing" },
  ],
  [
    "Memory of the machine (GiB): what ml.m5.large has is not in policies/instance-types.yaml, so nobody knows whether it can hold the model.",
    { required: null },
  ],
  ["Memory of the machine (GiB): the model needs 0.8; the cluster 'ml' has 8.", {}, { target: cluster }],
  [
    "Memory of the machine (GiB): the model needs 0.8; no machine has 8.",
    {},
    { target: { name: "policies", kind: "policy", endpoint: "in-force" } },
  ],
  [
    "Memory of the machine (GiB): the model needs 0.8; 'batch' has 8.",
    {},
    { target: { name: "own", kind: "pipeline", endpoint: "batch", audiences: [], withinSeconds: 1 } },
  ],
]);

const champion = { releases: [releaseOf("1.2")] };
family("what runs now", { gate: "champion", rule: "champion.quality.auc" }, [
  ["AUC is 0.8; compared with version 1.2, which runs now, at least 0.7 is required.", {}, champion],
  [
    "AUC is 0.8; compared with version 1.2, which runs now, and those before it, at least 0.7 is required.",
    {},
    { releases: [releaseOf("1.2"), releaseOf("1.1")] },
  ],
  [
    "AUC is 0.701; compared with version 1.2, which runs now, between 0.7 and 0.9 is required.",
    { observed: 0.7012, required: { min: 0.70000001, max: 0.9 } },
    champion,
  ],
  ["AUC is compared with nothing: this is the first release.", { observed: "first release" }],
  [
    "AUC cannot be compared: version 1.2 in production does not give it for this group.",
    { observed: "no such group before", status: "missing" },
    champion,
  ],
  ["AUC cannot be compared: nobody looked what was released before.", { status: "missing" }],
  [
    "AUC cannot be compared: the candidate or version 1.2 in production does not give it.",
    { status: "missing" },
    champion,
  ],
  [
    "AUC cannot be judged (q.json#/auc is null), so it cannot be compared with version 1.2.",
    { status: "missing" },
    { ...champion, ...gap("q.json#/auc", ["metric", "auc"]) },
  ],
  ["AUC is compared with nothing: this is the first release.", { observed: "first release" }, champion],
]);

const sections = { subject: ["card", "sections"], required: ["limits", "use"] };
family("a model card", { gate: "card", subject: ["card", "risk"], observed: "high", required: ["low", "high"] }, [
  ['The model card states the risk "high"; it has to be one of low, high.', {}],
  ["The model card states no risk; it has to be one of low, high.", { status: "missing" }],
  ["The model card fills limits, use.", { ...sections, observed: ["limits", "use", "more"] }],
  ["The model card says nothing in use; it has to fill limits, use.", { ...sections, observed: ["limits"] }],
  ["The model card says nothing in limits, use; it has to fill limits, use.", { ...sections, observed: null }],
  ["No model card that can be read was given; it has to fill limits, use.", { ...sections, status: "missing" }],
]);

family("a rule of the organisation's own", { gate: "other", rule: "house.rule", subject: [] }, [
  ['house.rule is 0.8; {"min":0.7} is required.', {}],
  ['house.rule has nothing to judge; {"min":0.7} is required.', { status: "missing" }],
]);
