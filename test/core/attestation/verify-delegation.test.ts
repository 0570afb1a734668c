import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { longestDelegationSeconds } from "../../../core/approval/delegation.ts";
import {
  type DelegationDeed,
  type DelegationDocument,
  type DelegationPredicate,
  type DelegationStatement,
  delegationIdOf,
  delegationStatement,
} from "../../../core/attestation/delegation-statement.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import type { RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import { passkeysOf } from "../../../core/attestation/recorded-passkey.ts";
import { challengeOf, statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import {
  type DelegationTrust,
  verifyDelegationDeedWithoutToken,
  verifyRecordedDelegationDeed,
} from "../../../core/attestation/verify-delegation.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { attestationBase, bo, cora, dana, digestOf, issuer, now, sam } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { delegationDeed, delegationDocument, delegationPredicate } from "./given-delegation.ts";
import { confirmedPasskey } from "./given-passkey.ts";
import { claimsOf, clientId } from "./given-sign-off.ts";
import { attestation, attestationKey, provider } from "./signing-keys.ts";

const trust: DelegationTrust = {
  keys: [attestation.key],
  verifySignature: verifyEcdsa,
  verifyJws,
  issuer,
  audiences: [clientId],
  subjectClaim: "sub",
};
const document = delegationDocument(sam, dana, "sre");
const sound = await delegationDeed("delegate", document, sam, now);

/** Recorded by the service, whatever it says, with the sign-in that fits it. */
async function recorded(
  deed: DelegationDeed,
  delegation: DelegationDocument,
  by: Member,
  {
    said = {},
    stored = {},
    statement: changed = (statement) => statement,
  }: {
    readonly said?: Partial<DelegationPredicate>;
    readonly stored?: Partial<RecordedDelegationDeed>;
    readonly statement?: (statement: DelegationStatement) => DelegationStatement;
  } = {},
): Promise<RecordedDelegationDeed> {
  const predicate = delegationPredicate(deed, delegation, { person: by.identity, ...said });
  const statement = changed(delegationStatement(attestationBase, predicate));
  return {
    id: delegationIdOf(delegation),
    deed,
    delegation,
    person: by.identity,
    personName: by.name,
    groups: by.groups,
    recordedAt: now,
    envelope: await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign),
    idToken: provider.token(claimsOf(by, statement)),
    jwks: { keys: [provider.jwk] },
    ...stored,
  };
}
const asSigned = "statement-mismatch: What is recorded about a delegation is not what was signed:";
const another = { ...document, role: "lead-data-scientist" };

/** What is wrong with the statement or how it is stored: found with the ID token and without. */
const ofStatements: readonly (readonly [string, Promise<RecordedDelegationDeed>, string])[] = [
  [
    "whose envelope a foreign key signed",
    (async () => {
      const foreign = attestationKey();
      const statement = delegationStatement(attestationBase, delegationPredicate("delegate", document));
      return { ...sound, envelope: await signEnvelope(statementBytes(statement), foreign.key.keyid, foreign.sign) };
    })(),
    "signature-invalid: The envelope is signed with a key that is not trusted here.",
  ],
  [
    "whose subject is another delegation",
    recorded("delegate", document, sam, {
      statement: (statement) => ({
        ...statement,
        subject: [{ name: "delegation.json", digest: { sha256: delegationIdOf(another) } }],
      }),
    }),
    `${asSigned} its statement is about another delegation, or not canonical.`,
  ],
  [
    "whose statement is written otherwise",
    (async () => {
      const statement = delegationStatement(attestationBase, delegationPredicate("delegate", document));
      const spaced = utf8(JSON.stringify(statement, undefined, 1));
      return { ...sound, envelope: await signEnvelope(spaced, attestation.key.keyid, attestation.sign) };
    })(),
    `${asSigned} its statement is about another delegation, or not canonical.`,
  ],
  [
    "that is recorded after its statement was over",
    recorded("delegate", document, sam, { stored: { recordedAt: addSeconds(now, 840) } }),
    "statement-expired: The statement has expired, or would be valid for too long: reload the page and decide again.",
  ],
  [
    "under another delegation's id",
    recorded("delegate", document, sam, { stored: { id: digestOf("other") } }),
    `${asSigned} it is stored under another delegation's id.`,
  ],
  [
    "that was a revocation",
    recorded("revoke", document, sam, { stored: { deed: "delegate" } }),
    `${asSigned} it is stored as another deed.`,
  ],
  [
    "about another role",
    recorded("delegate", document, sam, { stored: { delegation: another } }),
    `${asSigned} it is stored about another delegation.`,
  ],
  [
    "as somebody else's",
    recorded("delegate", document, sam, { stored: { person: bo.identity } }),
    `${asSigned} the statement names somebody else.`,
  ],
  [
    "of what is another person's",
    recorded("delegate", document, bo),
    "not-entitled: Nobody delegates what is another person's.",
  ],
  [
    "by a third person who revokes",
    recorded("revoke", document, bo),
    "not-entitled: A delegation is revoked by one of the two whom it is about.",
  ],
  [
    "to oneself",
    recorded("delegate", delegationDocument(sam, sam, "sre"), sam),
    "not-entitled: Nobody stands in their own place.",
  ],
  [
    "for more than 90 days",
    recorded(
      "delegate",
      delegationDocument(sam, dana, "sre", { until: addSeconds(now, longestDelegationSeconds + 1) }),
      sam,
    ),
    "not-entitled: A delegation lasts 90 days at most.",
  ],
  [
    "for more than 90 days from a later day",
    recorded(
      "delegate",
      delegationDocument(sam, dana, "sre", {
        from: addSeconds(now, 3600),
        until: addSeconds(now, 3600 + longestDelegationSeconds + 1),
      }),
      sam,
    ),
    "not-entitled: A delegation lasts 90 days at most.",
  ],
  [
    "with a passkey of which no answer is kept",
    recorded("delegate", document, sam, { stored: { passkey: { id: digestOf("key"), counter: 0 } } }),
    "statement-mismatch: What is recorded about a passkey is not what was signed: a sign-off and the passkey's answer that is kept with it contradict each other.",
  ],
  [
    "with a passkey's answer that it does not tell of",
    recorded("delegate", document, sam, { stored: { assertion: authenticator().assertion("x") } }),
    "statement-mismatch: What is recorded about a passkey is not what was signed: a sign-off and the passkey's answer that is kept with it contradict each other.",
  ],
];

describe("a recorded delegation", () => {
  it.each<[string, Promise<RecordedDelegationDeed>]>([
    ["as it was given", recorded("delegate", document, sam)],
    ["that its delegator revoked", recorded("revoke", document, sam)],
    ["that its delegate revoked", recorded("revoke", document, dana)],
    [
      "of all of the 90 days, begun before it was recorded",
      recorded(
        "delegate",
        delegationDocument(sam, dana, "sre", { until: addSeconds(now, longestDelegationSeconds) }),
        sam,
      ),
    ],
    [
      "of all of the 90 days from a later day",
      recorded(
        "delegate",
        delegationDocument(sam, dana, "sre", {
          from: addSeconds(now, 3600),
          until: addSeconds(now, 3600 + longestDelegationSeconds),
        }),
        sam,
      ),
    ],
    [
      "that is revoked, which asks nothing of its terms",
      recorded("revoke", delegationDocument(sam, sam, "sre", { until: addSeconds(now, 1e9) }), sam),
    ],
  ])("%s holds", async (_, given) => {
    const deed = await given;
    expect(() => verifyRecordedDelegationDeed(deed, attestationBase, trust)).not.toThrow();
    expect(() => verifyDelegationDeedWithoutToken({ ...deed, idToken: "" }, attestationBase, trust)).not.toThrow();
  });

  it.each(ofStatements)("%s is refused, with its ID token and without", async (_, given, refusal) => {
    const deed = await given;
    expect(told(codeOf(() => verifyRecordedDelegationDeed(deed, attestationBase, trust)))).toBe(refusal);
    expect(told(codeOf(() => verifyDelegationDeedWithoutToken({ ...deed, idToken: "" }, attestationBase, trust)))).toBe(
      refusal,
    );
  });

  it.each<[string, Promise<RecordedDelegationDeed>, string]>([
    [
      "that somebody else signed in for",
      recorded("delegate", document, sam).then((deed) => ({
        ...deed,
        idToken: provider.token({
          ...claimsOf(bo, delegationStatement(attestationBase, delegationPredicate("delegate", document))),
        }),
      })),
      `${asSigned} it was done by somebody else.`,
    ],
    [
      "that is stored with more groups",
      recorded("delegate", document, sam, { stored: { groups: [...sam.groups, "admirals"] } }),
      `${asSigned} it was done with other groups.`,
    ],
    [
      "whose sign-in was for another deed",
      recorded("delegate", document, sam).then((deed) => ({
        ...deed,
        idToken: provider.token(
          claimsOf(sam, delegationStatement(attestationBase, delegationPredicate("revoke", document))),
        ),
      })),
      "nonce-mismatch: The sign-in was made for another decision than the one that was sent.",
    ],
    [
      "whose sign-in was before it",
      recorded("delegate", document, sam).then((deed) => ({
        ...deed,
        idToken: provider.token({
          ...claimsOf(sam, delegationStatement(attestationBase, delegationPredicate("delegate", document))),
          auth_time: Date.parse(now) / 1000 - 600,
        }),
      })),
      "not-fresh: The sign-in is older than the decision; a decision needs a fresh sign-in.",
    ],
  ])("%s is refused", async (_, given, refusal) => {
    const deed = await given;
    expect(told(codeOf(() => verifyRecordedDelegationDeed(deed, attestationBase, trust)))).toBe(refusal);
  });

  describe("that a passkey signed as well", async () => {
    const device = authenticator();
    const statement = delegationStatement(attestationBase, delegationPredicate("delegate", document));
    const signed = await recorded("delegate", document, sam, {
      stored: {
        passkey: { id: device.id, counter: 7 },
        assertion: device.assertion(challengeOf(statement), { counter: 7 }),
      },
    });
    const [passkey = expect.unreachable()] = passkeysOf(await confirmedPasskey(device, sam, cora));

    it("holds by it", () => {
      expect(() => verifyRecordedDelegationDeed(signed, attestationBase, { ...trust, passkey })).not.toThrow();
    });

    it.each<[string, RecordedDelegationDeed, string]>([
      [
        "whose answer is to another question",
        { ...signed, assertion: device.assertion("AAAA", { counter: 7 }) },
        "passkey-invalid: The passkey's answer cannot be used: it was made for another decision.",
      ],
      [
        "that is stored with another counter",
        { ...signed, passkey: { id: device.id, counter: 8 } },
        "statement-mismatch: What is recorded about a passkey is not what was signed: it is stored with another signature counter.",
      ],
      [
        "that is stored as another passkey's",
        { ...signed, passkey: { id: digestOf("other"), counter: 7 } },
        "passkey-invalid: The passkey that signed was never enrolled.",
      ],
    ])("%s is refused", (_, deed, refusal) => {
      expect(told(codeOf(() => verifyRecordedDelegationDeed(deed, attestationBase, { ...trust, passkey })))).toBe(
        refusal,
      );
    });

    it("does not hold by a passkey that nobody knows, or that was not confirmed yet", async () => {
      expect(told(codeOf(() => verifyRecordedDelegationDeed(signed, attestationBase, trust)))).toBe(
        "passkey-invalid: The passkey that signed was never enrolled.",
      );
      const { confirmed: _, ...unconfirmed } = passkey;
      expect(
        told(codeOf(() => verifyRecordedDelegationDeed(signed, attestationBase, { ...trust, passkey: unconfirmed }))),
      ).toBe("passkey-invalid: The passkey that signed was not confirmed by a second person.");
    });
  });
});
