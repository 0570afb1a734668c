import { onlyNewer, type PackFinding } from "../core/archive/pack/pack-findings.ts";
import type { PackScope } from "../core/archive/pack/pack-manifest.ts";
import type { PackVerification } from "../core/archive/pack-verification.ts";
import type { PromotionVerdict } from "../core/archive/promotion/promotion-verdict.ts";
import { hasForeignKeys, noPack, notAsListed, toldFindings } from "../core/archive/told-findings.ts";
import { toldUnchecked } from "../core/archive/told-unchecked.ts";
import { statusWords } from "../core/policy/change-words.ts";
import { oneLine } from "./terminal-text.ts";

/** What verification came to, for people: the findings, each promotion, what could not be checked, the end result. */
export function verificationLines(result: PackVerification): readonly string[] {
  const { findings, unchecked, log } = result;
  return [
    ...findingLines(findings),
    log === undefined
      ? "Nothing could be read of the log."
      : `${modeText(result)} Log ${oneLine(log.origin)}, ${log.size} entries${log.at === undefined ? "" : `, signed at ${log.at}`}, key ${log.keys.map((key) => oneLine(key)).join(", ")}.`,
    ...(log?.witnesses ?? []).map(({ key, at }) => `Cosigned by ${oneLine(key)} at ${at}.`),
    ...(result.scope === undefined
      ? []
      : [
          `The pack holds ${scopeText(result.scope)}${result.withoutPersonalData === true ? ", without personal data" : ""}.`,
        ]),
    ...receiptLines(result),
    ...promotionLines(result),
    ...(unchecked.length === 0 ? [] : ["Could not be checked, so neither wrong nor proven:"]),
    ...uncheckedLines(unchecked),
    ...settledLines(result),
    ...keyLines(findings),
    ...damageLines(findings),
    endText(result),
  ];
}

/** One line for each; of very many, for some of each kind, so that a person can read them. */
function findingLines(findings: readonly PackFinding[]): readonly string[] {
  const { told, more } = toldFindings(findings);
  return [
    ...told.map(({ code, path, promotion, sentence }) => {
      const where = sentence.includes(path) ? "" : ` [${oneLine(path, 200)}]`;
      const about = promotion === undefined || path.includes(promotion) ? "" : ` (${promotion})`;
      return `✘ ${code}: ${oneLine(sentence, 1000)}${where}${about}`;
    }),
    ...more.map(({ code, count }) => `✘ ${code}: ${count} more; --json tells them all.`),
  ];
}

const mostReceipts = 20;

/** What the log has of what people were answered as they signed. */
function receiptLines({ receipts = [] }: PackVerification): readonly string[] {
  const more = receipts.length - mostReceipts;
  return [
    ...receipts.slice(0, mostReceipts).map((sentence) => oneLine(sentence, 1000)),
    ...(more > 0 ? [`And ${more} more of what was answered; --json tells them all.`] : []),
  ];
}

const mostPromotions = 200;

/** Each promotion; of very many those that did not pass, and how many of each outcome are not told. */
function promotionLines(result: PackVerification): readonly string[] {
  const { promotions } = result;
  if (promotions.length <= mostPromotions) return promotions.map((verdict) => promotionLine(verdict, result));
  const told = promotions.filter(({ outcome }) => outcome === "FAILED").slice(0, mostPromotions);
  const rest = Map.groupBy(
    promotions.filter((verdict) => !told.includes(verdict)),
    ({ outcome }) => outcome,
  );
  return [
    ...told.map((verdict) => promotionLine(verdict, result)),
    ...[...rest].map(([outcome, { length }]) => `${outcome}  ${length} promotions; promotions.csv lists them.`),
  ];
}

/** What all the refused signatures may come from. */
function keyLines(findings: readonly PackFinding[]): readonly string[] {
  if (!hasForeignKeys(findings)) return [];
  return [
    "The keys that you gave (--service, --key, --checkpoint-key) are not those of this pack. Are they of the deployment that it comes from? If they are, somebody else signed it.",
  ];
}

/** What to do first where a copy may have been damaged on its way: the rest may follow from that. */
function damageLines(findings: readonly PackFinding[]): readonly string[] {
  const files = notAsListed(findings);
  if (files === 0 || noPack(findings) !== undefined) return [];
  return [
    `${files} ${files === 1 ? "file is" : "files are"} not as the pack lists ${files === 1 ? "it" : "them"} (SHA256SUMS), as in a copy that was damaged: fetch the pack again, and compare its SHA-256 with the one that the export told, before you conclude anything from the rest.`,
  ];
}

function uncheckedLines(unchecked: PackVerification["unchecked"]): readonly string[] {
  return toldUnchecked(unchecked).map(({ sentence, promotions, alike }) => {
    const [only] = promotions;
    const about = promotions.length > 1 ? `${promotions.length} promotions: ` : only === undefined ? "" : `${only}: `;
    const more = alike === 0 ? "" : ` And ${alike} more like it; --json tells them all.`;
    return `  – ${about}${oneLine(sentence, 1000)}${more}`;
  });
}

/** Where to go from what could not be checked. */
function settledLines({ mode, unchecked }: PackVerification): readonly string[] {
  if (mode !== "full" || unchecked.length === 0) return [];
  return [
    "What you keep yourself settles most of it: --service, --jwks, --witness-key, --receipt, --max-age; docs/audit-pack.md says what each is for.",
  ];
}

function modeText({ mode, since }: PackVerification): string {
  switch (mode) {
    case "full":
      return since === undefined
        ? "FULL verification."
        : `FULL verification OF WHAT IS NEW (--since): what was recorded before entry ${since} was taken as verified, but for loans.`;
    case "checkpoint":
      return "LOG ONLY (--checkpoint): no person's signature was checked.";
    default:
      return mode satisfies never;
  }
}

function promotionLine(
  { outcome, promotion, title, ofPolicies, status, signOffs, endUntold }: PromotionVerdict,
  { withoutPersonalData }: PackVerification,
): string {
  const unproven = withoutPersonalData === true && signOffs !== 0 ? " without their sign-ins" : "";
  const signed = signOffs === undefined ? "" : `, ${signOffs} ${signOffs === 1 ? "sign-off" : "sign-offs"}${unproven}`;
  const stands = status === undefined ? "unknown" : statusWords(status, ofPolicies);
  const what = title === undefined ? "" : `  ${oneLine(title)}: ${stands}${signed}`;
  return `${outcome}  ${promotion}${what}${endUntold === true ? "; its end is not in this log" : ""}`;
}

function endText({ mode, holds, findings, promotions, withoutPersonalData, since }: PackVerification): string {
  const count = `${findings.length} ${findings.length === 1 ? "finding" : "findings"}`;
  if (onlyNewer(findings))
    return `NOT CHECKED: a newer Countersign made part of the pack; ${count}. Verify it with that one.`;
  const otherwise = noPack(findings);
  if (otherwise === "something-else")
    return "FAILED: this is no audit pack of Countersign, or not all of one: it has no SHA256SUMS, and no manifest.json that can be read.";
  if (otherwise === "not-opened")
    return "FAILED: this cannot be opened as an audit pack, so nothing of it was verified.";
  if (!holds) return `FAILED: the pack does not hold; ${count}.`;
  const before = promotions.filter(({ outcome }) => outcome === "NOT CHECKED");
  const countText = (number: number) => `${number} ${number === 1 ? "promotion" : "promotions"}`;
  switch (mode) {
    case "full":
      return `PASSED: everything ${since === undefined ? "" : "new "}that could be checked holds${withoutPersonalData === true ? " but the sign-ins of people and who is whom, which were left out" : ""}, for ${countText(promotions.length - before.length)}.${before.length === 0 ? "" : ` ${countText(before.length)} of before the earlier checkpoint ${before.length === 1 ? "was" : "were"} not checked.`}`;
    case "checkpoint":
      return "LOG HOLDS: the records are those of the signed log. The promotions themselves were not checked.";
    default:
      return mode satisfies never;
  }
}

function scopeText(scope: PackScope): string {
  switch (scope.kind) {
    case "everything":
      return "the whole log";
    case "promotion":
      return `the promotion ${scope.promotion}`;
    case "model":
      return `the model ${oneLine(scope.model)}`;
    case "since":
      return `what was recorded from entry ${scope.size} on, and the promotions that it is about`;
    case "time":
      return `the promotions of which something was recorded from ${scope.from} to ${scope.to}`;
    default:
      return scope satisfies never;
  }
}
