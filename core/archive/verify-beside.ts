import type { Instant } from "../encoding/instant.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { recheckBesideNothing } from "./beside/beside-nothing.ts";
import { recheckKeptPast } from "./beside/kept-past.ts";
import { recheckLanes } from "./beside/verify-lanes.ts";
import { recheckNamed, recheckNewer } from "./beside/verify-named.ts";
import { recheckOvertaken } from "./beside/verify-overtaken.ts";
import { driftUnsaid, recheckAskedAgain, recheckReapprovals } from "./beside/verify-reapprovals.ts";
import { recheckSuccession } from "./beside/verify-succession.ts";
import { recheckCompared } from "./beside/what-served.ts";
import { type KeptFrom, recheckKeptFrom } from "./beside/what-stood.ts";
import { displacedThen } from "./beside/what-stood-then.ts";
import { againstOthers } from "./beside/yet-to-be-told.ts";
import type { InspectedRecords } from "./inspected-records.ts";
import { lanesTold } from "./lanes-told.ts";
import { documents, recordsAt } from "./pack/pack-documents.ts";
import type { PackFinding, Unchecked } from "./pack/pack-findings.ts";
import { documentsLeftOut, holdsWholeLog, type PackManifest } from "./pack/pack-manifest.ts";
import type { VerifyPackOptions } from "./pack-verification.ts";
import type { RecordsVerification } from "./verify-records.ts";
import type { PackSource } from "./zip/pack-source.ts";

/** A pack whose promotions were inspected each by itself. */
export interface BesideInput {
  readonly source: PackSource;
  readonly manifest: PackManifest;
  readonly inspected: InspectedRecords;
  readonly records: RecordsVerification;
  /** As late as the log goes on. */
  readonly goesTo: Instant | undefined;
  readonly options: VerifyPackOptions;
}

/**
 * Holds promotions against each other: what one says of another, or of its model and target, and what all of them say of what ran.
 *
 * @param unsound of which something is wrong by itself, which must not be held against the others
 */
export async function verifyBeside(
  input: BesideInput,
  unsound: ReadonlySet<PromotionId>,
): Promise<{ readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] }> {
  const { inspected } = input;
  const findings: PackFinding[] = [];
  const soundOf = async (promotion: PromotionId) =>
    unsound.has(promotion) ? [] : await recordsAt(inspected.byPromotion.get(promotion) ?? [], input.source);
  const told = await lanesTold(input, unsound);
  const places = inspected.promotions.flatMap(({ place }) =>
    place === undefined || unsound.has(place.promotion) ? [] : place,
  );
  // What two say that are both here no third takes back.
  const isPart = !holdsWholeLog(input.manifest) || input.options.since !== undefined;
  const ofTwo = isPart ? () => true : told;
  const lanes = recheckLanes(places, told, input.goesTo, ofTwo);
  const turns = againstOthers(input.goesTo);
  findings.push(...lanes.findings, ...recheckOvertaken(places, ofTwo, told, turns.missing), ...turns.findings);
  const served = inspected.promotions.flatMap((each) =>
    each.served === undefined || unsound.has(each.served.promotion) ? [] : each.served,
  );
  const compared = recheckCompared(served, told, input.goesTo, ofTwo);
  findings.push(...compared.findings);
  const beside = recheckBesideNothing(served, told, input.goesTo);
  findings.push(...beside.findings);
  const others = knownOthers(input, unsound);
  const keptFrom = inspected.promotions.flatMap((each) => each.keptFrom);
  const displaced = await displacedAgain(input, keptFrom);
  const carried = recheckKeptFrom(keptFrom, { ...others, displaced });
  findings.push(...carried.findings, ...recheckKeptPast(keptFrom, places, ofTwo));
  const restricted = inspected.promotions.flatMap((each) => each.restricted ?? []);
  const again = recheckReapprovals(
    inspected.promotions.flatMap(({ again }) => again ?? []),
    { ...others, restricted },
  );
  const brings = inspected.promotions.flatMap(({ bringsDrift }) => bringsDrift ?? []);
  findings.push(...again.findings, ...(await recheckAskedAgain(restricted, soundOf)));
  const toldOf = isPart
    ? inspected.promotions.filter((each) => !unsound.has(each.verdict.promotion))
    : inspected.promotions;
  const succession = recheckSuccession(
    toldOf.flatMap((each) => each.succession ?? []),
    toldOf.flatMap(({ place }) => place ?? []),
    told,
    input.goesTo,
    ofTwo,
  );
  findings.push(...succession.findings);
  const names = inspected.promotions.flatMap((each) => each.named ?? []);
  const named = recheckNamed(names, {
    isThere: (promotion) => input.records.byPromotion.has(promotion),
    whole: holdsWholeLog(input.manifest),
    goesTo: input.goesTo,
  });
  findings.push(...named.findings, ...(await recheckNewer(names, soundOf)));
  return {
    findings,
    unchecked: [
      ...lanes.unchecked,
      ...turns.unchecked,
      ...compared.unchecked,
      ...beside.unchecked,
      ...carried.unchecked,
      ...again.unchecked,
      ...driftUnsaid(brings, restricted, input.records.byPromotion.keys()),
      ...succession.unchecked,
      ...named.unchecked,
    ],
  };
}

/** What became of the sign-offs of candidates whose place was taken, by the policies of that moment. */
async function displacedAgain({ source, inspected, manifest }: BesideInput, kept: readonly KeptFrom[]) {
  const displaced = inspected.promotions.flatMap((each) => each.displaced ?? []);
  return displacedThen(
    displaced,
    kept,
    (promotion) => recordsAt(inspected.byPromotion.get(promotion) ?? [], source),
    documents(source, documentsLeftOut(manifest), () => {}),
  );
}

/** Of which other promotions the records that are here tell all, and of which there is none. */
function knownOthers({ inspected, manifest, records, goesTo }: BesideInput, unsound: ReadonlySet<PromotionId>) {
  const known = new Set(inspected.promotions.map(({ verdict }) => verdict.promotion));
  const whole = holdsWholeLog(manifest);
  return {
    goesTo,
    isKnown: (promotion: PromotionId) => known.has(promotion) && !unsound.has(promotion),
    isMissing: (promotion: PromotionId) => whole && !records.byPromotion.has(promotion),
  };
}
