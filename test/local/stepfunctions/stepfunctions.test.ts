import {
  CreateActivityCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handClock } from "../hand-clock.ts";
import {
  arnOf,
  begin,
  describeIt,
  endAll,
  executionArn,
  freshDirectory,
  historyOf,
  type Stack,
  start,
  stateMachineArn,
  states,
  succeed,
  tokenOf,
  toReview,
  typesOf,
  until,
} from "./stack.ts";

let stack: Stack;

beforeEach(async () => {
  stack = await start(freshDirectory(), handClock());
});

afterEach(endAll);

describe("an execution", () => {
  it("runs to its end, and its history names every step", async () => {
    await succeed(stack, await toReview(stack));
    await until(stack, "WaitStateEntered");
    stack.clock.advance(300_000);
    const deploy = await stack.invoked("deploy");
    expect(deploy.payload).toMatchObject({ id: "1", review: { outcome: "quorum" } });
    deploy.answer({ payload: { endpoint: "e" } });
    await until(stack, "ExecutionSucceeded");
    const { status, output, startDate, stopDate } = await describeIt(stack);
    expect(status).toBe("SUCCEEDED");
    expect(JSON.parse(output ?? "")).toEqual({
      id: "1",
      reviewSeconds: 3600,
      review: { outcome: "quorum" },
      deployed: { endpoint: "e" },
    });
    expect(Number(stopDate) - Number(startDate)).toBe(300_000);
    expect(await typesOf(stack)).toEqual([
      ...["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"],
      ...["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskStateExited"],
      ...["WaitStateEntered", "WaitStateExited", "TaskStateEntered"],
      ...[
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
      ],
    ]);
    const scheduled = (await historyOf(stack)).find(({ type }) => type === "TaskScheduled");
    expect(scheduled).toMatchObject({
      id: 3,
      previousEventId: 2,
      taskScheduledEventDetails: { resourceType: "lambda", resource: "invoke", timeoutInSeconds: 60 },
    });
  });

  it("is found again by its name and input while it runs, and refused otherwise", async () => {
    const first = await begin(stack);
    expect((await begin(stack)).executionArn).toBe(first.executionArn);
    const other = new StartExecutionCommand({ stateMachineArn, name: "p-1", input: '{"id":"2"}' });
    await expect(stack.client.send(other)).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    (await stack.invoked("freeze")).answer({ errorType: "boom", errorMessage: "" });
    await until(stack, "ExecutionFailed");
    await expect(begin(stack)).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
  });

  it("fails a function that takes too long, and does not hear it any more", async () => {
    await begin(stack);
    const freeze = await stack.invoked("freeze");
    stack.clock.advance(60_000);
    await until(stack, "ExecutionFailed");
    freeze.answer({ payload: null });
    expect(await describeIt(stack)).toMatchObject({ status: "FAILED", error: "States.Timeout" });
    expect(await typesOf(stack)).not.toContain("TaskSucceeded");
  });

  it("asks again where nobody knows what became of the invocation", async () => {
    await begin(stack);
    (await stack.invoked("freeze")).cutOff();
    await stack.client.send(new DescribeExecutionCommand({ executionArn }));
    stack.clock.advance(1000);
    (await stack.invoked("freeze")).answer({ payload: null });
    await until(stack, "TaskSucceeded");
  });

  it("can be stopped, and answers no token after that", async () => {
    const token = await toReview(stack);
    await stack.client.send(new StopExecutionCommand({ executionArn, error: "operator", cause: "enough" }));
    expect(await describeIt(stack)).toMatchObject({ status: "ABORTED", error: "operator", cause: "enough" });
    await expect(succeed(stack, token)).rejects.toMatchObject({ name: "TaskTimedOut" });
  });

  it("is listed, newest first, page by page, by status", async () => {
    await begin(stack, "p-1");
    stack.clock.advance(1000);
    await begin(stack, "p-2");
    const page = await stack.client.send(
      new ListExecutionsCommand({ stateMachineArn, maxResults: 1, statusFilter: "RUNNING" }),
    );
    const rest = await stack.client.send(
      new ListExecutionsCommand({
        stateMachineArn,
        ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
      }),
    );
    expect([page, rest].flatMap(({ executions = [] }) => executions.map(({ name }) => name))).toEqual(["p-2", "p-1"]);
  });
});

describe("a task token", () => {
  it("is answered before its function returns, too", async () => {
    await begin(stack);
    (await stack.invoked("freeze")).answer({ payload: null });
    const opening = await stack.invoked("open-stage");
    await succeed(stack, tokenOf(opening));
    await until(stack, "WaitStateEntered");
    opening.answer({ payload: {} });
    expect(await typesOf(stack)).not.toContain("TaskSubmitted");
  });

  it("counts once", async () => {
    const token = await toReview(stack);
    const answers = await Promise.allSettled([succeed(stack, token), succeed(stack, token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(succeed(stack, token)).rejects.toMatchObject({ name: "TaskTimedOut" });
  });

  it("is over at the instant of its deadline", async () => {
    const token = await toReview(stack);
    stack.clock.advance(3600_000);
    await expect(succeed(stack, token)).rejects.toMatchObject({ name: "TaskTimedOut" });
    expect(await describeIt(stack)).toMatchObject({ status: "FAILED", error: "expired" });
    expect(await typesOf(stack)).toContain("TaskTimedOut");
  });

  it("can report a failure", async () => {
    const taskToken = await toReview(stack);
    await stack.client.send(new SendTaskFailureCommand({ taskToken, error: "withdrawn", cause: "by the requester" }));
    expect(await describeIt(stack)).toMatchObject({ status: "FAILED", error: "withdrawn", cause: "by the requester" });
  });

  it("is refused as invalid, as unknown, or for what comes with it", async () => {
    const token = await toReview(stack);
    const unknown = `AQCs${"A".repeat(600)}`;
    await expect(succeed(stack, "not a token")).rejects.toMatchObject({ name: "InvalidToken" });
    await expect(succeed(stack, encodeURIComponent(token))).rejects.toMatchObject({ name: "InvalidToken" });
    await expect(succeed(stack, unknown)).rejects.toMatchObject({ name: "TaskDoesNotExist" });
    await expect(succeed(stack, token, "{not json")).rejects.toMatchObject({ name: "InvalidOutput" });
    await succeed(stack, token);
  });
});

describe("the calls and what is not carried", () => {
  it("logs callers under their own key and the machine's calls under the machine's", async () => {
    const token = await toReview(stack);
    await succeed(stack, token);
    const made = stack.calls.map(({ principal, action, resource }) => `${principal} ${action} ${resource}`);
    expect(made).toContain(`submit states:StartExecution ${stateMachineArn}`);
    expect(made).toContain(`machine lambda:InvokeFunction ${arnOf("open-stage")}`);
    expect(made).toContain("submit states:SendTaskSuccess *");
    expect(made).toContain(`submit states:GetExecutionHistory ${executionArn}`);
    expect(JSON.stringify(stack.calls)).not.toContain(token);
  });

  it("refuses other operations, parameters, machines and names", async () => {
    const send = (command: unknown) => stack.client.send(command as StartExecutionCommand);
    await expect(send(new CreateActivityCommand({ name: "a" }))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
    await expect(send(new SendTaskHeartbeatCommand({ taskToken: "t" }))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
    await expect(send(new StartExecutionCommand({ stateMachineArn, traceHeader: "x" }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    await expect(send(new StartExecutionCommand({ stateMachineArn: "arn:other" }))).rejects.toMatchObject({
      name: "StateMachineDoesNotExist",
    });
    await expect(send(new StartExecutionCommand({ stateMachineArn, name: "../p" }))).rejects.toMatchObject({
      name: "InvalidName",
    });
    await expect(send(new StartExecutionCommand({ stateMachineArn, input: "[" }))).rejects.toMatchObject({
      name: "InvalidExecutionInput",
    });
    await expect(describeIt(stack)).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
  });

  it("does not start with a definition that it does not carry", async () => {
    const heartbeat = { Freeze: { ...states.Freeze, HeartbeatSeconds: 5, Next: "Freeze" } };
    await expect(start(freshDirectory(), handClock(), heartbeat)).rejects.toThrow(/HeartbeatSeconds/);
  });
});
