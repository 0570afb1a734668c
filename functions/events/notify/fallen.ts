import * as v from "valibot";
import { minuteText } from "../../../core/encoding/instant.ts";
import { isSha256, type Sha256 } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type IdentityKey, identityKey, type Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import type { Recipient, Telling } from "../../telling/telling.ts";
import { occasionOf } from "./members.ts";

const digest = v.custom<Sha256>(isSha256);
const schema = v.object({
  fallen: v.array(v.union([digest, v.object({ signOff: digest, why: v.string() })])),
  kept: v.optional(v.array(v.object({ signOff: digest })), []),
  /** The earlier candidates, where the sign-offs were given to those. */
  promotions: v.optional(v.array(v.object({ id: v.custom<PromotionId>(isPromotionId) }))),
});

type Told = Pick<Recipient, "reason" | "signed" | "successor">;

export interface SignersPorts {
  readonly promotions: {
    facts(id: PromotionId): Promise<readonly Fact[]>;
    load(id: PromotionId): Promise<Promotion | undefined>;
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
  const recorded = (
    await Promise.all(
      given.map(async (id) => {
        const of = id === promotion.id ? promotion : await promotions.load(id);
        const own = (await promotions.signOffs(id)).map(({ signOff }) => ({ signOff, of }));
        // What is kept for it may have been given to one before.
        const carried = (of?.carried ?? []).map(async ({ signOff }) => ({
          signOff,
          of: await promotions.load(signOff.promotion),
        }));
        return [...own, ...(await Promise.all(carried))];
      }),
    )
  ).flat();
  const [outOfCount, standing] = [new Map<IdentityKey, Told>(), new Map<IdentityKey, Told>()];
  for (const { signOff, of } of recorded) {
    const why = falls.get(signOff.id);
    if (why !== undefined && signOff.result === "approve")
      outOfCount.set(identityKey(signOff.reviewer), {
        reason: sentenceOf(why),
        ...namesOf(of ?? promotion, promotion),
      });
    if (stands.has(signOff.id) && signOff.result === "reject")
      standing.set(identityKey(signOff.reviewer), { reason: fact.summary });
  }
  const facts = await promotions.facts(promotion.id);
  const about = (purpose: "fallen" | "stands", told: ReadonlyMap<IdentityKey, Told>): readonly Telling[] =>
    told.size === 0
      ? []
      : [
          {
            purpose,
            promotion,
            facts,
            occasion: occasionOf(fact),
            at: fact.at,
            people: members.flatMap((member) => {
              const what = told.get(identityKey(member.identity));
              return what === undefined || !member.enabled ? [] : [{ member, roles: [], ...what }];
            }),
            answers: () => true,
          },
        ];
  return [...about("fallen", outOfCount), ...about("stands", standing)];
}

/** A clause of the record about who signed, as a sentence to them. */
function sentenceOf(why: string): string {
  return why.startsWith("signed ") ? `You ${why}.` : why;
}

/** What somebody signed for, and what took its place, where something did: apart also where both have one version. */
function namesOf(of: Promotion, now: Promotion): Pick<Told, "signed" | "successor"> {
  const nameOf = ({ manifest, submittedAt }: Promotion): string => {
    const { name, version } = manifest.model;
    const alike = of.id !== now.id && of.manifest.model.version === now.manifest.model.version;
    return alike ? `${name} ${version}, submitted ${minuteText(submittedAt)}` : `${name} ${version}`;
  };
  return { signed: nameOf(of), ...(of.id === now.id ? {} : { successor: nameOf(now) }) };
}
