import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { compareText } from "../encoding/text-order.ts";
import type { ArtifactRole, EvidenceKind, FreezeManifest, Model } from "../promotion/freeze-manifest.ts";
import type { Author } from "../promotion/identity.ts";
import type { Target } from "../promotion/target.ts";
import {
  type Attribution,
  type CalibrationBin,
  type CurvePoint,
  type Facts,
  type Illustrations,
  type Severity,
  severities,
} from "./facts.ts";
import type { GateReport } from "./gate-report.ts";
import { fairnessTitle, metricTitle } from "./metric-name.ts";
import { type Attention, attentionOf } from "./summary-attention.ts";
import { type Measure, measured } from "./summary-measure.ts";
import {
  type Comparison,
  comparisons,
  type InfrastructureSummary,
  infrastructureSummaries,
  type KindMeasure,
  kindMeasures,
} from "./summary-release.ts";
import { clipped, clippedPlace, shownMeasures, thinnedCurve } from "./summary-size.ts";

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
  /** Where on the curve the model would answer, where the report says it. */
  readonly operatingPoint?: CurvePoint;
  /** Probabilities beside what came true, where a report has them. */
  readonly calibration?: readonly CalibrationBin[];
  readonly fairness: readonly FairnessMeasure[];
  /** Of a change of the policies: what it changes, each in a sentence; `more`: how many are not listed. */
  readonly policyChanges?: { readonly sentences: readonly string[]; readonly more: number };
  /** The features that move the model's answers most, by size. */
  readonly attributions: readonly Attribution[];
  readonly schema: readonly { readonly violations: number; readonly where: string }[];
  readonly pii: readonly { readonly columns: readonly string[]; readonly more: number; readonly where: string }[];
  /** Of unit tests, data validation, toxicity, the shadow run and the model card. */
  readonly measures: readonly KindMeasure[];
  readonly infrastructure: readonly InfrastructureSummary[];
  /** What was released before, the champion first; null where nobody looked. */
  readonly releases: readonly { readonly version: string; readonly deployedAt: Instant }[] | null;
  readonly comparisons: readonly Comparison[];
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
const shownBins = 20;
const shownPeople = 10;
/** Of a change of the policies; one that changes more, or has a longer line, cannot be proposed. */
const mostChanges = 1000;
const longestChange = 1000;
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
    ...(illustrations.operatingPoint === undefined ? {} : { operatingPoint: illustrations.operatingPoint }),
    ...(illustrations.calibration.length === 0 ? {} : { calibration: illustrations.calibration.slice(0, shownBins) }),
    ...(illustrations.policyChanges === undefined ? {} : { policyChanges: shownChanges(illustrations.policyChanges) }),
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
      .toSorted(
        // A comparison without an answer for what is equal would sort otherwise in another browser.
        (a, b) => Math.abs(b.value) - Math.abs(a.value) || compareText(a.feature, b.feature),
      )
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
    measures: judgedFirst(kindMeasures(facts, report.findings)),
    infrastructure: infrastructureSummaries(facts),
    releases: facts.releases?.map(({ version, deployedAt }) => ({ version: clipped(version), deployedAt })) ?? null,
    comparisons: judgedFirst(comparisons(facts, report.findings)),
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

/** Why those who sign for a change of the policies would not be shown all of it; `undefined` where they would. */
export function whyNotShown(changes: readonly string[]): string | undefined {
  if (changes.length > mostChanges)
    return `It changes more than those who sign are shown (${changes.length} lines and sentences, and ${mostChanges} at most): propose it in parts.`;
  const long = changes.find((change) => clipped(change, longestChange) !== change);
  return long === undefined
    ? undefined
    : `Those who sign are shown ${longestChange} characters of a line at most, and one is longer: ${clipped(long, 80)}`;
}

function shownChanges(sentences: readonly string[]): NonNullable<EvidenceSummary["policyChanges"]> {
  return {
    sentences: sentences.slice(0, mostChanges).map((sentence) => clipped(sentence, longestChange)),
    more: Math.max(0, sentences.length - mostChanges),
  };
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
