import { addSeconds, type Instant, latestFirst } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { earlierReleasesName, readEarlierReleases } from "../../gates/earlier-releases.ts";
import type { EarlierRelease } from "../../gates/facts.ts";
import type { GateThresholds } from "../../gates/thresholds.ts";
import { saysDeployed } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { addressOf } from "../../promotion/room.ts";
import { type LanesTold, laneName } from "../documents/lane-name.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";
import { type BesideNothing, besideNothing, type RanThere, ranThere } from "./beside-nothing.ts";
import { againstOthers } from "./yet-to-be-told.ts";

/** When a promotion served in its target, and what it was compared with before. */
export interface Served {
  readonly promotion: PromotionId;
  /** Model and target. */
  readonly lane: string;
  /** To which place its target led. */
  readonly place?: string;
  /** Of its request. */
  readonly index: number;
  readonly version: string;
  readonly freezeDigest: Sha256;
  /** Absent where it never was deployed. */
  readonly from?: Instant;
  /** Absent where it serves to the end of its records. */
  readonly until?: Instant;
  /** When it ran, where that is not the same. */
  readonly ran?: RanThere;
  readonly compared: readonly Compared[];
  readonly besideNothing?: BesideNothing;
}

/** What gates were told that had been released before. */
interface Compared {
  /** Of the record of the gates. */
  readonly index: number;
  readonly at: Instant;
  /** With how many its thresholds ask it to be compared. */
  readonly most: number;
  readonly releases: readonly Pick<EarlierRelease, "version" | "freezeDigest" | "deployedAt">[];
}

/** What the comparisons of other promotions rest on, and its own; of policies, which run nowhere, nothing. */
export async function servedIn(steps: readonly Step[], read: ReadDocument): Promise<Served | undefined> {
  const [asked, end] = [steps[0], steps.at(-1)?.after];
  if (asked === undefined || end === undefined || end.manifest.target.kind === "policy") return undefined;
  const compared: Compared[] = [];
  for (const step of steps) compared.push(...(await comparedIn(step, read)));
  const began = steps.findIndex(({ record }) => saysDeployed(record));
  const from = steps[began]?.record.at;
  const beside = besideNothing(steps);
  const ran = ranThere(steps);
  if (ran === undefined && compared.length === 0 && beside === undefined) return undefined;
  const over = steps.slice(began + 1).find(({ after }) => after.status !== "deployed")?.record.at;
  const other = ran?.from !== from || (from !== undefined && ran?.until !== over) || ran?.stoppedAt !== undefined;
  const { id, manifest, freezeDigest } = end;
  return {
    promotion: id,
    lane: laneName(manifest.model.name, manifest.target.name),
    place: addressOf(manifest.target),
    index: asked.index,
    version: manifest.model.version,
    freezeDigest,
    ...(from === undefined ? {} : { from }),
    ...(from === undefined || over === undefined ? {} : { until: over }),
    ...(ran === undefined || !other ? {} : { ran }),
    compared,
    ...(beside === undefined ? {} : { besideNothing: beside }),
  };
}

async function comparedIn({ record, index, requirements }: Step, read: ReadDocument): Promise<readonly Compared[]> {
  const document = record.attachments.find(({ name }) => name === earlierReleasesName);
  const bytes = document === undefined ? undefined : await read(document.sha256);
  if (bytes === undefined) return [];
  // Where the thresholds ask for no comparison, the report that is made again has none either, and differs.
  const thresholds = (requirements?.gates.thresholds ?? undefined) as GateThresholds | undefined;
  const releases = readEarlierReleases(bytes).map(({ version, freezeDigest, deployedAt }) => ({
    version,
    freezeDigest,
    deployedAt,
  }));
  return [{ index, at: record.at, most: thresholds?.champion?.releases ?? 0, releases }];
}

/**
 * Holds what candidates were compared with against what served in their target then: each release that is named did, and
 * none that did is passed over, as far as the thresholds ask. `told`: of which lanes the log tells all; `goesTo`: as late as it goes
 * on, where that is known; `ofTwo`: of which what one says is held against another.
 */
export function recheckCompared(
  all: readonly Served[],
  told: LanesTold,
  goesTo?: Instant,
  ofTwo: LanesTold = told,
): { readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] } {
  const byLane = Map.groupBy(all.filter(hasServed), ({ lane }) => lane);
  const lanes = new Map([...byLane].map(([lane, served]) => [lane, laneOf(served)]));
  const { findings, unchecked, missing } = againstOthers(goesTo);
  for (const candidate of all.filter(({ compared }) => compared.length > 0)) {
    const { promotion, lane, compared } = candidate;
    const whole = told(lane);
    if (!whole) unchecked.push({ promotion, sentence: untold });
    if (!whole && !ofTwo(lane)) continue;
    for (const each of compared) {
      const of = lanes.get(lane) ?? laneOf([]);
      const sentence = whole ? wrongComparison(candidate, each, of) : passedOver(candidate, each, of);
      if (sentence !== undefined)
        missing(each.at, { code: "gates-differ", path: recordPath(each.index), promotion, sentence });
    }
  }
  return { findings, unchecked };
}

const untold =
  "Whether what it was compared with is what served in its target then: the whole log, where all that was asked of its model in its target holds, tells of every release.";

type HasServed = Served & { readonly from: Instant };

function hasServed(served: Served): served is HasServed {
  return served.from !== undefined;
}

interface Lane {
  /** Those that came to serve last come first. */
  readonly newestFirst: readonly HasServed[];
  readonly byDigest: ReadonlyMap<Sha256, readonly HasServed[]>;
}

function laneOf(served: readonly HasServed[]): Lane {
  return {
    newestFirst: latestFirst(served, ({ from }) => from),
    byDigest: Map.groupBy(served, ({ freezeDigest }) => freezeDigest),
  };
}

/** What a comparison with fewer than are asked for leaves out, whatever else the log has. */
function passedOver(candidate: Served, { at, most, releases }: Compared, lane: Lane): string | undefined {
  if (releases.length >= most) return undefined;
  for (const each of servingThen(candidate, at, lane)) {
    const isNamed = releases.some(
      ({ version, freezeDigest, deployedAt }) =>
        each.version === version && each.freezeDigest === freezeDigest && each.from === deployedAt,
    );
    if (!isNamed) return notComparedWith(each);
  }
  return undefined;
}

function wrongComparison(candidate: Served, { at, most, releases }: Compared, lane: Lane): string | undefined {
  const [earliest, latest] = [-clockToleranceSeconds, clockToleranceSeconds].map((seconds) => addSeconds(at, seconds));
  if (earliest === undefined || latest === undefined) return undefined;
  const isOther = ({ promotion }: Served) => promotion !== candidate.promotion;
  const named: HasServed[] = [];
  for (const { version, freezeDigest, deployedAt } of releases) {
    const release = (lane.byDigest.get(freezeDigest) ?? []).find(
      (each) =>
        isOther(each) &&
        each.version === version &&
        each.from === deployedAt &&
        each.from <= latest &&
        (each.until === undefined || each.until > earliest) &&
        !named.includes(each),
    );
    if (release === undefined)
      return `It was compared with ${version}, said to be deployed at ${deployedAt}, and the log has no such release that served in its target then.`;
    named.push(release);
  }
  if (named.length > most || named.some((each, place) => each.from > (named[place - 1]?.from ?? each.from)))
    return `It was compared with ${named.length} releases, and its thresholds ask for the last ${most}, the newest first.`;
  for (const each of servingThen(candidate, at, lane)) {
    if (named.includes(each)) continue;
    // The service looks for releases among those that were asked for last.
    const before = named.filter(({ from, index }) => from >= each.from || index > each.index);
    return before.length >= most ? undefined : notComparedWith(each);
  }
  return undefined;
}

function notComparedWith({ version, promotion, from }: HasServed): string {
  return `It was not compared with ${version} of ${promotion}, which served in its target since ${from}.`;
}

/** Others that served for certain, the newest first. */
function* servingThen({ promotion }: Served, at: Instant, { newestFirst }: Lane): Generator<HasServed> {
  const latest = addSeconds(at, clockToleranceSeconds);
  for (let place = firstBefore(newestFirst, addSeconds(at, -clockToleranceSeconds)); ; place += 1) {
    const each = newestFirst[place];
    if (each === undefined) return;
    if (each.promotion !== promotion && (each.until === undefined || each.until > latest)) yield each;
  }
}

/** The place of the newest that served by then. By halves: there may be tens of thousands, each asked about the few before it. */
function firstBefore(newestFirst: readonly HasServed[], at: Instant): number {
  let [low, high] = [0, newestFirst.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((newestFirst[middle]?.from ?? at) <= at) high = middle;
    else low = middle + 1;
  }
  return low;
}
