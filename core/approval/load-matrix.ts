import {
  complain,
  countOf,
  durationText,
  entriesOf,
  fieldsOf,
  itemsOf,
  type Loaded,
  lineOf,
  list,
  type Place,
  readPolicyFile,
  requireSlug,
  secondsOf,
  slugOf,
  textOf,
} from "../encoding/policy-file.ts";
import type { ApprovalRule, Duty, Judged, Matrix, Requirement, Role, SignInRequirement, Stage } from "./matrix.ts";
import { countWays, maximumSeats, maximumWays, mostSeats } from "./seats.ts";

const judged: readonly Judged[] = ["model", "data", "infrastructure"];

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
 * knows, roles without groups, two rules for one model type and target, time limits that contradict each other,
 * and rules with more seats or ways to fill them than can be searched exactly.
 */
export function loadMatrix(text: string): Loaded<Matrix> {
  return readPolicyFile(text, (root) => {
    const fields = fieldsOf(root, ["matrixVersion", "roles", "rules"]);
    if (fields.matrixVersion !== undefined && fields.matrixVersion.value !== 1)
      complain(fields.matrixVersion, "This program reads version 1.");
    const roles = rolesOf(fields.roles);
    const places = itemsOf(fields.rules);
    const rules = places.map((place) => ruleOf(place, Object.keys(roles)));
    refuseDuplicates(places, rules);
    return { matrixVersion: 1, roles, rules };
  });
}

function rolesOf(place: Place | undefined): Readonly<Record<string, Role>> {
  const entries = place === undefined ? [] : (entriesOf(place) ?? []);
  if (place !== undefined && entries.length === 0) complain(place, "The matrix names no role.");
  return Object.fromEntries(
    entries.map(([name, role]) => {
      requireSlug(name, role);
      const fields = fieldsOf(role, ["title", "groups"], ["judges", "signIn", "secondFactor"]);
      const groups = itemsOf(fields.groups).map((group) => textOf(group, 128));
      if (fields.groups !== undefined) refuseRepeats(fields.groups, groups);
      const judges = fields.judges === undefined ? [] : wordsOf(fields.judges, judged);
      if (fields.secondFactor !== undefined && fields.secondFactor.value !== "passkey")
        complain(fields.secondFactor, "The one second factor that is known is 'passkey'.");
      return [
        name,
        {
          title: textOf(fields.title, 80),
          groups,
          judges,
          ...(fields.signIn === undefined ? {} : { signIn: signInOf(fields.signIn) }),
          ...(fields.secondFactor === undefined ? {} : { secondFactor: "passkey" as const }),
        },
      ];
    }),
  );
}

function signInOf(place: Place): SignInRequirement {
  const { acr, amr } = fieldsOf(place, [], ["acr", "amr"]);
  if (acr === undefined && amr === undefined) complain(place, "Here stands 'acr', 'amr' or both.");
  const values = (field: Place): readonly string[] => {
    const texts = itemsOf(field).map((each) => textOf(each, 200));
    refuseRepeats(field, texts);
    return texts;
  };
  return { ...(acr === undefined ? {} : { acr: values(acr) }), ...(amr === undefined ? {} : { amr: values(amr) }) };
}

function ruleOf(place: Place, roles: readonly string[]): ApprovalRule {
  const fields = fieldsOf(place, ["modelType", "target", "expiresAfter", "stages"], ["excludes"]);
  const expiresAfterSeconds = secondsOf(fields.expiresAfter, 60, longest);
  const limit = fields.expiresAfter === undefined ? longest : expiresAfterSeconds;
  const stages = itemsOf(fields.stages).map((stage) => stageOf(stage, roles, limit));
  if (fields.stages !== undefined) {
    refuseRepeats(
      fields.stages,
      stages.map((stage) => stage.name),
    );
    refuseTooMuch(fields.stages, stages, limit);
  }
  return {
    modelType: slugOf(fields.modelType),
    target: slugOf(fields.target),
    expiresAfterSeconds,
    // An explicit empty list switches separation of duties off; a forgotten one does not.
    excludes:
      fields.excludes === undefined
        ? allDuties
        : isEmptyList(fields.excludes)
          ? []
          : wordsOf(fields.excludes, allDuties),
    stages,
  };
}

function stageOf(place: Place, roles: readonly string[], limit: number): Stage {
  const fields = fieldsOf(place, ["name", "requires"], ["minimumReview", "deadline", "rejectionsToStop"]);
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
    requires:
      fields.requires === undefined ? { all: [] } : requirementOf(fields.requires, roles, new Map<string, number>()),
    minimumReviewSeconds,
    ...(fields.deadline === undefined ? {} : { deadlineSeconds }),
    rejectionsToStop: countOf(fields.rejectionsToStop, 1, maximumSeats),
  };
}

/** @param together the roles asked for so far in the same `all`, with the line of each */
function requirementOf(place: Place, roles: readonly string[], together: Map<string, number>): Requirement {
  const fields = fieldsOf(place, [], ["role", "count", "all", "any"]);
  const kinds = [fields.role, fields.all, fields.any].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) complain(place, "A requirement has exactly one of 'role', 'all' and 'any'.");
  if (fields.count !== undefined && fields.role === undefined) complain(fields.count, "A count belongs to a role.");
  if (fields.all !== undefined) return { all: itemsOf(fields.all).map((part) => requirementOf(part, roles, together)) };
  if (fields.any !== undefined) {
    // Each branch stands alone: only one of them is met.
    return { any: itemsOf(fields.any).map((part) => requirementOf(part, roles, new Map(together))) };
  }
  const role = slugOf(fields.role);
  if (fields.role !== undefined && role !== "") {
    const earlier = together.get(role);
    if (!roles.includes(role)) complain(fields.role, `There is no role '${role}'; known are ${list(roles)}.`);
    else if (earlier !== undefined)
      complain(fields.role, `The role '${role}' is already asked for on line ${earlier}: write a count.`);
    else together.set(role, lineOf(fields.role));
  }
  return { role, count: countOf(fields.count, 1, maximumSeats) };
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

function refuseDuplicates(places: readonly Place[], rules: readonly ApprovalRule[]): void {
  const lines = new Map<string, number>();
  for (const [index, place] of places.entries()) {
    const rule = rules[index];
    if (rule === undefined || rule.modelType === "" || rule.target === "") continue;
    const key = `${rule.modelType} ${rule.target}`;
    const earlier = lines.get(key);
    if (earlier === undefined) lines.set(key, lineOf(place));
    else
      complain(
        place,
        `There is already a rule for the model type '${rule.modelType}' and the target '${rule.target}', on line ${earlier}.`,
      );
  }
}

function wordsOf<Word extends string>(place: Place, known: readonly Word[]): readonly Word[] {
  const words = itemsOf(place).map((item) => {
    const word = known.find((candidate) => candidate === item.value);
    if (word === undefined) complain(item, `Here stands one of ${list(known)}.`);
    return word;
  });
  const understood = words.filter((word) => word !== undefined);
  refuseRepeats(place, understood);
  return understood;
}

function refuseRepeats(place: Place, names: readonly string[]): void {
  const repeated = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (repeated !== undefined) complain(place, `'${repeated}' stands here twice.`);
}

function isEmptyList(place: Place): boolean {
  return Array.isArray(place.value) && place.value.length === 0;
}
