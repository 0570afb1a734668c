import { fromUtf8 } from "../encoding/bytes.ts";
import { objectIn, textIn } from "./documents/json-member.ts";
import { attempt } from "./history/promotion-history.ts";
import type { PromotionContext } from "./inspect-promotion.ts";
import { documents } from "./pack/pack-documents.ts";
import type { PromotionRecord } from "./pack/promotion-file.ts";
import { readJwks } from "./people/verify-sign-offs.ts";

/**
 * The identity provider's keys beside what was verified before: whoever signs in under the name of one of them now has to do so
 * with that one. Nothing else of it is looked at again, and what cannot be read was said then.
 */
export async function noteKeysBefore(
  records: readonly PromotionRecord[],
  { source, left, cache, trust: { jwks: known, signInKeys } }: PromotionContext,
): Promise<void> {
  if (known !== undefined || signInKeys === undefined) return;
  const nothing = () => {};
  const read = documents(source, left.leftOut, nothing, cache);
  for (const { record, index } of records) {
    const sha256 = record.attachments.find(({ name }) => name === "jwks.json")?.sha256;
    const issuer = textIn(objectIn(record.body, record.type === "loan-requested" ? "lender" : "reviewer"), "issuer");
    if (sha256 === undefined) continue;
    await attempt("document-changed", "", nothing, () =>
      signInKeys.noteBefore({ index, issuer, sha256 }, async () =>
        readJwks(JSON.parse(fromUtf8((await read(sha256)) ?? new Uint8Array()))),
      ),
    );
  }
}
