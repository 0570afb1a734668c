import type { EvidenceFacts, Gap, Interval, MeasuredKind, MeasureReading, MetricReading } from "./facts.ts";
import { gapAt, type JsonPlace, memberOf, membersOf, numberOf, whereOf } from "./json-places.ts";
import { metricName } from "./metric-name.ts";

interface Numbers {
  readonly found: readonly (Omit<MetricReading, "name"> & { readonly name: string })[];
  readonly missing: readonly { readonly name: string; readonly place: JsonPlace }[];
}

/** All members as numbers under their common names; `intervals` may hold `<name>.lower` and `.upper` of 95 % intervals. */
export function numbersIn(place: JsonPlace, intervals?: JsonPlace, nameOf = metricName): Numbers {
  const found: MetricReading[] = [];
  const missing: { name: string; place: JsonPlace }[] = [];
  for (const [written, at] of membersOf(place)) {
    const name = nameOf(written);
    const value = numberOf(at);
    const interval = intervals === undefined ? undefined : intervalIn(memberOf(intervals, written));
    if (value === undefined) missing.push({ name, place: at });
    else found.push({ name, value, where: whereOf(at), ...(interval === undefined ? {} : { interval }) });
  }
  return { found, missing };
}

/** Numbers as metrics of the model's quality. */
export function asMetrics({ found, missing }: Numbers): Required<Pick<EvidenceFacts, "metrics" | "gaps">> {
  return { metrics: found, gaps: missing.map(({ name, place }) => gapAt(place, ["metric", name])) };
}

/** Numbers as measures of another kind of evidence. */
export function asMeasures(
  kind: MeasuredKind,
  { found, missing }: Numbers,
): Required<Pick<EvidenceFacts, "measures" | "gaps">> {
  return {
    measures: found.map((one) => ({ kind, ...one })),
    gaps: missing.map(({ name, place }) => gapAt(place, ["measure", kind, name])),
  };
}

/** A count that a reader made itself, and where it counted. */
export function counted(kind: MeasuredKind, name: string, value: number, where: string): MeasureReading {
  return { kind, name, value, where };
}

/** Says that a report contradicts itself about a measure. */
export function contradiction(kind: MeasuredKind, name: string, where: string, why: string): Gap {
  return { subject: ["measure", kind, name], where, why };
}

function intervalIn(place: JsonPlace): Interval | undefined {
  const low = numberOf(memberOf(place, "lower"));
  const high = numberOf(memberOf(place, "upper"));
  return low === undefined || high === undefined ? undefined : { low, high, level: 0.95 };
}
