import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { assumedDecisions } from "../../../core/policy/assumed-decisions.ts";
import { simulate } from "../../../core/policy/simulate.ts";
import type { SimulationInput } from "../../../core/policy/simulation.ts";
import { parseRequestSketch } from "../../../core/promotion/request-sketch.ts";
import { documents, shippedPolicy } from "../gates/candidate.ts";
import { everybody } from "./policy-texts.ts";

export const now = "2026-11-23T12:00:00.000Z" as Instant;
/** The shipped policies. */
export const policy = readPolicyFolder(new URL("../../../policies/", import.meta.url));
/** The documents of a good candidate. */
export const bytes = new Map(
  Object.entries(documents).map(([name, { content }]) => [
    name,
    utf8(typeof content === "string" ? content : JSON.stringify(content)),
  ]),
);
/** What asks for a good candidate. */
export const request = {
  model: { name: "credit-scoring", type: "credit-scoring", version: "2.0.0" },
  target: "production",
  artifacts: ["model", "environment", "training-data", "infrastructure"].map((role) => ({
    role,
    name: `${role}.bin`,
    size: 10,
  })),
  evidence: Object.entries(documents).map(([name, { kind, format }]) => ({ name, kind, format })),
  lineage: { trainedBy: [{ address: "lea@example.com" }] },
};

/** What becomes of the request, with these people's approvals and rejections. */
export function simulated(
  over: Partial<SimulationInput> = {},
  signing: readonly string[] = [],
  against: readonly string[] = [],
) {
  const members = over.members ?? everybody;
  const decisions = assumedDecisions(
    [
      ...signing.map((name) => ({ person: name, result: "approve" as const })),
      ...against.map((name) => ({ person: name, result: "reject" as const })),
    ],
    policy.matrix.roles,
    members,
    now,
  );
  return simulate({
    policy,
    evaluate: shippedPolicy.evaluate,
    sketch: parseRequestSketch(request),
    release: "first",
    evidence: bytes,
    members,
    decisions,
    now,
    ...over,
  });
}
