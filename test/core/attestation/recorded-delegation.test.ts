import { describe, expect, it } from "vitest";
import { delegationFact, delegationsOf } from "../../../core/attestation/recorded-delegation.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { bo, cora, dana, digestOf, now, sam } from "../promotion/promotion-in-review.ts";
import { authenticator } from "./authenticator.ts";
import { delegationDeed, delegationDocument } from "./given-delegation.ts";

const document = delegationDocument(sam, dana, "sre", { scope: { target: "production" } });
const given = await delegationDeed("delegate", document, sam, addSeconds(now, -60));
const revoked = await delegationDeed("revoke", document, dana, now);
const stray = await delegationDeed("revoke", delegationDocument(cora, bo, "compliance-officer"), cora, now);
const { reason: _, salt: __, ...terms } = document;
const delegation = {
  ...terms,
  id: given.id,
  delegatorName: "Sam",
  delegatorGroups: sam.groups,
  recordedAt: given.recordedAt,
};

describe("the delegations that were recorded", () => {
  it("are those that were given, as their delegators signed them", () => {
    expect(delegationsOf([])).toEqual([]);
    expect(delegationsOf([given])).toEqual([delegation]);
    const passkey = { id: digestOf("key"), counter: 3 };
    expect(delegationsOf([{ ...given, passkey }])).toEqual([{ ...delegation, passkey }]);
  });

  it("end when they are revoked, in whatever order that is told; what nobody gave is none", () => {
    const over = { ...delegation, revokedAt: now };
    expect(delegationsOf([given, revoked])).toEqual([over]);
    expect(delegationsOf([stray, revoked, given])).toEqual([over]);
    expect(delegationsOf([given, stray])).toEqual([delegation]);
  });

  it("say so where a passkey signed, and keep its answer beside the others", () => {
    const passkey = { id: digestOf("key"), counter: 3 };
    const fact = delegationFact({ ...given, passkey, assertion: authenticator().assertion("challenge") });
    expect(fact.summary).toBe(
      `Sam delegated the role sre from ${document.from} until ${document.until}, with a passkey (${given.id.slice(0, 16)}).`,
    );
    expect(fact.body["passkey"]).toEqual(passkey);
    expect(fact.attachments.map(({ name }) => name)).toEqual([
      "delegation.dsse.json",
      "id-token.jwt",
      "jwks.json",
      "passkey.json",
    ]);
  });
});
