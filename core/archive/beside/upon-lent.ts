import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { FoundThere } from "./what-was-found.ts";
import type { AgainstOthers } from "./yet-to-be-told.ts";

/** From when until when what was lent may have served. */
export interface LentTime {
  /** The beginning of its deployment. */
  readonly from: Instant;
  /** When it was ratified, or is said to serve no more; absent where it serves so to the end of its records. */
  readonly until?: Instant;
}

const ends: ReadonlySet<string> = new Set(["loan-ratified", "loan-taken-back", "rolled-back", "failed"]);

/** When it may have served on loan; `undefined` where it never did. */
export function lentTime(steps: readonly Step[]): LentTime | undefined {
  const place = steps.findIndex(
    ({ record, after }) => record.type === "deployment-started" && after.status === "loaned",
  );
  const from = steps[place]?.record.at;
  if (from === undefined) return undefined;
  const until = steps.slice(place).find(({ record }) => ends.has(record.type))?.record.at;
  return { from, ...(until === undefined ? {} : { until }) };
}

interface Deployed extends FoundThere {
  readonly promotion: PromotionId;
  readonly lent?: LentTime;
}

/**
 * Finds releases that began upon what was lent: they could go back to nothing that anybody approved, and whoever deploys
 * waits until that is ratified or gone (core/deployment/beside.ts). `among`: those that are here, of whatever model.
 */
export function recheckUponLent(
  { promotion, found = [] }: Deployed,
  among: ReadonlyMap<PromotionId, Deployed>,
  missing: AgainstOthers["missing"],
): void {
  for (const { id, at, begins: index, promotion: there } of found) {
    const lent = there === undefined || there === promotion ? undefined : among.get(there)?.lent;
    if (index === undefined || lent === undefined || lent.from > at) continue;
    if (lent.until !== undefined && lent.until <= addSeconds(at, clockToleranceSeconds)) continue;
    const sentence = `'${id}' began upon ${there}, which is on loan and began to be deployed at ${lent.from}: nobody had ratified that, nor was it taken back.`;
    missing(at, { code: "deployment-differs", path: recordPath(index), promotion, sentence });
  }
}
