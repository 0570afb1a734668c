import {
  type ChangeAction,
  type ChangeReading,
  changeActions,
  type Facts,
  type MeasuredKind,
  type PlannedInstances,
} from "./facts.ts";
import type { Finding, GateReport } from "./gate-report.ts";
import { measureTitle } from "./measure-title.ts";
import { fairnessTitle, metricTitle } from "./metric-name.ts";
import { type Measure, measured } from "./summary-measure.ts";
import { clipped, clippedPlace, shownMachines } from "./summary-size.ts";

/** A measure of unit tests, data validation, toxicity, the shadow run or the model card. */
export interface KindMeasure extends Measure {
  readonly kind: MeasuredKind;
}

/** What an infrastructure plan changes: how much of what, and the gravest changes by name. */
export interface InfrastructureSummary {
  readonly where: string;
  readonly counts: Readonly<Record<ChangeAction, number>>;
  readonly changes: readonly { readonly action: ChangeAction; readonly type: string; readonly address: string }[];
  readonly more: number;
  readonly machines: readonly PlannedInstances[];
  /** The machines of the same resources now, where there are any; null where the plan does not tell. */
  readonly machinesBefore?: readonly PlannedInstances[] | null;
}

/** A measure beside that of the champion, which is null where it was not measured. */
export interface Comparison extends Measure {
  readonly before: number | null;
}

const shownChanges = 20;
const shownPlans = 5;
/** The gravest first. */
const gravity: readonly ChangeAction[] = ["delete", "replace", "update", "create"];

/** What is measured beside the model's quality and fairness. */
export function kindMeasures({ measures }: Facts, findings: GateReport["findings"]): readonly KindMeasure[] {
  return measures.map(({ kind, name, value, where, interval }) => ({
    kind,
    ...measured(
      clipped(measureTitle(kind, name)),
      value,
      where,
      findings.find(({ rule }) => rule === `${kind}.${name}`),
    ),
    ...(interval === undefined ? {} : { interval }),
  }));
}

export function infrastructureSummaries({ plans }: Facts): readonly InfrastructureSummary[] {
  return plans.slice(0, shownPlans).map(({ where, changes }) => {
    const before = machinesNow(changes);
    return {
      where: clippedPlace(where),
      counts: Object.fromEntries(
        changeActions.map((action) => [action, changes.filter((change) => change.action === action).length]),
      ) as Record<ChangeAction, number>,
      changes: changes
        .toSorted((a, b) => gravity.indexOf(a.action) - gravity.indexOf(b.action))
        .slice(0, shownChanges)
        .map(({ action, type, address }) => ({ action, type: clipped(type), address: clipped(address) })),
      more: Math.max(0, changes.length - shownChanges),
      machines: shownOf(changes.flatMap(({ instances }) => instances)),
      ...(before?.length === 0 ? {} : { machinesBefore: before === undefined ? null : shownOf(before) }),
    };
  });
}

/** `undefined` where one of the changes has machines and does not tell which it has now. */
function machinesNow(changes: readonly ChangeReading[]): readonly PlannedInstances[] | undefined {
  const silent = changes.some(
    ({ action, instances, instancesBefore }) =>
      action !== "create" && instances.length > 0 && instancesBefore === undefined,
  );
  return silent ? undefined : changes.flatMap(({ instancesBefore }) => instancesBefore ?? []);
}

function shownOf(machines: readonly PlannedInstances[]): readonly PlannedInstances[] {
  return machines
    .slice(0, shownMachines)
    .map(({ type, count }) => ({ type: type === null ? null : clipped(type), count }));
}

/** Every comparison that a rule makes with what was released before. */
export function comparisons(
  { releases, metrics, facets }: Facts,
  findings: GateReport["findings"],
): readonly Comparison[] {
  const champion = releases?.[0];
  if (champion === undefined) return [];
  return findings.flatMap((finding) => {
    const { rule, observed, where } = finding;
    if (typeof observed !== "number") return [];
    const [metric] = metrics.filter((reading) => reading.where === where);
    const [facet] = facets.filter((reading) => reading.where === where);
    if (rule.startsWith("champion.quality.") && metric !== undefined) {
      const old = champion.metrics.find(({ name }) => name === metric.name);
      return [compared(metricTitle(clipped(metric.name)), observed, finding, old)];
    }
    if (!rule.startsWith("champion.fairness.") || facet === undefined) return [];
    const old = champion.facets.find(
      (one) => one.facet === facet.facet && one.metric === facet.metric && one.group === facet.group,
    );
    return [compared(`${fairnessTitle(clipped(facet.metric))} for ${clipped(facet.facet)}`, observed, finding, old)];
  });
}

function compared(
  title: string,
  value: number,
  finding: Finding,
  old: { readonly value: number } | undefined,
): Comparison {
  return { ...measured(title, value, finding.where, finding), before: old?.value ?? null };
}
