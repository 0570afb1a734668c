import { describe, expect, it } from "vitest";
import { delegationFact } from "../../../core/attestation/recorded-delegation.ts";
import { passkeyFact } from "../../../core/attestation/recorded-passkey.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type FoundationsPorts, foundationsOf } from "../../../functions/ledger/foundations.ts";
import { factsIn, type Stored } from "../../../functions/ledger/stored-facts.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { cora, dana, id, now, sam } from "../../core/promotion/promotion-in-review.ts";

const device = authenticator();
const passkey = await Promise.all([
  passkeyDeed("revoke", device, cora),
  passkeyDeed("confirm", device, cora, sam),
  passkeyDeed("enrol", device, cora),
]);
const [, confirm, enrol] = passkey.map((deed) => passkeyFact(deed).id);
const delegated = {
  ...(await delegationDeed("delegate", delegationDocument(cora, dana, "compliance-officer"), cora)),
  passkey: { id: device.id, counter: 3, userVerified: true, backedUp: false },
};
const delegation = delegationFact(delegated);

const signed = (body: Fact["body"]): Fact => ({
  ...{ id: `${id}/sign-off/1`, promotion: id, type: "sign-off", at: now, summary: "Signed.", body, attachments: [] },
});
const withPasskey = signed({ passkey: { id: device.id, counter: 4 } });
const inHerPlace = signed({ onBehalfOf: { person: { ...cora.identity }, delegation: delegated.id } });

const table = new Map<string | undefined, Stored>([
  ...passkey.map((deed) => [passkeyFact(deed).id, { kind: "passkey", deed }] as const),
  [delegation.id, { kind: "delegation", deed: delegated }],
]);

/** The ids of what is told before these facts, where the ledger has some already; what of it cannot be read; and what was asked of the ledger. */
async function foundations(facts: readonly Fact[], known: readonly (string | undefined)[] = [], items = table) {
  const asked: string[] = [];
  const ports: FoundationsPorts = {
    inLedger: async (ids) => {
      asked.push(...ids);
      return new Map(ids.filter((each) => known.includes(each)).map((each) => [each, {}]));
    },
    itemOf: async ({ id: of }) => items.get(of),
  };
  const { found, unreadable } = await foundationsOf(ports)(facts);
  return { found: found.flatMap((each) => factsIn(each)).map((fact) => fact.id), unreadable: [...unreadable], asked };
}

describe("what facts rest on", () => {
  it("is that a passkey was enrolled and confirmed before somebody signed with it, in this order", async () => {
    expect(await foundations([withPasskey, withPasskey])).toEqual({
      ...{ found: [enrol, confirm], asked: [enrol, confirm], unreadable: [] },
    });
    expect((await foundations([withPasskey], [enrol])).found).toEqual([confirm]);
    expect((await foundations([withPasskey], [enrol, confirm])).found).toEqual([]);
  });

  it("is the delegation under which somebody signed, and the passkey that this was signed with", async () => {
    expect((await foundations([inHerPlace])).found).toEqual([enrol, confirm, delegation.id]);
    expect((await foundations([inHerPlace], [delegation.id])).found).toEqual([]);
    expect((await foundations([delegation])).found).toEqual([enrol, confirm]);
  });

  it("is nothing for most facts, and nothing is asked then", async () => {
    const odd = [{}, { passkey: "of old" }, { passkey: { id: 3 } }, { onBehalfOf: null }].map(signed);
    expect(await foundations(odd)).toEqual({ found: [], asked: [], unreadable: [] });
  });

  it("is what the table has, so that what was never done is not made up", async () => {
    const other = signed({ passkey: { id: authenticator("ES256", "another device").id, counter: 1 } });
    expect((await foundations([other])).found).toEqual([]);
  });

  it("cannot be told where somebody changed it by hand, and is named: by the item's key where it is known", async () => {
    const item = `PASSKEYS/${device.id}#enrol`;
    const broken = new Map([...table, [enrol, { kind: "unreadable", item }] as const]);
    expect(await foundations([withPasskey, inHerPlace], [], broken)).toMatchObject({
      found: [confirm, delegation.id],
      unreadable: [[enrol, { item }]],
    });
    const another = new Map([...table, [delegation.id, { kind: "unknown" }] as const]);
    expect(await foundations([inHerPlace], [], another)).toMatchObject({
      found: [],
      unreadable: [[delegation.id, {}]],
    });
    expect(await foundations([inHerPlace], [delegation.id], another)).toMatchObject({ found: [], unreadable: [] });
  });
});
