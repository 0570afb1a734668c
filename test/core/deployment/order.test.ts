import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { type VerdictInput, verdictOf } from "../../../core/attestation/verdict.ts";
import { concerns, targetOfKind } from "../../../core/deployment/deployment-target.ts";
import { approve, requireSignedManifest, verdictOver } from "../../../core/deployment/order.ts";
import { placeOf } from "../../../core/deployment/place.ts";
import { requireInstances, requireKind } from "../../../core/deployment/target-kind.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { SageMakerTarget, Target } from "../../../core/promotion/target.ts";
import { everyKind } from "../../functions/memory-target.ts";
import { attestation } from "../attestation/signing-keys.ts";
import { attestationBase, digestOf, id, manifest, now, promotionInReview } from "../promotion/promotion-in-review.ts";
import { codeOf, refused, told } from "../refusal.ts";

const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
const lent = { sha256: digestOf("verdict of the loan"), at: now };
const approved = promotionInReview({ status: "approved", verdict });
const order = {
  ...{ promotion: id, target: manifest.target, freezeDigest: approved.freezeDigest },
  artifacts: [],
} as unknown as Parameters<typeof approve>[0];
const signOff = { id: digestOf("a"), envelope: digestOf("envelope a"), passkey: false };

async function approvedBy(
  over: Partial<VerdictInput> = {},
  promotion: Promotion = approved,
  asked: Partial<Parameters<typeof approve>[2]> = {},
) {
  const statement = verdictOf({
    ...{ attestationBase, freezeDigest: promotion.freezeDigest, target: manifest.target },
    ...{ requirements: promotion.requirements.sha256, signOffs: [signOff], result: "PASSED", at: now },
    ...over,
  });
  const envelope = await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign);
  const given = { verdict: envelope, attestationBase, now, keys: [attestation.key], verify: verifyEcdsa };
  return approve(order, promotion, { ...given, ...asked });
}

describe("an order", () => {
  it("is approved by the promotion's verdict, and says by which", async () => {
    expect(await approvedBy()).toEqual({ ...order, verdict: verdict.sha256 });
  });

  it("is not approved by a verdict that is too old, but where it was deployed under it before", async () => {
    const later = { now: addSeconds(now, 3600) };
    expect((await refused(approvedBy({}, approved, later))).code).toBe("verdict-expired");
    expect((await refused(approvedBy({}, approved, { ...later, standing: false }))).code).toBe("verdict-expired");
    expect((await approvedBy({}, approved, { ...later, standing: true })).verdict).toBe(verdict.sha256);
  });

  it("is bound to the conditions that the verdict states", async () => {
    const conditions = { forSeconds: 600, errorPercent: 1 };
    expect(await approvedBy({ signOffs: [{ ...signOff, conditions }] })).toMatchObject({ conditions });
  });

  it("is not approved without a verdict, or by that of another manifest", async () => {
    const { verdict: _, ...without } = approved;
    expect(told(await refused(approvedBy({}, without)))).toBe("verdict-invalid: The promotion has no verdict.");
    const other = { ...approved, freezeDigest: digestOf("another manifest") };
    expect(told(await refused(approvedBy({}, other)))).toBe(
      "verdict-invalid: What is to be deployed is not the manifest that was signed.",
    );
  });

  it.each<[string, Partial<VerdictInput>, string]>([
    ["over another candidate", { freezeDigest: digestOf("another candidate") }, "statement-mismatch"],
    ["over another target", { target: { ...manifest.target, name: "elsewhere" } }, "verdict-invalid"],
    ["over other requirements", { requirements: digestOf("other requirements") }, "verdict-invalid"],
    ["that failed", { result: "FAILED" }, "verdict-invalid"],
  ])("is not approved by a verdict %s", async (_, over, code) => {
    expect((await refused(approvedBy(over))).code).toBe(code);
  });

  it("is not approved by a quorum's verdict while it is lent", async () => {
    const loaned = { ...approved, status: "loaned", loan: { verdict: lent } } as unknown as Promotion;
    expect((await refused(approvedBy({}, loaned))).code).toBe("verdict-invalid");
  });
});

describe("the verdict under which a promotion may run", () => {
  it("is the loan's while it is lent, else its quorum's", () => {
    const withLoan = { ...approved, loan: { verdict: lent } } as unknown as Promotion;
    expect(verdictOver(withLoan)).toBe(verdict);
    expect(verdictOver({ ...withLoan, status: "loaned" })).toBe(lent);
    expect(verdictOver({ ...approved, status: "loaned" })).toBeUndefined();
  });
});

it("what is deployed is the manifest that was signed", () => {
  expect(() => requireSignedManifest(approved)).not.toThrow();
  expect(codeOf(() => requireSignedManifest({ ...approved, freezeDigest: digestOf("x") })).code).toBe(
    "verdict-invalid",
  );
});

describe("a target", () => {
  const other = promotionId(digestOf("another"), 1);
  const workload = (kind: "deployment" | "inference-service" | "rollout"): Target => ({
    ...{ name: "edge", kind: "kubernetes", endpoint: "scoring", cluster: "c", namespace: "models", workload: kind },
    ...{ container: "scorer", fetcher: "f", port: 8080, readinessPath: "/ping" },
  });
  const pipeline: Target = { name: "own", kind: "pipeline", endpoint: "batch", audiences: [], withinSeconds: 3600 };
  const policies: Target = { name: "policies", kind: "policy", endpoint: "in-force" };

  it("concerns a promotion that runs there, or to which it is changed, by either of its names", () => {
    expect(concerns({ promotion: id }, id)).toBe(true);
    expect(concerns({ revision: id }, id)).toBe(true);
    expect(concerns({ changingTo: id }, id)).toBe(true);
    expect(concerns({ promotion: other, revision: other, changingTo: other }, id)).toBe(false);
    expect(concerns({}, id)).toBe(false);
  });

  it.each<[Target, string]>([
    [manifest.target, "the endpoint 'credit-scoring'"],
    [workload("deployment"), "the Deployment 'models/scoring'"],
    [workload("inference-service"), "the InferenceService 'models/scoring'"],
    [workload("rollout"), "the Rollout 'models/scoring'"],
    [policies, "the policies in force"],
    [
      {
        name: "shared",
        kind: "sagemaker-inference-component",
        endpoint: "scoring",
        host: "models",
        copies: 1,
        resources: { memoryMegabytes: 2048 },
        traffic: { kind: "all-at-once", waitSeconds: 0 },
      },
      "the inference component 'scoring' of the endpoint 'models'",
    ],
    [pipeline, "'batch', by the pipeline itself,"],
    [
      {
        ...{ name: "edge", kind: "webhook", endpoint: "scorer", url: "https://receiver.example/", secret: "edge" },
        ...{ withinSeconds: 3600 },
      },
      "'scorer', by whoever takes its messages,",
    ],
  ])("is told to people by its place", (target, words) => {
    expect(placeOf(target)).toBe(words);
  });

  it("is given to what deploys to its kind, and to nothing else", () => {
    const targets = { ...everyKind("s"), kubernetes: "k", pipeline: "p", webhook: "w" };
    expect([targetOfKind(targets, "kubernetes"), targetOfKind(targets, "pipeline")]).toEqual(["k", "p"]);
    expect(told(codeOf(() => targetOfKind(targets, "policy")))).toBe(
      "deployment-refused: Policies are put in force, and deployed nowhere.",
    );
    expect(requireKind(pipeline, "pipeline")).toBe(pipeline);
    const onInstances = { ...manifest.target, kind: "sagemaker-endpoint" } as SageMakerTarget;
    expect(requireInstances(onInstances)).toBe(onInstances);
    const serverless = { ...onInstances, serverless: { memoryMegabytes: 2048, maxConcurrency: 5 } } as SageMakerTarget;
    expect(told(codeOf(() => requireInstances(serverless)))).toBe("internal: The target 'production' is serverless.");
    expect(told(codeOf(() => requireKind(pipeline, "kubernetes")))).toBe(
      "internal: The target 'own' is of the kind 'pipeline', not 'kubernetes'.",
    );
  });
});
