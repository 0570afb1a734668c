import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { FactType, LedgerRecord } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { outcomeOf } from "../documents/outcome.ts";
import { mayBeOnItsWay, missesForSeconds } from "./on-its-way.ts";

// What was verified before becomes wrong by time alone where something is left to be told: that a loan ended and was taken
// back, and that what was asked for, or stopped by somebody, came to its end. And of what was young then something could not be
// told yet: that the policies it went by were in force, and that the attempt before it is there.

/** Which promotions leave something to be told, by records that come one after the other. */
export interface LeftOpen {
  readonly tell: (promotion: PromotionId, record: LedgerRecord) => void;
  /** That something else was recorded at an instant: the log goes on. */
  readonly goOn: (at: Instant) => void;
  readonly promotions: () => readonly PromotionId[];
}

export function leftOpen(): LeftOpen {
  const lent = new Map<PromotionId, "running" | "ended">();
  const asked = new Set<PromotionId>();
  const young = youngOnes();
  return {
    tell: (promotion, record) => {
      young.tell(promotion, record);
      if (record.type === "loan") lent.set(promotion, "running");
      else if (isGone(record, lent.get(promotion))) lent.delete(promotion);
      else if (lent.has(promotion) && endsLoan(record)) lent.set(promotion, "ended");
      if (record.type === "request") asked.add(promotion);
      else if (outcomeOf([{ record }]) !== undefined) asked.delete(promotion);
    },
    goOn: young.goOn,
    promotions: () => [...new Set([...lent.keys(), ...asked, ...young.promotions()])],
  };
}

/** Whether a promotion may leave something to be told or done, or something that others may be told to have had: its place in a budget. */
export function leavesOpen(records: readonly { readonly record: LedgerRecord }[]): boolean {
  if (records.some(({ record: { type } }) => type === "loan" || type === "drift" || type === "intruder-found"))
    return true;
  return outcomeOf(records) === undefined;
}

/** Whether nothing of a loan is left to be told: it was ratified, or what was lent serves no more, or never did. */
function isGone({ type }: LedgerRecord, loan: "running" | "ended" | undefined): boolean {
  return type === "loan-ratified" || type === "loan-taken-back" || (type === "clean-up" && loan === "ended");
}

function endsLoan({ type, body }: LedgerRecord): boolean {
  return loanEnds.has(type) || (type === "verdict" && body["result"] === "FAILED");
}

const loanEnds: ReadonlySet<FactType> = new Set(["loan-ended", "rejected", "blocked", "rolled-back", "failed"]);

/** When a promotion was asked for, and until when something was recorded of it. */
interface Lifetime {
  /** By its request alone: of what stands beside its history nobody verifies when it was. Absent where none is here. */
  readonly asked?: Instant;
  readonly to: Instant;
}

/** Whether something of a promotion could not be told yet by a log that went on until `goesTo`. */
export function wasTooYoung(promotion: PromotionId, { asked, to }: Lifetime, goesTo: Instant): boolean {
  const isAfterAnother = !promotion.endsWith("-1");
  return mayBeOnItsWay(to, goesTo) || (isAfterAnother && (asked ?? to) > addSeconds(goesTo, -missesForSeconds));
}

/** As records tell it, in whatever order; `undefined` where there are none. */
export function lifetimeOf(
  records: readonly { readonly record: Pick<LedgerRecord, "type" | "at"> }[],
): Lifetime | undefined {
  return records.reduce<Lifetime | undefined>((known, { record }) => livedWith(known, record), undefined);
}

function livedWith(known: Lifetime | undefined, { type, at }: Pick<LedgerRecord, "type" | "at">): Lifetime {
  const to = known === undefined || at > known.to ? at : known.to;
  const before = known?.asked;
  const asked = type === "request" && (before === undefined || at > before) ? at : before;
  return asked === undefined ? { to } : { asked, to };
}

/** Those that are too young by all that was told so far; of a log of millions of records the others are not remembered. */
function youngOnes() {
  const known = new Map<PromotionId, Lifetime>();
  let goesTo: Instant | undefined;
  let most = 1_000;
  const drop = (until: Instant) => {
    for (const [promotion, each] of known) if (!wasTooYoung(promotion, each, until)) known.delete(promotion);
  };
  const goOn = (at: Instant) => {
    if (goesTo === undefined || at > goesTo) goesTo = at;
  };
  return {
    goOn,
    tell: (promotion: PromotionId, record: Pick<LedgerRecord, "type" | "at">) => {
      goOn(record.at);
      known.set(promotion, livedWith(known.get(promotion), record));
      if (known.size <= most) return;
      drop(goesTo ?? record.at);
      most = Math.max(most, 2 * known.size);
    },
    promotions: (): readonly PromotionId[] => {
      if (goesTo !== undefined) drop(goesTo);
      return [...known.keys()];
    },
  };
}
