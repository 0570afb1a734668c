import type { Instant } from "../encoding/instant.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { type Found, promotionHistory } from "./history/promotion-history.ts";
import type { InspectedRecords } from "./inspected-records.ts";
import { mayBeOnItsWay } from "./pack/on-its-way.ts";
import { documents, recordsAt } from "./pack/pack-documents.ts";
import type { PackFinding, PackFindingCode, Unchecked } from "./pack/pack-findings.ts";
import { manifestPath, recordPath } from "./pack/pack-layout.ts";
import { documentsLeftOut, holdsWholeLog, type PackManifest } from "./pack/pack-manifest.ts";
import type { PromotionRecord, ReadDocument } from "./pack/promotion-file.ts";
import { verifyCalendar } from "./policies/verify-calendar.ts";
import { type Confirmation, verifyConfirmed } from "./policies/verify-confirmed.ts";
import { verifyInForce } from "./policies/verify-in-force.ts";
import { verifyPolicies } from "./policies/verify-policies.ts";
import { verifyRemedyRules } from "./policies/verify-remedy-rules.ts";
import { requestUntold, verifyRequests } from "./policies/verify-requests.ts";
import { submissionUntold, verifySubmitted } from "./policies/verify-submitted.ts";
import { asCounted, inForceIn, type VersionsInForce } from "./policies/versions-in-force.ts";
import { verifyOpenDecisions } from "./promotion/open-decisions.ts";
import { type RestsOnPolicies, restsOnPolicies, wasInForce } from "./promotion/under-policies.ts";
import type { PackSource } from "./zip/pack-source.ts";

interface Pack {
  readonly source: PackSource;
  readonly inspected: Pick<InspectedRecords, "promotions" | "byPromotion" | "policyRecords">;
  readonly manifest: PackManifest;
  /** Of passkeys. */
  readonly confirmations: readonly Confirmation[];
  /** As late as the log goes on. */
  readonly goesTo: Instant | undefined;
}

/**
 * Which policies were in force when, and what was asked for, judged and done under them: by those in force then where the
 * whole log is here, which tells of every change of them.
 */
export async function verifyUnderPolicies(
  pack: Pack,
  found: Found,
): Promise<{ readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] }> {
  const { source, inspected, manifest, confirmations, goesTo } = pack;
  const read = documents(source, documentsLeftOut(manifest), found);
  const told = asCounted(await recordsAt(inspected.policyRecords, source));
  const whole = holdsWholeLog(manifest);
  // Of a part nobody knows which others there are.
  const activations = whole ? told : [];
  const rest = await restOf(pack, inForceIn(activations), read);
  const { problems: held, unchecked } = await heldAgainst(activations, rest, read, goesTo);
  const inPart: readonly Problem[] = whole ? [] : (await verifyPolicies(told, [], read, { whole })).problems;
  const confirmed = await verifyConfirmed(activations, confirmations, read, { goesTo });
  const problems: readonly Problem[] = [...held, ...inPart, ...confirmed.problems];
  const untold = policiesUntold(pack);
  return {
    findings: [
      ...untold.findings,
      ...problems.map(
        ({ promotion, index, sentence, code = "policy-differs" }): PackFinding => ({
          code,
          path: recordPath(index),
          ...(promotion === undefined ? {} : { promotion }),
          sentence,
        }),
      ),
    ],
    unchecked: [...untold.unchecked, ...unchecked, ...confirmed.unchecked],
  };
}

/** What the policies of their gates do not settle, of all promotions. */
async function restOf(
  { source, inspected: { promotions, byPromotion } }: Pack,
  versions: VersionsInForce,
  read: ReadDocument,
): Promise<readonly RestsOnPolicies[]> {
  const rest: RestsOnPolicies[] = [];
  for (const { verdict, under } of promotions) {
    if (under.kind === "told") rest.push(under);
    else if (versions.count > 0 && !wasInForce(under, versions))
      // Few are: where others came in force, the gates were judged anew by those.
      rest.push(
        await restAgain(verdict.promotion, await recordsAt(byPromotion.get(verdict.promotion) ?? [], source), read),
      );
  }
  return rest;
}

async function restAgain(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  read: ReadDocument,
): Promise<RestsOnPolicies> {
  // What is wrong with it was told when it was inspected.
  const nothing: Found = () => {};
  const { steps, manifest } = await promotionHistory(promotion, records, read, nothing);
  return await restsOnPolicies(steps, records, manifest, read, nothing);
}

interface Problem {
  readonly promotion?: PromotionId;
  /** Where it is not of policies alone. */
  readonly code?: PackFindingCode;
  readonly index: number;
  readonly sentence: string;
}

/**
 * Holds what promotions rest on against the policies that the log tells of.
 *
 * @param activations every record that put policies in force, as they are counted; none where not all are known
 * @param goesTo as late as the log goes on
 */
export async function heldAgainst(
  activations: readonly PromotionRecord[],
  rest: readonly RestsOnPolicies[],
  read: ReadDocument,
  goesTo?: Instant,
): Promise<{ readonly problems: readonly Problem[]; readonly unchecked: readonly Unchecked[] }> {
  const judged = rest.flatMap((each) => each.judgedBy);
  const inForce = await verifyPolicies(activations, judged, read, { goesTo });
  const asked = rest.flatMap(({ request }) => request ?? []);
  const requests = await verifyRequests(activations, asked, read);
  const elsewhere = rest.flatMap((each) => each.submitted ?? []);
  const submitted = await verifySubmitted(activations, elsewhere, read);
  const done = rest.flatMap((each) => each.done);
  const deeds = await verifyInForce(activations, done, read);
  const open = rest.flatMap(({ decided }) => decided ?? []);
  const decisions = await verifyOpenDecisions(activations, open, read, goesTo);
  const onIt = rest.flatMap((each) => each.calendar);
  const calendar = await verifyCalendar(activations, onIt, read);
  const announced = rest.flatMap((each) => each.announced ?? []);
  const remedies = await verifyRemedyRules(activations, announced, read);
  const held = [
    ...inForce.problems,
    ...requests.problems,
    ...submitted.problems,
    ...deeds,
    ...calendar.problems,
    ...remedies.problems,
  ];
  const soon = onTheirWay(rest, goesTo);
  return {
    problems: [...decisions.problems, ...held.filter(({ index }) => !soon.has(index))],
    unchecked: [
      ...inForce.behind.map(({ sentence }) => ({ sentence })),
      ...untoldYet(held, soon),
      ...decisions.unchecked,
      ...calendar.unchecked,
      ...remedies.unchecked,
      ...(activations.length === 0 ? rest.flatMap(({ byOthers }) => byOthers ?? []) : []),
      ...requests.untold.map((promotion) => ({ promotion, sentence: requestUntold })),
      ...submitted.untold.map((promotion) => ({ promotion, sentence: submissionUntold(promotion) })),
    ],
  };
}

/** What was judged or done so late, by the places of its records, that the policies may be on their way by which it was. */
function onTheirWay(
  rest: readonly RestsOnPolicies[],
  goesTo: Instant | undefined,
): ReadonlyMap<number, PromotionId | undefined> {
  const all = rest.flatMap(({ judgedBy, request, submitted, done, calendar, announced = [] }) => {
    // Whatever policies say, its own gates' say otherwise.
    const asked = request === undefined || request.own.kind === "differs" ? [] : [request];
    const promotion = request?.promotion;
    const deeds = [...judgedBy, ...asked, ...(submitted === undefined ? [] : [submitted]), ...calendar, ...announced];
    return [...deeds, ...done.flatMap(({ steps }) => steps)].map(({ index, at }) => ({ index, at, promotion }));
  });
  return new Map(all.filter(({ at }) => mayBeOnItsWay(at, goesTo)).map(({ index, promotion }) => [index, promotion]));
}

/** What fits none of the policies that the log tells of, and may fit some that it does not tell of yet: once of each promotion. */
function untoldYet(held: readonly Problem[], soon: ReadonlyMap<number, PromotionId | undefined>): readonly Unchecked[] {
  const places = new Map<PromotionId | undefined, number[]>();
  for (const { index } of held)
    if (soon.has(index)) places.set(soon.get(index), [...(places.get(soon.get(index)) ?? []), index]);
  return [...places].map(([promotion, indices]) => {
    const [first = 0, ...others] = [...new Set(indices)].toSorted((one, other) => one - other);
    const more = others.length === 0 ? "" : `, and ${others.length} others,`;
    return {
      ...(promotion === undefined ? {} : { promotion }),
      sentence: `Whether '${recordPath(first)}'${more} went by policies that were in force then: by none that the log tells of, and a change of them may have been on its way to it when it was signed.`,
    };
  });
}

/** Every log tells which policies were in force; but a service that had rather not. The first may be on their way. */
function policiesUntold({ inspected, manifest, goesTo }: Pack): {
  readonly findings: readonly PackFinding[];
  readonly unchecked: readonly Unchecked[];
} {
  const judged = inspected.promotions.flatMap(({ under }) =>
    under.kind === "settled" ? [under.from] : under.judgedBy.map(({ at }) => at),
  );
  if (!holdsWholeLog(manifest) || judged.length === 0 || inspected.policyRecords.length > 0)
    return { findings: [], unchecked: [] };
  if (judged.every((at) => mayBeOnItsWay(at, goesTo)))
    return {
      findings: [],
      unchecked: [
        { sentence: "Which policies were in force: the log does not tell yet of any, which may be on the way to it." },
      ],
    };
  const sentence = "The log does not tell which policies were in force when something was judged by some.";
  return { findings: [{ code: "policy-differs", path: manifestPath, sentence }], unchecked: [] };
}
