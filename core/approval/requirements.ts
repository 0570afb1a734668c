import { canonicalJson, canonicalJsonBytes, type Json } from "../encoding/canonical-json.ts";
import { list } from "../encoding/policy-file.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { applies, conditionsIn, conditionText, factsAsked, type MatrixFacts, resolveRule } from "./conditions.ts";
import { findRole, rolesNamedBy } from "./entitlement.ts";
import { type ApprovalRule, type Condition, type Matrix, policyModelType, policyTarget, type Role } from "./matrix.ts";

/** What gates judge a promotion by: the compiled policy and the thresholds that apply to its model type. */
export interface GatePolicy {
  readonly wasm: Sha256;
  readonly thresholds: Json;
}

/** How conditions were decided, where the matrix has some: enough to decide them again. */
interface DecidedConditions {
  /** Those that the conditions ask for, as they were for this promotion. */
  readonly facts: MatrixFacts;
  /** The rule with its conditions. */
  readonly rule: ApprovalRule;
  /** Conditions of the rules before it, none of which held. */
  readonly passedOver: readonly (readonly Condition[])[];
}

/** Everything that one promotion is judged by, and nothing else: enough to judge it again (design 3.8). */
export interface Requirements {
  readonly requirementsVersion: 1;
  /** Without conditions: they are decided. */
  readonly rule: ApprovalRule;
  readonly decided?: DecidedConditions;
  readonly roles: Readonly<Record<string, Role>>;
  readonly gates: GatePolicy;
}

/**
 * The rule for a model type and a target: the first whose conditions hold. Throws `unknown-model-type` or
 * `unknown-target` naming what there is.
 */
export function ruleFor(matrix: Matrix, modelType: string, target: string, facts: MatrixFacts = {}): ApprovalRule {
  if (modelType === policyModelType) return policyChangeRule(matrix);
  const ofType = matrix.rules.filter((rule) => rule.modelType === modelType);
  if (ofType.length === 0) {
    const known = [...new Set(matrix.rules.map((rule) => rule.modelType))].toSorted();
    throw new Failure(
      "unknown-model-type",
      `The approval matrix has no rule for the model type '${modelType}'; it knows ${list(known)}.`,
    );
  }
  const candidates = ofType.filter((candidate) => candidate.target === target);
  const rule = candidates.find((candidate) => applies(candidate, facts));
  if (rule !== undefined) return rule;
  if (candidates.length > 0) {
    throw new Failure(
      "unknown-target",
      `The approval matrix has ${candidates.length === 1 ? "a rule" : "rules"} for '${modelType}' in the target '${target}', but none for a candidate like this: ${candidates.map(({ when = [] }) => when.map(conditionText).join(" and ")).join("; or ")}.`,
    );
  }
  throw new Failure(
    "unknown-target",
    `The approval matrix has no rule for '${modelType}' in the target '${target}'; it knows ${list([...new Set(ofType.map((candidate) => candidate.target))].toSorted())}.`,
  );
}

/** The rule for a change of the policies themselves, where the matrix has one, in the form of every rule. */
export function changeRule({ policyChange }: Pick<Matrix, "policyChange">): readonly ApprovalRule[] {
  return policyChange === undefined ? [] : [{ modelType: policyModelType, target: policyTarget, ...policyChange }];
}

/** Throws `unknown-model-type` where the matrix has none. */
function policyChangeRule(matrix: Matrix): ApprovalRule {
  const [rule] = changeRule(matrix);
  if (rule !== undefined) return rule;
  throw new Failure(
    "unknown-model-type",
    "The approval matrix does not say who signs for a change of the policies: whoever deploys changes them.",
  );
}

/**
 * The requirements of one promotion, and the digest that its sign-offs carry. Lists whose order means nothing are
 * sorted, so that tidying the matrix costs nobody a review. Throws as `ruleFor` and `resolveRule` do.
 */
export function requirementsOf(input: {
  readonly matrix: Matrix;
  readonly modelType: string;
  readonly target: string;
  readonly gatePolicy: GatePolicy;
  readonly facts?: MatrixFacts;
}): { readonly document: Requirements; readonly bytes: Uint8Array; readonly sha256: Sha256 } {
  const { matrix, modelType, target, facts = {} } = input;
  const chosen = ruleFor(matrix, modelType, target, facts);
  const { loan } = chosen;
  const { afterSeconds, to, mayFill } = matrix.reminders?.escalation ?? {};
  const sorted: ApprovalRule = {
    ...chosen,
    excludes: chosen.excludes.toSorted(),
    ...(mayFill === undefined || afterSeconds === undefined || to === undefined
      ? {}
      : { escalation: { afterSeconds, to } }),
    ...(loan === undefined ? {} : { loan: { ...loan, roles: loan.roles.toSorted() } }),
  };
  const rule = resolveRule(sorted, facts);
  const passedOver = matrix.rules
    .slice(0, matrix.rules.indexOf(chosen))
    .flatMap((each) => (each.modelType === modelType && each.target === target ? [each.when ?? []] : []));
  const conditions = [...conditionsIn(sorted), ...passedOver.flat()];
  const document: Requirements = {
    requirementsVersion: 1,
    rule,
    ...(conditions.length === 0 ? {} : { decided: { facts: factsAsked(conditions, facts), rule: sorted, passedOver } }),
    roles: Object.fromEntries(rolesNamedBy(rule).map((name) => [name, sortedRole(matrix, name)])),
    gates: { wasm: input.gatePolicy.wasm, thresholds: input.gatePolicy.thresholds },
  };
  const bytes = canonicalJsonBytes(document);
  return { document, bytes, sha256: sha256Hex(bytes) };
}

/** Whether conditions, decided again by the facts that are written down, come to the rule that was applied. */
export function decidedRightly({ rule, decided }: Requirements): boolean {
  if (decided === undefined) return conditionsIn(rule).length === 0;
  const { facts, rule: conditional, passedOver } = decided;
  return (
    applies(conditional, facts) &&
    !passedOver.some((when) => applies({ ...conditional, when }, facts)) &&
    canonicalJson(resolveRule(conditional, facts)) === canonicalJson(rule)
  );
}

function sortedRole(matrix: Matrix, name: string): Role {
  const role = findRole(matrix.roles, name);
  if (role === undefined)
    throw new Failure("invalid-policy", `The approval matrix does not define the role '${name}'.`);
  const { acr, amr } = role.signIn ?? {};
  return {
    title: role.title,
    groups: role.groups.toSorted(),
    ...(role.issuers === undefined ? {} : { issuers: role.issuers.toSorted() }),
    ...(role.rejectionsToStop === undefined ? {} : { rejectionsToStop: role.rejectionsToStop }),
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
