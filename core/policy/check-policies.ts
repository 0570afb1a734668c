import type { Instant } from "../encoding/instant.ts";
import { thresholdsFor } from "../gates/thresholds.ts";
import type { ChannelKind } from "../notification/channel.ts";
import type { Member } from "../promotion/identity.ts";
import { checkMachines } from "./check-machines.ts";
import { type CheckedRule, checkQuorums } from "./check-quorums.ts";
import { checkRemedies } from "./check-remedies.ts";
import { type CheckedRole, checkRoles } from "./check-roles.ts";
import { checkTargets } from "./check-targets.ts";
import {
  type Note,
  noter,
  type PolicyFinding,
  type PolicyTexts,
  policyFileNames,
  type ReadPolicies,
  readPolicyTexts,
} from "./policy-files.ts";

/** What a folder of policies is worth before anybody relies on it. Plain JSON. */
export interface PolicyCheck {
  /** No error was found; there may be warnings. */
  readonly holds: boolean;
  /** File by file, in the order of their lines. */
  readonly findings: readonly PolicyFinding[];
  /** Empty where the matrix could not be read. */
  readonly rules: readonly CheckedRule[];
  readonly roles: readonly CheckedRole[];
  /** What was not looked at, or cannot be told. */
  readonly notes: readonly string[];
}

/**
 * Checks policies as a whole: each file by itself, then what they say of each other, then whether there are people for
 * every seat.
 *
 * @param members the organisation's directory; without it nothing is said about who holds what
 * @param kinds of channels, that there are
 */
export function checkPolicies(
  texts: PolicyTexts,
  members: readonly Member[] | undefined,
  now: Instant,
  kinds: readonly ChannelKind[],
): PolicyCheck {
  const { read, findings: unreadable } = readPolicyTexts(texts, kinds);
  const findings = [...unreadable];
  const note = noter(texts, findings);
  checkPairs(read, note);
  checkTargets(read, note);
  checkMachines(read, note);
  checkTimes(read, note, now);
  const untold = checkRemedies(read, note);
  const { matrix, people = [] } = read;
  const rules = matrix === undefined ? [] : checkQuorums(matrix, people, members, note);
  const roles = matrix === undefined ? [] : checkRoles(matrix, members, note);
  const place = ({ file, line }: PolicyFinding) => policyFileNames.indexOf(file) * 1_000_000 + line;
  return {
    holds: !findings.some(({ severity }) => severity === "error"),
    findings: findings.toSorted((a, b) => place(a) - place(b)),
    rules,
    roles,
    notes: [
      ...(members === undefined
        ? ["Who holds which role, and whether every quorum can be reached, was not looked at: no directory was given."]
        : []),
      ...untold,
    ],
  };
}

/** Rules of the matrix without thresholds, and thresholds that no rule of the matrix leads to. */
function checkPairs({ matrix, thresholds }: ReadPolicies, note: Note): void {
  if (matrix === undefined || thresholds === undefined) return;
  for (const [index, { modelType, target }] of matrix.rules.entries()) {
    if (thresholdsFor(thresholds, modelType, target) === undefined)
      note(
        "error",
        "matrix.yaml",
        ["rules", index],
        `thresholds.yaml says nothing about '${modelType}' in '${target}', so every candidate of this rule is blocked.`,
      );
  }
  for (const [index, rule] of thresholds.rules.entries()) {
    const { modelType, target } = rule;
    const led = matrix.rules.some(
      (each) => each.modelType === modelType && thresholdsFor(thresholds, modelType, each.target) === rule,
    );
    if (!led)
      note(
        "warning",
        "thresholds.yaml",
        ["rules", index],
        `No rule of the matrix is for '${modelType}'${target === undefined ? "" : ` in '${target}'`} under these thresholds, so nothing comes to them.`,
      );
  }
}

/** What was meant for a time that is over. */
function checkTimes({ matrix, thresholds }: ReadPolicies, note: Note, now: Instant): void {
  for (const [index, { dryRun = [] }] of (thresholds?.rules ?? []).entries())
    for (const [at, { rule, until }] of dryRun.entries())
      if (until <= now)
        note(
          "warning",
          "thresholds.yaml",
          ["rules", index, "dryRun", at],
          `The trial of '${rule}' ended at ${until}: it blocks.`,
        );
  for (const [index, { name, when, exceptions }] of (matrix?.freezeWindows ?? []).entries()) {
    if ("until" in when && when.until <= now)
      note("warning", "matrix.yaml", ["freezeWindows", index], `The window '${name}' ended at ${when.until}.`);
    for (const [at, { model, until }] of exceptions.entries())
      if (until !== undefined && until <= now)
        note(
          "warning",
          "matrix.yaml",
          ["freezeWindows", index, "exceptions", at],
          `The exception for '${model}' ended at ${until}.`,
        );
  }
}
