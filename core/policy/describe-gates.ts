import { list } from "../encoding/policy-file.ts";
import { measureTitle } from "../gates/measure-title.ts";
import { fairnessTitle, metricTitle } from "../gates/metric-name.ts";
import { boundText } from "../gates/number-text.ts";
import type { GateThresholds, MeasureBounds } from "../gates/thresholds.ts";

/** What the gates ask of a candidate, a sentence for each family of rules. */
export function describeGates(thresholds: GateThresholds): readonly string[] {
  const {
    evidence,
    quality,
    fairness,
    data,
    security,
    measures = {},
    infrastructure,
    modelCard,
    capacity,
  } = thresholds;
  const { champion, dryRun = [] } = thresholds;
  return [
    `Evidence is asked for of ${evidence.length === 0 ? "no kind" : list(evidence)}.`,
    ...bounds(quality, metricTitle),
    ...Object.entries(fairness).map(
      ([facet, asked]) =>
        `For every group of '${facet}': ${Object.entries(asked)
          .map(([name, bound]) => `${fairnessTitle(name)} ${boundText(bound)}`)
          .join("; ")}.`,
    ),
    ...(data === undefined
      ? []
      : [
          `At most ${data.maximumViolations} violations of the data's schema; personal data ${data.allowedPii.length === 0 ? "in no column" : `in ${list(data.allowedPii)} only`}.`,
        ]),
    ...Object.entries(security).map(([severity, most]) => `At most ${most} ${severity} findings of the security scan.`),
    ...Object.entries(measures).flatMap(([kind, asked]) => bounds(asked, (name) => measureTitle(kind, name))),
    ...(infrastructure === undefined ? [] : ["The infrastructure plan stays within its limits."]),
    ...(modelCard === undefined ? [] : [`The model card has the sections ${list(modelCard.sections)}.`]),
    ...(capacity === undefined ? [] : ["The model fits into the machine that it is to run on."]),
    ...(champion === undefined
      ? []
      : ["It is no worse than what runs now, within the slack that the thresholds give."]),
    ...dryRun.map(({ rule, until }) => `'${rule}' is on trial and blocks from ${until} on.`),
  ];
}

function bounds(asked: MeasureBounds, title: (name: string) => string): readonly string[] {
  return Object.entries(asked).map(([name, bound]) => `${title(name)} ${boundText(bound)}.`);
}
