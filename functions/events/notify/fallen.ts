import * as v from "valibot";
import { isSha256, type Sha256 } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type IdentityKey, identityKey, type Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import type { Telling } from "../../telling.ts";

const digest = v.custom<Sha256>(isSha256);
const schema = v.object({
  fallen: v.array(v.union([digest, v.object({ signOff: digest, why: v.string() })])),
  kept: v.optional(v.array(v.object({ signOff: digest })), []),
  /** The earlier candidates, where the sign-offs were given to those. */
  promotions: v.optional(v.array(v.object({ id: v.custom<PromotionId>(isPromotionId) }))),
});

export interface SignersPorts {
  readonly promotions: {
    facts(id: PromotionId): Promise<readonly Fact[]>;
    signOffs(id: PromotionId): Promise<readonly { readonly signOff: SignOff }[]>;
  };
}

/** What those are told whose approval a fact takes out of the count, and those whose rejection stands although it began anew. */
export async function tellingsOfSigners(
  promotion: Promotion,
  fact: Fact,
  members: readonly Member[],
  { promotions }: SignersPorts,
): Promise<readonly Telling[]> {
  const { fallen, kept, promotions: earlier } = v.parse(schema, fact.body);
  if (fallen.length === 0 && kept.length === 0) return [];
  // A record of before it was told sign-off by sign-off: all of them, for the one reason that it gives.
  const falls = new Map(
    fallen.map((each) => (typeof each === "string" ? [each, fact.summary] : [each.signOff, each.why])),
  );
  const stands = new Set(kept.map(({ signOff }) => signOff));
  const given = [...new Set([...(earlier ?? []).map(({ id }) => id), promotion.id])];
  const recorded = (await Promise.all(given.map((id) => promotions.signOffs(id)))).flat();
  const [outOfCount, standing] = [new Map<IdentityKey, string>(), new Map<IdentityKey, string>()];
  for (const { signOff } of recorded) {
    const why = falls.get(signOff.id);
    if (why !== undefined && signOff.result === "approve") outOfCount.set(identityKey(signOff.reviewer), why);
    if (stands.has(signOff.id) && signOff.result === "reject")
      standing.set(identityKey(signOff.reviewer), fact.summary);
  }
  const facts = await promotions.facts(promotion.id);
  const about = (purpose: "fallen" | "stands", reasons: ReadonlyMap<IdentityKey, string>): readonly Telling[] =>
    reasons.size === 0
      ? []
      : [
          {
            purpose,
            promotion,
            facts,
            occasion: fact.id.slice(fact.id.lastIndexOf("/") + 1),
            at: fact.at,
            people: members.flatMap((member) => {
              const reason = reasons.get(identityKey(member.identity));
              return reason === undefined || !member.enabled ? [] : [{ member, roles: [], reason }];
            }),
            answers: () => true,
          },
        ];
  return [...about("fallen", outOfCount), ...about("stands", standing)];
}
