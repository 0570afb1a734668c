import { readFileSync } from "node:fs";
import opa from "@open-policy-agent/opa-wasm";
import { compiledPolicy } from "../adapters/opa/evaluate.ts";
import { readPolicyFolder } from "../adapters/policies/policy-folder.ts";
import type { ApprovalInput } from "../core/approval/approval-input.ts";
import { evaluateApproval } from "../core/approval/evaluate-approval.ts";
import { loadMatrix } from "../core/approval/loading/load-matrix.ts";
import { seatPeople } from "../core/approval/matching.ts";
import { ruleFor } from "../core/approval/requirements.ts";
import { utf8 } from "../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../core/encoding/sha256.ts";
import { type Judgement, judge } from "../core/gates/judge.ts";
import { policyData } from "../core/gates/policy-data.ts";
import { readPolicyResult } from "../core/gates/policy-result.ts";
import type { EvidenceKind, FreezeManifest } from "../core/promotion/freeze-manifest.ts";
import type { Member } from "../core/promotion/identity.ts";
import { promotionId } from "../core/promotion/promotion-id.ts";
import type { SignOff } from "../core/promotion/sign-off.ts";
import { buildCandidate } from "../examples/credit-scoring/candidate.ts";
import { type Figure, inTurn, medianTime } from "./figure.ts";

const policies = new URL("../policies/", import.meta.url);
const wasm = readFileSync(new URL("compiled/gates.wasm", policies));
const now = "2026-11-23T12:00:00.000Z" as Instant;
const evidence = [
  ["model-quality", "evidence/model-quality.json"],
  ["bias", "evidence/bias.json"],
  ["explainability", "evidence/explainability.json"],
  ["data-schema", "evidence/data-schema.json"],
  ["security-scan", "evidence/security-scan.json"],
  ["unit-tests", "evidence/unit-tests.xml"],
  ["iac-plan", "evidence/iac-plan.json"],
] as const satisfies readonly (readonly [EvidenceKind, string])[];

/** The rate of a process that goes on judging: WebAssembly runs at its speed at once, and all else after some hundred times. */
const warm = { warmUps: 25 };

/**
 * `policy`: judging one promotion, from the bytes of the example's evidence to the gate report and the explained
 * approval, beside a bare `evaluate` of the same wasm over the same facts; and seating people.
 */
export function policyBench(): readonly Figure[] {
  const judgement = exampleJudgement();
  const approval = exampleApproval();
  const { facts } = judge(judgement);
  const bare = opa.loadPolicySync(new Uint8Array(wasm), { initial: 5, maximum: 2048 });
  bare.setData({ thresholds: judgement.thresholds });
  const whole = inTurn(
    {
      rounds: 60,
      run: () => {
        judge(judgement);
        evaluateApproval(approval);
      },
    },
    { rounds: 60, run: () => bare.evaluate(facts, "countersign/gates/findings") },
    warm,
  );
  const { data } = policyData(judgement.thresholds);
  const decided = inTurn(
    {
      rounds: 60,
      run: () => {
        readPolicyResult(judgement.evaluate(facts, data), facts, judgement.thresholds);
        evaluateApproval(approval);
      },
    },
    { rounds: 60, run: () => bare.evaluate(facts, "countersign/gates/findings") },
    warm,
  );
  const matrixOnly = medianTime({ rounds: 60, run: () => evaluateApproval(approval) });

  const seats = Array.from({ length: 50 }, (_, seat) => `role-${seat % 10}`);
  const people = Array.from({ length: 1000 }, (_, person) => new Set([`role-${person % 10}`, `role-${person % 7}`]));
  // Everybody can sit anywhere but in the last seat, which nobody can fill: each one after the 49th searches in vain.
  const unfillable = [...seats.slice(0, 49), "role-of-nobody"];
  const anywhere = Array.from({ length: 1000 }, () => new Set(seats));
  const easy = medianTime({ rounds: 20, run: () => seatPeople(seats, people) });
  const hard = medianTime({ rounds: 20, run: () => seatPeople(unfillable, anywhere) });
  const within10 = (metric: string, ours: number): Figure => ({
    name: "policy",
    metric,
    unit: "ms",
    ours,
    reference: 10,
    referenceName: "limit",
    ratio: ours / 10,
    goal: "ours below 10 ms",
    met: ours < 10,
  });
  return [
    besideBare("gates and matrix for one promotion, its evidence read", decided),
    besideBare("the same from the bytes of its evidence, with the report's sentences", whole),
    within10("the matrix alone, 30 people, 3 sign-offs", matrixOnly),
    within10("50 seats, 1,000 people", easy),
    within10("50 seats, 1,000 people, a seat that nobody can fill", hard),
  ];
}

function besideBare(metric: string, measured: ReturnType<typeof inTurn>): Figure {
  const ratio = 1 / measured.ratio;
  return {
    name: "policy",
    metric,
    unit: "promotions/s",
    ours: 1000 / measured.ours,
    reference: 1000 / measured.peer,
    referenceName: "bare opa-wasm evaluate of the same policy",
    ratio,
    goal: "ratio at least 0.8",
    met: ratio >= 0.8,
  };
}

/** The example's candidate with its real evidence, under the shipped policy. */
function exampleJudgement(): Judgement {
  const files = buildCandidate("candidate");
  const bytesOf = (path: string) => utf8(files.get(path) ?? "");
  const file = (path: string) => {
    const bytes = bytesOf(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    return { name, mediaType: "application/json", size: bytes.length, sha256: sha256Hex(bytes) };
  };
  const manifest: FreezeManifest = {
    manifestVersion: 1,
    model: { name: "credit-scoring", type: "credit-scoring", version: "2.0.0" },
    target: {
      name: "production",
      kind: "sagemaker-endpoint",
      endpoint: "credit-scoring",
      instanceType: "ml.m5.large",
      instanceCount: 1,
    },
    artifacts: (["model", "environment", "training-data", "infrastructure"] as const).map((role) => ({
      role,
      ...file(`${role}.json`),
    })),
    evidence: evidence.map(([kind, path]) => ({ kind, format: formatOf(kind), ...file(path) })),
    requester: { issuer: "https://ci.example", subject: "machine/pipeline" },
    lineage: { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] },
  };
  const { digest, evaluate } = compiledPolicy(wasm);
  return {
    manifest,
    computedDigests: new Map(manifest.artifacts.map(({ name, sha256 }) => [name, sha256])),
    evidence: new Map(manifest.evidence.map(({ name }) => [name, bytesOf(`evidence/${name}`)])),
    thresholds: readPolicyFolder(policies).thresholds("credit-scoring", "production"),
    wasmDigest: digest,
    evaluate,
    now,
    releases: [],
  };
}

function formatOf(kind: EvidenceKind): string {
  return kind === "unit-tests" ? "junit" : kind === "iac-plan" ? "terraform-plan" : "plain";
}

/** The shipped rule for credit scoring in its second stage, with everybody's sign-off given. */
function exampleApproval(): ApprovalInput {
  const matrix = loadMatrix(readFileSync(new URL("matrix.yaml", policies), "utf8"));
  if (matrix.kind === "refused") throw new Error("The shipped matrix cannot be read.");
  const { roles } = matrix.value;
  const names = Object.keys(roles);
  const members: readonly Member[] = Array.from({ length: 30 }, (_, number) => ({
    identity: { issuer: "https://login.example", subject: `person-${number}` },
    name: `Person ${number}`,
    address: `person-${number}@example.com`,
    groups: roles[names[number % names.length] ?? ""]?.groups ?? [],
    enabled: true,
  }));
  const holder = (role: string) => members[names.indexOf(role)];
  const signOff = (role: string, stage: number): SignOff[] => {
    const member = holder(role);
    if (member === undefined) return [];
    const { identity: reviewer, name: reviewerName, groups } = member;
    const id = sha256Hex(utf8(`${role} ${stage}`));
    const given = { id, promotion: promotionId("0".repeat(64) as Sha256, 1), review: 1, stage, reason: "" };
    return [
      { ...given, result: "approve", roles: [role], reviewer, reviewerName, groups, recordedAt: addSeconds(now, -60) },
    ];
  };
  const compliance = signOff("compliance-officer", 0);
  return {
    rule: ruleFor(matrix.value, "credit-scoring", "production"),
    roles,
    review: 1,
    openStage: 1,
    settled: compliance.map(({ id, reviewer }) => ({
      index: 0,
      seats: [{ role: "compliance-officer", person: reviewer, signOff: id }],
    })),
    signOffs: [...compliance, ...signOff("lead-data-scientist", 1), ...signOff("sre", 1)],
    invalidated: new Map(),
    excluded: new Map(),
    members,
    people: [],
    delegations: [],
    entitlement: "as-signed",
    now,
  };
}
