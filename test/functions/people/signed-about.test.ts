import { describe, expect, it } from "vitest";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { signedAbout, withWhoSigned } from "../../../functions/people/who-signed.ts";
import { signed } from "../../core/approval/lenders.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { provider } from "../../core/attestation/signing-keys.ts";
import {
  cora,
  dana,
  digestOf,
  expiresAt,
  now,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const promotion = promotionInReview();
const document = delegationDocument(cora, sam, "compliance-officer");
const delegated = await delegationDeed("delegate", document, cora);
const revoked = await delegationDeed("revoke", document, sam, addSeconds(now, -60));
const [bySam, byDana] = [await givenSignOff(promotion, sam), await givenSignOff(promotion, dana)];
const inHerPlace = {
  ...bySam,
  signOff: { ...bySam.signOff, onBehalfOf: { person: cora.identity, delegation: delegated.id } },
};
const loan: Loan = {
  ...{ terms: { seconds: 3600, incident: "" }, lenders: [], at: now, until: expiresAt },
  verdict: { sha256: digestOf("v"), at: now },
};
const lenders = [{ signature: signed(dana), idToken: provider.token({ email: dana.address }) } as RecordedLoan];

describe("what was signed about a promotion", () => {
  const olderId = promotionId(digestOf("older"), 1);
  const older = (of: typeof byDana, id = of.signOff.id) => ({
    ...of,
    signOff: { ...of.signOff, id, promotion: olderId },
  });
  const [kept, fallen] = [older(byDana), older(byDana, digestOf("fallen"))];
  const carried = [
    { signOff: kept.signOff, stage: 0, roles: ["sre"], review: 1 },
    { signOff: bySam.signOff, stage: 0, roles: ["sre"], review: 1 },
  ];

  async function about(given: typeof promotion, recorded = [inHerPlace]) {
    const promotions = new MemoryPromotions([given], [kept, fallen, bySam]);
    const asked: string[] = [];
    const ports = {
      promotions: {
        signOffs: async (id: typeof olderId) => {
          asked.push(id);
          return promotions.signOffs(id);
        },
        loans: async () => lenders,
      },
      delegations: new MemoryDelegations(delegated, revoked),
    };
    return { ...(await signedAbout(given, recorded, ports)), asked };
  }

  it("is what was recorded of it, and what it keeps of an earlier candidate; nothing else of that", async () => {
    const { signOffs, asked } = await about({ ...promotion, carried });
    expect(signOffs).toEqual([inHerPlace, kept]);
    // Its own is read already.
    expect(asked).toEqual([olderId]);
    expect((await about(promotion)).asked).toEqual([]);
  });

  it("is what lenders signed where it is lent, and the delegations behind it", async () => {
    expect((await about({ ...promotion, loan })).loans).toEqual(lenders);
    const { loans, deeds } = await about(promotion);
    expect([loans, deeds]).toEqual([[], [delegated, revoked]]);
    expect((await about(promotion, [])).deeds).toEqual([]);
  });
});

describe("who is known by what they signed", () => {
  const identities = (people: ReturnType<typeof withWhoSigned>) =>
    people.map(({ name, addresses, identities }) => [name, addresses, identities]);

  it("is whoever was signed for, by what they signed themselves, and nobody by what others did about it", () => {
    expect(identities(withWhoSigned([], { signOffs: [], deeds: [delegated, revoked] }))).toEqual([
      ["Cora", ["cora@example.org"], [cora.identity]],
    ]);
    expect(withWhoSigned([], { signOffs: [], deeds: [revoked] })).toEqual([]);
  });

  it("is whoever lent, and all of them are outside of the file of people", () => {
    const known = withWhoSigned([], { signOffs: [], loans: lenders });
    expect(known).toMatchObject([{ name: "Dana", addresses: [dana.address], accounts: [], outside: true }]);
  });

  it("is known by the address of their own latest sign-in, whatever a delegation of theirs said later", async () => {
    const at = (seconds: number, address: string): Promise<typeof bySam> => {
      const who: Member = { ...cora, address };
      return givenSignOff(promotion, who, { recordedAt: addSeconds(now, seconds), reason: address });
    };
    const three = await Promise.all([at(60, "b@example.org"), at(120, "c@example.org"), at(0, "a@example.org")]);
    const lateDeed = await delegationDeed(
      "delegate",
      document,
      { ...cora, address: "d@example.org" },
      addSeconds(now, 3600),
    );
    for (const signOffs of [three, three.toReversed(), [three[2], three[0], three[1]] as typeof three])
      expect(identities(withWhoSigned([], { signOffs, deeds: [lateDeed] }))).toEqual([
        ["Cora", ["c@example.org"], [cora.identity]],
      ]);
  });

  it("is nobody more than the file tells where nobody signed", () => {
    const people = [{ name: "Cora", addresses: [], accounts: [], identities: [], outside: false }];
    expect(withWhoSigned(people, { signOffs: [] })).toBe(people);
  });
});
