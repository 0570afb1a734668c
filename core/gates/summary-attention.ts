import type { Facts, Illustrations, MetricReading } from "./facts.ts";
import type { Finding, GateReport } from "./gate-report.ts";
import { metricTitle } from "./metric-name.ts";
import { boundOf, numberText } from "./number-text.ts";
import { clipped, clippedPlace } from "./summary-size.ts";

/**
 * Something a reviewer should see before anything else. `on-trial`: a rule that would block and does not yet;
 * `unusual`: allowed, and worth a thought.
 */
export interface Attention {
  readonly kind: "failed" | "missing" | "on-trial" | "unusual";
  readonly sentence: string;
  readonly where: string;
}

const shown = 30;
const sentenceLength = 400;

/** What did not pass, in the order of the gate report, then what passed and is unusual all the same. */
export function attentionOf(report: GateReport, facts: Facts, illustrations: Illustrations): readonly Attention[] {
  const notPassed = report.findings.flatMap(({ status, sentence, where, dryRunUntil }): readonly Attention[] => {
    if (status === "passed") return [];
    const kind = dryRunUntil === undefined ? status : "on-trial";
    return [{ kind, sentence: clipped(sentence, sentenceLength), where: clippedPlace(where) }];
  });
  const all = [...notPassed, ...unusual(report, facts, illustrations)];
  if (all.length <= shown) return all;
  const more = `And ${all.length - shown + 1} more; the gate report has them all.`;
  return [...all.slice(0, shown - 1), { kind: "unusual", sentence: more, where: "gate-report.json" }];
}

function unusual(report: GateReport, facts: Facts, illustrations: Illustrations): readonly Attention[] {
  const judged = new Set(report.findings.filter(({ status }) => status !== "passed").map(({ where }) => where));
  return [
    ...uncertain(report.findings, facts),
    ...noBetterThanConstant(facts),
    ...contradictions(facts),
    ...facts.evidence
      .filter(({ readable, name, problem }) => !readable && !judged.has(name) && !judged.has(problem?.where ?? ""))
      .map(({ kind, name, problem }) =>
        note(`The ${kind} document ${name} cannot be read, and no rule needs it: ${problem?.sentence ?? ""}`, name),
      ),
    ...facts.gaps
      .filter(({ where }) => !judged.has(where))
      .map(({ where, why, subject }) => note(`${subject.join(" ")} ${why}, and no rule needs it.`, where)),
    ...facts.scans
      .filter(({ severity, value }) => value > 0 && (severity === "critical" || severity === "high"))
      .map(({ severity, value, where }) =>
        note(`The security scan has ${value} ${severity}; the rules allow it.`, where),
      )
      .filter(({ where }) => !judged.has(where)),
    ...oneFeature(illustrations),
  ];
}

/** The value passes, and its confidence interval reaches beyond the bound. */
function uncertain(findings: readonly Finding[], facts: Facts): readonly Attention[] {
  return findings.flatMap(({ rule, status, title, required, where }) => {
    // A comparison's bound was reckoned from another model's value, which is uncertain too.
    if (rule.startsWith("champion.")) return [];
    const reading = [...facts.metrics, ...facts.facets].find((one) => one.where === where);
    const bound = boundOf(required);
    const interval = reading?.interval;
    if (status !== "passed" || bound === undefined || interval === undefined) return [];
    const level = interval.level === undefined ? "confidence" : `${numberText(interval.level * 100)} %`;
    const range = `The ${level} interval of ${title} is ${numberText(interval.low, required)} to ${numberText(interval.high, required)}`;
    if (bound.min !== undefined && interval.low < bound.min)
      return [note(`${range}: it reaches below the required ${bound.min}.`, where)];
    if (bound.max !== undefined && interval.high > bound.max)
      return [note(`${range}: it reaches above the allowed ${bound.max}.`, where)];
    return [];
  });
}

function noBetterThanConstant({ metrics }: Facts): readonly Attention[] {
  const constants = /^accuracy_best_constant(_classifier)?$/;
  return metrics.flatMap((constant) => {
    if (!constants.test(constant.name)) return [];
    const document = documentOf(constant);
    const accuracy = metrics.find((metric) => metric.name === "accuracy" && documentOf(metric) === document);
    if (accuracy === undefined || accuracy.value > constant.value) return [];
    const answer = `always giving the most frequent answer (${numberText(constant.value)})`;
    return [
      note(`The model is no better than ${answer}: its accuracy is ${numberText(accuracy.value)}.`, accuracy.where),
    ];
  });
}

/** Two documents that give different values for one metric: beyond what rounding explains, one of them is wrong. */
function contradictions({ metrics }: Facts): readonly Attention[] {
  const byName = Map.groupBy(metrics, ({ name }) => name);
  return [...byName].flatMap(([name, readings]) => {
    const values = readings.map(({ value }) => value).toSorted((a, b) => a - b);
    const [least = 0, most = 0] = [values[0], values.at(-1)];
    if (most - least <= 1e-6 * Math.max(1, Math.abs(most))) return [];
    const where = readings.map((reading) => reading.where).join(", ");
    return [note(`The documents disagree about ${metricTitle(clipped(name))}: ${least} and ${most}.`, where)];
  });
}

function oneFeature({ attributions }: Illustrations): readonly Attention[] {
  if (attributions.length < 3) return [];
  const total = attributions.reduce((sum, { value }) => sum + Math.abs(value), 0);
  return attributions
    .filter(({ value }) => total > 0 && Math.abs(value) > total / 2)
    .map(({ feature, value }) => {
      const share = Math.round((100 * Math.abs(value)) / total);
      return note(
        `One feature, ${clipped(feature)}, accounts for ${share} % of what moves the answers.`,
        "explainability",
      );
    });
}

function documentOf({ where }: MetricReading): string {
  return where.split("#", 1)[0] ?? where;
}

function note(sentence: string, where: string): Attention {
  return { kind: "unusual", sentence: clipped(sentence, sentenceLength), where: clippedPlace(where) };
}
