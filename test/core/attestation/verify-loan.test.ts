import { describe, expect, it } from "vitest";
import { verifyEcdsa, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { type LoanContext, loanStatement } from "../../../core/attestation/loan-statement.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { passkeysOf } from "../../../core/attestation/recorded-passkey.ts";
import { challengeOf, statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { verifyLoanWithoutToken, verifyRecordedLoan } from "../../../core/attestation/verify-loan.ts";
import type { SignOffTrust } from "../../../core/attestation/verify-sign-off.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import { bo, cora, digestOf, issuer, now, sam } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { givenLoan, loanChoice, loanContext } from "./given-loan.ts";
import { confirmedPasskey } from "./given-passkey.ts";
import { claimsOf, clientId } from "./given-sign-off.ts";
import { attestation, attestationKey, provider } from "./signing-keys.ts";

const trust: SignOffTrust = {
  keys: [attestation.key],
  verifySignature: verifyEcdsa,
  verifyJws,
  issuer,
  audiences: [clientId],
  subjectClaim: "sub",
};
const statement = loanStatement(loanContext, loanChoice);
const first = digestOf("the first lender's");
const confirming = loanStatement(loanContext, { ...loanChoice, confirms: { sha256: first } });

const sound = await givenLoan(statement);
const second = await givenLoan(confirming);
const stored = (over: Partial<LenderSignature>, of = sound): RecordedLoan => ({
  ...of,
  signature: { ...of.signature, ...over },
});
const signedIn = (claims: object): RecordedLoan => ({
  ...sound,
  idToken: provider.token({ ...claimsOf(sam, statement), ...claims }),
});
const asSigned = "statement-mismatch: A lender's signature is not what was signed:";
const another = `${asSigned} it is stored as another loan than the one signed.`;
const foreign = attestationKey();

describe("a lender's recorded signature", () => {
  it.each([
    ["that asks for a loan", sound],
    ["that confirms one", second],
  ])("%s holds, and tells the token's claims", (_, given) => {
    expect(verifyRecordedLoan(given, loanContext, trust)).toMatchObject({ sub: sam.identity.subject });
    expect(() => verifyLoanWithoutToken({ ...given, idToken: "" }, loanContext, trust)).not.toThrow();
  });

  it.each<[string, RecordedLoan | Promise<RecordedLoan>, string]>([
    [
      "whose envelope a foreign key signed",
      signEnvelope(statementBytes(statement), foreign.key.keyid, foreign.sign).then((envelope) => ({
        ...sound,
        envelope,
      })),
      "signature-invalid: The envelope is signed with a key that is not trusted here.",
    ],
    [
      "whose statement is written otherwise",
      signEnvelope(utf8(JSON.stringify(statement, undefined, 1)), attestation.key.keyid, attestation.sign).then(
        (envelope) => ({ ...sound, envelope }),
      ),
      "statement-mismatch: The statement is about something else than this promotion's freeze manifest, or not in canonical form.",
    ],
    [
      "recorded after its statement was over",
      stored({ recordedAt: addSeconds(now, 840) }),
      "statement-expired: The statement has expired, or would be valid for too long: reload the page and decide again.",
    ],
    ["stored as somebody else's", stored({ reviewer: bo.identity }), `${asSigned} the statement names somebody else.`],
    ["stored under another id", stored({ id: digestOf("other") }), another],
    ["stored for another promotion", stored({ promotion: "other" as LenderSignature["promotion"] }), another],
    ["stored in another review", stored({ review: 2 }), another],
    ["stored for longer", stored({ terms: { ...loanChoice.terms, seconds: 7200 } }), another],
    ["stored for another incident", stored({ terms: { ...loanChoice.terms, incident: "https://x.example" } }), another],
    ["stored with another reason", stored({ reason: "For fun." }), another],
    ["stored in another role", stored({ role: "compliance-officer" }), another],
    ["stored as if it confirmed one", stored({ confirms: first }), another],
    ["stored as the confirmation of another", stored({ confirms: digestOf("another's") }, second), another],
    [
      "stored as if it confirmed none",
      (() => {
        const { confirms: _, ...asking } = second.signature;
        return { ...second, signature: asking };
      })(),
      another,
    ],
    [
      "with a passkey of which no answer is kept",
      stored({ passkey: { id: digestOf("key"), counter: 0 } }),
      "statement-mismatch: What is recorded about a passkey is not what was signed: a sign-off and the passkey's answer that is kept with it contradict each other.",
    ],
    [
      "with a passkey's answer that it does not tell of",
      { ...sound, passkey: authenticator().assertion("x") },
      "statement-mismatch: What is recorded about a passkey is not what was signed: a sign-off and the passkey's answer that is kept with it contradict each other.",
    ],
  ])("%s is refused, with its ID token and without", async (_, given, refusal) => {
    const recorded = await given;
    expect(told(codeOf(() => verifyRecordedLoan(recorded, loanContext, trust)))).toBe(refusal);
    expect(told(codeOf(() => verifyLoanWithoutToken({ ...recorded, idToken: "" }, loanContext, trust)))).toBe(refusal);
  });

  it.each<[string, RecordedLoan, string]>([
    [
      "whose sign-in is another person's",
      signedIn({ sub: bo.identity.subject }),
      `${asSigned} it is stored as somebody else's.`,
    ],
    [
      "stored with more groups",
      stored({ groups: [...sam.groups, "admirals"] }),
      `${asSigned} it is stored with other groups.`,
    ],
    [
      "stored with a better sign-in",
      stored({ acr: "urn:mfa" }),
      `${asSigned} it is stored with another kind of sign-in.`,
    ],
    [
      "whose sign-in says another kind than is stored",
      signedIn({ amr: ["pwd"] }),
      `${asSigned} it is stored with another kind of sign-in.`,
    ],
    [
      "whose sign-in was for another decision",
      signedIn({ nonce: challengeOf(confirming) }),
      "nonce-mismatch: The sign-in was made for another decision than the one that was sent.",
    ],
    [
      "whose sign-in was before it",
      signedIn({ auth_time: Date.parse(now) / 1000 - 600 }),
      "not-fresh: The sign-in is older than the decision; a decision needs a fresh sign-in.",
    ],
  ])("%s is refused", (_, given, refusal) => {
    expect(told(codeOf(() => verifyRecordedLoan(given, loanContext, trust)))).toBe(refusal);
  });

  it.each<[string, Partial<LoanContext>]>([
    ["another candidate", { freezeDigest: digestOf("other") }],
    ["a later review", { review: 2 }],
    ["other requirements", { requirements: digestOf("other") }],
    ["another summary than was shown", { shown: digestOf("other") }],
    ["another deployment", { attestationBase: "https://other.example" }],
  ])("does not hold for %s", (_, over) => {
    expect(codeOf(() => verifyRecordedLoan(sound, { ...loanContext, ...over }, trust)).code).toBe("statement-mismatch");
  });

  it("holds with the passkey that signed it, and not with one that nobody knows", async () => {
    const device = authenticator();
    const given: RecordedLoan = {
      ...stored({ passkey: { id: device.id, counter: 0 } }),
      passkey: device.assertion(challengeOf(statement)),
    };
    const [passkey = expect.unreachable()] = passkeysOf(await confirmedPasskey(device, sam, cora));
    expect(() => verifyRecordedLoan(given, loanContext, { ...trust, passkey })).not.toThrow();
    expect(told(codeOf(() => verifyRecordedLoan(given, loanContext, trust)))).toBe(
      "passkey-invalid: The passkey that signed was never enrolled.",
    );
  });
});
