import type { Instant } from "../../encoding/instant.ts";
import type { FreezeManifest } from "../../promotion/freeze-manifest.ts";
import { attempt } from "../history/promotion-history.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { type PasskeyUsed, passkeysUsed } from "../people/passkey-counters.ts";
import type { PeopleTold } from "../people/people-told.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { type BudgetedLoan, budgetedLoan, type RunningLoan, runningLoan } from "../promotion/verify-loans.ts";
import { type Announced, announcedIn } from "./verify-announced.ts";
import { type LeftUnderWay, underWay } from "./verify-ends.ts";
import { type LanePlace, lanePlace } from "./verify-lanes.ts";
import { type Named, namedIn } from "./verify-named.ts";
import { passportsIn } from "./verify-overtaken.ts";
import {
  type AsksAgain,
  asksAgain,
  type BringsDrift,
  bringsDrift,
  type Restricted,
  restrictedIn,
} from "./verify-reapprovals.ts";
import { type Succession, successionIn } from "./verify-succession.ts";
import { type Served, servedIn } from "./what-served.ts";
import { type Displaced, displacedIn, type KeptFrom, keptFrom } from "./what-stood.ts";

/** What a promotion tells that other promotions, or the log as a whole, are held against. There may be a hundred thousand of them. */
export interface ToldToOthers {
  /** Its loan's place in the budget, where it was lent. */
  readonly budgeted?: BudgetedLoan;
  /** Nothing that is here tells who some of its authors are. */
  readonly authorsUntold?: true;
  /** What the end of its records leaves under way. */
  readonly underWay?: LeftUnderWay;
  /** A loan that runs at the end of its records. */
  readonly running?: RunningLoan;
  readonly place?: LanePlace;
  readonly served?: Served;
  /** What became of its sign-offs, where another promotion took its place. */
  readonly displaced?: Displaced;
  readonly keptFrom: readonly KeptFrom[];
  readonly restricted?: Restricted;
  readonly again?: AsksAgain;
  readonly bringsDrift?: BringsDrift;
  readonly succession?: Succession;
  /** Which others it tells of; absent where that is none. */
  readonly named?: readonly Named[];
  /** What it announces and leaves open; absent where that is nothing. */
  /** What passkeys signed; absent where none did. */
  readonly passkeys?: readonly PasskeyUsed[];
  readonly announced?: readonly Announced[];
}

export const nothingToOthers: ToldToOthers = { keptFrom: [] };

/** A promotion as a whole, as far as it could be read. */
interface WholePromotion {
  readonly records: readonly PromotionRecord[];
  readonly steps: readonly Step[];
  readonly held: readonly HeldSignOff[];
  readonly people: PeopleTold;
  readonly manifest: FreezeManifest | undefined;
  readonly read: ReadDocument;
  /** When what it lends was rejected. */
  readonly rejectedAt?: Instant;
}

/** What a promotion need tell others. `path`: its first record. */
export async function toldToOthers(
  { records, steps, held, people, manifest, read, rejectedAt }: WholePromotion,
  path: string,
): Promise<ToldToOthers> {
  // A record that cannot be read is said where it stands.
  const readable = <Value>(act: () => Value | Promise<Value>) =>
    attempt(
      "life-cycle",
      path,
      () => {},
      async () => await act(),
    );
  const budgeted = budgetedLoan(steps);
  const running = runningLoan(steps, rejectedAt);
  const left = await readable(() => underWay(steps));
  const place = await readable(() => lanePlace(steps));
  const served = await readable(() => servedIn(steps, read));
  const displaced = await readable(() => displacedIn(steps, held, people));
  const kept = await readable(() => keptFrom(records, steps, held));
  const restricted = await readable(() => restrictedIn(steps));
  const succession = await readable(() => successionIn(steps));
  const named = await readable(() => namedIn(steps));
  const again = await readable(() => asksAgain(steps, manifest));
  const brings = await readable(() => bringsDrift(steps, manifest));
  const announced = await readable(() => announcedIn(steps, records));
  const passkeys = await readable(() => passkeysUsed(records));
  return {
    keptFrom: kept ?? [],
    ...(budgeted === undefined ? {} : { budgeted }),
    ...(running === undefined ? {} : { running }),
    ...(left === undefined ? {} : { underWay: left }),
    ...(place === undefined ? {} : { place: { ...place, ...passportsIn(records) } }),
    ...(served === undefined ? {} : { served }),
    ...(displaced === undefined ? {} : { displaced }),
    ...(restricted === undefined ? {} : { restricted }),
    ...(again === undefined ? {} : { again }),
    ...(brings === undefined ? {} : { bringsDrift: brings }),
    ...(succession === undefined ? {} : { succession }),
    ...(named === undefined || named.length === 0 ? {} : { named }),
    ...(announced === undefined || announced.length === 0 ? {} : { announced }),
    ...(passkeys === undefined || passkeys.length === 0 ? {} : { passkeys }),
  };
}
