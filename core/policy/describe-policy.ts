import { conditionText } from "../approval/conditions.ts";
import { titleOf } from "../approval/entitlement.ts";
import type {
  ApprovalRule,
  Condition,
  Duty,
  Judged,
  LoanPolicy,
  Matrix,
  Requirement,
  Role,
  Stage,
} from "../approval/matrix.ts";
import { changeRule } from "../approval/requirements.ts";
import { durationText, durationWords, list } from "../encoding/policy-file.ts";
import type { GateThresholds } from "../gates/thresholds.ts";
import { conditionKinds, conditionKindTexts, defaultLongestCondition } from "../promotion/release-conditions.ts";
import type { Remedy } from "../promotion/remedy.ts";
import type { ShadowPlan } from "../promotion/shadow.ts";
import { describeGates } from "./describe-gates.ts";
import type { SimulatedPolicy } from "./simulation.ts";

/** What is asked for, in words: a sentence, and the parts of it. */
export interface DescribedRequirement {
  readonly text: string;
  readonly parts: readonly DescribedRequirement[];
}

export interface DescribedRule {
  /** From 1, in the order of the file. */
  readonly number: number;
  readonly modelType: string;
  readonly target: string;
  readonly sentences: readonly string[];
  readonly stages: readonly {
    readonly name: string;
    readonly sentences: readonly string[];
    readonly requires: DescribedRequirement;
  }[];
  /** What the gates ask; empty where no thresholds are set, and then everything is blocked. */
  readonly gates: readonly string[];
}

/** The policies that are in force, for people who do not read YAML. Plain JSON. */
export interface DescribedPolicy {
  readonly rules: readonly DescribedRule[];
  /** Who signs for a change of all this; absent where whoever deploys changes it. */
  readonly policyChange?: DescribedRule;
  readonly roles: readonly { readonly role: string; readonly title: string; readonly sentences: readonly string[] }[];
  readonly freezeWindows: readonly string[];
  /** Empty where there is no such scale. */
  readonly riskTiers: readonly string[];
  readonly dataClasses: readonly string[];
}

const remedyWords: Readonly<Record<Remedy, string>> = {
  keep: "it keeps serving",
  previous: "what was approved before it serves instead",
  stop: "it is taken out of service",
};

const duties: Readonly<Record<Duty, string>> = {
  requester: "requested the promotion",
  "started-the-run": "started the CI run",
  "trained-the-model": "trained the model",
  "wrote-the-code": "wrote the training code",
  "owns-the-data": "owns the training data",
  "wrote-the-infrastructure": "wrote the infrastructure",
};

/** Tells matrix and thresholds in sentences. */
export function describePolicy({
  matrix,
  thresholds,
}: Pick<SimulatedPolicy, "matrix" | "thresholds">): DescribedPolicy {
  return {
    rules: matrix.rules.map((rule, index) => {
      const { sentences, ...described } = describeRule(
        rule,
        index,
        matrix.roles,
        thresholds(rule.modelType, rule.target),
      );
      return { ...described, sentences: [...sentences, ...escalationSentences(matrix)] };
    }),
    ...Object.fromEntries(
      changeRule(matrix).map((rule) => [
        "policyChange",
        describeRule(rule, matrix.rules.length, matrix.roles, thresholds(rule.modelType, rule.target)),
      ]),
    ),
    roles: Object.entries(matrix.roles).map(([role, each]) => ({
      role,
      title: each.title,
      sentences: roleSentences(each),
    })),
    freezeWindows: (matrix.freezeWindows ?? []).map(windowSentence),
    riskTiers: matrix.classification?.riskTiers ?? [],
    dataClasses: matrix.classification?.dataClasses ?? [],
  };
}

function shadowSentence(plan: ShadowPlan): string {
  const { durationSeconds, requests, withinSeconds, agreement, errorPercent, p95Milliseconds, psi, required } = plan;
  const asked = [
    ...(agreement === undefined ? [] : [`decide the same in a share of at least ${agreement}`]),
    ...(errorPercent === undefined ? [] : [`leave at most ${errorPercent} percent without an answer`]),
    ...(p95Milliseconds === undefined ? [] : [`take at most ${p95Milliseconds} ms for 95 of 100 answers`]),
    ...(psi === undefined ? [] : [`shift the scores by a PSI of at most ${psi}`]),
  ];
  const first =
    required === true
      ? "a first release is blocked"
      : "a first release has nothing to be compared with, and goes on without it";
  return `Before anybody is asked it runs in shadow for ${durationWords(durationSeconds)} and ${requests} requests, ${durationWords(withinSeconds)} at most; it has to ${inWords(asked, "and")}; ${first}.`;
}

function escalationSentences({ reminders, roles }: Pick<Matrix, "reminders" | "roles">): readonly string[] {
  const escalation = reminders?.escalation;
  if (escalation?.mayFill === undefined) return [];
  const { afterSeconds, to } = escalation;
  return [
    // As version 1 has it, also where there are better words: people signed these.
    `Once a stage has been open for ${durationText(afterSeconds)}, ${titleOf(roles, to)} may fill its seats too.`,
  ];
}

function describeRule(
  rule: ApprovalRule,
  index: number,
  roles: Matrix["roles"],
  thresholds: GateThresholds | undefined,
): DescribedRule {
  const { modelType, target, when, expiresAfterSeconds, excludes, unlinkableAuthors, shadow, stages } = rule;
  return {
    number: index + 1,
    modelType,
    target,
    sentences: [
      ...(when === undefined ? [] : [`It applies where ${conditionsText(when)}.`]),
      `It must be decided within ${durationWords(expiresAfterSeconds)} of its submission.`,
      excludes.length === 0
        ? "Nobody is kept from approving by a hand in the candidate."
        : `Nobody may approve who ${inWords(
            excludes.map((duty) => duties[duty]),
            "or",
          )}.`,
      unlinkableAuthors === "allowed"
        ? "An author whom nobody knows does not block it."
        : "An author whom nobody knows blocks it.",
      ...(rule.loan === undefined ? [] : [loanSentence(rule.loan, roles)]),
      ...conditionSentences(rule.conditions),
      ...remedySentences(rule),
      ...(shadow === undefined ? [] : [shadowSentence(shadow)]),
    ],
    stages: stages.map((stage) => ({
      name: stage.name,
      sentences: stageSentences(stage),
      requires: requirementText(stage.requires, roles),
    })),
    gates: thresholds === undefined ? [] : describeGates(thresholds),
  };
}

function loanSentence({ roles: lenders, maximumSeconds, budget }: LoanPolicy, roles: Matrix["roles"]): string {
  const who = inWords(
    lenders.map((role) => `'${titleOf(roles, role)}'`),
    "or",
  );
  const most = budget.loans === 1 ? "one loan" : `${budget.loans} loans`;
  return `In an emergency two people in the role ${who} may lend the missing seats for ${durationWords(maximumSeconds)}; a model is given ${most} each ${budget.per} at most.`;
}

function conditionSentences(limits: ApprovalRule["conditions"]): readonly string[] {
  if (limits === "forbidden") return ["Nobody may approve under conditions."];
  if (limits === undefined) return [];
  const { allowed = conditionKinds, maximumSeconds = defaultLongestCondition } = limits;
  return [
    `Whoever approves may ask for conditions ${inWords(
      allowed.map((kind) => conditionKindTexts[kind]),
      "or",
    )}, for ${durationWords(maximumSeconds)} at most.`,
  ];
}

function remedySentences({
  onDrift,
  ifNotReapproved,
  onIntruder,
  expiresAfterSeconds,
}: ApprovalRule): readonly string[] {
  return [
    ...(onDrift === undefined ? [] : [`Once it drifts, ${remedyWords[onDrift]} until it is approved again.`]),
    ...(ifNotReapproved === undefined
      ? []
      : [
          `Where nobody approves it again within ${durationWords(expiresAfterSeconds)}, ${remedyWords[ifNotReapproved]}.`,
        ]),
    ...(onIntruder === "take-back" ? ["Whatever runs in its place without an approval is taken back."] : []),
  ];
}

function stageSentences({ when, minimumReviewSeconds, deadlineSeconds, rejectionsToStop }: Stage): readonly string[] {
  return [
    ...(when === undefined ? [] : [`Asked for where ${conditionsText(when)}.`]),
    ...(minimumReviewSeconds === 0
      ? []
      : [`Nobody can approve in the first ${durationWords(minimumReviewSeconds)} after it opened.`]),
    ...(deadlineSeconds === undefined ? [] : [`It is over ${durationWords(deadlineSeconds)} after it opened.`]),
    rejectionsToStop === 1 ? "One rejection ends the promotion." : `${rejectionsToStop} rejections end the promotion.`,
  ];
}

function requirementText(requirement: Requirement, roles: Matrix["roles"]): DescribedRequirement {
  const where = requirement.when === undefined ? "" : `, where ${conditionsText(requirement.when)}`;
  if ("role" in requirement) {
    const { role, count } = requirement;
    const who = count === 1 ? "One person" : `${count} different people`;
    return { text: `${who} in the role '${titleOf(roles, role)}'${where}`, parts: [] };
  }
  const all = "all" in requirement;
  const parts = (all ? requirement.all : requirement.any).map((part) => requirementText(part, roles));
  return { text: `${all ? "All of these" : "Any one of these"}${where}`, parts };
}

const otherParts: Readonly<Record<Judged, string>> = {
  model: "another model",
  data: "other data",
  infrastructure: "another infrastructure",
};

function roleSentences({ groups, issuers, judges, rejectionsToStop, signIn, secondFactor }: Role): readonly string[] {
  return [
    `Held by whoever is in ${groups.length === 1 ? "the group" : "one of the groups"} ${list(groups)}${issuers === undefined ? "" : `, as ${list(issuers)} says`}.`,
    judges.length === 0
      ? "Where a newer candidate takes the place of one, this role has to sign again."
      : `Where a newer candidate brings ${inWords(
          judges.map((each) => otherParts[each]),
          "or",
        )}, this role has to sign again.`,
    ...(rejectionsToStop === undefined ? [] : [`${rejectionsToStop} of its holders stop a promotion by rejecting.`]),
    ...(signIn?.acr === undefined ? [] : [`Approving takes a sign-in of the class ${list(signIn.acr)}.`]),
    ...(signIn?.amr === undefined ? [] : [`Approving takes a sign-in with ${list(signIn.amr)}.`]),
    ...(secondFactor === undefined ? [] : ["Approving takes a confirmed passkey of one's own."]),
  ];
}

function windowSentence({
  name,
  zone,
  when,
  targets,
  exceptions,
}: NonNullable<Matrix["freezeWindows"]>[number]): string {
  const time =
    "weekly" in when
      ? `every week from ${weekText(when.weekly.from)} to ${weekText(when.weekly.until)} (${zone})`
      : `from ${when.from} to ${when.until}`;
  const where = targets === undefined ? "in every target" : `in ${list(targets)}`;
  const except =
    exceptions.length === 0
      ? ""
      : ` Except for ${exceptions.map(({ model, reason }) => `'${model}' (${reason})`).join(", ")}.`;
  return `'${name}': nothing is approved or deployed ${where} ${time}.${except}`;
}

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

function weekText({ day, minute }: { readonly day: number; readonly minute: number }): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${days[day] ?? ""} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function conditionsText(conditions: readonly Condition[]): string {
  return conditions.map(conditionText).join(" and ");
}

/** As `list`, of what is no name. */
function inWords(words: readonly string[], before: "and" | "or"): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} ${before} ${last}`;
}
