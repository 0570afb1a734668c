import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { type AwsCallLog, type LocalService, localAccount, localRegion } from "../aws/aws-call.ts";
import { AwsRefusal, serveAwsJson } from "../aws/aws-json-server.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import { openJsonLines } from "../json-lines.ts";
import type { InvocationResult } from "../lambda/invocation.ts";
import { systemClock, type WakeClock } from "../wake-clock.ts";
import { compileMachine } from "./asl-definition.ts";
import { largestData } from "./asl-interpreter.ts";
import {
  type Execution,
  type ExecutionHead,
  type ExecutionWorld,
  isTaskToken,
  runExecution,
  type TokenAnswer,
  type Transition,
} from "./execution.ts";
import {
  authorizationsOf,
  carriedOperations,
  checkJson,
  checkName,
  checkParameters,
  optionalText,
  pageOf,
  reasonOf,
  requiredText,
  validation,
} from "./request.ts";

/** A state machine as the template declares it. */
export interface LocalStateMachine {
  readonly arn: string;
  /** ASL as JSON text, after `DefinitionSubstitutions`. */
  readonly definition: string;
  /** Access key id under which its calls are reported. */
  readonly principal: string;
}

/**
 * Starts Step Functions (Standard workflows) on loopback, with one file per execution under `directory`. Executions
 * that are open go on where they were. No npm engine carries task tokens, timeouts and restarts together (tried:
 * aws-local-stepfunctions 3, stepfunctions-local 1), hence an interpreter of exactly what our machine uses: any other
 * definition throws `invalid-request` here. `close` waits for the functions that were called: close those, too, or
 * before.
 */
export async function startStepFunctions(options: {
  readonly directory: string;
  readonly log: AwsCallLog;
  readonly port?: number;
  readonly invokeFunction: (functionArn: string, payload: Json) => Promise<InvocationResult>;
  readonly machines: readonly LocalStateMachine[];
  readonly clock?: WakeClock;
  readonly random?: () => number;
}): Promise<LocalService> {
  const { log, directory } = options;
  const clock = options.clock ?? systemClock;
  const machines = new Map(options.machines.map((machine) => [machine.arn, machine]));
  for (const { definition } of machines.values()) compileMachine(definition);
  const executions = new Map<string, Execution>();
  const tokens = new Map<string, Execution>();

  const closing = new AbortController();

  const world: ExecutionWorld = {
    clock,
    closing: closing.signal,
    random: options.random ?? Math.random,
    onToken: (token, execution) => tokens.set(token, execution),
    async invoke(machineArn, functionArn, payload) {
      const result = await options.invokeFunction(functionArn, payload);
      const principal = machines.get(machineArn)?.principal ?? machineArn;
      // Lambda answers 200 to an invocation whose function failed.
      const call = { principal, action: "lambda:InvokeFunction", resource: functionArn, context: {}, status: 200 };
      log.record({ at: new Date(clock.now()).toISOString(), ...call });
      return result;
    },
  };
  for (const path of executionFiles(directory)) {
    const { documents, file } = openJsonLines(path);
    const [head, ...transitions] = documents as readonly [ExecutionHead?, ...Transition[]];
    if (head === undefined) {
      // Killed before StartExecution was answered: there is no such execution.
      file.close();
      continue;
    }
    if (!machines.has(head.machineArn)) {
      throw new Failure("invalid-request", `${head.machineArn} is gone, but ${path} belongs to it; delete that file.`);
    }
    executions.set(head.arn, runExecution(head, transitions, file, world));
  }

  const machineOf = (body: JsonObject): LocalStateMachine => {
    const machine = machines.get(requiredText(body, "stateMachineArn", 256));
    if (machine === undefined) throw new AwsRefusal("StateMachineDoesNotExist", "State Machine Does Not Exist");
    return machine;
  };
  const executionOf = (body: JsonObject): Execution => {
    const execution = executions.get(requiredText(body, "executionArn", 256));
    if (execution === undefined) throw new AwsRefusal("ExecutionDoesNotExist", "Execution Does Not Exist");
    return execution;
  };

  const operations: Readonly<Record<string, (body: JsonObject) => JsonObject>> = {
    StartExecution(body) {
      const machine = machineOf(body);
      const name = checkName(optionalText(body, "name", 80) ?? randomUUID());
      const input = optionalText(body, "input", largestData) ?? "{}";
      checkJson(input, "InvalidExecutionInput", true);
      const machineName = machine.arn.split(":").at(-1) ?? "";
      const arn = `arn:aws:states:${localRegion}:${localAccount}:execution:${machineName}:${name}`;
      const there = executions.get(arn);
      if (there !== undefined) {
        // Idempotent only while it runs and with the same input (API_StartExecution, Standard workflows).
        if (there.ended === undefined && there.head.input === input) return started(there.head);
        throw new AwsRefusal("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
      }
      const { definition } = machine;
      const head = { arn, machineArn: machine.arn, machineName, name, input, startDate: clock.now(), definition };
      const { file } = openJsonLines(join(directory, machineName, `${name}.jsonl`));
      file.append(head);
      executions.set(arn, runExecution(head, [], file, world));
      return started(head);
    },
    DescribeExecution: (body) => described(executionOf(body)),
    StopExecution(body) {
      const execution = executionOf(body);
      execution.stop(reasonOf(body));
      return { stopDate: seconds(execution.ended?.stopDate ?? clock.now()) };
    },
    GetExecutionHistory(body) {
      const { events } = executionOf(body);
      const ordered = body["reverseOrder"] === true ? events.toReversed() : events;
      const { items, ...rest } = pageOf(ordered, body);
      return { events: items.map((event) => ({ ...event, timestamp: seconds(event.timestamp) })), ...rest };
    },
    ListExecutions(body) {
      const { arn } = machineOf(body);
      const status = optionalText(body, "statusFilter", 20);
      const all = [...executions.values()]
        .filter(({ head, ended }) => head.machineArn === arn && (status ?? statusOf(ended)) === statusOf(ended))
        .sort((one, other) => other.head.startDate - one.head.startDate);
      const { items, ...rest } = pageOf(all, body);
      return { executions: items.map(listed), ...rest };
    },
    SendTaskSuccess(body) {
      const output = requiredText(body, "output", largestData);
      checkJson(output, "InvalidOutput", false);
      return answer(body, { happened: "token-succeeded", output: JSON.parse(output) });
    },
    SendTaskFailure(body) {
      const { error = "", cause = "" } = reasonOf(body);
      return answer(body, { happened: "token-failed", error, cause });
    },
  };

  function answer(body: JsonObject, given: TokenAnswer): JsonObject {
    const token = requiredText(body, "taskToken", 2048);
    if (!isTaskToken(token)) throw new AwsRefusal("InvalidToken", "Invalid Token: 'Invalid token'");
    const execution = tokens.get(token);
    if (execution === undefined) throw new AwsRefusal("TaskDoesNotExist", "Task does not exist");
    if (execution.answerToken(token, given)) return {};
    throw new AwsRefusal("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
  }

  const service = await serveAwsJson(
    {
      target: "AWSStepFunctions",
      operations: carriedOperations,
      authorize: ({ operation, body }) => authorizationsOf(operation, body),
      async handle({ operation, body }) {
        checkParameters(operation, body);
        const handler = operations[operation];
        if (handler === undefined) throw validation(`${operation} is not carried by the local stand-in.`);
        return { status: 200, body: handler(body) };
      },
    },
    { port: options.port, log, now: clock.now },
  );
  return {
    url: service.url,
    async close() {
      closing.abort();
      // The functions under way may still send tokens back.
      await Promise.all([...executions.values()].map((execution) => execution.idle()));
      await service.close();
      for (const execution of executions.values()) execution.close();
    },
  };
}

function executionFiles(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".jsonl"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The protocol's timestamps: seconds since the Unix epoch. */
function seconds(ms: number): number {
  return ms / 1000;
}

function statusOf(ended: Execution["ended"]): string {
  return ended?.status ?? "RUNNING";
}

function started({ arn, startDate }: ExecutionHead): JsonObject {
  return { executionArn: arn, startDate: seconds(startDate) };
}

function listed({ head, ended }: Execution): JsonObject {
  return {
    ...started(head),
    stateMachineArn: head.machineArn,
    name: head.name,
    status: statusOf(ended),
    ...(ended === undefined ? {} : { stopDate: seconds(ended.stopDate) }),
  };
}

function described(execution: Execution): JsonObject {
  const { status, stopDate, ...ending } = execution.ended ?? {};
  return {
    ...listed(execution),
    input: execution.head.input,
    inputDetails: { included: true },
    ...ending,
    ...(status === "SUCCEEDED" ? { outputDetails: { included: true } } : {}),
  };
}
