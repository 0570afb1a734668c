import { readFileSync } from "node:fs";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { EarlierRelease } from "../../../core/gates/facts.ts";
import type { GateReport } from "../../../core/gates/gate-report.ts";
import { type Judgement, judge } from "../../../core/gates/judge.ts";
import { loadThresholds } from "../../../core/gates/load-thresholds.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";
import type { ArtifactRole, EvidenceKind, FreezeManifest } from "../../../core/promotion/freeze-manifest.ts";
import type { ShiftedTraffic } from "../../../core/promotion/traffic.ts";

export const shippedWasm = readFileSync(new URL("../../../policies/compiled/gates.wasm", import.meta.url));
export const shippedPolicy = compiledPolicy(shippedWasm);
const loaded = loadThresholds(readFileSync(new URL("../../../policies/thresholds.yaml", import.meta.url), "utf8"));
if (loaded.kind === "refused") throw new Error(JSON.stringify(loaded.problems));
export const shippedThresholds = loaded.value;
/** With the machine of the target. */
export const shippedThresholdsFor = readPolicyFolder(new URL("../../../policies/", import.meta.url)).thresholds;
export const judgedAt = "2026-11-23T12:00:00.000Z" as Instant;

/** One evidence document: how it is declared, and its content as JSON or as raw text. */
export interface Document {
  readonly kind: EvidenceKind;
  readonly format: string;
  readonly content: unknown;
}

/** A candidate by its parts, so that a test overrides one of them. */
export interface Candidate {
  readonly type: string;
  readonly target: string;
  /** How traffic comes over in it, where that is not all at once. */
  readonly traffic?: ShiftedTraffic;
  readonly artifacts: Readonly<Record<string, ArtifactRole>>;
  readonly documents: Readonly<Record<string, Document>>;
  /** Digests that turned out otherwise than declared; null where there are no bytes. */
  readonly computed: Readonly<Record<string, Sha256 | null>>;
  /** What was released before; undefined where nobody looked. */
  readonly releases?: readonly EarlierRelease[] | undefined;
}

export const facet = (group: string, metrics: Record<string, unknown>) => ({
  advantaged: "others",
  disadvantaged: group,
  metrics: { DI: 0.95, DPPL: 0.03, RD: 0.02, ...metrics },
});

/** One resource of a Terraform plan. */
export function change(type: string, action: string, after: Record<string, unknown> = {}) {
  return { address: `${type}.scoring`, type, change: { actions: [action], after } };
}

export const documents = {
  "model-quality.json": {
    kind: "model-quality",
    format: "plain",
    content: { metrics: { accuracy: 0.76, auc: 0.79 } },
  },
  "bias.json": {
    kind: "bias",
    format: "plain",
    content: { facets: { sex: facet("female", {}), age: facet("under 25", {}) } },
  },
  "explainability.json": {
    kind: "explainability",
    format: "plain",
    content: { globalImportance: { Amount: 0.3, Duration: 0.4, Savings: 0.2 } },
  },
  "data-schema.json": {
    kind: "data-schema",
    format: "plain",
    content: { violations: [], pii: { columns: [] }, columns: [] },
  },
  "security-scan.json": {
    kind: "security-scan",
    format: "plain",
    content: { counts: { critical: 0, high: 0, medium: 1, low: 2 } },
  },
  "unit-tests.xml": {
    kind: "unit-tests",
    format: "junit",
    content: `<testsuite name="scorer" tests="6" failures="0">${'<testcase name="t"/>'.repeat(6)}</testsuite>`,
  },
  "iac-plan.json": {
    kind: "iac-plan",
    format: "terraform-plan",
    content: {
      format_version: "1.2",
      resource_changes: [
        change("aws_sagemaker_model", "create"),
        change("aws_sagemaker_endpoint_configuration", "create", {
          production_variants: [{ instance_type: "ml.m5.large", initial_instance_count: 2 }],
        }),
        change("aws_sagemaker_endpoint", "update"),
      ],
    },
  },
} as const satisfies Record<string, Document>;

/** A candidate that the shipped policies let pass. */
export const goodCandidate: Candidate = {
  type: "credit-scoring",
  target: "production",
  artifacts: {
    "model.json": "model",
    "environment.json": "environment",
    "training-data.json": "training-data",
    "infrastructure.json": "infrastructure",
  },
  documents,
  computed: {},
  releases: [],
};

/** The good candidate with one document's content replaced; a text is taken as raw bytes. */
export function saying(name: keyof typeof documents, content: unknown): Candidate {
  return { ...goodCandidate, documents: { ...documents, [name]: { ...documents[name], content } } };
}

const bytesOf = ({ content }: Document) => utf8(typeof content === "string" ? content : JSON.stringify(content));

export function manifestOf(candidate: Candidate): FreezeManifest {
  const file = (name: string, bytes: Uint8Array) => ({
    name,
    mediaType: "application/json",
    size: bytes.byteLength,
    sha256: sha256Hex(bytes),
  });
  return {
    manifestVersion: 1,
    model: { name: "credit-scoring", type: candidate.type, version: "2.0.0" },
    target: {
      name: candidate.target,
      ...(candidate.traffic === undefined ? {} : { traffic: candidate.traffic }),
      kind: "sagemaker-endpoint",
      endpoint: "credit-scoring",
      instanceType: "ml.m5.large",
      instanceCount: 1,
    },
    artifacts: Object.entries(candidate.artifacts).map(([name, role]) => ({ role, ...file(name, utf8(name)) })),
    evidence: Object.entries(candidate.documents).map(([name, document]) => ({
      kind: document.kind,
      format: document.format,
      ...file(name, bytesOf(document)),
    })),
    requester: { issuer: "https://ci.example", subject: "pipeline" },
    lineage: {
      trainedBy: [{ address: "trainer@example.com" }],
      codeAuthors: [],
      dataOwners: [],
      infrastructureAuthors: [],
      source: { repository: "https://git.example/credit", commit: "a".repeat(40) },
    },
  };
}

/** The candidate as it is judged by the shipped thresholds, and by the shipped policy unless another is given. */
export function judgementOf(candidate: Candidate, evaluate: EvaluatePolicy = shippedPolicy.evaluate): Judgement {
  const manifest = manifestOf(candidate);
  const computed = manifest.artifacts.flatMap(({ name, sha256 }): readonly [string, Sha256][] => {
    const found = candidate.computed[name];
    return found === null ? [] : [[name, found ?? sha256]];
  });
  return {
    manifest,
    computedDigests: new Map(computed),
    evidence: new Map(Object.entries(candidate.documents).map(([name, document]) => [name, bytesOf(document)])),
    thresholds: shippedThresholdsFor(candidate.type, candidate.target),
    wasmDigest: shippedPolicy.digest,
    evaluate,
    now: judgedAt,
    releases: candidate.releases,
  };
}

export function reportOf(candidate: Candidate): GateReport {
  return judge(judgementOf(candidate)).report;
}

/** Rule and sentence of everything that did not pass. */
export function complaints(candidate: Candidate): Readonly<Record<string, string>> {
  const { findings } = reportOf(candidate);
  const open = findings.filter(({ status }) => status !== "passed");
  return Object.fromEntries(open.map(({ rule, status, sentence }) => [rule, `${status}: ${sentence}`]));
}
