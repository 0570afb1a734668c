import { expect, it } from "vitest";
import type { RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { fromUtf8, hex } from "../../../core/encoding/bytes.ts";
import { leafHash } from "../../../core/ledger/merkle.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { factsIn, type Stored } from "../../../functions/ledger/stored-facts.ts";
import { cora, digestOf, id, now, sam } from "../../core/promotion/promotion-in-review.ts";

// What people sign is kept as items, and its facts are made of these whenever they are told: by the archive, by its retry, and by
// the reconciliation for as long as the item is there. So another word, member or document in one of them makes every entry that
// the log has already differ from the table. Should this fail, put back what was; a fact says something new by a new member of
// its item that older ones do not have.

const proof = {
  envelope: { payloadType: "application/vnd.in-toto+json", payload: "e30=", signatures: [{ keyid: "k", sig: "c2ln" }] },
  idToken: "header.payload.signature",
  jwks: { keys: [] },
} as unknown as Pick<RecordedSignOff, "envelope" | "idToken" | "jwks">;
const assertion = { id: "a", response: { clientDataJSON: "", authenticatorData: "", signature: "" } };
const passkey = { id: digestOf("passkey"), counter: 3, counterWentBack: true };
const groups = ["compliance-officers"];
const conditions = { forSeconds: 3600, trafficPercent: 10, errorPercent: 1, p95Milliseconds: 250 };

const signOff = {
  ...{ id: digestOf("sign-off"), promotion: id, review: 1, stage: 0, result: "approve", reason: "Good." },
  ...{ roles: ["compliance-officer", "sre"], reviewer: cora.identity, reviewerName: "Cora", groups, recordedAt: now },
  ...{ signedAt: now, acr: "high", amr: ["pwd", "otp"], shown: digestOf("shown"), requirements: digestOf("rules") },
  onBehalfOf: { person: sam.identity, delegation: digestOf("delegation") },
  ...{ passkey, conditions },
};
const signature = {
  ...{
    id: digestOf("loan"),
    promotion: id,
    review: 1,
    terms: { seconds: 86_400, incident: "INC-1" },
    reason: "Fraud.",
  },
  ...{ role: "incident-lead", reviewer: cora.identity, reviewerName: "Cora", groups, recordedAt: now, signedAt: now },
  ...{ passkey: { ...passkey, counterWentBack: false } },
};
const delegation = {
  ...{ delegator: cora.identity, delegate: sam.identity, role: "compliance-officer", reason: "Away.", salt: "s" },
  ...{ from: now, until: "2026-12-01T00:00:00.000Z", models: ["credit-scoring"] },
};
const deed = { person: cora.identity, personName: "Cora", groups, recordedAt: now, ...proof };
const described = { owner: cora.identity, ownerName: "Cora", algorithm: "ES256", publicKey: "key", label: "Key" };

const items: Readonly<Record<string, Stored>> = {
  "a sign-off with all that one may have": {
    kind: "sign-off",
    recorded: { signOff, ...proof, passkey: assertion } as unknown as RecordedSignOff,
  },
  "a rejection": {
    kind: "sign-off",
    recorded: {
      signOff: { ...signOff, result: "reject", onBehalfOf: undefined, passkey: undefined, conditions: undefined },
      ...proof,
    } as unknown as RecordedSignOff,
  },
  "a request for a loan": {
    kind: "loan",
    recorded: { signature, ...proof, passkey: assertion } as unknown as RecordedLoan,
  },
  "its confirmation": {
    kind: "loan",
    recorded: { signature: { ...signature, confirms: digestOf("first") }, ...proof } as unknown as RecordedLoan,
  },
  ...Object.fromEntries(
    (["delegate", "revoke"] as const).map((done): [string, Stored] => [
      `a delegation, ${done}`,
      {
        kind: "delegation",
        deed: {
          ...{ id: digestOf("delegation"), deed: done, delegation, ...deed, passkey, assertion },
        } as unknown as RecordedDelegationDeed,
      },
    ]),
  ),
  ...Object.fromEntries(
    (["enrol", "confirm", "revoke"] as const).map((done): [string, Stored] => [
      `a passkey, ${done}`,
      {
        kind: "passkey",
        deed: {
          ...{ id: digestOf("passkey"), deed: done, passkey: described, ...deed, assertion },
        } as unknown as RecordedPasskeyDeed,
      },
    ]),
  ),
};

it("what is recorded of what people signed is made of it as it always was, to the byte", () => {
  const made = Object.entries(items).map(([name, item]) => {
    const [fact = expect.unreachable(), ...others] = factsIn(item);
    expect(others, name).toEqual([]);
    const entry = ledgerEntry(fact);
    return [name, (JSON.parse(fromUtf8(entry)) as { readonly summary: string }).summary, hex(leafHash(entry))];
  });
  expect(made).toEqual([
    [
      "a sign-off with all that one may have",
      "Cora approved as compliance-officer, sre, in another person's place, with a passkey whose counter did not rise: it may have been copied, on condition that for 1h it gets at most 10 percent of the traffic and at most 1 percent of its answers are errors and 95 of 100 answers take at most 250 ms.",
      "4a4d05b3dba0553a07e83cecf81d6e1f1dab2adec59436330aa7b2c440f0defc",
    ],
    [
      "a rejection",
      "Cora rejected as compliance-officer, sre.",
      "0ea7080d2df12d879b581ea54f094865cb699ba11262a1536967e629e7fc2f7b",
    ],
    [
      "a request for a loan",
      "Cora asked for a loan of 1d as incident-lead.",
      "ec5c501988ac1963de27543da23d110d2c2aecd5d7b1caefa2a566d0e18397a0",
    ],
    [
      "its confirmation",
      "Cora confirmed a loan of 1d as incident-lead.",
      "c5428ddc866f16c0fd5293c113e1ba02c1bf964c37cd6b697de10dd74b2619a1",
    ],
    [
      "a delegation, delegate",
      "Cora delegated the role compliance-officer from 2026-11-23T12:00:00.000Z until 2026-12-01T00:00:00.000Z, with a passkey (5214bf637717ddb4).",
      "649c3eab3c43a3b7ee55ccfa45054c3005ff5bb6e936ba707ee977d5f5b0ee56",
    ],
    [
      "a delegation, revoke",
      "Cora revoked a delegation of the role compliance-officer, with a passkey (5214bf637717ddb4).",
      "d0269b154936b204f9c85a2340f8d6ea5ec00dfa952fac0180b00348053e2790",
    ],
    [
      "a passkey, enrol",
      "Cora enrolled a passkey of their own (4b949c1309045061).",
      "7f5119365762b298ea5404731d4ea35b1072cc6b438d407020d2f8525805da6d",
    ],
    [
      "a passkey, confirm",
      "Cora confirmed another person's passkey (4b949c1309045061).",
      "db595ee3bfada49d7054b57fce7e580e43981a2793caa788a5c99bec88a8b8e6",
    ],
    [
      "a passkey, revoke",
      "Cora revoked a passkey (4b949c1309045061).",
      "4a24b4ffed5694e93d5e2e1403780e5a7e9931fb9a3912c1df51a7e5948f55c8",
    ],
  ]);
});
