import { describe, expect, it } from "vitest";
import { delegationFact } from "../../../core/attestation/recorded-delegation.ts";
import { passkeyFact } from "../../../core/attestation/recorded-passkey.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import {
  type RevocationsPorts,
  requireRevocationsKept,
} from "../../../functions/steps/verify-sign-offs/revocations-kept.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { cora, digestOf, now, sam } from "../../core/promotion/promotion-in-review.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";

const document = delegationDocument(cora, sam, "compliance-officer");
const later = addSeconds(now, 60);
const device = authenticator("ES256", "Cora");
const passkey = { id: device.id, counter: 1 };
const delegated = { ...(await delegationDeed("delegate", document, cora)), passkey };
const ended = await delegationDeed("revoke", document, cora, later);
const confirmed = await confirmedPasskey(device, cora, sam);
const revoked = await passkeyDeed("revoke", device, cora, sam, later);
const facts = [delegationFact(ended).id, passkeyFact(revoked).id];
const inHerPlace = [{ onBehalfOf: { person: cora.identity, delegation: delegated.id } }];

/** What the ledger is asked for, and the ports of a table. */
function table(told: readonly string[], over: Partial<RevocationsPorts> = {}) {
  const asked: string[] = [];
  const ports: RevocationsPorts = {
    inLedger: async (ids) => {
      asked.push(...ids);
      return new Map(ids.flatMap((id) => (told.includes(id) ? [[id, { leafHash: digestOf(id) }] as const] : [])));
    },
    delegations: new MemoryDelegations(delegated, ended),
    passkeys: new MemoryPasskeys([...confirmed, revoked]),
    ...over,
  };
  return { asked, ports };
}

describe("what was revoked of that by which somebody signed", () => {
  it("is asked of the ledger: the delegation, and the passkey that signed that", async () => {
    const { asked, ports } = table([]);
    await requireRevocationsKept(inHerPlace, ports);
    expect(asked).toEqual(facts);
  });

  it("is nothing where the table tells it as well, which judges by that", async () => {
    await expect(requireRevocationsKept(inHerPlace, table(facts).ports)).resolves.toBeUndefined();
  });

  it.each([
    ["a delegation's", { delegations: new MemoryDelegations(delegated) }, facts[0]],
    ["a passkey's", { passkeys: new MemoryPasskeys(confirmed) }, facts[1]],
  ] as const)("is missed where somebody took it out of the table: %s", async (_, over, fact) => {
    await expect(requireRevocationsKept(inHerPlace, table(facts, over).ports)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`The ledger tells ${fact}, a revocation, and the table does not`),
    });
  });

  it("costs nothing where nobody signed by either", async () => {
    const { asked, ports } = table(facts);
    await requireRevocationsKept([{}], ports);
    expect(asked).toEqual([]);
  });
});
