import { type Instant, msOfInstant } from "../../core/encoding/instant.ts";
import type { Promotion, Status } from "../../core/promotion/promotion.ts";
import { laneOf, newestFirst, type PromotionLists } from "./what-runs.ts";

interface Window {
  readonly from: Instant;
  readonly until: Instant;
}

/** From when a promotion answered all requests, and until when: where nothing is said it does so, or another took its place. */
interface Served {
  readonly from: Instant;
  readonly until?: Instant;
}

/** Milliseconds; the end is not in it. */
type Span = readonly [from: number, until: number];

/** So many promotions are looked at: a pipeline may have tried ten thousand times before anything was approved. */
const mostLookedAt = 500;

/** Statuses of what may have served at some time. */
const serving: readonly Status[] = [
  ...(["deployed", "restricted", "rolled-back", "loaned"] as const),
  ...(["expired", "rejected", "blocked", "failed"] as const),
];

/**
 * What answered all requests for the largest part of a time, by what the records say; of two alike that which runs. A share of the
 * requests beside another version is not looked at. Where the last 500 do not tell of the whole time, and of none of it, it is
 * held for that which runs.
 *
 * @returns `undefined` where nothing that was approved did
 */
export async function servedMost(
  promotions: PromotionLists,
  running: Promotion,
  window: Window,
): Promise<Promotion | undefined> {
  let most: { readonly promotion: Promotion; readonly part: number } | undefined;
  let left: readonly Span[] = [[msOfInstant(window.from), msOfInstant(window.until)]];
  let lookedAt = 0;
  for await (const promotion of newestFirst(promotions, laneOf(running), serving)) {
    lookedAt += 1;
    if (lookedAt > mostLookedAt) return most?.promotion ?? running;
    const served = serving.includes(promotion.status) ? servedWholly(promotion) : undefined;
    if (served === undefined) continue;
    const span: Span = [msOfInstant(served.from), served.until === undefined ? Infinity : msOfInstant(served.until)];
    const rest = left.flatMap((each) => without(each, span));
    const part = lengthOf(left) - lengthOf(rest);
    const isMore = most === undefined || part > most.part || (part === most.part && promotion.id === running.id);
    if (part > 0 && isMore) most = { promotion, part };
    left = rest;
    // What came before it had made place.
    if (left.length === 0) break;
  }
  return most?.promotion;
}

function servedWholly({ status, deployment, loan, restriction, history, manifest }: Promotion): Served | undefined {
  if (deployment === undefined) return undefined;
  const { startedAt, release } = deployment;
  const back = restriction?.taken?.doneAt ?? history.findLast(({ type }) => type === "rolled-back")?.at;
  const until = loan?.takenBackAt ?? back;
  const deployedAt = history.find(({ type }) => type === "deployed")?.at;
  const stays = status === "deployed" || status === "restricted";
  if (loan === undefined && !stays && until === undefined) return undefined;
  // Others shift traffic as they like, and say when they are done.
  const { kind } = manifest.target;
  const byOthers = kind === "pipeline" || kind === "webhook";
  const isWhole = release.traffic.kind === "all-at-once" && !byOthers;
  const since = isWhole ? startedAt : (deployedAt ?? (stays ? startedAt : undefined));
  // What is lent may be on its way with a part of the requests: its loan says from when it had all of them.
  const from = loan?.runningSince ?? since;
  return from === undefined ? undefined : { from, ...(until === undefined ? {} : { until }) };
}

function without([from, until]: Span, [begun, ended]: Span): readonly Span[] {
  const parts: readonly Span[] = [
    [from, Math.min(until, begun)],
    [Math.max(from, ended), until],
  ];
  return parts.filter(([a, b]) => a < b);
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, [from, until]) => sum + until - from, 0);
}
