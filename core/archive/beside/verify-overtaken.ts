import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { compareText } from "../../encoding/text-order.ts";
import type { Status } from "../../promotion/promotion.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { LanesTold } from "../documents/lane-name.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds, writtenWithinSeconds } from "../pack/on-its-way.ts";
import type { PackFinding } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";
import type { AgainstOthers } from "./yet-to-be-told.ts";

/** When a promotion takes the place of older ones, and from when on nobody takes its own. */
export interface Turn {
  /** It is through its gates: whoever was before it in its lane, and could still be stopped, was superseded by then. */
  readonly aheadAt?: Instant;
  /** Where it was ever deployed: when that began, or it was lent for that before. */
  readonly beganAt?: Instant;
  /** From then on nobody takes its place any more: it began to be deployed, was lent, or had ended. */
  readonly closedAt?: Instant;
  /** Of what a pipeline deploys: from when until when it was being deployed, or was. */
  readonly released?: readonly { readonly from: Instant; readonly until?: Instant }[];
}

/** In which whoever is newer takes its place. */
const open: ReadonlySet<Status> = new Set<Status>(["gating", "shadowing", "in-review", "approved"]);

const released: ReadonlySet<Status> = new Set<Status>(["deploying", "loaned", "deployed", "restricted"]);

/**
 * What came through the gates is told by what comes next: the step that evaluates them ends once the place of all before it is
 * taken, and one that dies in between opens nothing. What was deployed once may be again, after its conditions were not kept.
 */
export function turnIn(steps: readonly Step[]): Turn {
  const first = (...types: readonly string[]) => steps.find(({ record }) => types.includes(record.type))?.record.at;
  const ahead = first("stage-opened", "shadow-run");
  const began = first("deployment-started") === undefined ? undefined : first("loan", "deployment-started");
  const closed = steps.find(({ after }) => !open.has(after.status))?.record.at;
  return {
    ...(ahead === undefined ? {} : { aheadAt: ahead }),
    ...(began === undefined ? {} : { beganAt: began }),
    ...(closed === undefined ? {} : { closedAt: closed }),
    ...(began === undefined || steps.at(-1)?.after.manifest.target.kind !== "pipeline"
      ? {}
      : { released: releasedIn(steps) }),
  };
}

function releasedIn(steps: readonly Step[]): NonNullable<Turn["released"]> {
  const times: { from: Instant; until?: Instant }[] = [];
  for (const { before, after, record } of steps) {
    const was = before !== undefined && released.has(before.status);
    if (released.has(after.status) && !was) times.push({ from: record.at });
    const open = times.at(-1);
    if (was && !released.has(after.status) && open !== undefined) open.until = record.at;
  }
  return times;
}

/** A promotion among those of its model and target. */
interface Candidate extends Turn {
  readonly promotion: PromotionId;
  readonly lane: string;
  /** Of its request. */
  readonly index: number;
  readonly askedAt: Instant;
}

/** Clocks of functions differ by less. */
export const clocksWithinSeconds = 60;

/**
 * Finds what was deployed, asked about or left open although a newer candidate of its model was in its place by then (design 6.10):
 * nobody who signed for it knew of that one. `ofTwo`: of which lanes what one says is held against another; `told`: of which the log
 * tells all; `missing`: that an older one is said to be over nowhere, as of when the newer one was through.
 */
export function recheckOvertaken(
  all: readonly Candidate[],
  ofTwo: LanesTold,
  told: LanesTold,
  missing: AgainstOthers["missing"],
): readonly PackFinding[] {
  const lanes = Map.groupBy(all, ({ lane }) => lane);
  return [...lanes].flatMap(([lane, candidates]) =>
    ofTwo(lane) ? overtakenIn(candidates, told(lane) ? missing : () => {}) : [],
  );
}

function overtakenIn(candidates: readonly Candidate[], missing: AgainstOthers["missing"]): readonly PackFinding[] {
  let newer: Ahead | undefined;
  // Of all that were asked for later, whoever was through first.
  return candidates
    .toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1))
    .flatMap((candidate): readonly PackFinding[] => {
      const { promotion, index, aheadAt } = candidate;
      const before = newer;
      if (aheadAt !== undefined && (before === undefined || aheadAt < before.aheadAt)) newer = { promotion, aheadAt };
      if (before === undefined) return [];
      const finding = (how: string) => {
        const sentence = `It ${how}, and ${before.promotion}, which was asked for later, had come through its gates by ${before.aheadAt}: that one takes the place of what is older.`;
        return { code: "life-cycle", path: recordPath(index), promotion, sentence } as const;
      };
      const how = howOvertaken(candidate, before);
      if (how !== undefined) return [finding(how)];
      if (aheadAt !== undefined && candidate.closedAt === undefined)
        missing(before.aheadAt, finding("is said to be over nowhere"));
      return [];
    });
}

/** A candidate that was through its gates. */
interface Ahead {
  readonly promotion: PromotionId;
  readonly aheadAt: Instant;
}

/** What its own records say became of an older candidate, and could not where a newer one was through its gates before. */
function howOvertaken({ aheadAt, beganAt, closedAt }: Candidate, newer: Ahead): string | undefined {
  const by = addSeconds(newer.aheadAt, clocksWithinSeconds);
  if (beganAt !== undefined && beganAt > by) return `began to be deployed, or was lent for that, at ${beganAt}`;
  // Before its own gates it is told that it is behind, whenever it comes through them.
  if (aheadAt === undefined) return undefined;
  if (aheadAt > by) return `came through its gates at ${aheadAt}`;
  return closedAt !== undefined && closedAt > by ? `was open until ${closedAt}` : undefined;
}

/** Passports that a pipeline was given or redeemed. */
export interface PassportsInTime {
  readonly passports?: readonly { readonly index: number; readonly at: Instant }[];
}

export function passportsIn(records: readonly PromotionRecord[]): PassportsInTime {
  const passports = records.flatMap(({ index, record: { type, at } }) =>
    type === "passport-issued" || type === "passport-redeemed" ? [{ index, at }] : [],
  );
  return passports.length === 0 ? {} : { passports };
}

/** The index of what is released may be behind by so much; what is recorded is written a moment after it was looked at. */
const [listedWithin, writtenWithin] = [
  clocksWithinSeconds + clockToleranceSeconds,
  writtenWithinSeconds + clockToleranceSeconds,
];

/**
 * Finds passports of what a newer candidate was released after: of what a pipeline deploys nobody sees what runs, so that an older
 * one which comes late would take the place of the newer one unseen.
 *
 * @param lane those of one model and target
 */
export function recheckPassportsInTurn(
  lane: readonly (Candidate & PassportsInTime)[],
  missing: AgainstOthers["missing"],
): void {
  if (lane.every(({ passports }) => passports === undefined)) return;
  const sorted = lane.toSorted((a, b) => compareText(a.askedAt, b.askedAt));
  for (const [place, { promotion, askedAt, passports = [] }] of sorted.entries())
    for (const { index, at } of passports) {
      const newer = releasedAfter(sorted, place + 1, askedAt, at);
      if (newer === undefined) continue;
      const sentence = `A passport was issued or redeemed at ${at}, when ${newer}, which was asked for later, was being deployed there, or was: an older one is not deployed over that any more.`;
      missing(at, { code: "deployment-unapproved", path: recordPath(index), promotion, sentence });
    }
}

/** One that was asked for later, and was released long enough before an instant and after it: few were asked for in between. */
function releasedAfter(
  sorted: readonly Candidate[],
  from: number,
  askedAt: Instant,
  at: Instant,
): PromotionId | undefined {
  const [listed, written] = [addSeconds(at, -listedWithin), addSeconds(at, writtenWithin)];
  for (let place = from; place < sorted.length; place += 1) {
    const other = sorted[place];
    if (other === undefined || other.askedAt > at) return undefined;
    const { released: times = [] } = other;
    if (other.askedAt > askedAt && times.some((each) => each.from <= listed && (each.until ?? written) >= written))
      return other.promotion;
  }
  return undefined;
}

/** As the service tells which is newer: whose is greater, as text. */
export function rank({ askedAt, promotion }: Pick<Candidate, "askedAt" | "promotion">): string {
  return `${askedAt} ${promotion}`;
}
