import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { delegationIdOf } from "../../../core/attestation/delegation-statement.ts";
import type { VerifyingKey } from "../../../core/attestation/dsse.ts";
import type { Installation } from "../../../core/attestation/installation-record.ts";
import { installationsAt } from "../../../core/attestation/installations-in-force.ts";
import type { RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { lenderCheck, signOffCheck } from "../../../functions/steps/verify-sign-offs/sign-off-check.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { installation } from "../../core/attestation/given-installation.ts";
import { givenLoan } from "../../core/attestation/given-loan.ts";
import { confirmedPasskey } from "../../core/attestation/given-passkey.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  now,
  promotionInReview,
  requirements,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";

const promotion = promotionInReview();
const device = authenticator("ES256", "Cora");
const byCora = await givenSignOff(promotion, cora);
const withPasskey = await givenSignOff(promotion, cora, { device });
const deeds = await confirmedPasskey(device, cora, sam);
const told = { ...installation, number: 1, at: addSeconds(now, -86_400) };

/** The portal was replaced while the promotion was in review: another client, under another address. */
const replaced: Installation = {
  ...installation,
  audiences: ["another-client"],
  passkeys: { rpId: "new.example", origins: ["https://new.example"] },
};

function checked(
  recorded: typeof byCora,
  installations: readonly Installation[],
  delegations = new MemoryDelegations(),
): Promise<void> {
  const check = signOffCheck({
    attestationBase,
    passkeys: new MemoryPasskeys(deeds),
    delegations,
    installations: async () => installations,
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    verifyJws,
  });
  return check(recorded, promotion, requirements.document);
}

describe("what was signed before the portal was replaced", () => {
  it.each([
    ["by a sign-in", byCora],
    ["with a passkey", withPasskey],
  ])("counts %s, for the application that people signed in to then", async (_, recorded) => {
    await expect(checked(recorded, installationsAt([told], replaced, now))).resolves.toBeUndefined();
  });

  it("counts for no application that the portal was not at the time", async () => {
    await expect(checked(byCora, [replaced])).rejects.toThrow("The token was issued to another application.");
    const since = { ...replaced, number: 2, at: addSeconds(now, -3600) };
    await expect(checked(byCora, installationsAt([told, since], replaced, now))).rejects.toThrow(
      "The token was issued to another application.",
    );
  });

  it("counts with no passkey that was made on a page that the portal was not on", async () => {
    await expect(checked(withPasskey, [{ ...replaced, audiences: installation.audiences }])).rejects.toThrow(
      "The passkey was made on https://sign.example for sign.example, and the portal was elsewhere.",
    );
  });
});

describe("what a lender signed", () => {
  const lent = async (given: { installations?: readonly Installation[]; key?: VerifyingKey }) =>
    lenderCheck({
      attestationBase,
      passkeys: new MemoryPasskeys(),
      installations: async () => given.installations ?? [installation],
      verifyingKeys: async () => [given.key ?? attestation.key],
      verifySignature: verifyEcdsa,
      verifyJws,
    })(await givenLoan(), promotion);

  it("holds under the key and for the application of its time, and under no others", async () => {
    await expect(lent({})).resolves.toBeUndefined();
    await expect(lent({ key: attestationKey().key })).rejects.toThrow("a key that is not trusted");
    await expect(lent({ installations: [replaced] })).rejects.toThrow("The token was issued to another application.");
  });
});

describe("what was signed in another person's place", () => {
  const delegation = delegationDocument(cora, sam, "compliance-officer");
  const place = { person: cora.identity, delegation: { sha256: delegationIdOf(delegation) } };
  const onBehalfOf = { person: cora.identity, delegation: place.delegation.sha256 };

  async function inHerPlace(change: (deed: RecordedDelegationDeed) => RecordedDelegationDeed) {
    const given = await givenSignOff(promotion, sam, { onBehalfOf: place });
    const deed = await delegationDeed("delegate", delegation, cora);
    const recorded = { ...given, signOff: { ...given.signOff, onBehalfOf } };
    return checked(recorded, [installation], new MemoryDelegations(change(deed)));
  }

  it("counts by a delegation that is signed", async () => {
    await expect(inHerPlace((deed) => deed)).resolves.toBeUndefined();
  });

  it("does not by one that was changed, and that is told of the delegation and not of the sign-off", async () => {
    await expect(inHerPlace((deed) => ({ ...deed, recordedAt: addSeconds(now, -60) }))).rejects.toMatchObject({
      code: "statement-expired",
      message: expect.stringMatching(/^The delegation under which Sam signed does not hold: The statement has expired/),
    });
  });
});
