import type { Json } from "../encoding/canonical-json.ts";
import type { Facts } from "./facts.ts";
import { infrastructureSentence, infrastructureTitle } from "./infrastructure-sentence.ts";
import { measureTitle } from "./measure-title.ts";
import { fairnessTitle, metricTitle } from "./metric-name.ts";
import { missingClause } from "./missing-clause.ts";
import { boundText, countText, listText, mostText, numberText } from "./number-text.ts";
import type { PolicyFinding } from "./policy-finding.ts";
import { capacitySentence, capacityTitle, cardSentence, championSentence } from "./release-sentence.ts";
import { clipped } from "./summary-size.ts";

/** What a rule is called, and its outcome in one sentence that names metric, value and bound. */
export function describeFinding(
  finding: PolicyFinding,
  facts: Facts,
): { readonly title: string; readonly sentence: string } {
  const [, first = "", second = ""] = finding.subject;
  const ofInterval = finding.subject.at(-1) === "interval" && finding.rule.endsWith(".interval");
  switch (finding.gate) {
    case "policy":
      return { title: "Thresholds for this model type", sentence: policySentence(finding, first, second) };
    case "artifact":
      return { title: `Artifact: ${first}`, sentence: artifactSentence(finding, first) };
    case "evidence":
      return { title: `Evidence: ${first}`, sentence: evidenceSentence(finding, first, facts) };
    case "digest":
      return { title: `Digest of ${first}`, sentence: digestSentence(finding, first) };
    case "quality":
      return measured(finding, metricTitle(first), facts, ofInterval);
    case "fairness": {
      const title = `${fairnessTitle(second)} for ${first}`;
      return { ...measured(finding, `${title}${groupOf(finding, facts)}`, facts, ofInterval), title };
    }
    case "measure":
      return measured(finding, measureTitle(first, second), facts, ofInterval);
    case "schema":
      return { title: "Data schema", sentence: schemaSentence(finding, facts) };
    case "pii":
      return { title: "Personal data in the training data", sentence: piiSentence(finding, facts) };
    case "security":
      return { title: `Security scan: ${first}`, sentence: securitySentence(finding, first, facts) };
    case "infrastructure":
      return { title: infrastructureTitle(first), sentence: infrastructureSentence(finding, first) };
    case "capacity":
      return { title: capacityTitle(first), sentence: capacitySentence(finding, capacityTitle(first), facts) };
    case "champion": {
      const title = second === "" ? metricTitle(first) : `${fairnessTitle(second)} for ${first}`;
      return {
        title: `${title}, compared with earlier releases`,
        sentence: championSentence(finding, `${title}${groupOf(finding, facts)}`, facts),
      };
    }
    case "card":
      return { title: `Model card: ${first}`, sentence: cardSentence(finding, first) };
    case "other":
      return { title: finding.rule, sentence: otherSentence(finding) };
    default:
      return finding.gate satisfies never;
  }
}

function policySentence({ status }: PolicyFinding, modelType: string, target: string): string {
  if (status === "passed") return `Thresholds are set for '${modelType}' in the target '${target}'.`;
  return `No thresholds are set for the model type '${modelType}' in the target '${target}', so nothing can be judged.`;
}

function artifactSentence({ status, where }: PolicyFinding, role: string): string {
  if (status === "passed") return `The artifact '${role}' is frozen (${where}).`;
  return `No artifact has the role '${role}'; at least one is required.`;
}

function evidenceSentence({ status, where }: PolicyFinding, kind: string, facts: Facts): string {
  if (status === "passed") return `The ${kind} evidence is there and can be read.`;
  if (status === "missing") return `No ${kind} evidence was given; it is required.`;
  const problem = facts.evidence.find((document) => document.name === where && document.kind === kind)?.problem;
  const place = problem === undefined || problem.where === where ? where : problem.where;
  return `The ${kind} evidence ${place} cannot be read: ${problem?.sentence ?? "nobody can tell why."}`;
}

function digestSentence({ status, observed, required }: PolicyFinding, name: string): string {
  if (status === "passed") return `${name} is byte for byte what was declared.`;
  if (status === "missing")
    return `${name} has no bytes to hash; its declared digest ${short(required)} cannot be shown.`;
  return `${name} has the digest ${short(observed)}; ${short(required)} was declared.`;
}

function measured(finding: PolicyFinding, name: string, facts: Facts, ofInterval: boolean) {
  if (!ofInterval) return { title: name, sentence: measureSentence(finding, name, facts) };
  const bound = boundText(finding.required);
  const title = `Interval of ${name}`;
  const { low = null, high = null } = (finding.observed ?? {}) as { readonly low?: Json; readonly high?: Json };
  if (finding.status === "missing")
    return { title, sentence: `No confidence interval is given for ${name}; all of it has to be ${bound}.` };
  const range = `${numberText(low, finding.required)} to ${numberText(high, finding.required)}`;
  return { title, sentence: `The confidence interval of ${name} is ${range}; all of it has to be ${bound}.` };
}

function measureSentence(finding: PolicyFinding, name: string, facts: Facts): string {
  const bound = boundText(finding.required);
  if (finding.status === "missing") return `${name} ${missingClause(finding, facts)}; ${bound} is required.`;
  return `${name} is ${numberText(finding.observed, finding.required)}; ${bound} is required.`;
}

function schemaSentence(finding: PolicyFinding, facts: Facts): string {
  const most = mostText(finding.required);
  if (finding.status === "missing") return `The number of schema violations ${missingClause(finding, facts)}; ${most}.`;
  return `The training data has ${countText(finding.observed, "schema violation")}; ${most}.`;
}

function piiSentence(finding: PolicyFinding, facts: Facts): string {
  const allowed = listText(finding.required);
  const rule = allowed === "" ? "none may be" : `only ${allowed} may be`;
  if (finding.status === "missing")
    return `Whether columns are flagged as personal data ${missingClause(finding, facts)}; ${rule}.`;
  const columns = listText(finding.observed);
  if (columns === "" && allowed === "")
    return "No column of the training data is flagged as personal data; none may be.";
  if (columns === "") return `No column of the training data is flagged as personal data beyond ${allowed}.`;
  return `Columns of the training data are flagged as personal data: ${columns}; ${rule}.`;
}

function securitySentence(finding: PolicyFinding, severity: string, facts: Facts): string {
  const most = mostText(finding.required);
  if (finding.status === "missing")
    return `The number of ${severity} findings of the security scan ${missingClause(finding, facts)}; ${most}.`;
  return `The security scan has ${countText(finding.observed, `${severity} finding`)}; ${most}.`;
}

function otherSentence({ rule, status, observed, required }: PolicyFinding): string {
  if (status === "missing") return `${rule} has nothing to judge; ${JSON.stringify(required)} is required.`;
  return `${rule} is ${JSON.stringify(observed)}; ${JSON.stringify(required)} is required.`;
}

function groupOf({ where }: PolicyFinding, facts: Facts): string {
  const group = facts.facets.find((reading) => reading.where === where)?.group;
  return group === undefined ? "" : ` (group ${clipped(group)})`;
}

function short(digest: Json): string {
  return typeof digest === "string" ? `${digest.slice(0, 12)}…` : "none";
}
