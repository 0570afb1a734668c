import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { type Envelope, signEnvelope } from "../../../core/attestation/dsse.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { statementAbout } from "../../../core/attestation/statement.ts";
import {
  requireVerdict,
  type VerdictInput,
  verdictOf,
  verdictPredicateType,
} from "../../../core/attestation/verdict.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { attestationBase, digestOf, manifest, now, promotionInReview } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { attestation, attestationKey } from "./signing-keys.ts";

const promotion = promotionInReview();
const input: VerdictInput = {
  attestationBase,
  freezeDigest: promotion.freezeDigest,
  target: manifest.target,
  requirements: promotion.requirements.sha256,
  signOffs: ["a", "b", "c"].map((name) => ({
    id: digestOf(name),
    envelope: digestOf(`envelope ${name}`),
    passkey: false,
  })),
  result: "PASSED",
  at: now,
};
const expected = {
  loan: false,
  attestationBase,
  freezeDigest: promotion.freezeDigest,
  target: manifest.target,
  requirements: promotion.requirements.sha256,
  now,
  keys: [attestation.key],
  verify: verifyEcdsa,
};

function sealed(over: Partial<VerdictInput> = {}): Promise<Envelope> {
  return signEnvelope(statementBytes(verdictOf({ ...input, ...over })), attestation.key.keyid, attestation.sign);
}

describe("a verdict under conditions", () => {
  const [first, ...others] = input.signOffs;
  const signOffs = [
    { ...(first ?? expect.unreachable()), conditions: { forSeconds: 600, trafficPercent: 20, errorPercent: 2 } },
    ...others.map((each) => ({ ...each, conditions: { forSeconds: 900, errorPercent: 1 } })),
  ];
  const conditions = { forSeconds: 900, traffic: { percent: 20, forSeconds: 600 }, errorPercent: 1 };

  it("names the strictest, under a level that nobody takes for one without", async () => {
    const { predicate } = verdictOf({ ...input, signOffs });
    expect(predicate.verifiedLevels).toEqual(["COUNTERSIGN_3_OF_3_CONDITIONAL", "COUNTERSIGN_IDP_BOUND"]);
    expect(predicate.countersignConditions).toEqual(conditions);
    expect(requireVerdict(await sealed({ signOffs }), expected).predicate.countersignConditions).toEqual(conditions);
    expect(verdictOf({ ...input, signOffs, result: "FAILED" }).predicate).not.toHaveProperty("countersignConditions");
  });

  it.each([
    [
      "a level without them",
      { verifiedLevels: ["COUNTERSIGN_3_OF_3"] },
      "its level and its conditions contradict each other",
    ],
    ["no conditions", { countersignConditions: undefined }, "its level and its conditions contradict each other"],
    ["conditions that are none", { countersignConditions: { forSeconds: -1 } }, "its conditions cannot be read"],
  ])("with %s allows nothing", async (_, over, why) => {
    const verdict = verdictOf({ ...input, signOffs });
    const predicate = JSON.parse(JSON.stringify({ ...verdict.predicate, ...over }));
    const bytes = statementBytes({ ...verdict, predicate });
    const envelope = await signEnvelope(bytes, attestation.key.keyid, attestation.sign);
    expect(() => requireVerdict(envelope, expected)).toThrow(why);
  });
});

describe("a verdict", () => {
  it("is an SLSA verification summary that lists each sign-off it rests on", () => {
    const { predicateType, subject, predicate } = verdictOf(input);
    expect(predicateType).toBe("https://slsa.dev/verification_summary/v1");
    expect(subject).toEqual([{ name: "freeze.json", digest: { sha256: promotion.freezeDigest } }]);
    expect(predicate).toMatchObject({
      verifier: { id: "https://countersign.example/verifier/v1" },
      resourceUri: "sagemaker-endpoint://production/credit-scoring",
      verificationResult: "PASSED",
      verifiedLevels: ["COUNTERSIGN_3_OF_3", "COUNTERSIGN_IDP_BOUND"],
      timeVerified: now,
    });
    expect(predicate.inputAttestations.map(({ digest }) => digest.sha256)).toEqual(
      input.signOffs.map(({ envelope }) => envelope),
    );
  });

  it.each([
    ["every sign-off", 3, ["COUNTERSIGN_3_OF_3", "COUNTERSIGN_IDP_BOUND", "COUNTERSIGN_PASSKEY"]],
    ["all but one", 2, ["COUNTERSIGN_3_OF_3", "COUNTERSIGN_IDP_BOUND"]],
  ])("says so where a passkey signed %s", (_, passkeys, levels) => {
    const signOffs = input.signOffs.map((signOff, at) => ({ ...signOff, passkey: at < passkeys }));
    expect(verdictOf({ ...input, signOffs }).predicate.verifiedLevels).toEqual(levels);
    expect(verdictOf({ ...input, signOffs, result: "FAILED" }).predicate.verifiedLevels).toEqual(["FAILED"]);
  });

  it("does not speak of passkeys where it rests on no sign-off", () => {
    expect(verdictOf({ ...input, signOffs: [] }).predicate.verifiedLevels).not.toContain("COUNTERSIGN_PASSKEY");
  });

  it("of a loan says so, lists its lenders first, and never says that a quorum was reached", () => {
    const [first, second, third] = input.signOffs;
    const lenders = [first, second].filter((each) => each !== undefined);
    const given = { ...input, lenders, signOffs: [third].filter((each) => each !== undefined) };
    const { verifiedLevels, inputAttestations } = verdictOf(given).predicate;
    expect(verifiedLevels).toEqual(["COUNTERSIGN_LOAN", "COUNTERSIGN_IDP_BOUND"]);
    expect(inputAttestations.map(({ uri }) => uri)).toEqual([
      `${attestationBase}/loans/${first?.id}`,
      `${attestationBase}/loans/${second?.id}`,
      `${attestationBase}/sign-offs/${third?.id}`,
    ]);
  });

  it("has the one level that SLSA reserves for it when it FAILED", () => {
    expect(verdictOf({ ...input, result: "FAILED" }).predicate.verifiedLevels).toEqual(["FAILED"]);
  });

  it("allows the deployment that it was given for", async () => {
    expect(requireVerdict(await sealed(), expected).predicate.verificationResult).toBe("PASSED");
  });

  it.each<[string, () => Promise<Envelope>, Partial<typeof expected>, string]>([
    [
      "another target",
      sealed,
      { target: { ...manifest.target, name: "staging" } },
      "verdict-invalid: The verdict does not allow this deployment: it is for another target.",
    ],
    [
      "another endpoint",
      sealed,
      { target: { ...manifest.target, endpoint: "other" } },
      "verdict-invalid: The verdict does not allow this deployment: it is for another target.",
    ],
    [
      "another candidate",
      sealed,
      { freezeDigest: digestOf("other") },
      "statement-mismatch: The statement is about something else than this promotion's freeze manifest, or not in canonical form.",
    ],
    [
      "other requirements",
      sealed,
      { requirements: digestOf("other") },
      "verdict-invalid: The verdict does not allow this deployment: it rests on other requirements.",
    ],
    [
      "another deployment's verifier",
      sealed,
      { attestationBase: "https://other.example" },
      "verdict-invalid: The verdict does not allow this deployment: it was issued by another verifier.",
    ],
    [
      "an hour later",
      sealed,
      { now: addSeconds(now, 3_600) },
      "verdict-expired: The verdict is too old, or from the future: the sign-offs must be verified again.",
    ],
    [
      "a moment before it was given, by a clock that is behind",
      sealed,
      { now: addSeconds(now, -0.001) },
      "unavailable: The verdict was signed by a clock that is ahead of this one; it is good in a moment.",
    ],
    [
      "longer before it was given than clocks differ",
      sealed,
      { now: addSeconds(now, -5.001) },
      "verdict-expired: The verdict is too old, or from the future: the sign-offs must be verified again.",
    ],
    [
      "a result that is not PASSED",
      () => sealed({ result: "FAILED" }),
      {},
      "verdict-invalid: The verdict does not allow this deployment: its result is not PASSED.",
    ],
    [
      "no time",
      () => sealed({ at: undefined as unknown as Instant }),
      {},
      "verdict-expired: The verdict is too old, or from the future: the sign-offs must be verified again.",
    ],
    [
      "a time that is none",
      () => sealed({ at: "2026-99-01" as Instant }),
      {},
      "verdict-expired: The verdict is too old, or from the future: the sign-offs must be verified again.",
    ],
    [
      "a key that is not ours",
      sealed,
      { keys: [attestationKey().key] },
      "signature-invalid: The envelope is signed with a key that is not trusted here.",
    ],
    [
      "what is lent, since it says nothing of a loan",
      sealed,
      { loan: true },
      "verdict-invalid: The verdict does not allow this deployment: it says nothing of a loan.",
    ],
    [
      "what was approved, since it is of a loan",
      () => sealed({ lenders: input.signOffs }),
      {},
      "verdict-invalid: The verdict does not allow this deployment: it is of a loan.",
    ],
    ["no key", sealed, { keys: [] }, "signature-invalid: The envelope is signed with a key that is not trusted here."],
  ])("does not hold for %s", async (_, make, over, refusal) => {
    const envelope = await make();
    expect(told(codeOf(() => requireVerdict(envelope, { ...expected, ...over })))).toBe(refusal);
  });

  it("that a model was deployed under holds at any age, and for what it was given", async () => {
    const later = { ...expected, standing: true, now: addSeconds(now, 1e6) };
    expect(requireVerdict(await sealed(), later).predicate.timeVerified).toBe(now);
    const failed = await sealed({ result: "FAILED" });
    expect(codeOf(() => requireVerdict(failed, later)).code).toBe("verdict-invalid");
  });

  it("of a loan under conditions is one of a loan", async () => {
    const [first = expect.unreachable(), ...others] = input.signOffs;
    const asking = [{ ...first, conditions: { forSeconds: 600, errorPercent: 2 } }, ...others];
    const envelope = await sealed({ lenders: input.signOffs, signOffs: asking });
    expect(requireVerdict(envelope, { ...expected, loan: true }).predicate.verifiedLevels[0]).toBe(
      "COUNTERSIGN_LOAN_CONDITIONAL",
    );
    expect(codeOf(() => requireVerdict(envelope, expected)).code).toBe("verdict-invalid");
  });

  it("by a clock that is ahead by as much as clocks differ is good in a moment", async () => {
    const envelope = await sealed();
    expect(codeOf(() => requireVerdict(envelope, { ...expected, now: addSeconds(now, -5) })).code).toBe("unavailable");
  });

  it("with a second signature is refused, ours or not", async () => {
    const envelope = await sealed();
    const twice = { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] };
    expect(codeOf(() => requireVerdict(twice, expected)).code).toBe("signature-invalid");
  });

  it("is not what a signed sign-off is taken for", async () => {
    const statement = statementAbout(
      promotion.freezeDigest,
      `${attestationBase}/attestation/sign-off/v1`,
      verdictOf(input).predicate,
    );
    const envelope = await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign);
    expect(codeOf(() => requireVerdict(envelope, expected)).code).toBe("statement-mismatch");
  });

  it.each([null, 5, {}, { verifier: null }, []])("with %j for a predicate is refused in words", async (predicate) => {
    const statement = statementAbout(promotion.freezeDigest, verdictPredicateType, predicate);
    const envelope = await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign);
    expect(codeOf(() => requireVerdict(envelope, expected)).code).toBe("verdict-invalid");
  });

  it("holds in its last millisecond", async () => {
    expect(
      requireVerdict(await sealed(), { ...expected, now: addSeconds(now, 3_599.999) }).predicate.timeVerified,
    ).toBe(now);
  });
});
