import { readFileSync } from "node:fs";
import { Failure } from "../../core/failure.ts";
import { asList, asRecord, asText, isRecord, type JsonObject, onlyMembers } from "../aws/json-shape.ts";
import { rateOf } from "../eventbridge/scheduler.ts";
import { type EventRule, functionNamed, localArn, type World } from "../world.ts";
import type { Creator, ResourceRequest } from "./create-resources.ts";

/** What carries work from one function to the next: the state machine, the event bus, queues for what was given up. */
export const flowCreators: Readonly<Record<string, Creator>> = {
  "AWS::StepFunctions::StateMachine": createStateMachine,
  "AWS::Events::EventBus": ({ properties }, { eventBuses }) => {
    const name = asText(properties["Name"], "Name of an event bus");
    eventBuses.push(name);
    return { ref: name, attributes: { Arn: localArn("events", `event-bus/${name}`), Name: name } };
  },
  "AWS::Events::Rule": createRule,
  "AWS::SES::ConfigurationSet": ({ stackName, logicalId, properties }, { configurationSets }) => {
    const name = String(properties["Name"] ?? `${stackName}-${logicalId}`);
    configurationSets.set(name, new Set());
    return { ref: name, attributes: {} };
  },
  "AWS::SES::ConfigurationSetEventDestination": createMailReports,
  "AWS::SQS::Queue": ({ stackName, logicalId, properties }) => {
    const name = String(properties["QueueName"] ?? `${stackName}-${logicalId}`);
    const arn = localArn("sqs", name);
    return {
      ref: `https://sqs.local/${name}`,
      attributes: { Arn: arn, QueueName: name, QueueUrl: `https://sqs.local/${name}` },
    };
  },
};

function createMailReports({ logicalId, properties }: ResourceRequest, { configurationSets }: World) {
  const name = asText(properties["ConfigurationSetName"], `ConfigurationSetName of ${logicalId}`);
  const types = configurationSets.get(name);
  if (types === undefined) throw new Failure("invalid-request", `${logicalId} names no configuration set: ${name}.`);
  const destination = asRecord(properties["EventDestination"], `EventDestination of ${logicalId}`);
  onlyMembers(destination, ["Name", "Enabled", "MatchingEventTypes", "EventBridgeDestination"], logicalId);
  const bus = asRecord(destination["EventBridgeDestination"], `EventBridgeDestination of ${logicalId}`);
  // https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_EventBridgeDestination.html: only the default bus.
  if (bus["EventBusArn"] !== localArn("events", "event-bus/default")) {
    throw new Failure("invalid-request", `${logicalId} reports to another bus than the default one.`);
  }
  if (destination["Enabled"] !== false) {
    // CloudFormation takes them in either case.
    for (const type of asList(destination["MatchingEventTypes"], `MatchingEventTypes of ${logicalId}`)) {
      types.add(String(type).toUpperCase());
    }
  }
  return { ref: logicalId, attributes: { Id: logicalId } };
}

function createStateMachine({ stackName, logicalId, properties }: ResourceRequest, world: World) {
  if ((properties["StateMachineType"] ?? "STANDARD") !== "STANDARD") {
    throw new Failure("invalid-request", `${logicalId} is no standard workflow.`);
  }
  const name = String(properties["StateMachineName"] ?? `${stackName}-${logicalId}`);
  const arn = localArn("states", `stateMachine:${name}`);
  world.stateMachines.push({ arn, definition: definitionOf({ logicalId, properties }, world), principal: logicalId });
  return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: "1" } };
}

function definitionOf(
  { logicalId, properties }: Pick<ResourceRequest, "logicalId" | "properties">,
  world: World,
): string {
  const { DefinitionString: inline, DefinitionS3Location: place, Definition: object } = properties;
  const text =
    typeof inline === "string"
      ? inline
      : isRecord(place)
        ? readAsset(asText(place["Key"], `Key of ${logicalId}`), world)
        : JSON.stringify(asRecord(object, `Definition of ${logicalId}`));
  const substitutions = isRecord(properties["DefinitionSubstitutions"]) ? properties["DefinitionSubstitutions"] : {};
  const unused = new Set(Object.keys(substitutions));
  const definition = text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    unused.delete(name);
    if (substitutions[name] === undefined) {
      throw new Failure(
        "invalid-request",
        `The definition of ${logicalId} asks for ${name}, which is not substituted.`,
      );
    }
    return String(substitutions[name]);
  });
  // CloudFormation refuses these as well.
  if (unused.size > 0) {
    throw new Failure("invalid-request", `The definition of ${logicalId} has no place for ${[...unused].join(", ")}.`);
  }
  return definition;
}

function readAsset(key: string, { assembly }: World): string {
  const path = assembly.assetPath(key);
  if (path === undefined) throw new Failure("invalid-request", `No synthesized asset is uploaded as ${key}.`);
  return readFileSync(path, "utf8");
}

function createRule({ stackName, logicalId, properties }: ResourceRequest, world: World) {
  onlyMembers(
    properties,
    ["Name", "Description", "EventBusName", "EventPattern", "ScheduleExpression", "State", "Targets"],
    `Rule ${logicalId}`,
  );
  const name = String(properties["Name"] ?? `${stackName}-${logicalId}`);
  const busName = String(properties["EventBusName"] ?? "default");
  const arn = localArn("events", busName === "default" ? `rule/${name}` : `rule/${busName}/${name}`);
  for (const target of asList(properties["Targets"] ?? [], `Targets of ${logicalId}`)) {
    if (properties["State"] === "DISABLED") continue;
    const told = targetOf(asRecord(target, logicalId), logicalId, world);
    const { ScheduleExpression: expression, EventPattern: wanted } = properties;
    if (expression === undefined) {
      world.eventRules.push({ name, arn, busName, pattern: asRecord(wanted, `EventPattern of ${logicalId}`), ...told });
    } else {
      // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html: schedules are the default bus's alone.
      if (wanted !== undefined || busName !== "default") {
        throw new Failure("invalid-request", `${logicalId} is a schedule, and listens to a bus as well.`);
      }
      const rate = asText(expression, `ScheduleExpression of ${logicalId}`);
      rateOf(rate);
      world.schedules.push({ logicalId, arn, expression: rate, functionName: told.target.functionName });
    }
  }
  return { ref: busName === "default" ? name : `${busName}|${name}`, attributes: { Arn: arn } };
}

function targetOf(
  target: JsonObject,
  logicalId: string,
  world: Pick<World, "functions">,
): Pick<EventRule, "retries" | "target"> {
  onlyMembers(target, ["Id", "Arn", "DeadLetterConfig", "RetryPolicy"], `A target of ${logicalId}`);
  const { name } = functionNamed(world, asText(target["Arn"], `Arn of a target of ${logicalId}`));
  const { DeadLetterConfig: deadLetters, RetryPolicy: policy } = target;
  return {
    // AWS makes 185 attempts within a day; nobody at a laptop waits for them.
    retries: isRecord(policy) ? Number(policy["MaximumRetryAttempts"] ?? 10) : 10,
    target: {
      functionName: name,
      ...(isRecord(deadLetters) ? { deadLetterArn: asText(deadLetters["Arn"], "DeadLetterConfig") } : {}),
    },
  };
}
