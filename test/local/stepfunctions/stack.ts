import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { AwsCall, LocalService } from "../../../local/aws/aws-call.ts";
import type { InvocationResult } from "../../../local/lambda/invocation.ts";
import { startStepFunctions } from "../../../local/stepfunctions/stepfunctions.ts";
import { type HandClock, handClock } from "../hand-clock.ts";

export const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:promotions";
export const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const call = (name: string) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: arnOf(name), Payload: { "id.$": "$.id" } },
  ResultPath: null,
});
/** A step, a review with a token, a wait, and a function that is itself the resource. */
export const states = {
  Freeze: { ...call("freeze"), TimeoutSeconds: 60, Next: "Review" },
  Review: {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Parameters: { FunctionName: arnOf("open-stage"), Payload: { "token.$": "$$.Task.Token" } },
    TimeoutSecondsPath: "$.reviewSeconds",
    ResultPath: "$.review",
    Catch: [{ ErrorEquals: ["States.Timeout"], ResultPath: "$.failure", Next: "Expired" }],
    Next: "Soak",
  },
  Soak: { Type: "Wait", Seconds: 300, Next: "Deploy" },
  Deploy: { Type: "Task", Resource: arnOf("deploy"), ResultPath: "$.deployed", End: true },
  Expired: { Type: "Fail", Error: "expired", Cause: "Nobody decided in time." },
};
const input = JSON.stringify({ id: "1", reviewSeconds: 3600 });

export type Invocation = {
  readonly name: string;
  readonly payload: Json;
  answer(result: InvocationResult): void;
  cutOff(): void;
};

export interface Stack {
  readonly directory: string;
  readonly service: LocalService;
  readonly client: SFNClient;
  readonly clock: HandClock;
  readonly calls: AwsCall[];
  /** Shuts it down in good order. */
  close(): Promise<void>;
  /** Ends it, and every invocation with it. */
  end(): Promise<void>;
  /** The next invocation of a function; it stays open until it is answered. */
  invoked(name: string): Promise<Invocation>;
}

const stacks: Stack[] = [];
const directories: string[] = [];

export async function start(directory: string, clock: HandClock, machine: object = states): Promise<Stack> {
  const calls: AwsCall[] = [];
  const invocations: Invocation[] = [];
  const open = new Set<Invocation>();
  let arrived = () => {};
  const service = await startStepFunctions({
    directory,
    clock,
    log: { record: (made) => calls.push(made) },
    random: () => 0.5,
    machines: [
      {
        arn: stateMachineArn,
        principal: "machine",
        definition: JSON.stringify({ StartAt: Object.keys(machine)[0], States: machine }),
      },
    ],
    invokeFunction: (functionArn, payload) =>
      new Promise((answer, reject) => {
        const name = functionArn.split(":").at(-1) ?? "";
        const invocation = { name, payload, answer, cutOff: () => reject(new Error("cut off")) };
        invocations.push(invocation);
        open.add(invocation);
        arrived();
      }),
  });
  const client = new SFNClient({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "submit", secretAccessKey: "none" },
    maxAttempts: 1,
  });
  let closed: Promise<void> | undefined;
  const made: Stack = {
    ...{ directory, service, client, clock, calls },
    close() {
      client.destroy();
      closed ??= service.close();
      return closed;
    },
    async end() {
      const ended = made.close();
      for (const invocation of open) invocation.cutOff();
      await ended;
    },
    async invoked(name) {
      for (;;) {
        const next = invocations.shift();
        if (next?.name === name) return next;
        if (next !== undefined) throw new Error(`${next.name} was called instead of ${name}.`);
        await new Promise<void>((resolve) => (arrived = resolve));
      }
    },
  };
  stacks.push(made);
  return made;
}

export function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "stepfunctions-"));
  directories.push(directory);
  return directory;
}

/** What is on disk at this moment, as after `kill -9`, taken up by a new process at the same time of day. */
export function killAndRestart(stack: Stack, machine: object = states): Promise<Stack> {
  const directory = freshDirectory();
  cpSync(stack.directory, directory, { recursive: true });
  const clock = handClock(stack.clock.now());
  return start(directory, clock, machine);
}

export const begin = (stack: Stack, name = "p-1") =>
  stack.client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
export const executionArn = "arn:aws:states:us-east-1:000000000000:execution:promotions:p-1";
export const describeIt = (from: Stack) => from.client.send(new DescribeExecutionCommand({ executionArn }));
export const historyOf = async (from: Stack) =>
  (await from.client.send(new GetExecutionHistoryCommand({ executionArn }))).events ?? [];
export const typesOf = async (from: Stack) => (await historyOf(from)).map(({ type }) => type);

/** Asks until the history has an event of `type`: every answer is a turn of the event loop. */
export async function until(from: Stack, type: string): Promise<void> {
  while (!(await typesOf(from)).includes(type as never)) {}
}

export function tokenOf(invocation: Invocation): string {
  return (invocation.payload as { readonly token: string }).token;
}

/** Runs up to the open review and gives its token. */
export async function toReview(stack: Stack): Promise<string> {
  await begin(stack);
  (await stack.invoked("freeze")).answer({ payload: null });
  const opening = await stack.invoked("open-stage");
  opening.answer({ payload: {} });
  await until(stack, "TaskSubmitted");
  return tokenOf(opening);
}

export const succeed = (from: Stack, taskToken: string, output = '{"outcome":"quorum"}') =>
  from.client.send(new SendTaskSuccessCommand({ taskToken, output }));

/** Ends every stack that was started and removes what it wrote. */
export async function endAll(): Promise<void> {
  for (const { end } of stacks.splice(0)) await end();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
}
