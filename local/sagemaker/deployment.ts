import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import type { AlarmStates } from "../cloudwatch/cloudwatch.ts";
import { oneOf, onlyCarried, requiredObject, validationException, wholeNumber } from "./input.ts";

/** How traffic comes over: each step turns on so much of the new fleet, then waits while alarms are watched. */
export interface ShiftPlan {
  readonly steps: readonly { readonly percent: number; readonly waitMs: number }[];
  readonly alarms: readonly string[];
  /** After so long the update is given up. */
  readonly longestMs: number;
}

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html and API_TrafficRoutingConfig.html
const longestWait = 3600;
const timeouts = { least: 600, most: 28_800 };
const mostAlarms = 10;

/**
 * `DeploymentConfig` of an update: blue/green, all at once, as a canary or in linear steps, with alarms. A rolling
 * update and sizes by count are not carried.
 */
export function checkedDeployment(body: JsonObject, alarms: Pick<AlarmStates, "state">): JsonObject {
  const deployment = requiredObject(body, "DeploymentConfig");
  onlyCarried(deployment, ["BlueGreenUpdatePolicy", "AutoRollbackConfiguration"], "DeploymentConfig");
  if (deployment["BlueGreenUpdatePolicy"] !== undefined)
    checkPolicy(requiredObject(deployment, "BlueGreenUpdatePolicy"));
  checkAlarms(deployment, alarms);
  return deployment;
}

/** What a checked `DeploymentConfig` comes to; without one, everything at once. */
export function shiftPlan(deployment: JsonObject = {}): ShiftPlan {
  const policy = asRecord(deployment["BlueGreenUpdatePolicy"]);
  const routing = asRecord(policy["TrafficRoutingConfiguration"]);
  const waitMs = Number(routing["WaitIntervalInSeconds"] ?? 0) * 1000;
  const lastMs = Number(policy["TerminationWaitInSeconds"] ?? 0) * 1000;
  return {
    steps: percentages(routing).map((percent) => ({ percent, waitMs: percent === 100 ? lastMs : waitMs })),
    alarms: alarmsOf(deployment),
    longestMs: Number(policy["MaximumExecutionTimeoutInSeconds"] ?? timeouts.most) * 1000,
  };
}

function percentages(routing: JsonObject): readonly number[] {
  const size = (member: string) => Number(asRecord(routing[member])["Value"]);
  switch (routing["Type"]) {
    case "CANARY":
      return [size("CanarySize"), 100];
    case "LINEAR": {
      const step = size("LinearStepSize");
      return Array.from({ length: Math.ceil(100 / step) }, (_, index) => Math.min(100, (index + 1) * step));
    }
    default:
      return [100];
  }
}

/**
 * `DeploymentConfig` of an inference component's update: batches of so many copies, or percent of them, with alarms.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentRollingUpdatePolicy.html
 */
export function checkedRolling(body: JsonObject, copies: number, alarms: Pick<AlarmStates, "state">): JsonObject {
  const deployment = requiredObject(body, "DeploymentConfig");
  onlyCarried(deployment, ["RollingUpdatePolicy", "AutoRollbackConfiguration"], "DeploymentConfig");
  const policy = requiredObject(deployment, "RollingUpdatePolicy");
  onlyCarried(
    policy,
    ["MaximumBatchSize", "WaitIntervalInSeconds", "MaximumExecutionTimeoutInSeconds", "RollbackMaximumBatchSize"],
    "RollingUpdatePolicy",
  );
  within(policy, "WaitIntervalInSeconds", 0, longestWait);
  if (policy["MaximumExecutionTimeoutInSeconds"] !== undefined)
    within(policy, "MaximumExecutionTimeoutInSeconds", timeouts.least, timeouts.most);
  if (!isPartOf(sizeIn(policy, "MaximumBatchSize"), copies))
    throw validationException("MaximumBatchSize must be between 5% and 50% of the copy count.");
  if (policy["RollbackMaximumBatchSize"] !== undefined) sizeIn(policy, "RollbackMaximumBatchSize");
  checkAlarms(deployment, alarms);
  return deployment;
}

/** What a checked rolling update comes to; without one, all copies at once. */
export function rollingPlan(deployment: JsonObject | undefined, copies: number): ShiftPlan {
  if (deployment === undefined) return shiftPlan();
  const policy = asRecord(deployment["RollingUpdatePolicy"]);
  const { Type: type, Value: value } = asRecord(policy["MaximumBatchSize"]);
  const batch = type === "CAPACITY_PERCENT" ? Math.ceil((copies * Number(value)) / 100) : Number(value);
  const waitMs = Number(policy["WaitIntervalInSeconds"] ?? 0) * 1000;
  const replaced = Array.from({ length: Math.ceil(copies / batch) }, (_, at) => Math.min(copies, (at + 1) * batch));
  return {
    steps: replaced.map((each) => ({ percent: Math.round((100 * each) / copies), waitMs })),
    alarms: alarmsOf(deployment),
    longestMs: Number(policy["MaximumExecutionTimeoutInSeconds"] ?? timeouts.most) * 1000,
  };
}

function sizeIn(policy: JsonObject, member: string): { readonly type: string; readonly value: number } {
  const size = requiredObject(policy, member);
  onlyCarried(size, ["Type", "Value"], member);
  return { type: oneOf(size, "Type", ["COPY_COUNT", "CAPACITY_PERCENT"]), value: wholeNumber(size, "Value", 1) };
}

/** One copy has no part of itself: nothing of it is replaced in batches. */
function isPartOf({ type, value }: ReturnType<typeof sizeIn>, copies: number): boolean {
  const percent = type === "CAPACITY_PERCENT" ? value : (100 * value) / copies;
  return copies > 1 && percent >= 5 && percent <= 50;
}

function checkAlarms(deployment: JsonObject, alarms: Pick<AlarmStates, "state">): void {
  if (deployment["AutoRollbackConfiguration"] === undefined) return;
  onlyCarried(requiredObject(deployment, "AutoRollbackConfiguration"), ["Alarms"], "AutoRollbackConfiguration");
  for (const name of alarmsOf(deployment)) {
    if (alarms.state(name) === undefined) throw validationException(`Could not find the alarm "${name}".`);
  }
}

function checkPolicy(policy: JsonObject): void {
  onlyCarried(
    policy,
    ["TrafficRoutingConfiguration", "TerminationWaitInSeconds", "MaximumExecutionTimeoutInSeconds"],
    "BlueGreenUpdatePolicy",
  );
  if (policy["TerminationWaitInSeconds"] !== undefined) within(policy, "TerminationWaitInSeconds", 0, longestWait);
  if (policy["MaximumExecutionTimeoutInSeconds"] !== undefined)
    within(policy, "MaximumExecutionTimeoutInSeconds", timeouts.least, timeouts.most);
  const routing = requiredObject(policy, "TrafficRoutingConfiguration");
  onlyCarried(
    routing,
    ["Type", "WaitIntervalInSeconds", "CanarySize", "LinearStepSize"],
    "TrafficRoutingConfiguration",
  );
  within(routing, "WaitIntervalInSeconds", 0, longestWait);
  const type = oneOf(routing, "Type", ["ALL_AT_ONCE", "CANARY", "LINEAR"]);
  if (type === "CANARY") checkSize(requiredObject(routing, "CanarySize"), 1);
  if (type === "LINEAR") checkSize(requiredObject(routing, "LinearStepSize"), 10);
}

function checkSize(size: JsonObject, least: number): void {
  onlyCarried(size, ["Type", "Value"], "CapacitySize");
  if (oneOf(size, "Type", ["INSTANCE_COUNT", "CAPACITY_PERCENT"]) !== "CAPACITY_PERCENT")
    throw validationException("Only sizes of type CAPACITY_PERCENT are carried by the local stand-in.");
  within(size, "Value", least, 50);
}

function within(body: JsonObject, member: string, least: number, most: number): void {
  if (wholeNumber(body, member, least) > most)
    throw validationException(`Value at '${member}' must have value less than or equal to ${most}.`);
}

function alarmsOf(deployment: JsonObject): readonly string[] {
  const alarms = asRecord(deployment["AutoRollbackConfiguration"])["Alarms"] ?? [];
  if (!isList(alarms) || alarms.length > mostAlarms)
    throw validationException(`Alarms must be a list of at most ${mostAlarms} alarms.`);
  return alarms.map((alarm) => {
    if (!isRecord(alarm) || typeof alarm["AlarmName"] !== "string")
      throw validationException("Alarms must be a list of alarms with their AlarmName.");
    return alarm["AlarmName"];
  });
}

function asRecord(value: unknown): JsonObject {
  return isRecord(value) ? value : {};
}
