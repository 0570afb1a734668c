import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { predicateOf, readStatement } from "../../../core/attestation/statement.ts";
import { requireVerdict, verdictOf, verdictPredicateType } from "../../../core/attestation/verdict.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { attestationBase, digestOf, manifest, now, promotionInReview } from "../promotion/promotion-in-review.ts";
import { attestation } from "./signing-keys.ts";

// https://slsa.dev/spec/v1.1/verification_summary, section 'Example', inside the statement of
// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, section 'Schema'. Both elide their digests.
const digest = { subject: "5678".repeat(16), policy: "1234".repeat(16), input: "abcd".repeat(16) };
const example = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "out/example-1.2.3.tar.gz", digest: { sha256: digest.subject } }],
  predicateType: "https://slsa.dev/verification_summary/v1",
  predicate: {
    verifier: { id: "https://example.com/publication_verifier" },
    timeVerified: "1985-04-12T23:20:50.52Z",
    resourceUri: "https://example.com/example-1.2.3.tar.gz",
    policy: { uri: "https://example.com/example_tarball.policy", digest: { sha256: digest.policy } },
    inputAttestations: [
      {
        uri: "https://example.com/provenances/example-1.2.3.tar.gz.intoto.jsonl",
        digest: { sha256: digest.input },
      },
    ],
    verificationResult: "PASSED",
    verifiedLevels: ["SLSA_BUILD_LEVEL_3"],
    dependencyLevels: { SLSA_BUILD_LEVEL_3: 5, SLSA_BUILD_LEVEL_2: 7, SLSA_BUILD_LEVEL_1: 1 },
    slsaVersion: "1.0",
  },
};
const promotion = promotionInReview();
const verdict = (result: "PASSED" | "FAILED" = "PASSED") =>
  verdictOf({
    attestationBase,
    freezeDigest: promotion.freezeDigest,
    target: manifest.target,
    requirements: promotion.requirements.sha256,
    signOffs: [{ id: digestOf("a"), envelope: digestOf("envelope a"), passkey: false }],
    result,
    at: now,
  });

/** A value's form: which members it has, and of which kind each is. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(formOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, formOf(member)]));
}

describe("the examples that in-toto and SLSA publish", () => {
  it("have the form of a verdict, but for what is optional and says nothing about models", () => {
    const { dependencyLevels: _, ...predicate } = example.predicate;
    expect(formOf(verdict())).toEqual(formOf({ ...example, predicate }));
    expect(verdict()._type).toBe(example._type);
    expect(verdict().predicateType).toBe(example.predicateType);
  });

  it("keep the rules that the text adds: digests, a policy's address, levels of one's own, FAILED alone", () => {
    const { policy, inputAttestations, verifiedLevels, timeVerified } = verdict().predicate;
    expect(() => new URL(policy.uri)).not.toThrow();
    for (const each of inputAttestations) expect(each.digest.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(verifiedLevels.filter((level) => level.startsWith("SLSA_"))).toEqual([]);
    expect(new Date(timeVerified).toISOString()).toBe(timeVerified);
    expect(verdict("FAILED").predicate).toMatchObject({ verificationResult: "FAILED", verifiedLevels: ["FAILED"] });
  });

  it("are read as what they are, whatever order their members have", () => {
    expect(predicateOf(utf8(JSON.stringify(example, null, 2)), verdictPredicateType)).toEqual(example.predicate);
    // What was signed here can be rebuilt from its content, so only canonical bytes count as a statement.
    const canonical = canonicalJsonBytes(example);
    expect(() => readStatement(canonical, verdictPredicateType, digest.subject as Sha256)).toThrow(
      "The statement is about something else than this promotion's freeze manifest",
    );
    const about = { ...example, subject: [{ name: "freeze.json", digest: { sha256: digest.subject } }] };
    expect(readStatement(canonicalJsonBytes(about), verdictPredicateType, digest.subject as Sha256).predicate).toEqual(
      example.predicate,
    );
  });

  it("deploy nothing, even under this service's own signature", async () => {
    const about = { ...example, subject: [{ name: "freeze.json", digest: { sha256: promotion.freezeDigest } }] };
    const envelope = await signEnvelope(canonicalJsonBytes(about), attestation.key.keyid, attestation.sign);
    const { target } = manifest;
    const requirements = promotion.requirements.sha256;
    const { freezeDigest } = promotion;
    const expected = { attestationBase, freezeDigest, target, requirements, loan: false, now };
    expect(() => requireVerdict(envelope, { ...expected, keys: [attestation.key], verify: verifyEcdsa })).toThrow(
      "it was issued by another verifier",
    );
  });
});
