import type { Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { compareText } from "../../encoding/text-order.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";

/** What a passkey signed, and the counter that it signed with. */
export interface PasskeyUsed {
  readonly promotion: PromotionId;
  readonly record: string;
  readonly at: Instant;
  readonly id: Sha256;
  readonly counter: number;
  /** Whether the record says that the counter had not risen. */
  readonly said: boolean;
}

/** The uses of passkeys of which a promotion's records tell: its sign-offs, as they were given, and what lenders signed. */
export function passkeysUsed(records: readonly PromotionRecord[]): readonly PasskeyUsed[] {
  return records.flatMap(({ record }) => {
    const { promotion } = record;
    if (promotion === undefined || record.body["passkey"] === undefined) return [];
    if (record.type !== "sign-off" && record.type !== "loan-requested") return [];
    const { passkey } = bodyOf(record.type, record);
    if (passkey === undefined) return [];
    const { id, counter, counterWentBack: said = false } = passkey;
    return [{ promotion, record: record.id, at: record.at, id, counter, said }];
  });
}

/**
 * Says of each use of a passkey whether its counter was above all that it had signed with before: one that is not is a sign of
 * a copy, not a proof (WebAuthn section 7.2). The counters are signed; that one went back the service may have left out.
 *
 * @param verified uses of which this was said before; the others are held against them as well
 */
export function countersGoneBack(
  used: readonly PasskeyUsed[],
  verified: readonly PasskeyUsed[] = [],
): readonly Unchecked[] {
  const known = new Set(verified);
  return [...Map.groupBy([...verified, ...used], ({ id }) => id).values()].flatMap((uses) => {
    let before = 0;
    return uses
      .toSorted((a, b) => compareText(a.at, b.at) || a.counter - b.counter)
      .flatMap((use) => {
        const { promotion, record, id, counter, said } = use;
        const back = counter <= before && before > 0;
        const sentence = `Whether the passkey ${id} was copied: '${record}' is signed with its counter ${counter}, ${back ? `which was at ${before} before` : "of which it says that it had not risen"}${back && !said ? ", and does not say so" : ""}.`;
        before = Math.max(before, counter);
        return (back || said) && !known.has(use) ? [{ promotion, sentence }] : [];
      });
  });
}
