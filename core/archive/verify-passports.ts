import { passportEnd } from "../attestation/passport.ts";
import { bodyOf } from "./fact-bodies.ts";
import type { PromotionRecord } from "./promotion-file.ts";
import type { Step } from "./replay-promotion.ts";

/** What is wrong with the passports that a promotion's pipeline was given: the place in the log, and a sentence. */
export function recheckPassports(
  records: readonly PromotionRecord[],
  steps: readonly Step[],
): readonly { readonly index: number; readonly sentence: string }[] {
  const issued = records.filter(({ record }) => record.type === "passport-issued");
  const known = new Set(issued.map(({ record }) => bodyOf("passport-issued", record).passport));
  return [
    ...issued.flatMap(({ index, record }) => {
      const sentence = wrongWith(record, steps);
      return sentence === undefined ? [] : [{ index, sentence }];
    }),
    ...records.flatMap(({ index, record }) =>
      record.type === "passport-redeemed" && !known.has(bodyOf("passport-redeemed", record).passport)
        ? [{ index, sentence: "A passport was redeemed that was not issued." }]
        : [],
    ),
  ];
}

function wrongWith(record: PromotionRecord["record"], steps: readonly Step[]): string | undefined {
  const { verdict, expiresAt, audience } = bodyOf("passport-issued", record);
  const begun = steps.find((step) => step.record.type === "deployment-started");
  if (begun === undefined || record.at < begun.record.at)
    return "A passport was issued before there was anything to deploy.";
  if (begun.after.verdict?.sha256 !== verdict) return "A passport names another verdict than was signed.";
  if (expiresAt !== passportEnd(record.at)) return "A passport is good for longer than five minutes.";
  const { target } = begun.after.manifest;
  if (target.kind !== "pipeline") return "A passport was issued for a target to which no pipeline deploys.";
  if (!target.audiences.includes(audience)) return "A passport is for somebody that the target does not name.";
  return undefined;
}
