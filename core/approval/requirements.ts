import { canonicalJsonBytes, type Json } from "../encoding/canonical-json.ts";
import { list } from "../encoding/policy-file.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { findRole, rolesOfRule } from "./entitlement.ts";
import type { ApprovalRule, Matrix, Role } from "./matrix.ts";

/** What gates judge a promotion by: the compiled policy and the thresholds that apply to its model type. */
export interface GatePolicy {
  readonly wasm: Sha256;
  readonly thresholds: Json;
}

/** Everything that one promotion is judged by, and nothing else: enough to judge it again (design 3.8). */
export interface Requirements {
  readonly requirementsVersion: 1;
  readonly rule: ApprovalRule;
  readonly roles: Readonly<Record<string, Role>>;
  readonly gates: GatePolicy;
}

/** The rule for a model type and a target; throws `unknown-model-type` or `unknown-target` naming what there is. */
export function ruleFor(matrix: Matrix, modelType: string, target: string): ApprovalRule {
  const ofType = matrix.rules.filter((rule) => rule.modelType === modelType);
  if (ofType.length === 0) {
    const known = [...new Set(matrix.rules.map((rule) => rule.modelType))].toSorted();
    throw new Failure(
      "unknown-model-type",
      `The approval matrix has no rule for the model type '${modelType}'; it knows ${list(known)}.`,
    );
  }
  const rule = ofType.find((candidate) => candidate.target === target);
  if (rule !== undefined) return rule;
  throw new Failure(
    "unknown-target",
    `The approval matrix has no rule for '${modelType}' in the target '${target}'; it knows ${list(ofType.map((candidate) => candidate.target).toSorted())}.`,
  );
}

/**
 * The requirements of one promotion, and the digest that its sign-offs carry. Lists whose order means nothing are
 * sorted, so that tidying the matrix costs nobody a review. Throws as `ruleFor` does.
 */
export function requirementsOf(input: {
  readonly matrix: Matrix;
  readonly modelType: string;
  readonly target: string;
  readonly gatePolicy: GatePolicy;
}): { readonly document: Requirements; readonly bytes: Uint8Array; readonly sha256: Sha256 } {
  const rule = ruleFor(input.matrix, input.modelType, input.target);
  const document: Requirements = {
    requirementsVersion: 1,
    rule: { ...rule, excludes: rule.excludes.toSorted() },
    roles: Object.fromEntries(rolesOfRule(rule).map((name) => [name, sortedRole(input.matrix, name)])),
    gates: { wasm: input.gatePolicy.wasm, thresholds: input.gatePolicy.thresholds },
  };
  const bytes = canonicalJsonBytes(document);
  return { document, bytes, sha256: sha256Hex(bytes) };
}

function sortedRole(matrix: Matrix, name: string): Role {
  const role = findRole(matrix.roles, name);
  if (role === undefined)
    throw new Failure("invalid-policy", `The approval matrix does not define the role '${name}'.`);
  const { acr, amr } = role.signIn ?? {};
  return {
    title: role.title,
    groups: role.groups.toSorted(),
    judges: role.judges.toSorted(),
    ...(role.signIn === undefined
      ? {}
      : {
          signIn: {
            ...(acr === undefined ? {} : { acr: acr.toSorted() }),
            ...(amr === undefined ? {} : { amr: amr.toSorted() }),
          },
        }),
    ...(role.secondFactor === undefined ? {} : { secondFactor: role.secondFactor }),
  };
}
