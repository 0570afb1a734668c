import { list } from "../encoding/policy-file.ts";
import { Failure } from "../failure.ts";
import type { CandidateFacts, EvidenceFacts } from "../promotion/promotion.ts";
import type { ApprovalRule, Condition, Requirement, Stage } from "./matrix.ts";

/** What conditions are judged by. Without `evidence`, conditions about it are open: it was not read yet. */
export interface MatrixFacts extends CandidateFacts {
  readonly riskTier?: string;
  readonly dataClass?: string;
}

/** `undefined`: open, because the evidence was not read yet. */
type Holds = boolean | undefined;

/** Whether a rule can be chosen by what is known at submission: its own conditions ask for nothing else. */
export function applies(rule: ApprovalRule, facts: MatrixFacts): boolean {
  return allHold(rule.when ?? [], facts) === true;
}

/**
 * The rule with its conditions decided: without the stages and the parts that these facts do not ask for. Before the
 * evidence was read, what depends on it is left out of an `all` and kept in an `any`: the least that can be asked.
 * Throws `missing-evidence` or `invalid-evidence` where the evidence should decide and does not.
 */
export function resolveRule({ when: _, ...rule }: ApprovalRule, facts: MatrixFacts): ApprovalRule {
  const stages = rule.stages.flatMap(({ when = [], ...stage }): readonly Stage[] => {
    if (allHold(when, facts) !== true) return [];
    return [{ ...stage, requires: resolveRequirement(stage.requires, facts), ...becauseOf(when) }];
  });
  return { ...rule, stages };
}

/** Whether a rule's conditions ask for anything that only the evidence says. */
export function hasConditions(rule: ApprovalRule): boolean {
  return conditionsIn(rule).length > 0;
}

/** The facts that a rule's conditions ask for, and no others: what its requirements are frozen with. */
export function factsAsked(conditions: readonly Condition[], facts: MatrixFacts): MatrixFacts {
  const asks = (fact: Condition["fact"]) => conditions.some((condition) => condition.fact === fact);
  const metrics = new Set(conditions.flatMap((condition) => (condition.fact === "metric" ? [condition.name] : [])));
  const { riskTier, dataClass, release, evidence } = facts;
  const changes = evidence?.infrastructureChanges;
  const askedOfEvidence = metrics.size > 0 || asks("infrastructureChanges");
  return {
    ...(riskTier !== undefined && asks("riskTier") ? { riskTier } : {}),
    ...(dataClass !== undefined && asks("dataClass") ? { dataClass } : {}),
    ...(release !== undefined && asks("release") ? { release } : {}),
    ...(evidence === undefined || !askedOfEvidence
      ? {}
      : {
          evidence: {
            metrics: Object.fromEntries(
              [...metrics].toSorted().flatMap((name) => {
                const readings = readingsOf(evidence, name);
                return readings.length === 0 ? [] : [[name, readings]];
              }),
            ),
            ...(changes !== undefined && asks("infrastructureChanges") ? { infrastructureChanges: changes } : {}),
          },
        }),
  };
}

/** Every condition of a rule: its own, its stages' and their parts'. */
export function conditionsIn(rule: ApprovalRule): readonly Condition[] {
  const within = (requirement: Requirement): readonly Condition[] => {
    const parts = "role" in requirement ? [] : "all" in requirement ? requirement.all : requirement.any;
    return [...(requirement.when ?? []), ...parts.flatMap(within)];
  };
  return [...(rule.when ?? []), ...rule.stages.flatMap((stage) => [...(stage.when ?? []), ...within(stage.requires)])];
}

/** A condition in words: `the risk tier is 'high'`, `the metric 'auc' is below 0.8`. */
export function conditionText(condition: Condition): string {
  switch (condition.fact) {
    case "riskTier":
    case "dataClass":
    case "release":
      return `${factText(condition)} is ${listed(condition.oneOf)}`;
    case "metric":
    case "infrastructureChanges": {
      const { atLeast, below } = condition;
      const bounds = [
        ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
        ...(below === undefined ? [] : [`below ${below}`]),
      ];
      return `${factText(condition)} is ${bounds.join(" and ")}`;
    }
    default:
      return condition satisfies never;
  }
}

function resolveRequirement({ when = [], ...requirement }: Requirement, facts: MatrixFacts): Requirement {
  const because = becauseOf(when);
  if ("role" in requirement) return { ...requirement, ...because };
  if ("all" in requirement) {
    const parts = requirement.all.filter((part) => allHold(part.when ?? [], facts) === true);
    return { all: parts.map((part) => resolveRequirement(part, facts)), ...because };
  }
  const parts = requirement.any.filter((part) => allHold(part.when ?? [], facts) !== false);
  return { any: parts.map((part) => resolveRequirement(part, facts)), ...because };
}

function allHold(conditions: readonly Condition[], facts: MatrixFacts): Holds {
  const each = conditions.map((condition) => holds(condition, facts));
  if (each.includes(false)) return false;
  return each.includes(undefined) ? undefined : true;
}

function holds(condition: Condition, facts: MatrixFacts): Holds {
  switch (condition.fact) {
    case "riskTier":
    case "dataClass":
    case "release": {
      const value = facts[condition.fact];
      if (value !== undefined) return condition.oneOf.includes(value);
      throw new Failure("internal", `${sentenceStart(condition)} of this promotion is not known.`);
    }
    case "metric": {
      if (facts.evidence === undefined) return undefined;
      const outcomes = new Set(readingsOf(facts.evidence, condition.name).map((value) => isWithin(value, condition)));
      const [outcome, ...others] = outcomes;
      if (outcome === undefined) throw missing(condition);
      if (others.length === 0) return outcome;
      throw new Failure(
        "invalid-evidence",
        `The approval matrix decides by ${factText(condition)}, and the evidence states values on both sides of its bound.`,
      );
    }
    case "infrastructureChanges": {
      if (facts.evidence === undefined) return undefined;
      const { infrastructureChanges: changes } = facts.evidence;
      if (changes === undefined) throw missing(condition);
      return isWithin(changes, condition);
    }
    default:
      return condition satisfies never;
  }
}

function isWithin(value: number, { atLeast, below }: { readonly atLeast?: number; readonly below?: number }): boolean {
  return (atLeast === undefined || value >= atLeast) && (below === undefined || value < below);
}

function readingsOf(evidence: EvidenceFacts, name: string): readonly number[] {
  return Object.hasOwn(evidence.metrics, name) ? (evidence.metrics[name] ?? []) : [];
}

function missing(condition: Condition): Failure {
  return new Failure(
    "missing-evidence",
    `The approval matrix decides by ${factText(condition)}, and the evidence does not state it.`,
  );
}

function becauseOf(conditions: readonly Condition[]): { readonly because?: string } {
  return conditions.length === 0 ? {} : { because: conditions.map(conditionText).join(" and ") };
}

function factText(condition: Condition): string {
  switch (condition.fact) {
    case "riskTier":
      return "the risk tier";
    case "dataClass":
      return "the data's class";
    case "release":
      return "the release";
    case "metric":
      return `the metric '${condition.name}'`;
    case "infrastructureChanges":
      return "the number of resources that the infrastructure plan changes";
    default:
      return condition satisfies never;
  }
}

function sentenceStart(condition: Condition): string {
  const text = factText(condition);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function listed(values: readonly string[]): string {
  return values.length > 1 ? `one of ${list(values)}` : list(values);
}
