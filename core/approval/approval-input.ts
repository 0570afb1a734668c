import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { compareText } from "../encoding/text-order.ts";
import type { IdentityKey, Member } from "../promotion/identity.ts";
import type { SettledStage } from "../promotion/promotion.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import type { Delegation } from "./delegation.ts";
import type { Entitlement, PersonKey, PersonOf } from "./entitlement.ts";
import type { ApprovalRule, Matrix } from "./matrix.ts";
import type { Person } from "./people.ts";

/** Everything that the outcome of a promotion's approval depends on. */
export interface ApprovalInput {
  readonly rule: ApprovalRule;
  readonly roles: Matrix["roles"];
  /** Counts the reviews from 1: sign-offs of another review do not count. */
  readonly review: number;
  /** The stage that takes approvals; `undefined` before the first and after the last. */
  readonly openStage: number | undefined;
  readonly settled: readonly SettledStage[];
  /** All of the promotion, in any order. */
  readonly signOffs: readonly SignOff[];
  /** Sign-offs that no longer count, with the reason. */
  readonly invalidated: ReadonlyMap<Sha256, string>;
  /** From `excludedPeople`. */
  readonly excluded: ReadonlyMap<IdentityKey, string>;
  /** The directory as it is now. */
  readonly members: readonly Member[];
  /** people.yaml: which identities are one person. */
  readonly people: readonly Person[];
  /**
   * Who is whom among those who reject, besides people.yaml: as their sign-ins tell, without the directory, whose word takes an approval
   * away and never a rejection. Absent: as `members`.
   */
  readonly objectors?: readonly Member[];
  readonly entitlement: Entitlement;
  /** From `inScopeOf`: those that sign-offs may rest on. */
  readonly delegations: readonly Delegation[];
  /** From `escalationsOf`: from when on each stage is escalated. Absent: none is. */
  readonly escalations?: ReadonlyMap<number, Instant>;
  /** Who said that they are away: told to whoever asks who could sign, and no part of any outcome. */
  readonly absent?: ReadonlySet<IdentityKey>;
  /** Until when the seats that are missing are lent; absent where they are not. */
  readonly lentUntil?: Instant;
  /** The moment of asking. What is bound to a time is judged at it; no rule is so far. */
  readonly now: Instant;
}

/** Sign-offs in the order in which they were recorded; within one instant rejections first, then by id (design 6.5). */
export function inRecordedOrder<Given extends Recorded>(signOffs: readonly Given[]): readonly Given[] {
  return signOffs.toSorted(compareRecorded);
}

type Recorded = Pick<SignOff, "id" | "result" | "recordedAt">;

function compareRecorded(a: Recorded, b: Recorded): number {
  if (a.recordedAt !== b.recordedAt) return compareText(a.recordedAt, b.recordedAt);
  const [first, second] = [a.result === "reject" ? 0 : 1, b.result === "reject" ? 0 : 1];
  if (first !== second) return first - second;
  return compareText(a.id, b.id);
}

/** The decision of each person that stands in a stage: their latest (design 6.5), in the order of recording. */
export function latestDecisions(
  ordered: readonly SignOff[],
  { review, stage }: { readonly review: number; readonly stage: number },
  keyOf: PersonOf,
): ReadonlyMap<PersonKey, SignOff> {
  const latest = new Map<PersonKey, SignOff>();
  for (const signOff of ordered) {
    if (signOff.review !== review || signOff.stage !== stage) continue;
    const key = keyOf(signOff.reviewer);
    // Deleted first, so that the map is in the order of the decisions that stand.
    latest.delete(key);
    latest.set(key, signOff);
  }
  return latest;
}
