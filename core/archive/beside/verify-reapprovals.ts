import { canonicalJson } from "../../encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { type FreezeManifest, freezeDigest } from "../../promotion/freeze-manifest.ts";
import type { Author } from "../../promotion/identity.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";
import { againstOthers } from "./yet-to-be-told.ts";

// What drifted is asked about again as it was frozen once, for the target of that time and by its pipeline, whatever the
// policies say of them by now. So nothing but what drifted may be asked about in this way.

/** A promotion that was restricted, and each that was to ask whether it may run on. */
export interface Restricted {
  readonly promotion: PromotionId;
  readonly freezeDigest: Sha256;
  /** In canonical JSON. */
  readonly startedBy: string;
  readonly asked: readonly {
    readonly reapproval: PromotionId;
    readonly at: Instant;
    /** What the monitor found. */
    readonly reports: readonly Sha256[];
  }[];
}

/** A promotion whose request says that it asks again about what another runs. */
export interface AsksAgain {
  readonly promotion: PromotionId;
  /** Of its request. */
  readonly index: number;
  readonly at: Instant;
  readonly of: PromotionId;
  readonly startedBy: string;
  /** Each report of drift among its evidence, and the freeze digests of what it may have been about. */
  readonly drifts: readonly { readonly report: Sha256; readonly about: readonly Sha256[] }[];
}

/** The approvals that were opened because of what a promotion's records say of drift; `undefined` where none was. */
export function restrictedIn(steps: readonly Step[]): Restricted | undefined {
  const end = steps.at(-1)?.after;
  const asked = steps.flatMap(({ record }): Restricted["asked"] => {
    if (record.type !== "drift") return [];
    const { reapproval } = bodyOf("drift", record);
    const reports = record.attachments.map(({ sha256 }) => sha256);
    return reapproval === undefined ? [] : [{ reapproval, at: record.at, reports }];
  });
  if (end === undefined || asked.length === 0) return undefined;
  return { promotion: end.id, freezeDigest: end.freezeDigest, startedBy: textOf(end.startedBy), asked };
}

/** Of what a promotion says that it asks again; `undefined` where it does not say so, or nothing was frozen. */
export function asksAgain(steps: readonly Step[], manifest: FreezeManifest | undefined): AsksAgain | undefined {
  const [first] = steps;
  if (first === undefined || manifest === undefined) return undefined;
  const { record, index, after } = first;
  const { reapproves: of } = bodyOf("request", record);
  if (of === undefined) return undefined;
  const drifts = manifest.evidence
    .filter(({ kind }) => kind === "drift")
    .map(({ name, sha256 }) => {
      const evidence = manifest.evidence.filter((each) => each.name !== name);
      // What drifted in the same way before has the report already.
      return { report: sha256, about: [freezeDigest({ ...manifest, evidence }), after.freezeDigest] };
    });
  return { promotion: after.id, index, at: record.at, of, startedBy: textOf(after.startedBy), drifts };
}

/** What brings a report of drift as evidence, and does not say that it asks again. */
export interface BringsDrift {
  readonly promotion: PromotionId;
  /** The freeze digests of what each report may be about. */
  readonly about: readonly Sha256[];
}

export function bringsDrift(steps: readonly Step[], manifest: FreezeManifest | undefined): BringsDrift | undefined {
  const [first] = steps;
  if (first === undefined || manifest === undefined || "reapproves" in first.record.body) return undefined;
  const drifts = manifest.evidence.filter(({ kind }) => kind === "drift");
  if (drifts.length === 0) return undefined;
  const without = (name: string) => manifest.evidence.filter((each) => each.name !== name);
  return {
    promotion: first.after.id,
    about: drifts.map(({ name }) => freezeDigest({ ...manifest, evidence: without(name) })),
  };
}

/** Candidates of which people were shown that they drifted, and no record says so: a pipeline may bring such a report as well. */
export function driftUnsaid(
  all: readonly BringsDrift[],
  restricted: readonly Pick<Restricted, "promotion">[],
  promotions: Iterable<PromotionId>,
): readonly Unchecked[] {
  if (all.length === 0) return [];
  const told = new Set(restricted.map(({ promotion }) => promotion));
  // An id begins with the digest of its candidate.
  const byDigest = Map.groupBy(promotions, (id) => id.slice(0, id.lastIndexOf("-")));
  return all.flatMap(({ promotion, about }) => {
    const those = about.flatMap((digest) => byDigest.get(`p-${digest.slice(0, 32)}`) ?? []);
    return those.length === 0 || those.some((id) => told.has(id))
      ? []
      : [
          {
            promotion,
            sentence: `Whether ${those[0]} drifted: it is that candidate with a report of drift as evidence, and no record of drift names it.`,
          },
        ];
  });
}

function textOf(author: Author | undefined): string {
  return author === undefined ? "" : canonicalJson({ ...author });
}

/**
 * Holds what asks again against what it says that drifted, and says where that cannot be told. `isKnown`: all records of a
 * promotion are here, and nothing is wrong with them; `isMissing`: the log has none; `goesTo`: as late as it goes on, where that is known.
 */
export function recheckReapprovals(
  asking: readonly AsksAgain[],
  {
    restricted,
    isKnown,
    isMissing,
    goesTo,
  }: {
    readonly restricted: readonly Restricted[];
    readonly isKnown: (promotion: PromotionId) => boolean;
    readonly isMissing: (promotion: PromotionId) => boolean;
    readonly goesTo?: Instant | undefined;
  },
): { readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] } {
  const byId = new Map(restricted.map((each) => [each.promotion, each]));
  const { findings, unchecked, wrong, missing } = againstOthers(goesTo);
  for (const each of asking) {
    const { promotion, index, of } = each;
    if (!isKnown(of) && !isMissing(of)) {
      const sentence = `Whether it asks about the candidate of ${of}, which drifted, is told by that one's records: its target and its pipeline were not held against the policies in force at its request.`;
      unchecked.push({ promotion, sentence });
      continue;
    }
    const drifted = byId.get(of);
    const asked = drifted?.asked.find(({ reapproval }) => reapproval === promotion);
    const finding = (why: string) =>
      ({
        code: "policy-differs",
        path: recordPath(index),
        promotion,
        sentence: `It says that it asks again about ${of}, ${why}.`,
      }) as const;
    if (drifted === undefined || asked === undefined) {
      missing(each.at, finding("of which no record of drift names it"));
      continue;
    }
    const why = whyNot(each, drifted, asked);
    if (why !== undefined) wrong(finding(why));
  }
  return { findings, unchecked };
}

function whyNot(again: AsksAgain, drifted: Restricted, asked: Restricted["asked"][number]): string | undefined {
  if (again.at < addSeconds(asked.at, -clockToleranceSeconds)) return "which had not drifted yet";
  const same = again.drifts.some(
    ({ report, about }) => asked.reports.includes(report) && about.includes(drifted.freezeDigest),
  );
  if (!same) return "and is not that candidate with the report of its drift";
  return drifted.startedBy === again.startedBy ? undefined : "and names another who started its run";
}

/** Finds what a record of drift names as the promotion that asks again, and that does not say so itself: nobody would hold it against what drifted. */
export async function recheckAskedAgain(
  restricted: readonly Restricted[],
  recordsOf: (promotion: PromotionId) => Promise<readonly PromotionRecord[]>,
): Promise<readonly PackFinding[]> {
  const findings: PackFinding[] = [];
  for (const { promotion, asked } of restricted)
    for (const { reapproval } of asked) {
      const request = (await recordsOf(reapproval)).find(({ record }) => record.type === "request");
      if (request === undefined || bodyOf("request", request.record).reapproves === promotion) continue;
      findings.push({
        code: "policy-differs",
        path: recordPath(request.index),
        promotion: reapproval,
        sentence: `It was asked whether ${promotion}, which drifted, may run on, as that one's record of the drift says; it does not say so itself.`,
      });
    }
  return findings;
}
