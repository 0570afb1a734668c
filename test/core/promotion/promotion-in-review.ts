import type { Matrix } from "../../../core/approval/matrix.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type FreezeManifest, freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Identity, Member } from "../../../core/promotion/identity.ts";
import type { OpenStage, Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";

/** Monday noon; the stage opened at 11, and everything is over on Wednesday. */
export const now = "2026-11-23T12:00:00.000Z" as Instant;
export const openedAt = "2026-11-23T11:00:00.000Z" as Instant;
export const deadline = "2026-11-24T11:00:00.000Z" as Instant;
export const expiresAt = "2026-11-25T10:00:00.000Z" as Instant;
export const issuer = "https://login.example/pool";
export const attestationBase = "https://countersign.example";

export function digestOf(text: string): Sha256 {
  return sha256Hex(utf8(text));
}

export function member(name: string, ...groups: string[]): Member {
  const identity: Identity = { issuer, subject: `sub-${name.toLowerCase()}` };
  return { identity, name, address: `${name.toLowerCase()}@example.org`, groups, enabled: true };
}

export const cora = member("Cora", "compliance-officers");
export const dana = member("Dana", "lead-data-scientists");
export const sam = member("Sam", "sre");
/** Holds both roles of the second stage. */
export const bo = member("Bo", "lead-data-scientists", "sre");
/** Trained the model. */
export const tom = member("Tom", "lead-data-scientists");
export const everybody: readonly Member[] = [cora, dana, sam, bo, tom];

export const matrix: Matrix = {
  matrixVersion: 1,
  roles: {
    "lead-data-scientist": { title: "Lead data scientist", groups: ["lead-data-scientists"], judges: ["model"] },
    "compliance-officer": { title: "Compliance officer", groups: ["compliance-officers"], judges: ["data"] },
    sre: { title: "SRE", groups: ["sre"], judges: ["infrastructure"] },
  },
  rules: [
    {
      modelType: "credit-scoring",
      target: "production",
      expiresAfterSeconds: 2 * 86_400,
      excludes: ["trained-the-model"],
      stages: [
        {
          name: "compliance",
          requires: { role: "compliance-officer", count: 1 },
          minimumReviewSeconds: 0,
          deadlineSeconds: 86_400,
          rejectionsToStop: 1,
        },
        {
          name: "model and operations",
          requires: {
            all: [
              { role: "lead-data-scientist", count: 1 },
              { role: "sre", count: 1 },
            ],
          },
          minimumReviewSeconds: 0,
          rejectionsToStop: 1,
        },
      ],
    },
  ],
};

export const policy: ApprovalPolicy = {
  matrix,
  people: [],
  gatePolicy: () => ({ wasm: digestOf("gates.wasm"), thresholds: { auc: 0.7 } }),
};

/** The same policy with another threshold: the requirements of every promotion are others then. */
export const stricterPolicy: ApprovalPolicy = {
  ...policy,
  gatePolicy: () => ({ wasm: digestOf("gates.wasm"), thresholds: { auc: 0.9 } }),
};

const [rule] = matrix.rules;
if (rule === undefined) throw new Error("The matrix has no rule.");

/** Policies under which the promotion could not be submitted any more, by what changed. */
export const policiesWithoutRule: readonly (readonly [string, ApprovalPolicy])[] = [
  ["a rule that is gone", { ...policy, matrix: { ...matrix, rules: [{ ...rule, modelType: "fraud" }] } }],
  [
    "another type of the model",
    {
      ...policy,
      matrix: {
        ...matrix,
        classification: { riskTiers: [], dataClasses: [], models: { "credit-scoring": { type: "fraud" } } },
      },
    },
  ],
];

/** What its environment artifact says. */
export const environmentText = JSON.stringify({
  image: { reference: `registry.example/scorer@sha256:${"a".repeat(64)}` },
});

export const manifest: FreezeManifest = {
  manifestVersion: 1,
  model: { name: "credit-scoring", type: "credit-scoring", version: "1.4.0" },
  target: {
    name: "production",
    kind: "sagemaker-endpoint",
    endpoint: "credit-scoring",
    instanceType: "ml.m5.large",
    instanceCount: 1,
  },
  artifacts: [
    { role: "model", name: "model.json", mediaType: "application/json", size: 5, sha256: digestOf("model") },
    {
      role: "environment",
      name: "environment.json",
      mediaType: "application/json",
      size: environmentText.length,
      sha256: digestOf(environmentText),
    },
  ],
  evidence: [
    {
      kind: "model-quality",
      format: "plain",
      name: "model-quality.json",
      mediaType: "application/json",
      size: 7,
      sha256: digestOf("quality"),
    },
  ],
  requester: { issuer: "https://ci.example", subject: "machine/pipeline" },
  lineage: {
    trainedBy: [{ address: tom.address }],
    codeAuthors: [{ address: tom.address }],
    dataOwners: [],
    infrastructureAuthors: [],
  },
};

const digest = freezeDigest(manifest);
export const id = promotionId(digest, 1);

/** A fact that stands for any other. */
export const linkOpenedFact = (over: Partial<Fact> = {}): Fact => ({
  id: `${id}/link-opened/1`,
  type: "link-opened",
  at: now,
  promotion: id,
  summary: "A review link was opened.",
  body: {},
  attachments: [],
  ...over,
});
export const requirements = requirementsNow(policy, { manifest });

/** A stage of the rule, open since 11. */
export function openStage(index: 0 | 1, more: Partial<OpenStage> = {}): OpenStage {
  const name = index === 0 ? "compliance" : "model and operations";
  return { index, name, round: 1, openedAt, deadline, open: true, ...more };
}

/** A promotion in its first stage, with nothing signed. */
export function promotionInReview(over: Partial<Promotion> = {}): Promotion {
  return {
    id,
    revision: 4,
    status: "in-review",
    attempt: 1,
    freezeDigest: digest,
    manifest,
    sources: {
      "model.json": { uri: "s3://exchange/incoming/7/model.json" },
      "environment.json": { uri: "s3://exchange/incoming/7/environment.json" },
      "model-quality.json": { uri: "s3://exchange/incoming/7/model-quality.json" },
    },
    submittedAt: "2026-11-23T10:00:00.000Z" as Instant,
    expiresAt,
    requirements: { sha256: requirements.sha256 },
    review: 1,
    frozen: manifest.artifacts.map(({ name, sha256 }) => ({ name, key: `frozen/${sha256}/${name}`, versionId: "v1" })),
    gates: { outcome: "passed", report: digestOf("report"), summary: digestOf("summary") },
    stage: openStage(0),
    settled: [],
    invalidated: [],
    history: [],
    ...over,
  };
}

/** A promotion that was just submitted. */
export function promotionAtTheGates(over: Partial<Promotion> = {}): Promotion {
  const { frozen: _frozen, gates: _gates, stage: _stage, ...rest } = promotionInReview();
  return { ...rest, revision: 1, status: "gating", ...over };
}
