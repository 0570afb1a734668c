import { expect, it } from "vitest";
import { personOf } from "../../../core/approval/entitlement.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { withWhoSigned } from "../../../functions/people/who-signed.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { dana, everybody, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";

const promotion = promotionInReview();
const elsewhere = (who: Member): Member => ({
  ...who,
  identity: { issuer: "https://before.example", subject: who.identity.subject },
});

it("is one person who signed with an account that the directory does not list any more", async () => {
  const before = elsewhere(dana);
  const signed = [await givenSignOff(promotion, before), await givenSignOff(promotion, sam)];
  const apart = personOf([...everybody], []);
  expect(apart(before.identity)).not.toBe(apart(dana.identity));
  const keyOf = personOf([...everybody], withWhoSigned([], { signOffs: signed }));
  expect(keyOf(before.identity)).toBe(keyOf(dana.identity));
  expect(keyOf(sam.identity)).not.toBe(keyOf(dana.identity));
});

it("knows an account by the address that it had last, and one without an address by nothing", async () => {
  const before = elsewhere(dana);
  const renamed = { ...before, address: "Dana.Lind@example.com" };
  const later = await givenSignOff(promotion, renamed, { recordedAt: addSeconds(now, 60) });
  const earlier = await givenSignOff(promotion, before, { recordedAt: now });
  const people = withWhoSigned([], { signOffs: [later, earlier] });
  expect(people.map(({ addresses, identities }) => [addresses, identities])).toEqual([
    [["dana.lind@example.com"], [before.identity]],
  ]);
  for (const address of ["", " "])
    expect(withWhoSigned([], { signOffs: [await givenSignOff(promotion, { ...before, address })] })).toEqual([]);
});
