import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import type { Jwk } from "../../../core/attestation/id-token.ts";
import { passkeysOf } from "../../../core/attestation/recorded-passkey.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { type SignOffContext, signOffStatement, statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import {
  requireAsSigned,
  type SignOffTrust,
  verifyRecordedSignOff,
} from "../../../core/attestation/verify-sign-off.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import {
  attestationBase,
  cora,
  dana,
  digestOf,
  issuer,
  now,
  promotionInReview,
  sam,
} from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { confirmedPasskey } from "./given-passkey.ts";
import { choiceOf, claimsOf, clientId, givenSignOff, recordingOf } from "./given-sign-off.ts";
import { attestation, attestationKey, provider, providerKey } from "./signing-keys.ts";

const promotion = promotionInReview();
const context = signOffContextOf(promotion, attestationBase);
const statement = signOffStatement(context, choiceOf(cora, { reason: "All fine." }));
const trust: SignOffTrust = {
  keys: [attestation.key],
  verifySignature: verifyEcdsa,
  verifyJws,
  issuer,
  audiences: [clientId],
  subjectClaim: "sub",
};
const sound = await recordingOf(statement, cora);
const nowSeconds = msOfInstant(now) / 1000;

function signed(claims: object): RecordedSignOff {
  return { ...sound, idToken: provider.token({ ...claimsOf(cora, statement), ...claims }) };
}
function stored(over: Partial<SignOff>): RecordedSignOff {
  return { ...sound, signOff: { ...sound.signOff, ...over } };
}
/** A sound envelope by the service's own key over another statement. */
async function resigned(other: typeof statement): Promise<RecordedSignOff> {
  return { ...sound, envelope: await signEnvelope(statementBytes(other), attestation.key.keyid, attestation.sign) };
}
const foreign = attestationKey();
const elsewhere = providerKey();

describe("a recorded sign-off", () => {
  it("holds from its raw bytes", () => {
    expect(() => verifyRecordedSignOff(sound, context, trust)).not.toThrow();
  });

  it.each<[string, RecordedSignOff | Promise<RecordedSignOff>, string]>([
    [
      "whose envelope a foreign key signed",
      signEnvelope(statementBytes(statement), foreign.key.keyid, foreign.sign).then((envelope) => ({
        ...sound,
        envelope,
      })),
      "signature-invalid: The envelope is signed with a key that is not trusted here.",
    ],
    [
      "whose payload was changed",
      { ...sound, envelope: { ...sound.envelope, payload: Buffer.from("{}").toString("base64") } },
      "signature-invalid: The envelope's signature does not fit its content.",
    ],
    [
      "whose decision the service alone turned round",
      resigned(signOffStatement(context, choiceOf(cora, { result: "reject", reason: "All fine." }))),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored under another statement's id.",
    ],
    [
      "that is stored under another id",
      stored({ id: digestOf("other") }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored under another statement's id.",
    ],
    [
      "that is stored with another result",
      stored({ result: "reject" }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored as another decision than the one signed.",
    ],
    [
      "that is stored with another reason",
      stored({ reason: "Not at all." }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored as another decision than the one signed.",
    ],
    [
      "that is stored with more roles",
      stored({ roles: ["compliance-officer", "sre"] }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored as another decision than the one signed.",
    ],
    [
      "that is stored in another stage",
      stored({ stage: 1 }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored as another decision than the one signed.",
    ],
    [
      "that is stored in another review",
      stored({ review: 2 }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored as another decision than the one signed.",
    ],
    [
      "that is stored as somebody else's",
      stored({ reviewer: dana.identity }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored as somebody else's.",
    ],
    [
      "that is stored with a better sign-in",
      stored({ acr: "urn:mfa" }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored with another kind of sign-in.",
    ],
    [
      "whose token says another kind of sign-in than is stored",
      signed({ amr: ["pwd"] }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored with another kind of sign-in.",
    ],
    [
      "that is stored with more groups",
      stored({ groups: [...cora.groups, "sre"] }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored with other groups.",
    ],
    [
      "whose token is another decision's",
      signed({ nonce: "another" }),
      "nonce-mismatch: The sign-in was made for another decision than the one that was sent.",
    ],
    [
      "whose token has no nonce",
      signed({ nonce: undefined }),
      "nonce-mismatch: The sign-in was made for another decision than the one that was sent.",
    ],
    [
      "whose token has no auth_time",
      signed({ auth_time: undefined }),
      "not-fresh: The token does not say when the person signed in (auth_time); it cannot be used.",
    ],
    [
      "whose login was before the decision",
      signed({ auth_time: nowSeconds - 600 }),
      "not-fresh: The sign-in is older than the decision; a decision needs a fresh sign-in.",
    ],
    [
      "whose token was over when it was recorded",
      signed({ exp: nowSeconds }),
      "token-expired: The sign-in has expired; please sign in again.",
    ],
    [
      "whose token is another issuer's",
      signed({ iss: "https://elsewhere.example" }),
      "token-invalid: The token comes from another issuer.",
    ],
    [
      "whose token was issued to another application",
      signed({ aud: "another" }),
      "token-invalid: The token was issued to another application.",
    ],
    [
      "whose token names somebody else",
      signed({ sub: dana.identity.subject }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored as somebody else's.",
    ],
    [
      "whose token a foreign key signed",
      { ...sound, idToken: elsewhere.token(claimsOf(cora, statement), { kid: "provider-key-1" }) },
      "signature-invalid: The identity provider's signature over the decision does not fit.",
    ],
    [
      "whose token's key is not kept",
      { ...sound, jwks: { keys: [] } },
      "signature-invalid: The identity provider's signature over the decision does not fit.",
    ],
    [
      "whose token's key has another name",
      { ...sound, jwks: { keys: [{ ...provider.jwk, kid: "other" }] } },
      "signature-invalid: The identity provider's signature over the decision does not fit.",
    ],
    [
      "whose token says it is signed with nothing",
      { ...sound, idToken: unsigned() },
      "signature-invalid: The identity provider's signature over the decision does not fit.",
    ],
    [
      "whose token says that a public key is a secret",
      { ...sound, idToken: provider.token(claimsOf(cora, statement), { alg: "HS256" }) },
      "signature-invalid: The identity provider's signature over the decision does not fit.",
    ],
    [
      "whose token is signed with RSA of 1,024 bits",
      weaklySigned(),
      "signature-invalid: The identity provider signed with a key that others could sign with: RSA counts from 2,048 bits, with the exponent 65537, and Ed25519 with a point of large order.",
    ],
    [
      "that is stored as given in another's place",
      stored({ onBehalfOf: { person: dana.identity, delegation: digestOf("delegation") } }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored as another decision than the one signed.",
    ],
    [
      "that is stored under conditions",
      stored({ conditions: { forSeconds: 60, errorPercent: 1 } }),
      "statement-mismatch: A recorded sign-off is not what was signed: it is stored as another decision than the one signed.",
    ],
    [
      "recorded before its statement was made",
      stored({ recordedAt: addSeconds(now, -200) }),
      "statement-expired: The statement is from the future; please check the clock of your computer.",
    ],
    [
      "recorded after its statement was over",
      stored({ recordedAt: addSeconds(now, 900) }),
      "statement-expired: The statement has expired, or would be valid for too long: reload the page and decide again.",
    ],
  ])("%s is refused", async (_, recorded, refusal) => {
    const given = await recorded;
    expect(told(codeOf(() => verifyRecordedSignOff(given, context, trust)))).toBe(refusal);
  });

  it.each<[string, Partial<SignOffContext>]>([
    ["another candidate", { freezeDigest: digestOf("other") }],
    ["another promotion", { promotion: promotionInReview().id.replace(/1$/, "2") as SignOffContext["promotion"] }],
    ["other requirements", { requirements: digestOf("other") }],
    ["another summary than was shown", { shown: digestOf("other") }],
    ["a later review", { review: 2 }],
    ["another stage", { stage: { index: 1, name: "model and operations" } }],
    ["another deployment", { attestationBase: "https://other.example" }],
  ])("does not hold for %s", (_, over) => {
    expect(codeOf(() => verifyRecordedSignOff(sound, { ...context, ...over }, trust)).code).toBe("statement-mismatch");
  });

  it("in another's place and under conditions holds as it was signed", async () => {
    const place = { person: dana.identity, delegation: digestOf("delegation") };
    const conditions = { forSeconds: 60, errorPercent: 1 };
    const given = signOffStatement(
      context,
      choiceOf(cora, { onBehalfOf: { person: place.person, delegation: { sha256: place.delegation } }, conditions }),
    );
    const { signOff, ...rest } = await recordingOf(given, cora);
    const whole = { ...rest, signOff: { ...signOff, onBehalfOf: place, conditions } };
    expect(() => verifyRecordedSignOff(whole, context, trust)).not.toThrow();
    expect(told(codeOf(() => verifyRecordedSignOff({ ...rest, signOff }, context, trust)))).toMatch(
      /it is stored as another decision than the one signed\.$/,
    );
  });

  it("with a passkey holds by the reviewer's own, and by no other", async () => {
    const device = authenticator();
    const recorded = await givenSignOff(promotion, cora, { device });
    const [passkey = expect.unreachable()] = passkeysOf(await confirmedPasskey(device, cora, sam));
    expect(() => verifyRecordedSignOff(recorded, context, { ...trust, passkey })).not.toThrow();
    expect(told(codeOf(() => verifyRecordedSignOff(recorded, context, trust)))).toBe(
      "passkey-invalid: The passkey that signed was never enrolled.",
    );
  });

  it("is as signed only under the name of whoever its statement names, where the token was left out", () => {
    expect(() => requireAsSigned(sound.signOff, statement.predicate)).not.toThrow();
    expect(
      told(codeOf(() => requireAsSigned({ ...sound.signOff, reviewer: dana.identity }, statement.predicate))),
    ).toBe("statement-mismatch: A recorded sign-off is not what was signed: the statement names somebody else.");
  });

  it("of somebody whose token names no groups holds, and gives no role", async () => {
    const stranger = { ...cora, groups: [] };
    const recorded = await givenSignOff(promotion, stranger);
    expect(() => verifyRecordedSignOff(recorded, context, trust)).not.toThrow();
    expect(recorded.signOff.groups).toEqual([]);
  });
});

function unsigned(): string {
  const part = (value: object) => base64url(utf8(JSON.stringify(value)));
  return `${part({ alg: "none", kid: "provider-key-1" })}.${part(claimsOf(cora, statement))}.`;
}

/** By a key that is too short, which the provider published as its own. */
function weaklySigned(): RecordedSignOff {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const part = (value: object) => base64url(utf8(JSON.stringify(value)));
  const input = `${part({ alg: "RS256", kid: "weak" })}.${part(claimsOf(cora, statement))}`;
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "weak" } as Jwk;
  return {
    ...sound,
    idToken: `${input}.${base64url(new Uint8Array(sign("sha256", utf8(input), privateKey)))}`,
    jwks: { keys: [jwk] },
  };
}
