import { inRecordedOrder } from "../../approval/approval-input.ts";
import { asInReview } from "../../approval/earlier-review.ts";
import { personOf } from "../../approval/entitlement.ts";
import { originalBeside } from "../../attestation/kept-sign-off.ts";
import { canonicalJson } from "../../encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { SignOff } from "../../promotion/sign-off.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { wasJudged } from "../documents/was-judged.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds, writtenWithinSeconds } from "../pack/on-its-way.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";
import type { PeopleTold } from "../people/people-told.ts";
import { saidToBeKept } from "../people/verify-kept-sign-offs.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { judgedBy } from "../policies/verify-policies.ts";
import { keptTold } from "../promotion/verify-kept-in-review.ts";
import { againstOthers } from "./yet-to-be-told.ts";

// A sign-off that is kept for a newer candidate proves by its own documents that it was given. Whether it still stood when its
// candidate was superseded, the records of that candidate say.

/** A sign-off as it was given: what its statement does not say, and its envelope, which says the rest. */
interface Given {
  readonly signOff: Sha256;
  readonly envelope: Sha256;
  readonly recordedAt: Instant;
  /** What its gates judged by beside the manifest: names and digests in canonical JSON. */
  readonly beside: string;
}

/** A promotion that another took the place of, and the approvals and rejections that were given in it. */
export interface Displaced {
  readonly promotion: PromotionId;
  readonly by: PromotionId;
  /** The policies whose people.yaml says whose decisions are one person's; absent where its records bring none. */
  readonly policy?: Sha256;
  readonly decisions: readonly (Given & {
    readonly result: SignOff["result"];
    /** From then on it did not stand any more; absent where it did to the end. */
    readonly until?: Instant;
  })[];
}

/** A sign-off that counts in a promotion, and was given in another. */
export interface KeptFrom extends Given {
  readonly promotion: PromotionId;
  /** Of its record. */
  readonly index: number;
  readonly from: PromotionId;
  /** When the other's place was taken. */
  readonly at: Instant;
  /** By which policies it was. */
  readonly policy?: Sha256;
}

/** A sign-off that held, as far as it is asked whether it stood. */
export interface GivenThere extends Pick<HeldSignOff, "envelope" | "kept"> {
  readonly signOff: Pick<SignOff, "id" | "result" | "recordedAt" | "reviewer" | "review" | "stage">;
}

/**
 * What became of the sign-offs of a promotion that was superseded; `undefined` of any other. `policy`: the policies
 * whose people.yaml links them, where these are not those that its records name last.
 */
export function displacedIn(
  steps: readonly Step[],
  held: readonly GivenThere[],
  people: Pick<PeopleTold, "asDecided">,
  policy: Sha256 | undefined = namedBy(steps),
): Displaced | undefined {
  const end = steps.at(-1)?.after;
  const superseded = steps.find(({ record }) => record.type === "superseded");
  const [those] = superseded === undefined ? [] : people.asDecided(superseded);
  if (end === undefined || superseded === undefined || those === undefined) return undefined;
  const own = held.filter(({ kept }) => kept === undefined);
  const envelopes = new Map(own.map(({ signOff, envelope }) => [signOff.id, envelope]));
  const ordered = inRecordedOrder(own.map(({ signOff }) => signOff));
  const keyOf = personOf(those.members, those.people);
  return {
    promotion: end.id,
    by: bodyOf("superseded", superseded.record).by,
    ...(policy === undefined ? {} : { policy }),
    decisions: ordered.flatMap((signOff, place): Displaced["decisions"] => {
      const { id, result, recordedAt, reviewer } = signOff;
      const envelope = envelopes.get(id);
      if (result === "withdraw" || envelope === undefined) return [];
      const { places, until } = placesOf(signOff, steps);
      const later = ordered
        .slice(place + 1)
        .find(
          (each) =>
            keyOf(each.reviewer) === keyOf(reviewer) &&
            places.some(({ review, stage }) => review === each.review && stage === each.stage),
        )?.recordedAt;
      const ended = [until, later].filter((at) => at !== undefined).toSorted()[0];
      const beside = besideText(asInReview(end, signOff.review)?.beside);
      return [{ signOff: id, result, recordedAt, envelope, beside, ...(ended === undefined ? {} : { until: ended }) }];
    }),
  };
}

/** The policies that the last of these steps names which names those that judged. */
function namedBy(steps: readonly Step[]): Sha256 | undefined {
  const named = steps.findLast(({ record }) => wasJudged(record) || record.type === "verdict");
  return named === undefined ? undefined : judgedBy(named).policy;
}

/** In which reviews and stages a sign-off counted, one after the other, and when it fell. */
function placesOf(
  { id, review, stage }: GivenThere["signOff"],
  steps: readonly Step[],
): { readonly places: readonly Pick<SignOff, "review" | "stage">[]; readonly until?: Instant } {
  const places = [{ review, stage }];
  let current = review;
  for (const { record, before } of steps) {
    if (record.type !== "seat-reopened") continue;
    const body = bodyOf("seat-reopened", record);
    if (body.fallen.some((each) => (typeof each === "string" ? each : each.signOff) === id))
      return { places, until: record.at };
    if (!("from" in body) || before?.review !== current) continue;
    const again = steps
      .flatMap((step) => keptTold(step)?.kept ?? [])
      .find((each) => each.signOff === id && each.review === current + 1);
    if (again === undefined) return { places, until: record.at };
    places.push({ review: again.review, stage: again.stage });
    current = again.review;
  }
  return { places };
}

/** The sign-offs that a promotion keeps from another, of those that hold. */
export function keptFrom(
  records: readonly PromotionRecord[],
  steps: readonly Step[],
  held: readonly HeldSignOff[],
): readonly KeptFrom[] {
  const said = saidToBeKept(steps);
  return records.flatMap(({ record, index }): readonly KeptFrom[] => {
    if (record.type !== "sign-off-kept" || record.promotion === undefined) return [];
    const { signOff, from, recordedAt } = bodyOf("sign-off-kept", record);
    const step = said.get(signOff)?.step;
    const envelope = held.find((each) => each.kept === true && each.signOff.id === signOff)?.envelope;
    if (step === undefined || envelope === undefined) return [];
    const beside = besideText(originalBeside(record));
    const policy = namedBy(steps.filter((each) => each.index <= step.index));
    const place = { promotion: record.promotion, index, from, at: step.record.at };
    return [{ ...place, signOff, envelope, recordedAt, beside, ...(policy === undefined ? {} : { policy }) }];
  });
}

function besideText(beside: ReadonlyMap<string, Sha256> = new Map()): string {
  return canonicalJson(Object.fromEntries(beside));
}

/**
 * Holds what was kept from other promotions against their own records, and says where these cannot tell. `displaced`: those
 * that were superseded; `isKnown`: all of its records are here, and nothing is wrong with them; `isMissing`: the log has none;
 * `goesTo`: as late as it goes on, where that is known.
 */
export function recheckKeptFrom(
  kept: readonly KeptFrom[],
  {
    displaced,
    isKnown,
    isMissing,
    goesTo,
  }: {
    readonly displaced: readonly Displaced[];
    readonly isKnown: (promotion: PromotionId) => boolean;
    readonly isMissing: (promotion: PromotionId) => boolean;
    readonly goesTo?: Instant | undefined;
  },
): { readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] } {
  const byId = new Map(displaced.map((each) => [each.promotion, each]));
  const { findings, unchecked, wrong, missing } = againstOthers(goesTo);
  const untold = new Set<PromotionId>();
  for (const each of kept) {
    const { promotion, index, from, signOff } = each;
    if (!isKnown(from) && !isMissing(from)) {
      untold.add(promotion);
      continue;
    }
    const older = byId.get(from);
    const why = whyNotStood(each, older);
    if (why === undefined) continue;
    const sentence = `The sign-off ${signOff} is kept from ${from}, ${why}.`;
    const finding = { code: "sign-off-invalid", path: recordPath(index), promotion, sentence } as const;
    // That its place was taken is the last that it says.
    if (older === undefined) missing(each.at, finding);
    else wrong(finding);
  }
  const sentence =
    "Whether what was kept from an earlier candidate still stood there, neither taken back nor fallen, is told by that candidate's records alone.";
  return { findings, unchecked: [...unchecked, ...[...untold].map((promotion) => ({ promotion, sentence }))] };
}

function whyNotStood(kept: KeptFrom, older: Displaced | undefined): string | undefined {
  if (older === undefined || older.by !== kept.promotion) return "whose place it did not take";
  const given = older.decisions.find(({ signOff, result }) => signOff === kept.signOff && result === "approve");
  if (given === undefined) return "where nobody gave it";
  const { recordedAt, envelope, beside } = kept;
  if (given.recordedAt !== recordedAt || given.envelope !== envelope || given.beside !== beside)
    return "where it was recorded otherwise";
  // What became known in the last seconds may or may not have been seen.
  const surely = addSeconds(kept.at, -clockToleranceSeconds);
  const replaced = addSeconds(surely, -writtenWithinSeconds);
  if (given.until !== undefined && given.until <= replaced)
    return `where it did not stand any more since ${given.until}`;
  const rejected = older.decisions.some(
    (each) =>
      each.result === "reject" &&
      each.recordedAt <= surely &&
      (each.until === undefined || each.until > addSeconds(kept.at, clockToleranceSeconds)),
  );
  return rejected ? "where a rejection stood: no approval outlives it" : undefined;
}
