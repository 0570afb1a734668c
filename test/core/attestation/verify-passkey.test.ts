import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import {
  type PasskeyDeed,
  type PasskeyPredicate,
  type PasskeyStatement,
  passkeyStatement,
} from "../../../core/attestation/passkey-statement.ts";
import { type Passkey, passkeysOf, type RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { challengeOf, statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import type { CeremonyTrust } from "../../../core/attestation/verify-ceremony.ts";
import {
  revocationUnseenSeconds,
  verifyPasskeyDeedWithoutToken,
  verifyPasskeyUse,
  verifyRecordedPasskeyDeed,
} from "../../../core/attestation/verify-passkey.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { attestationBase, bo, cora, issuer, now, sam } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { confirmedPasskey, passkeyDeed, passkeyPredicate } from "./given-passkey.ts";
import { claimsOf, clientId } from "./given-sign-off.ts";
import { attestation, attestationKey, provider } from "./signing-keys.ts";

const trust: CeremonyTrust = {
  keys: [attestation.key],
  verifySignature: verifyEcdsa,
  verifyJws,
  issuer,
  audiences: [clientId],
  subjectClaim: "sub",
};
const device = authenticator();
const other = authenticator("ES256", "other device");
const enrolled = await passkeyDeed("enrol", device, cora, cora, now);

/** Recorded by the service, whatever it says, with the signatures that fit it. */
async function recorded(
  deed: PasskeyDeed,
  by: Member,
  {
    said = {},
    stored = {},
    statement: changed = (statement) => statement,
  }: {
    readonly said?: Partial<PasskeyPredicate>;
    readonly stored?: Partial<RecordedPasskeyDeed>;
    readonly statement?: (statement: PasskeyStatement) => PasskeyStatement;
  } = {},
): Promise<RecordedPasskeyDeed> {
  const predicate = passkeyPredicate(deed, device, cora, { person: by.identity, ...said });
  const statement = changed(passkeyStatement(attestationBase, predicate));
  return {
    id: device.id,
    deed,
    passkey: predicate.passkey,
    person: by.identity,
    personName: by.name,
    groups: by.groups,
    recordedAt: now,
    envelope: await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign),
    idToken: provider.token(claimsOf(by, statement)),
    jwks: { keys: [provider.jwk] },
    ...(deed === "enrol" ? { assertion: device.assertion(challengeOf(statement)) } : {}),
    ...stored,
  };
}
const asSigned = "statement-mismatch: What is recorded about a passkey is not what was signed:";

describe("a recorded deed about a passkey", () => {
  it.each<[string, Promise<RecordedPasskeyDeed>]>([
    ["an enrolment by its owner", recorded("enrol", cora)],
    ["a confirmation by another", recorded("confirm", sam)],
    ["a revocation by its owner", recorded("revoke", cora)],
    ["a revocation by another", recorded("revoke", sam)],
  ])("%s holds", async (_, given) => {
    const deed = await given;
    expect(() => verifyRecordedPasskeyDeed(deed, attestationBase, trust)).not.toThrow();
    expect(() => verifyPasskeyDeedWithoutToken({ ...deed, idToken: "" }, attestationBase, trust)).not.toThrow();
  });

  it.each<[string, Promise<RecordedPasskeyDeed>, string]>([
    [
      "whose envelope a foreign key signed",
      (async () => {
        const foreign = attestationKey();
        const statement = passkeyStatement(attestationBase, passkeyPredicate("enrol", device, cora));
        return {
          ...enrolled,
          envelope: await signEnvelope(statementBytes(statement), foreign.key.keyid, foreign.sign),
        };
      })(),
      "signature-invalid: The envelope is signed with a key that is not trusted here.",
    ],
    [
      "whose subject is another key",
      recorded("enrol", cora, {
        statement: (statement) => ({
          ...statement,
          subject: [{ name: "passkey.jwk", digest: { sha256: other.id } }],
        }),
      }),
      `${asSigned} its statement is about another key, or not canonical.`,
    ],
    [
      "whose statement is written otherwise",
      (async () => {
        const statement = passkeyStatement(attestationBase, passkeyPredicate("enrol", device, cora));
        const spaced = utf8(JSON.stringify(statement, undefined, 1));
        return { ...enrolled, envelope: await signEnvelope(spaced, attestation.key.keyid, attestation.sign) };
      })(),
      `${asSigned} its statement is about another key, or not canonical.`,
    ],
    [
      "that is recorded after its statement was over",
      recorded("enrol", cora, { stored: { recordedAt: addSeconds(now, 840) } }),
      "statement-expired: The statement has expired, or would be valid for too long: reload the page and decide again.",
    ],
    [
      "under another key's id",
      recorded("enrol", cora, { stored: { id: other.id } }),
      `${asSigned} it is stored under another key's id.`,
    ],
    [
      "that was a revocation",
      recorded("revoke", sam, { stored: { deed: "confirm" } }),
      `${asSigned} it is stored as another deed.`,
    ],
    [
      "about a passkey of another name",
      recorded("enrol", cora, { stored: { passkey: { ...enrolled.passkey, name: "Phone" } } }),
      `${asSigned} it is stored about another passkey.`,
    ],
    [
      "as somebody else's",
      recorded("confirm", sam, { stored: { person: bo.identity } }),
      `${asSigned} the statement names somebody else.`,
    ],
    [
      "by which somebody enrols another person's key",
      recorded("enrol", sam),
      "not-entitled: A passkey is enrolled by its owner and nobody else.",
    ],
    [
      "by which its owner confirms it",
      recorded("confirm", cora),
      "not-entitled: Nobody confirms their own passkey: a second person does.",
    ],
    [
      "by which a key is enrolled that has signed nothing",
      recorded("enrol", cora).then(({ assertion: _, ...deed }) => deed),
      `${asSigned} the new passkey did not sign its own enrolment.`,
    ],
    [
      "by which a key is enrolled that signed something else",
      recorded("enrol", cora, { stored: { assertion: device.assertion("AAAA") } }),
      "passkey-invalid: The passkey's answer cannot be used: it was made for another decision.",
    ],
    [
      "by which a key is enrolled that another key answered for",
      recorded("enrol", cora, {
        stored: {
          assertion: other.assertion(
            challengeOf(passkeyStatement(attestationBase, passkeyPredicate("enrol", device, cora))),
          ),
        },
      }),
      "passkey-invalid: The passkey's answer cannot be used: another passkey answered than the one named.",
    ],
  ])("%s is refused, with its ID token and without", async (_, given, refusal) => {
    const deed = await given;
    expect(told(codeOf(() => verifyRecordedPasskeyDeed(deed, attestationBase, trust)))).toBe(refusal);
    expect(told(codeOf(() => verifyPasskeyDeedWithoutToken({ ...deed, idToken: "" }, attestationBase, trust)))).toBe(
      refusal,
    );
  });

  it.each<[string, Partial<RecordedPasskeyDeed>, string]>([
    [
      "that somebody else signed in for",
      {
        idToken: provider.token(
          claimsOf(
            bo,
            passkeyStatement(attestationBase, passkeyPredicate("confirm", device, cora, { person: sam.identity })),
          ),
        ),
      },
      `${asSigned} it was done by somebody else.`,
    ],
    ["that is stored with more groups", { groups: ["sre", "admirals"] }, `${asSigned} it was done with other groups.`],
    [
      "whose sign-in was for another deed",
      {
        idToken: provider.token(
          claimsOf(
            sam,
            passkeyStatement(attestationBase, passkeyPredicate("revoke", device, cora, { person: sam.identity })),
          ),
        ),
      },
      "nonce-mismatch: The sign-in was made for another decision than the one that was sent.",
    ],
  ])("%s is refused", async (_, stored, refusal) => {
    const deed = await recorded("confirm", sam, { stored });
    expect(told(codeOf(() => verifyRecordedPasskeyDeed(deed, attestationBase, trust)))).toBe(refusal);
  });
});

describe("a passkey's answer", async () => {
  const challenge = "Y2hhbGxlbmdl";
  const [standing = expect.unreachable()] = passkeysOf(await confirmedPasskey(device, cora, sam));
  const revokedAt = addSeconds(now, -60);
  const revoked: Passkey = { ...standing, revoked: await passkeyDeed("revoke", device, cora, sam, revokedAt) };
  const { confirmed: _, ...unconfirmed } = standing;
  const given = {
    signOff: { reviewer: cora.identity, recordedAt: now, passkey: { id: device.id, counter: 3 } },
    passkey: device.assertion(challenge, { counter: 3 }),
  };
  const use = (
    over: { readonly signOff?: object; readonly passkey?: Passkey | undefined; readonly challenge?: string } = {},
  ) =>
    verifyPasskeyUse(
      { ...given, signOff: { ...given.signOff, ...over.signOff } },
      over.challenge ?? challenge,
      "passkey" in over ? over.passkey : standing,
      trust,
    );

  it("counts where the reviewer's own, confirmed key signed the decision", () => {
    expect(() => use()).not.toThrow();
  });

  it.each<[string, Parameters<typeof use>[0], string]>([
    ["of no key that is known", { passkey: undefined }, "passkey-invalid: The passkey that signed was never enrolled."],
    [
      "of another key than was looked up",
      { signOff: { passkey: { id: other.id, counter: 3 } } },
      "passkey-invalid: The passkey that signed was never enrolled.",
    ],
    [
      "of somebody else's key",
      { signOff: { reviewer: sam.identity } },
      "passkey-invalid: The passkey that signed is somebody else's.",
    ],
    [
      "of a key that nobody confirmed",
      { passkey: unconfirmed },
      "passkey-invalid: The passkey that signed was not confirmed by a second person.",
    ],
    [
      "of a key that was confirmed later",
      { signOff: { recordedAt: addSeconds(standing.confirmed?.recordedAt ?? now, -1) } },
      "passkey-invalid: The passkey that signed was not confirmed by a second person.",
    ],
    ["of a key that was revoked before", { passkey: revoked }, "passkey-invalid: The passkey that signed was revoked."],
    [
      "of a key whose revocation could just have been seen",
      { passkey: revoked, signOff: { recordedAt: addSeconds(revokedAt, revocationUnseenSeconds + 1) } },
      "passkey-invalid: The passkey that signed was revoked.",
    ],
    [
      "to another decision",
      { challenge: "AAAA" },
      "passkey-invalid: The passkey's answer cannot be used: it was made for another decision.",
    ],
    [
      "that is stored with another counter",
      { signOff: { passkey: { id: device.id, counter: 4 } } },
      `${asSigned} it is stored with another signature counter.`,
    ],
    [
      "that its sign-off does not tell of",
      { signOff: { passkey: undefined } },
      `${asSigned} a sign-off and the passkey's answer that is kept with it contradict each other.`,
    ],
  ])("%s is refused", (_, over, refusal) => {
    expect(told(codeOf(() => use(over)))).toBe(refusal);
  });

  it("that is not kept is missing where the sign-off tells of it", () => {
    const { signOff } = given;
    expect(told(codeOf(() => verifyPasskeyUse({ signOff }, challenge, standing, trust)))).toBe(
      `${asSigned} a sign-off and the passkey's answer that is kept with it contradict each other.`,
    );
  });

  it("is asked of nobody who used none", () => {
    const signOff = { reviewer: cora.identity, recordedAt: now };
    expect(() => verifyPasskeyUse({ signOff }, challenge, undefined, trust)).not.toThrow();
  });

  it.each([0, revocationUnseenSeconds])(
    "counts %i seconds after its key was revoked, which nobody may have seen",
    (after) => {
      expect(() => use({ passkey: revoked, signOff: { recordedAt: addSeconds(revokedAt, after) } })).not.toThrow();
    },
  );

  it("of a key that was revoked before anybody confirmed it is refused for what it lacks", () => {
    const { confirmed: _, ...never } = revoked;
    expect(told(codeOf(() => use({ passkey: never, signOff: { recordedAt: revokedAt } })))).toBe(
      "passkey-invalid: The passkey that signed was not confirmed by a second person.",
    );
  });
});
