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
  const audiences = new Map(
    issued.map(({ record }) => {
      const { passport, audience } = bodyOf("passport-issued", record);
      return [passport, audience];
    }),
  );
  return [
    ...issued.flatMap(({ index, record }) => {
      const sentence = wrongWith(record, steps);
      return sentence === undefined ? [] : [{ index, sentence }];
    }),
    ...records.flatMap(({ index, record }) => {
      const sentence = record.type === "passport-redeemed" ? wronglyRedeemed(record, audiences) : undefined;
      return sentence === undefined ? [] : [{ index, sentence }];
    }),
  ];
}

/** @param audiences for whom passports were issued, by their ids */
function wronglyRedeemed(
  record: PromotionRecord["record"],
  audiences: ReadonlyMap<string, string>,
): string | undefined {
  const { passport, audience } = bodyOf("passport-redeemed", record);
  const known = audiences.get(passport);
  if (known === undefined) return "A passport was redeemed that was not issued.";
  return audience === known ? undefined : `A passport was redeemed by '${audience}', and it was issued for '${known}'.`;
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
