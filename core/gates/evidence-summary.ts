import type { Json } from "../encoding/canonical-json.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { ArtifactRole, EvidenceKind, FreezeManifest, Model, Target } from "../promotion/freeze-manifest.ts";
import type { Author } from "../promotion/identity.ts";
import {
  type Attribution,
  type CurvePoint,
  type Facts,
  type Illustrations,
  type Interval,
  type Severity,
  severities,
} from "./facts.ts";
import type { Finding, GateReport } from "./gate-report.ts";
import { fairnessTitle, metricTitle } from "./metric-name.ts";
import { boundOf } from "./number-text.ts";
import { type Attention, attentionOf } from "./summary-attention.ts";
import { clipped, clippedPlace, thinnedCurve } from "./summary-size.ts";
import type { Bound } from "./thresholds.ts";

/** A number with its bound, where a rule has one, and how far it is from the nearer end (negative: outside). */
export interface Measure {
  readonly title: string;
  readonly value: number;
  readonly where: string;
  readonly interval?: Interval;
  readonly bound?: Bound;
  readonly margin?: number;
}

export interface FairnessMeasure extends Measure {
  readonly facet: string;
  readonly group: string;
  readonly metric: string;
}

/** Up to so many people, and how many more there are. */
export interface People {
  readonly people: readonly Author[];
  readonly more: number;
}

/**
 * What reviewers are shown before they sign; every sign-off carries its digest. Plain JSON, the same for the same
 * evidence and policy, and at most about 100,000 characters whatever the evidence says: long lists and texts are cut,
 * what rules judge last.
 */
export interface EvidenceSummary {
  readonly summaryVersion: 1;
  readonly freezeDigest: Sha256;
  readonly outcome: GateReport["outcome"];
  readonly policy: GateReport["policy"];
  readonly model: Model;
  readonly target: Target;
  /** What failed, is missing or is unusual, the most serious first. */
  readonly attention: readonly Attention[];
  readonly quality: readonly Measure[];
  /** Points of the precision-recall curve, thinned, in the order of the report. */
  readonly curve: readonly CurvePoint[];
  readonly fairness: readonly FairnessMeasure[];
  /** The features that move the model's answers most, by size. */
  readonly attributions: readonly Attribution[];
  readonly schema: readonly { readonly violations: number; readonly where: string }[];
  readonly pii: readonly { readonly columns: readonly string[]; readonly more: number; readonly where: string }[];
  readonly scans: readonly { readonly severity: Severity; readonly count: number; readonly where: string }[];
  readonly artifacts: readonly {
    readonly role: ArtifactRole;
    readonly name: string;
    readonly size: number;
    readonly sha256: Sha256;
    readonly matches: boolean;
  }[];
  readonly evidence: readonly {
    readonly kind: EvidenceKind;
    readonly name: string;
    readonly format: string;
    readonly sha256: Sha256;
    readonly readable: boolean;
  }[];
  readonly lineage: {
    readonly trainedBy: People;
    readonly codeAuthors: People;
    readonly dataOwners: People;
    readonly infrastructureAuthors: People;
    readonly source?: { readonly repository: string; readonly commit: string };
  };
}

const shownFeatures = 10;
const shownMeasures = 60;
const shownPeople = 10;
const shownRows = 5;

/** The summary of a judged candidate (`judge`). */
export function evidenceSummary(judged: {
  readonly manifest: FreezeManifest;
  readonly report: GateReport;
  readonly facts: Facts;
  readonly illustrations: Illustrations;
}): EvidenceSummary {
  const { manifest, report, facts, illustrations } = judged;
  const bounds = new Map(report.findings.map((finding) => [finding.rule, finding]));
  return {
    summaryVersion: 1,
    freezeDigest: report.freezeDigest,
    outcome: report.outcome,
    policy: report.policy,
    model: manifest.model,
    target: manifest.target,
    attention: attentionOf(report, facts, illustrations),
    quality: judgedFirst(
      facts.metrics.map(({ name, value, where, interval }) => ({
        ...measured(metricTitle(clipped(name)), value, where, bounds.get(`quality.${name}`)),
        ...(interval === undefined ? {} : { interval }),
      })),
    ),
    curve: thinnedCurve(illustrations.curve),
    fairness: judgedFirst(
      facts.facets.map(({ facet, group, metric, value, where, interval }) => ({
        facet: clipped(facet),
        group: clipped(group),
        metric: clipped(metric),
        ...measured(fairnessTitle(clipped(metric)), value, where, bounds.get(`fairness.${facet}.${metric}`)),
        ...(interval === undefined ? {} : { interval }),
      })),
    ),
    attributions: illustrations.attributions
      .toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value) || (a.feature < b.feature ? -1 : 1))
      .slice(0, shownFeatures)
      .map(({ feature, value }) => ({ feature: clipped(feature), value })),
    schema: facts.schema
      .slice(0, shownRows)
      .map(({ value, where }) => ({ violations: value, where: clippedPlace(where) })),
    pii: facts.pii.slice(0, shownRows).map(({ columns, where }) => ({
      columns: columns.slice(0, shownFeatures).map((column) => clipped(column)),
      more: Math.max(0, columns.length - shownFeatures),
      where: clippedPlace(where),
    })),
    scans: facts.scans
      .slice(0, shownFeatures * severities.length)
      .map(({ severity, value, where }) => ({ severity, count: value, where: clippedPlace(where) })),
    artifacts: facts.artifacts.map(({ role, name, size, declared, computed }) => ({
      role,
      name,
      size,
      sha256: declared,
      matches: computed === declared,
    })),
    evidence: facts.evidence.map(({ kind, name, format, declared, readable }) => ({
      kind,
      name,
      format,
      sha256: declared,
      readable,
    })),
    lineage: lineageOf(manifest),
  };
}

function measured(title: string, value: number, where: string, finding: Finding | undefined): Measure {
  const bound = boundOf((finding?.required ?? null) as Json);
  const measure = { title, value, where: clippedPlace(where) };
  if (bound === undefined) return measure;
  // Decimal fractions of an evidence report have no more digits than this; binary noise would show in the margin.
  const margin = Number(Math.min(value - (bound.min ?? -Infinity), (bound.max ?? Infinity) - value).toPrecision(12));
  return { ...measure, bound, margin };
}

/** What a rule judges stands first; of too many, those nearest to their bounds or beyond them stay. */
function judgedFirst<Kind extends Measure>(measures: readonly Kind[]): readonly Kind[] {
  const judged = measures.filter(({ margin }) => margin !== undefined);
  const kept = judged.length <= shownMeasures ? judged : judged.toSorted((a, b) => (a.margin ?? 0) - (b.margin ?? 0));
  return [...kept, ...measures.filter(({ margin }) => margin === undefined)].slice(0, shownMeasures);
}

function lineageOf({ lineage }: FreezeManifest): EvidenceSummary["lineage"] {
  const people = (authors: readonly Author[]): People => ({
    people: authors.slice(0, shownPeople),
    more: Math.max(0, authors.length - shownPeople),
  });
  return {
    trainedBy: people(lineage.trainedBy),
    codeAuthors: people(lineage.codeAuthors),
    dataOwners: people(lineage.dataOwners),
    infrastructureAuthors: people(lineage.infrastructureAuthors),
    ...(lineage.source === undefined ? {} : { source: lineage.source }),
  };
}
