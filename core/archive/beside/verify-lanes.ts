import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { saysDeployed } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { addressOf } from "../../promotion/room.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { type LanesTold, laneName } from "../documents/lane-name.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import { longestRunSeconds } from "../policies/versions-in-force.ts";
import { type LentTime, lentTime, recheckUponLent } from "./upon-lent.ts";
import { type PassportsInTime, recheckPassportsInTurn, type Turn, turnIn } from "./verify-overtaken.ts";
import { goneUntold, type WhatRan, whatRan } from "./what-ran.ts";
import { type FoundThere, foundOtherwise, foundThere } from "./what-was-found.ts";
import { againstOthers } from "./yet-to-be-told.ts";

/** What a promotion says that only the others of its model and target can confirm. */
export interface LanePlace extends WhatRan, FoundThere, Turn, PassportsInTime {
  readonly promotion: PromotionId;
  /** Model and target. */
  readonly lane: string;
  /** To which place its target led. */
  readonly place?: string;
  /** Of its request. */
  readonly index: number;
  readonly askedAt: Instant;
  /** By which the matrix may ask for less or more. */
  readonly release?: "first" | "update";
  /** Whether a stage was opened. */
  readonly reviewed?: true;
  readonly deployedAt?: Instant;
  /** When it drifted first, or was taken back. */
  readonly deployedUntil?: Instant;
  /** When it was taken back, also after it drifted. */
  readonly goneAt?: Instant;
  readonly driftedAt?: Instant;
  /** When it may have served on loan. */
  readonly lent?: LentTime;
  /** Under which it was deployed. */
  readonly verdict?: Sha256;
  /** What was let serve again in its place. */
  readonly replacements: readonly Replacement[];
}

interface Replacement {
  readonly index: number;
  readonly at: Instant;
  readonly to: PromotionId;
  readonly verdict: Sha256;
}

/** The place of a promotion among those of its model and target; policies run nowhere, and have none. */
export function lanePlace(steps: readonly Step[]): LanePlace | undefined {
  const [asked, end] = [steps[0], steps.at(-1)?.after];
  if (asked === undefined || end === undefined || end.manifest.target.kind === "policy") return undefined;
  const { id, manifest, facts, verdict } = end;
  const place = steps.findIndex(({ record }) => saysDeployed(record));
  const deployed = steps[place]?.record.at;
  const since = deployed === undefined ? [] : steps.slice(place);
  const until = since.find(({ after: { status } }) => status !== "deployed")?.record.at;
  const gone = since.find(({ after: { status } }) => status !== "deployed" && status !== "restricted")?.record.at;
  const drifted = since.find(({ record }) => record.type === "drift")?.record.at;
  const lent = lentTime(steps);
  return {
    promotion: id,
    lane: laneName(manifest.model.name, manifest.target.name),
    place: addressOf(manifest.target),
    index: asked.index,
    askedAt: asked.record.at,
    ...(facts?.release === undefined ? {} : { release: facts.release }),
    ...(steps.some(({ record }) => record.type === "stage-opened") ? { reviewed: true } : {}),
    ...(deployed === undefined ? {} : { deployedAt: deployed }),
    ...(until === undefined ? {} : { deployedUntil: until }),
    ...(gone === undefined ? {} : { goneAt: gone }),
    ...(drifted === undefined ? {} : { driftedAt: drifted }),
    ...(lent === undefined ? {} : { lent }),
    ...(deployed === undefined || verdict?.result !== "PASSED" ? {} : { verdict: verdict.sha256 }),
    replacements: steps.flatMap(replacementIn),
    ...turnIn(steps),
    ...whatRan(steps, end.manifest.target),
    ...foundThere(steps),
  };
}

function replacementIn({ record, index }: Step): readonly Replacement[] {
  if (record.type !== "remedy") return [];
  const { to, verdict, state } = bodyOf("remedy", record);
  return state !== "started" || to === undefined || verdict === undefined
    ? []
    : [{ index, at: record.at, to, verdict }];
}

/** Whoever looked at what runs may say so only at the end of its run, and has looked by an index. */
const lookedWithinSeconds = longestRunSeconds + 60;

/** The index by which the service looks for releases is a moment behind. */
export const indexedWithinSeconds = 60;

/**
 * Holds promotions of one model and target against each other: what was put back was deployed before under the verdict
 * that is named, and a release is the first, or an update, as the log tells. `told`: of which lanes it tells all; `ofTwo`: of which
 * what one says is held against another; `goesTo`: as late as it goes on, where that is known.
 */
export function recheckLanes(
  places: readonly LanePlace[],
  told: LanesTold,
  goesTo?: Instant,
  ofTwo: LanesTold = told,
): { readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] } {
  const byId = new Map(places.map((place) => [place.promotion, place]));
  const firsts = new Map<string, Instant>();
  for (const { lane, deployedAt } of places) {
    const known = firsts.get(lane);
    if (deployedAt !== undefined && (known === undefined || deployedAt < known)) firsts.set(lane, deployedAt);
  }
  const { findings, unchecked, wrong, missing } = againstOthers(goesTo);
  const lanes = Map.groupBy(places, ({ lane }) => lane);
  for (const [lane, candidates] of lanes) if (ofTwo(lane)) recheckPassportsInTurn(candidates, missing);
  for (const place of places) {
    const { promotion, index } = place;
    const whole = told(place.lane);
    if (!whole && place.release !== undefined) unchecked.push({ promotion, sentence: releaseUntold[place.release] });
    const both = ofTwo(place.lane);
    const isAsked = whole || (both && place.release === "first");
    const release = isAsked ? wrongRelease(place, firsts.get(place.lane)) : undefined;
    if (release !== undefined) {
      const finding = { code: "policy-differs", path: recordPath(index), promotion, sentence: release } as const;
      if (place.release === "update") missing(place.askedAt, finding);
      else wrong(finding);
    }
    const runs = both ? ranInstead(place, lanes.get(place.lane)) : undefined;
    if (runs !== undefined)
      missing(place.driftedAt ?? place.askedAt, {
        code: "deployment-differs",
        path: recordPath(index),
        promotion,
        sentence: `It is said to have drifted at ${place.driftedAt}, when ${runs.promotion} ran in its place.`,
      });
    if (both) recheckUponLent(place, byId, missing);
    for (const each of place.replacements) {
      const former = byId.get(each.to);
      if (former === undefined && !whole)
        unchecked.push({
          promotion,
          sentence: `Whether ${each.to}, which serves in its place, was approved: it is not here.`,
        });
      else if (!mayServeAgain(former, place, each))
        missing(each.at, {
          code: "deployment-differs",
          path: recordPath(each.index),
          promotion,
          sentence: `What is to serve instead, ${each.to}, was not deployed before it under the verdict that is named, or is not any more.`,
        });
    }
  }
  return { findings, unchecked: [...unchecked, ...goneUntold(places), ...foundOtherwise(places, told)] };
}

const releaseUntold: Readonly<Record<NonNullable<LanePlace["release"]>, string>> = {
  first: untoldOf("a first release"),
  update: untoldOf("an update"),
};

function untoldOf(release: string): string {
  return `Whether it was ${release}, as its request says, and no newer one had taken its place, is told by the whole log, where all that was asked of its model in its target holds.`;
}

function mayServeAgain(
  former: LanePlace | undefined,
  { lane, askedAt }: LanePlace,
  { at, verdict }: Replacement,
): boolean {
  if (former?.lane !== lane || former.verdict !== verdict || former.askedAt >= askedAt) return false;
  const { deployedAt, deployedUntil } = former;
  const lookedAt = addSeconds(at, -lookedWithinSeconds);
  return deployedAt !== undefined && deployedAt <= at && (deployedUntil === undefined || deployedUntil >= lookedAt);
}

/** Which other ran when something drifted: of what was deployed and not taken back a report is about the one that was asked for last. */
function ranInstead({ askedAt, driftedAt }: LanePlace, lane: readonly LanePlace[] = []): LanePlace | undefined {
  // Asked before any of the others: little drifts, and a lane may be as long as the log.
  if (driftedAt === undefined) return undefined;
  const looked = addSeconds(driftedAt, -lookedWithinSeconds);
  const perhaps = addSeconds(driftedAt, clockToleranceSeconds);
  return lane.find(
    ({ askedAt: at, deployedAt, goneAt }) =>
      at > askedAt && deployedAt !== undefined && deployedAt <= looked && (goneAt === undefined || goneAt > perhaps),
  );
}

function wrongRelease({ release, askedAt }: LanePlace, first: Instant | undefined): string | undefined {
  switch (release) {
    case "update":
      return first !== undefined && first <= addSeconds(askedAt, clockToleranceSeconds)
        ? undefined
        : "It was judged as an update, and no version of the model had been deployed in the target before.";
    case "first":
      return first === undefined || first >= addSeconds(askedAt, -indexedWithinSeconds)
        ? undefined
        : "It was judged as a first release, and a version of the model had been deployed in the target before.";
    case undefined:
      return undefined;
    default:
      return release satisfies never;
  }
}
