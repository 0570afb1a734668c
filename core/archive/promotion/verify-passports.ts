import { mostPassports, passportEnd } from "../../attestation/passport.ts";
import { verdictLifetimeSeconds } from "../../attestation/verdict.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { compareText } from "../../encoding/text-order.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";

/** What is wrong with the passports that a promotion's pipeline was given: the place in the log, and a sentence. */
export function recheckPassports(
  records: readonly PromotionRecord[],
  steps: readonly Step[],
): readonly { readonly index: number; readonly sentence: string }[] {
  const issued = ofType(records, "passport-issued").toSorted(
    (a, b) => compareText(a.record.at, b.record.at) || a.index - b.index,
  );
  const redeemed = ofType(records, "passport-redeemed");
  const reported = ofType(records, "deployment-reported").map(({ record }) => record.at);
  const known = new Map(issued.map(({ record }) => [bodyOf("passport-issued", record).passport, record]));
  const said = (index: number, sentence: string | undefined) => (sentence === undefined ? [] : [{ index, sentence }]);
  return [
    ...issued.flatMap(({ index, record }, place) =>
      said(
        index,
        wrongWith(record, steps) ??
          outOfTime(record, steps, reported) ??
          outOfTurn(record, place, issued[place - 1]?.record),
      ),
    ),
    ...redeemed.flatMap(({ index, record }) => said(index, wronglyRedeemed(record, known, steps))),
  ];
}

function ofType(records: readonly PromotionRecord[], type: LedgerRecord["type"]): readonly PromotionRecord[] {
  return records.filter(({ record }) => record.type === type);
}

/** @param issued by their ids */
function wronglyRedeemed(
  record: LedgerRecord,
  issued: ReadonlyMap<string, LedgerRecord>,
  steps: readonly Step[],
): string | undefined {
  const { passport, audience } = bodyOf("passport-redeemed", record);
  const known = issued.get(passport);
  if (known === undefined) return "A passport was redeemed that was not issued.";
  const { audience: named, expiresAt } = bodyOf("passport-issued", known);
  if (audience !== named) return `A passport was redeemed by '${audience}', and it was issued for '${named}'.`;
  if (
    addSeconds(record.at, clockToleranceSeconds) < known.at ||
    record.at >= addSeconds(expiresAt, clockToleranceSeconds)
  )
    return "A passport was redeemed before it was issued, or when it was over.";
  return deploysAt(steps, record.at) ? undefined : "A passport was redeemed when nothing was being deployed any more.";
}

function wrongWith(record: LedgerRecord, steps: readonly Step[]): string | undefined {
  const { verdict, expiresAt, audience } = bodyOf("passport-issued", record);
  const begun = begunBefore(steps, record.at);
  if (begun === undefined) return "A passport was issued before there was anything to deploy.";
  if (begun.after.verdict?.sha256 !== verdict) return "A passport names another verdict than was signed.";
  if (expiresAt !== passportEnd(record.at)) return "A passport is good for longer than five minutes.";
  const { target } = begun.after.manifest;
  if (target.kind !== "pipeline") return "A passport was issued for a target to which no pipeline deploys.";
  if (!target.audiences.includes(audience)) return "A passport is for somebody that the target does not name.";
  return undefined;
}

/** @param reported when it was told what came of the deployment */
function outOfTime({ at }: LedgerRecord, steps: readonly Step[], reported: readonly Instant[]): string | undefined {
  const begun = begunBefore(steps, at);
  if (begun === undefined || !deploysAt(steps, at) || reported.some((told) => isOver(told, at)))
    return "A passport was issued when nothing was to be deployed any more.";
  const signed = begun.after.verdict?.at;
  return signed !== undefined && isOver(addSeconds(signed, verdictLifetimeSeconds), at)
    ? "A passport was issued under a verdict that was over."
    : undefined;
}

/** One at a time, so that a lost answer can be mended and a stolen one shows, and only so many. */
function outOfTurn({ at }: LedgerRecord, place: number, before: LedgerRecord | undefined): string | undefined {
  if (place >= mostPassports) return `More than ${mostPassports} passports were issued.`;
  return before !== undefined && at < bodyOf("passport-issued", before).expiresAt
    ? "A passport was issued while another was good."
    : undefined;
}

/** The beginning of what is deployed at an instant, or was last. */
function begunBefore(steps: readonly Step[], at: Instant): Step | undefined {
  const latest = addSeconds(at, clockToleranceSeconds);
  return steps.findLast(({ record }) => record.type === "deployment-started" && record.at <= latest);
}

function deploysAt(steps: readonly Step[], at: Instant): boolean {
  const begun = begunBefore(steps, at);
  const since = begun === undefined ? [] : steps.slice(steps.indexOf(begun));
  const ended = since.find(({ after }) => after.status !== "deploying");
  return begun !== undefined && (ended === undefined || !isOver(ended.record.at, at));
}

/** Whoever issues reads that it is not, and records it a moment later. */
function isOver(end: Instant, at: Instant): boolean {
  return at >= addSeconds(end, clockToleranceSeconds);
}
