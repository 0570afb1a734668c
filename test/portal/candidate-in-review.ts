import { readFileSync } from "node:fs";
import { loadMatrix } from "../../core/approval/loading/load-matrix.ts";
import type { Requirement, Role } from "../../core/approval/matrix.ts";
import { groupsOf, requirementsNow } from "../../core/approval/promotion-approval.ts";
import { canonicalJsonBytes, type Json } from "../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../core/encoding/sha256.ts";
import { evidenceSummary } from "../../core/gates/evidence-summary.ts";
import { judge } from "../../core/gates/judge.ts";
import { freezeDigest } from "../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { promotionId } from "../../core/promotion/promotion-id.ts";
import { buildCandidate } from "../../examples/credit-scoring/candidate.ts";
import type { Person } from "../../local/people.ts";
import {
  type Candidate,
  documents,
  goodCandidate,
  judgementOf,
  shippedPolicy,
  shippedThresholdsFor,
} from "../core/gates/candidate.ts";

const matrix = loadMatrix(readFileSync(new URL("../../policies/matrix.yaml", import.meta.url), "utf8"));
if (matrix.kind === "refused") throw new Error(JSON.stringify(matrix.problems));

/** The shipped policy, with nobody linked beyond the directory. */
export const policy = {
  matrix: matrix.value,
  people: [],
  gatePolicy: (modelType: string, target: string) => ({
    wasm: shippedPolicy.digest,
    thresholds: (shippedThresholdsFor(modelType, target) ?? null) as unknown as Json,
  }),
};

/** As shipped, but compliance officers are asked for more. */
export function officersAsked(over: Pick<Role, "secondFactor" | "signIn">): typeof policy {
  const roles = Object.entries(policy.matrix.roles).map(([name, role]) =>
    name === "compliance-officer" ? ([name, { ...role, ...over }] as const) : ([name, role] as const),
  );
  return { ...policy, matrix: { ...policy.matrix, roles: Object.fromEntries(roles) } };
}

/** As shipped, but nobody approves before a stage has been open for so long. */
export function slowPolicy(minimumReviewSeconds: number): typeof policy {
  const rules = policy.matrix.rules.map((rule) => ({
    ...rule,
    stages: rule.stages.map((stage) => ({ ...stage, minimumReviewSeconds })),
  }));
  return { ...policy, matrix: { ...policy.matrix, rules } };
}

/** As shipped, but what a stage requires is so many times within another requirement. */
export function nestedPolicy(times: number): typeof policy {
  const nested = (requirement: Requirement, left: number): Requirement =>
    left === 0 ? requirement : nested({ all: [requirement] }, left - 1);
  const rules = policy.matrix.rules.map((rule) => ({
    ...rule,
    stages: rule.stages.map((stage) => ({ ...stage, requires: nested(stage.requires, times) })),
  }));
  return { ...policy, matrix: { ...policy.matrix, rules } };
}

/** Whoever signs as a compliance officer needs a passkey. */
export const strictPolicy = officersAsked({ secondFactor: "passkey" });

export const person = (name: string, group: string, subject: string): Person => ({
  subject,
  username: name.split(" ", 1)[0]?.toLowerCase() ?? "",
  password: "a long enough password",
  name,
  email: `${subject}@example.com`,
  groups: [group],
  enabled: true,
});

export const clara = person("Clara Compliance", "compliance-officers", "clara");
export const lena = person("Lena Lead", "lead-data-scientists", "lena");
/** Trained the model, and leads data science too. */
export const theo = person("Theo Trainer", "lead-data-scientists", "trainer");
export const sam = person("Sam Site", "sre", "sam");

let trained: ReturnType<typeof buildCandidate> | undefined;

/** The credit-scoring example with its real evidence. */
export function realCandidate(): Candidate {
  trained ??= buildCandidate("candidate");
  const files = trained;
  const texts = Object.entries(documents).map(([name, document]) => {
    const content = files.get(`evidence/${name}`);
    if (content === undefined) throw new Error(`The example has no ${name}.`);
    return [name, { ...document, content }] as const;
  });
  return { ...goodCandidate, documents: Object.fromEntries(texts) };
}

/** A promotion in the review of its first stage, and the documents that it rests on by their digests. */
export function inReview(candidate: Candidate, now: Instant, judgedBy: typeof policy = policy) {
  const judgement = judgementOf(candidate);
  const { manifest } = judgement;
  const judged = judge(judgement);
  const blobs = new Map([...judgement.evidence.values()].map((bytes) => [sha256Hex(bytes), bytes]));
  const keep = (document: unknown): Sha256 => {
    const bytes = canonicalJsonBytes(document);
    blobs.set(sha256Hex(bytes), bytes);
    return sha256Hex(bytes);
  };
  const requirements = requirementsNow(judgedBy, { manifest });
  keep(requirements.document);
  const digest = freezeDigest(manifest);
  const id = promotionId(digest, 1);
  const submittedAt = addSeconds(now, -3 * 3600);
  const stage = { index: 0, name: requirements.document.rule.stages[0]?.name ?? "" };
  const promotion: Promotion = {
    id,
    revision: 3,
    status: "in-review",
    attempt: 1,
    freezeDigest: digest,
    manifest,
    sources: {},
    submittedAt,
    expiresAt: addSeconds(submittedAt, requirements.document.rule.expiresAfterSeconds),
    requirements: { sha256: requirements.sha256 },
    review: 1,
    gates: {
      outcome: judged.report.outcome,
      report: keep(judged.report),
      summary: keep(evidenceSummary({ manifest, ...judged })),
    },
    stage: {
      ...stage,
      round: 1,
      openedAt: addSeconds(now, -2 * 3600),
      deadline: addSeconds(submittedAt, requirements.document.rule.expiresAfterSeconds),
      open: true,
    },
    settled: [],
    invalidated: [],
    history: [
      {
        id: `${id}/0`,
        type: "request",
        at: submittedAt,
        promotion: id,
        summary: "CI asked for the promotion.",
        body: {},
        attachments: [],
      },
      {
        id: `${id}/1`,
        type: "gates",
        at: addSeconds(submittedAt, 60),
        promotion: id,
        summary: `All ${judged.report.findings.length} gates pass.`,
        body: {},
        attachments: [],
      },
    ],
  };
  return { promotion, blobs, groups: groupsOf(requirements.document) };
}
