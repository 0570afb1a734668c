import type { MachineProvider } from "../approval/loading/load-machines.ts";
import type { TargetRule } from "../approval/loading/load-targets.ts";
import type { Instant } from "../encoding/instant.ts";
import { list } from "../encoding/policy-file.ts";
import { thresholdsFor } from "../gates/thresholds.ts";
import type { ChannelKind } from "../notification/channel.ts";
import type { Member } from "../promotion/identity.ts";
import { roomOf } from "../promotion/room.ts";
import { isCaptured, type ShadowPlan } from "../promotion/shadow.ts";
import { isHosted } from "../promotion/target.ts";
import { type CheckedRule, checkQuorums } from "./check-quorums.ts";
import { checkRemedies } from "./check-remedies.ts";
import { type CheckedRole, checkRoles } from "./check-roles.ts";
import {
  type Note,
  noter,
  type PolicyFinding,
  type PolicyTexts,
  policyFileNames,
  type ReadPolicies,
  readPolicyTexts,
} from "./policy-files.ts";
import { sharedPlaces } from "./shared-place.ts";

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
  checkPlaces(read, note);
  checkCrowded(read, note);
  checkTargets(read, note);
  checkMachines(read, note);
  checkPipelines(read, note);
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

/** What a target asks for must not be got round by way of another that leads to the same place. */
function checkPlaces({ matrix, machines, targets }: ReadPolicies, note: Note): void {
  if (targets === undefined) return;
  const models = new Set([
    ...(machines ?? []).flatMap(({ submits }) => submits),
    ...Object.keys(matrix?.classification?.models ?? {}),
  ]);
  for (const { first, second, models: pair } of sharedPlaces(targets, [...models]))
    note(
      "error",
      "targets.yaml",
      ["targets", second, "endpoint"],
      pair === undefined
        ? `'${first}' and '${second}' are one place, so what one asks for could be got round by way of the other.`
        : `'${pair[1]}' in '${second}' is the place of '${pair[0]}' in '${first}', so one would replace the other.`,
    );
}

/** Where a target's place is not called after the model, every model that may come to it comes to the same. */
function checkCrowded({ matrix, machines, targets }: ReadPolicies, note: Note): void {
  if (matrix === undefined || targets === undefined) return;
  const { models = {} } = matrix.classification ?? {};
  const submitted = new Set((machines ?? []).flatMap(({ submits }) => submits));
  for (const [name, target] of Object.entries(targets)) {
    if (roomOf(target) === undefined || target.endpoint.includes("{model}")) continue;
    const types = matrix.rules.filter((rule) => rule.target === name).map(({ modelType }) => modelType);
    const come = [...submitted].filter((model) => {
      const type = Object.hasOwn(models, model) ? models[model]?.type : undefined;
      return type === undefined ? types.length > 0 : types.includes(type);
    });
    if (come.length > 1)
      note(
        "warning",
        "targets.yaml",
        ["targets", name, "endpoint"],
        `${list(come)} are one place in '${name}', so each replaces what was approved of another: let the endpoint hold {model}.`,
      );
  }
}

function checkTargets({ matrix, targets, thresholds, instanceTypes }: ReadPolicies, note: Note): void {
  if (matrix === undefined || targets === undefined) return;
  const known = Object.keys(targets);
  for (const [index, { target, shadow }] of matrix.rules.entries()) {
    const led = Object.hasOwn(targets, target) ? targets[target] : undefined;
    const why = shadow === undefined || led === undefined ? undefined : whyNoShadow(led, shadow);
    if (why !== undefined)
      note(
        "error",
        "matrix.yaml",
        ["rules", index, "shadow"],
        `Nothing runs in shadow in '${target}', ${why}: every candidate of this rule is blocked.`,
      );
    if (!known.includes(target))
      note(
        "error",
        "matrix.yaml",
        ["rules", index, "target"],
        `targets.yaml has no '${target}'; it has ${list(known)}.`,
      );
  }
  for (const [name, target] of Object.entries(targets)) {
    const rules = matrix.rules.filter((rule) => rule.target === name);
    if (rules.length === 0)
      note(
        "warning",
        "targets.yaml",
        ["targets", name],
        `No rule of the matrix is for '${name}', so nothing may run in it.`,
      );
    const weighed = rules.some(
      ({ modelType }) => thresholds !== undefined && thresholdsFor(thresholds, modelType, name)?.capacity !== undefined,
    );
    if (!weighed || instanceTypes === undefined) continue;
    if (!isHosted(target))
      note(
        "error",
        "targets.yaml",
        ["targets", name],
        "The gates ask whether a model fits into its machine, and nobody here knows the machines of a cluster or of a pipeline: every candidate is blocked.",
      );
    else if (target.kind === "sagemaker-inference-component" && target.resources.accelerators !== undefined)
      note(
        "error",
        "targets.yaml",
        ["targets", name, "resources", "accelerators"],
        "The gates ask whether a model fits into its machine, and which accelerators the instances of that endpoint have is for whoever runs it: every candidate is blocked.",
      );
    else if (
      target.kind === "sagemaker-endpoint" &&
      target.serverless === undefined &&
      !instanceTypes.has(target.instanceType)
    )
      note(
        "error",
        "targets.yaml",
        ["targets", name, "instanceType"],
        `instance-types.yaml does not know '${target.instanceType}', and the gates ask whether a model fits into it: every candidate is blocked.`,
      );
  }
}

/** What the tokens of these say of the branch or the environment that a run is of, beside its project. */
const placesOfRun: Readonly<Partial<Record<MachineProvider, readonly string[]>>> = {
  // https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims
  github: ["environment", "ref", "ref_protected", "job_workflow_ref", "workflow_ref"],
  // https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
  gitlab: ["environment", "environment_protected", "ref", "ref_protected", "ref_path", "ci_config_ref_uri"],
};

/** Whoever may write to any branch of a project writes what runs there, and what runs there has the project's tokens. */
function checkPipelines({ machines = [] }: ReadPolicies, note: Note): void {
  for (const [index, { name, provider, match, submits }] of machines.entries()) {
    const places = placesOfRun[provider];
    if (places === undefined || submits.length === 0 || places.some((claim) => Object.hasOwn(match, claim))) continue;
    note(
      "warning",
      "machines.yaml",
      ["machines", index, "match"],
      `Whoever may push to any branch of its project is '${name}': submits, withdraws and fetches passports. Match the environment or the protected branch, too.`,
    );
  }
}

/** A model's name is all that machines.yaml knows; its type is said by the request where the matrix does not. */
function checkMachines({ machines, matrix }: ReadPolicies, note: Note): void {
  if (machines === undefined || matrix === undefined) return;
  const { riskTiers = [], dataClasses = [], models = {} } = matrix.classification ?? {};
  const submitted = new Set(machines.flatMap(({ submits }) => submits));
  for (const name of Object.keys(models).filter((each) => !submitted.has(each)))
    note(
      "warning",
      "matrix.yaml",
      ["classification", "models", name],
      `No pipeline of machines.yaml may submit '${name}'.`,
    );
  const scaled = riskTiers.length + dataClasses.length > 0;
  const severalTypes = new Set(matrix.rules.map(({ modelType }) => modelType)).size > 1;
  for (const [index, { submits }] of machines.entries())
    for (const [at, name] of submits.entries()) {
      const model = Object.hasOwn(models, name) ? models[name] : undefined;
      const path = ["machines", index, "submits", at];
      if (scaled && model === undefined)
        note(
          "warning",
          "machines.yaml",
          path,
          `The matrix does not classify '${name}', so it is judged by the highest tier and class.`,
        );
      if (severalTypes && model?.type === undefined)
        note(
          "warning",
          "machines.yaml",
          path,
          `The matrix does not say of which type '${name}' is, so whoever submits it chooses by which rules it is judged: add it under 'classification'.`,
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

/** Why candidates of a rule cannot run in shadow in its target as it asks, in words that follow it. */
function whyNoShadow(target: TargetRule, { agreement, psi }: ShadowPlan): string | undefined {
  switch (target.kind) {
    case "sagemaker-endpoint":
      if (target.account !== undefined) return "which is in another account";
      if (target.serverless !== undefined) return "which is serverless";
      return target.network === "open" ? "whose containers may reach the network" : undefined;
    case "sagemaker-inference-component":
      return "which is an inference component, and SageMaker has no shadow of one";
    case "kubernetes":
      if (target.mirror === undefined) return "which names no 'mirror'";
      return isCaptured(target) || (agreement === undefined && psi === undefined)
        ? undefined
        : "where nobody sees what both answer, so that neither agreement nor psi can be judged";
    case "pipeline":
    case "webhook":
      return "only on SageMaker endpoints of this account and on Kubernetes";
    default:
      return target satisfies never;
  }
}
