import { statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../core/failure.ts";
import { localRegion } from "../aws/aws-call.ts";
import { asList, asRecord, asText, isList, isRecord, type JsonObject, onlyMembers } from "../aws/json-shape.ts";
import { channelVariables, codeWithChannels } from "../channels/own-channels.ts";
import { compiledFolder } from "../lambda/compiled-code.ts";
import { createFunction as runFunction } from "../lambda/lambda.ts";
import { discardedKey, putDeadLetter } from "../sqs/dead-letters.ts";
import { type DeployedFunction, functionNamed, localArn, stateFolder, type World } from "../world.ts";
import type { Creator, ResourceRequest } from "./create-resources.ts";

/** Functions, and what wakes them. */
export const functionCreators: Readonly<Record<string, Creator>> = {
  "AWS::Lambda::Function": createFunction,
  "AWS::Lambda::Permission": createPermission,
  "AWS::Lambda::EventSourceMapping": createEventSourceMapping,
  "AWS::Lambda::EventInvokeConfig": createEventInvokeConfig,
};

/** Invocations at once per function: enough to show a race. Each further one loads its code anew, and two cores have no room for it. */
const environments = 2;
/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: all variables of a function together. */
const environmentLimit = 4096;

function createFunction({ logicalId, properties }: ResourceRequest, world: World) {
  const name = String(properties["FunctionName"] ?? logicalId);
  const arn = localArn("lambda", `function:${name}`);
  const environment = environmentOf(properties, logicalId);
  const deployed: DeployedFunction = {
    ...(String(properties["Runtime"]).startsWith("nodejs")
      ? runBundle({ name, arn, logicalId, environment, properties }, world)
      : notRunnable(name, arn)),
    principal: logicalId,
    environment,
  };
  world.functions.set(name, deployed);
  return { ref: name, attributes: { Arn: arn } };
}

function runBundle(
  own: { name: string; arn: string; logicalId: string; environment: Record<string, string>; properties: JsonObject },
  world: World,
) {
  const { name, arn, logicalId, properties } = own;
  const code = asRecord(properties["Code"], `Code of ${logicalId}`);
  const taskRoot = world.assembly.assetPath(asText(code["S3Key"], `S3Key of ${logicalId}`));
  if (taskRoot === undefined || !statSync(taskRoot).isDirectory()) {
    throw new Failure("invalid-request", `The bundle of ${logicalId} is no directory in the synthesized assets.`);
  }
  const ownCode = codeWithChannels(world, name, taskRoot);
  const handler = asText(properties["Handler"], `Handler of ${logicalId}`);
  const memoryMegabytes = Number(properties["MemorySize"] ?? 128);
  const logGroup = `/aws/lambda/${name}`;
  const reserved = properties["ReservedConcurrentExecutions"];
  return runFunction({
    taskRoot: ownCode,
    ...(world.receivers === undefined ? {} : { receivers: world.receivers }),
    handler,
    functionName: name,
    functionArn: arn,
    memoryMegabytes,
    logGroup,
    compiled: stateFolder(world, compiledFolder),
    environment: {
      ...lambdaVariables({
        name,
        handler,
        memoryMegabytes,
        logGroup,
        taskRoot: ownCode,
        runtime: String(properties["Runtime"]),
      }),
      ...world.functionEnvironment,
      AWS_ACCESS_KEY_ID: logicalId,
      ...own.environment,
      ...channelVariables(world, own.environment),
    },
    timeoutSeconds: Number(properties["Timeout"] ?? 3),
    environments: typeof reserved === "number" ? Math.min(reserved, environments) : environments,
    logFile: join(stateFolder(world, "logs"), `${name}.log`),
  });
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment variables" */
function lambdaVariables(own: {
  readonly name: string;
  readonly handler: string;
  readonly memoryMegabytes: number;
  readonly logGroup: string;
  readonly taskRoot: string;
  readonly runtime: string;
}): Readonly<Record<string, string>> {
  return {
    _HANDLER: own.handler,
    _X_AMZN_TRACE_ID: "Root=1-00000000-000000000000000000000000;Sampled=0",
    AWS_DEFAULT_REGION: localRegion,
    AWS_REGION: localRegion,
    AWS_EXECUTION_ENV: `AWS_Lambda_${own.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: own.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(own.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: own.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    LAMBDA_TASK_ROOT: own.taskRoot,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
  };
}

function environmentOf(properties: JsonObject, logicalId: string): Record<string, string> {
  const given = properties["Environment"];
  const variables = isRecord(given) ? asRecord(given["Variables"] ?? {}, `Environment of ${logicalId}`) : {};
  const environment = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, asText(value, `${name} of ${logicalId}`)]),
  );
  const size = Object.entries(environment).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (size > environmentLimit) {
    throw new Failure("invalid-request", `The variables of ${logicalId} take ${size} bytes; Lambda allows 4096.`);
  }
  return environment;
}

/** CDK's own helpers in Python: what they would do is done by the creators of their custom resources. */
function notRunnable(name: string, arn: string) {
  return {
    name,
    arn,
    invoke: async (): Promise<never> => {
      throw new Failure("unavailable", `${name} is not written for Node.js and cannot be invoked here.`);
    },
    close: async () => undefined,
  };
}

function createPermission({ logicalId, properties }: ResourceRequest, { permissions }: World) {
  const { FunctionName: functionName, Principal: principal, SourceArn: sourceArn } = properties;
  permissions.push({
    functionName: asText(functionName, `FunctionName of ${logicalId}`),
    principal: asText(principal, `Principal of ${logicalId}`),
    ...(typeof sourceArn === "string" ? { sourceArn } : {}),
  });
  return { ref: logicalId, attributes: {} };
}

function createEventSourceMapping({ logicalId, properties }: ResourceRequest, world: World) {
  const { EventSourceArn: source, FunctionName: functionName, StartingPosition: start, ...settings } = properties;
  onlyMembers(
    settings,
    [
      "BatchSize",
      "BisectBatchOnFunctionError",
      "MaximumRetryAttempts",
      "FunctionResponseTypes",
      "FilterCriteria",
      "DestinationConfig",
      // Without effect here: batches are taken at once, and a laptop's stream is one shard.
      "MaximumBatchingWindowInSeconds",
      "MaximumRecordAgeInSeconds",
      "ParallelizationFactor",
      "MetricsConfig",
      "Enabled",
      "Tags",
    ],
    `The event source mapping ${logicalId}`,
  );
  const [, , service, , , table = ""] = asText(source, `EventSourceArn of ${logicalId}`).split(":");
  const tableName = table.split("/")[1];
  if (service !== "dynamodb" || tableName === undefined || start !== "TRIM_HORIZON") {
    throw new Failure("invalid-request", `${logicalId} is no mapping of a table's stream from TRIM_HORIZON on.`);
  }
  const target = functionNamed(world, asText(functionName, `FunctionName of ${logicalId}`));
  const destination = onFailureOf(settings["DestinationConfig"]);
  const filters = isRecord(settings["FilterCriteria"]) ? asList(settings["FilterCriteria"]["Filters"], "Filters") : [];
  const types = settings["FunctionResponseTypes"];
  world.wakers.push(() =>
    world.services.dynamodb.addConsumer(
      tableName,
      {
        functionName: target.name,
        principal: target.principal,
        batchSize: Number(settings["BatchSize"] ?? 100),
        filterPatterns: filters.map((filter) => asText(asRecord(filter, "Filters")["Pattern"], "Pattern")),
        bisectBatchOnFunctionError: settings["BisectBatchOnFunctionError"] === true,
        maximumRetryAttempts: Number(settings["MaximumRetryAttempts"] ?? -1),
        reportBatchItemFailures: isList(types) && types.includes("ReportBatchItemFailures"),
        onFailure: async (document) => {
          // Without a destination Lambda drops the batch.
          if (destination === undefined) return;
          const key = discardedKey(`${logicalId}/shardId-00000000000000000000-00000000`, world.now());
          await putDeadLetter(world, destination, document, {
            principal: target.principal,
            key,
          });
        },
      },
      (event) => target.invoke(event),
    ),
  );
  return { ref: logicalId, attributes: { Id: logicalId } };
}

function createEventInvokeConfig({ logicalId, properties }: ResourceRequest, { retries }: World) {
  const { FunctionName: name, MaximumRetryAttempts: attempts, DestinationConfig: destinations } = properties;
  const onFailure = onFailureOf(destinations);
  retries.set(asText(name, `FunctionName of ${logicalId}`), {
    attempts: Number(attempts ?? 2),
    ...(onFailure === undefined ? {} : { onFailure }),
  });
  return { ref: logicalId, attributes: {} };
}

function onFailureOf(destinations: unknown): string | undefined {
  const onFailure = isRecord(destinations) ? destinations["OnFailure"] : undefined;
  return isRecord(onFailure) ? asText(onFailure["Destination"], "Destination") : undefined;
}
