import { fewestForMedian, type Median, type Rate } from "../core/learning/interval.ts";
import type { LearningReport } from "../core/learning/learning-report.ts";
import type { Signals } from "../core/learning/signals.ts";
import { oneLine } from "./terminal-text.ts";

/** A learning report for people, a line each. Every share says of how many, and how sure it is. */
export function learningLines(report: LearningReport): readonly string[] {
  const { promotions, ran, told, spokenAgainst, models, gates, failures, roles, people, fewestDecisions } = report;
  return [
    `${promotions} promotions, ${ran} of which ran.`,
    `Anything was told of afterwards: ${shareText(told)}`,
    `Production spoke against the approval: ${shareText(spokenAgainst)}`,
    ...models.map((each) => `  ${oneLine(each.model)} in ${oneLine(each.target)}: ${shareText(each.spokenAgainst)}`),
    ...(gates.length === 0 ? [] : ["Where this gate came closest, production spoke against:"]),
    ...gates.map(
      ({ title, margin, spokenAgainst: against }) =>
        `  ${oneLine(title)}: ${shareText(against)}, margin ${medianText(margin, percent)}`,
    ),
    ...(failures.length === 0 ? [] : ["Spoken against:"]),
    ...failures.map(({ promotion, closest }) =>
      closest === undefined
        ? `  ${promotion}`
        : `  ${promotion}, closest: ${oneLine(closest.title)} (margin ${percent(closest.margin)})`,
    ),
    ...(roles === undefined
      ? []
      : [
          `How decisions were taken, from ${fewestDecisions ?? 0} on. Signals to talk about, no verdict on anybody:`,
          ...roles.map((each) =>
            each.decisions === "too-few"
              ? `  ${oneLine(each.role)}: too few decisions to say anything`
              : `  ${oneLine(each.role)}: ${signalsText(each)}`,
          ),
        ]),
    ...(people ?? []).flatMap(({ role, shown, hidden }) => [
      ...shown.map((each) => `  ${oneLine(role)}, ${oneLine(each.person.subject)}: ${signalsText(each)}`),
      ...(hidden.people === 0 ? [] : [`  ${oneLine(role)}: ${hidden.people} with too few decisions are not shown`]),
    ]),
  ];
}

function signalsText({
  decisions,
  approvals,
  secondsToApprove,
  approvedWithoutLink,
  spokenAgainst,
}: Exclude<Signals, { decisions: "too-few" }>): string {
  return [
    `${decisions} decisions`,
    `approved ${shareText(approvals)}`,
    ...(secondsToApprove === undefined ? [] : [`after ${medianText(secondsToApprove, durationText)}`]),
    ...(approvedWithoutLink.of === 0 ? [] : [`without following the link sent ${shareText(approvedWithoutLink)}`]),
    ...(spokenAgainst.of === 0 ? [] : [`spoken against later ${shareText(spokenAgainst)}`]),
  ].join("; ");
}

function shareText({ count, of, low, high }: Rate): string {
  return of === 0 ? "nothing to tell from (n = 0)" : `${count} of ${of} (95 %: ${percent(low)} to ${percent(high)})`;
}

function medianText({ value, low, high, of }: Median, text: (value: number) => string): string {
  const between = of < fewestForMedian ? "range" : "95 %";
  return `${text(value)} (median, ${between}: ${text(low)} to ${text(high)}, n = ${of})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
