import type { TargetRule } from "../approval/loading/load-targets.ts";
import { list } from "../encoding/policy-file.ts";
import { thresholdsFor } from "../gates/thresholds.ts";
import { roomOf } from "../promotion/room.ts";
import { isCaptured, type ShadowPlan } from "../promotion/shadow.ts";
import { isHosted, kserveContainer } from "../promotion/target.ts";
import type { Note, ReadPolicies } from "./policy-files.ts";
import { sharedPlaces } from "./shared-place.ts";

/** What targets.yaml says of places, by itself and beside the matrix, the thresholds and the machines. */
export function checkTargets(read: ReadPolicies, note: Note): void {
  checkPlaces(read, note);
  checkRenamed(read, note);
  checkCrowded(read, note);
  checkLed(read, note);
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

/** A container of a name that KServe takes away, unless there is another of the name that it asks for. */
function checkRenamed({ targets = {} }: ReadPolicies, note: Note): void {
  for (const [name, target] of Object.entries(targets)) {
    if (target.kind !== "kubernetes" || target.workload !== "inference-service") continue;
    if (target.container === kserveContainer) continue;
    note(
      "warning",
      "targets.yaml",
      ["targets", name, "container"],
      `KServe calls the container of an InferenceService '${kserveContainer}' where it has one: '${target.container}' is found only beside another of that name, and an InferenceService that is not there is not made.`,
    );
  }
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

/** Rules and targets that lead nowhere, and what is asked of a target that cannot be had there. */
function checkLed({ matrix, targets, thresholds, instanceTypes }: ReadPolicies, note: Note): void {
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

/** Why candidates of a rule cannot run in shadow in its target as it asks, in words that follow it. */
function whyNoShadow(target: TargetRule, { agreement, psi }: ShadowPlan): string | undefined {
  switch (target.kind) {
    case "sagemaker-endpoint":
      if (target.serverless !== undefined) return "which is serverless";
      // https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html
      if (target.asynchronous !== undefined) return "which is asynchronous, and SageMaker has no shadow of one";
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
      return "only on SageMaker endpoints and on Kubernetes";
    default:
      return target satisfies never;
  }
}
