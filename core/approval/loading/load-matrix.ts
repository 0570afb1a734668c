import {
  complain,
  countOf,
  durationText,
  fieldsOf,
  itemsOf,
  type Loaded,
  lineOf,
  list,
  type Place,
  type Reading,
  readPolicyFile,
  refuseRepeats,
  secondsOf,
  slugOf,
  textOf,
  wordsOf,
} from "../../encoding/policy-file.ts";
import { conditionKinds } from "../../promotion/release-conditions.ts";
import {
  type ApprovalRule,
  type Classification,
  type Duty,
  type Matrix,
  type PolicyChangeRule,
  policyModelType,
  type Requirement,
  type Stage,
} from "../matrix.ts";
import { refuseShadowed } from "../refuse-shadowed.ts";
import { changeRule } from "../requirements.ts";
import { countWays, maximumSeats, maximumWays, mostSeats } from "../seats.ts";
import { freezeWindowsOf } from "./load-calendar.ts";
import { classificationOf, conditionsOf } from "./load-conditions.ts";
import { learningOf } from "./load-learning.ts";
import { loanOf } from "./load-loan.ts";
import { remediesOf } from "./load-remedies.ts";
import { remindersOf } from "./load-reminders.ts";
import { rolesOf } from "./load-roles.ts";
import { shadowOf } from "./load-shadow.ts";

/** Every duty: what a rule excludes unless it says otherwise. */
export const allDuties: readonly Duty[] = [
  "requester",
  "started-the-run",
  "trained-the-model",
  "wrote-the-code",
  "owns-the-data",
  "wrote-the-infrastructure",
];

/** An execution of the state machine lasts a year at most; half of it leaves room for what comes before and after. */
const longest = 180 * 86_400;

/**
 * Reads the approval matrix. Refused, each with its line: everything of design 6.14, fields and roles that nobody
 * knows, roles without groups, rules that no candidate can come to, stages and parts that are all
 * conditional, time limits that contradict each other,
 * and rules with more seats or ways to fill them than can be searched exactly.
 */
export function loadMatrix(text: string, reading: Reading = "new"): Loaded<Matrix> {
  return readPolicyFile(text, reading, (root) => {
    const fields = fieldsOf(
      root,
      ["matrixVersion", "roles", "rules"],
      ["classification", "freezeWindows", "learning", "reminders", "policyChange"],
    );
    if (fields.matrixVersion !== undefined && fields.matrixVersion.value !== 1)
      complain(fields.matrixVersion, "This program reads version 1.");
    const roles = rolesOf(fields.roles);
    const classification = classificationOf(fields.classification);
    const known = { roles: Object.keys(roles), classification };
    const places = itemsOf(fields.rules);
    const rules = places.map((place) => ruleOf(place, known));
    refuseShadowed(places, rules, classification);
    const targets = [...new Set(rules.map(({ target }) => target).filter((target) => target !== ""))];
    const policyChange = fields.policyChange === undefined ? undefined : policyChangeOf(fields.policyChange, known);
    // What a change of the policies is signed with came to count here when there were matrices already.
    const changes = policyChange === undefined || root.file.reading !== "new" ? [] : changeRule({ policyChange });
    const reminders = remindersOf(fields.reminders, { roles, rules: [...rules, ...changes] });
    const freezeWindows = freezeWindowsOf(fields.freezeWindows, targets);
    const learning = learningOf(fields.learning, known.roles);
    return {
      matrixVersion: 1,
      roles,
      ...(classification === undefined ? {} : { classification }),
      ...(fields.freezeWindows === undefined ? {} : { freezeWindows }),
      ...(reminders === undefined ? {} : { reminders }),
      ...(learning === undefined ? {} : { learning }),
      ...(policyChange === undefined ? {} : { policyChange }),
      rules,
    };
  });
}

/** What the rules may name. */
interface Known {
  readonly roles: readonly string[];
  readonly classification: Classification | undefined;
}

function ruleOf(place: Place, known: Known): ApprovalRule {
  const optional = [
    "when",
    "excludes",
    "unlinkableAuthors",
    "carryOver",
    "onDrift",
    "ifNotReapproved",
    "onIntruder",
    "shadow",
    "loan",
    "conditions",
  ] as const;
  const fields = fieldsOf(place, ["modelType", "target", "expiresAfter", "stages"], optional);
  const when = conditionsOf(fields.when, "submission", known.classification);
  const carryOverSeconds = secondsOf(fields.carryOver, 60, longest);
  if (fields.unlinkableAuthors !== undefined && fields.unlinkableAuthors.value !== "allowed")
    complain(fields.unlinkableAuthors, "This must be 'allowed', or the field is left out: then they block.");
  const loan = loanOf(fields.loan, known.roles);
  const { expiresAfterSeconds, excludes, stages } = reviewOf(fields, known);
  const shadow = shadowOf(fields.shadow, fields.expiresAfter === undefined ? longest : expiresAfterSeconds);
  const modelType = slugOf(fields.modelType);
  if (fields.modelType !== undefined && modelType === policyModelType)
    complain(fields.modelType, "Who signs for a change of the policies stands under 'policyChange'.");
  return {
    modelType,
    target: slugOf(fields.target),
    ...(fields.when === undefined ? {} : { when }),
    expiresAfterSeconds,
    excludes,
    ...(fields.unlinkableAuthors === undefined ? {} : { unlinkableAuthors: "allowed" as const }),
    ...(fields.carryOver === undefined ? {} : { carryOverSeconds }),
    ...remediesOf(fields),
    ...(shadow === undefined ? {} : { shadow }),
    ...(loan === undefined ? {} : { loan }),
    ...(fields.conditions === undefined ? {} : { conditions: releaseConditionsOf(fields.conditions) }),
    stages,
  };
}

function policyChangeOf(place: Place, known: Known): PolicyChangeRule {
  const fields = fieldsOf(place, ["expiresAfter", "stages"], ["excludes"]);
  // Of what policies are judged by, only the check of their files is known: there is nothing for a condition to ask.
  const rule = reviewOf(fields, { ...known, classification: undefined });
  if (!rule.excludes.includes("requester"))
    complain(
      fields.excludes ?? place,
      "Whoever proposes other policies never signs for them: 'requester' stands here.",
    );
  return rule;
}

/** How long a review may take, who is kept from approving, and the stages. */
function reviewOf(
  fields: { readonly expiresAfter?: Place; readonly excludes?: Place; readonly stages?: Place },
  known: Known,
): PolicyChangeRule {
  const expiresAfterSeconds = secondsOf(fields.expiresAfter, 60, longest);
  const limit = fields.expiresAfter === undefined ? longest : expiresAfterSeconds;
  const stages = itemsOf(fields.stages).map((stage) => stageOf(stage, known, limit));
  if (fields.stages !== undefined) {
    refuseRepeats(
      fields.stages,
      stages.map((stage) => stage.name),
    );
    refuseTooMuch(fields.stages, stages, limit);
    requireUnconditional(fields.stages, stages, "stage");
  }
  // An explicit empty list switches separation of duties off; a forgotten one does not.
  const excludes =
    fields.excludes === undefined ? allDuties : isEmptyList(fields.excludes) ? [] : wordsOf(fields.excludes, allDuties);
  return { expiresAfterSeconds, excludes, stages };
}

/** What approvers may ask of a release. */
function releaseConditionsOf(place: Place): NonNullable<ApprovalRule["conditions"]> {
  if (place.value === "forbidden") return "forbidden";
  if (typeof place.value === "string") {
    complain(place, "This must be 'forbidden', or a map with 'allowed' and 'maximumDuration'.");
    return "forbidden";
  }
  const { allowed, maximumDuration } = fieldsOf(place, [], ["allowed", "maximumDuration"]);
  return {
    ...(allowed === undefined ? {} : { allowed: wordsOf(allowed, conditionKinds).toSorted() }),
    ...(maximumDuration === undefined ? {} : { maximumSeconds: secondsOf(maximumDuration, 60, 30 * 86_400) }),
  };
}

function stageOf(place: Place, known: Known, limit: number): Stage {
  const fields = fieldsOf(place, ["name", "requires"], ["when", "minimumReview", "deadline", "rejectionsToStop"]);
  const deadlineSeconds = secondsOf(fields.deadline, 60, longest);
  const minimumReviewSeconds = secondsOf(fields.minimumReview, 0, longest);
  if (fields.deadline !== undefined && deadlineSeconds > limit)
    complain(
      fields.deadline,
      `The stage's deadline is later than the promotion's, which is over after ${durationText(limit)}.`,
    );
  const end = fields.deadline === undefined ? limit : Math.min(deadlineSeconds, limit);
  if (fields.minimumReview !== undefined && minimumReviewSeconds >= end)
    complain(fields.minimumReview, `Nobody could approve in time: the stage is over after ${durationText(end)}.`);
  return {
    name: textOf(fields.name, 80),
    ...(fields.when === undefined ? {} : { when: conditionsOf(fields.when, "evidence", known.classification) }),
    requires:
      fields.requires === undefined ? { all: [] } : requirementOf(fields.requires, known, new Map<string, number>()),
    minimumReviewSeconds,
    ...(fields.deadline === undefined ? {} : { deadlineSeconds }),
    rejectionsToStop: countOf(fields.rejectionsToStop, 1, maximumSeats),
  };
}

/** @param together the roles asked for so far in the same `all`, with the line of each */
function requirementOf(place: Place, known: Known, together: Map<string, number>): Requirement {
  const fields = fieldsOf(place, [], ["role", "count", "all", "any", "when"]);
  const kinds = [fields.role, fields.all, fields.any].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) complain(place, "A requirement has exactly one of 'role', 'all' and 'any'.");
  if (fields.count !== undefined && fields.role === undefined) complain(fields.count, "A count belongs to a role.");
  const when = fields.when === undefined ? {} : { when: conditionsOf(fields.when, "evidence", known.classification) };
  // What stands there only sometimes may ask for one more of a role that always stands there.
  const beside = fields.when === undefined ? together : new Map<string, number>();
  if (fields.all !== undefined) {
    const all = itemsOf(fields.all).map((part) => requirementOf(part, known, beside));
    requireUnconditional(fields.all, all, "part");
    return { ...when, all };
  }
  if (fields.any !== undefined) {
    // Each branch stands alone: only one of them is met.
    const any = itemsOf(fields.any).map((part) => requirementOf(part, known, new Map(beside)));
    requireUnconditional(fields.any, any, "part");
    return { ...when, any };
  }
  const role = slugOf(fields.role);
  if (fields.role !== undefined && role !== "") {
    const earlier = beside.get(role);
    if (!known.roles.includes(role))
      complain(fields.role, `There is no role '${role}'; known are ${list(known.roles)}.`);
    else if (earlier !== undefined)
      complain(fields.role, `The role '${role}' is already asked for on line ${earlier}: write a count.`);
    else beside.set(role, lineOf(fields.role));
  }
  return { ...when, role, count: countOf(fields.count, 1, maximumSeats) };
}

/** Whatever the facts are, somebody must be asked: an empty list of stages would be a quorum of nobody. */
function requireUnconditional(place: Place, parts: readonly Pick<Stage, "when">[], what: "stage" | "part"): void {
  if (parts.length > 0 && parts.every(({ when }) => when !== undefined))
    complain(place, `At least one ${what} here must be asked for always: each of them has a 'when'.`);
}

function refuseTooMuch(place: Place, stages: readonly Stage[], limit: number): void {
  const seats = stages.reduce((sum, stage) => sum + mostSeats(stage.requires), 0);
  if (seats > maximumSeats) complain(place, `The stages ask for up to ${seats} seats; at most ${maximumSeats} work.`);
  const ways = stages.reduce((product, stage) => product * countWays(stage.requires), 1);
  if (ways > maximumWays)
    complain(place, `The stages can be met in ${ways} ways, counting each 'any'; at most ${maximumWays} work.`);
  const review = stages.reduce((sum, stage) => sum + stage.minimumReviewSeconds, 0);
  if (review >= limit && stages.every((stage) => stage.minimumReviewSeconds < limit))
    complain(place, `The minimum review times of the stages add up to the whole ${durationText(limit)}.`);
}

function isEmptyList(place: Place): boolean {
  return Array.isArray(place.value) && place.value.length === 0;
}
