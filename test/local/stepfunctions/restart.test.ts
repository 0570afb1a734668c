import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handClock } from "../hand-clock.ts";
import {
  begin,
  describeIt,
  endAll,
  freshDirectory,
  killAndRestart,
  type Stack,
  start,
  stateMachineArn,
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

describe("killed and started again", () => {
  it("in the middle of a token wait: the token and its deadline stand", async () => {
    const token = await toReview(stack);
    stack.clock.advance(600_000);
    const again = await killAndRestart(stack);
    expect(again.clock.alarms()).toEqual([again.clock.now() + 3_000_000]);
    await succeed(again, token);
    await until(again, "WaitStateEntered");
    await expect(succeed(again, token)).rejects.toMatchObject({ name: "TaskTimedOut" });
  });

  it("after the deadline of a token wait: it times out at once", async () => {
    const token = await toReview(stack);
    stack.clock.advance(3_599_999);
    const before = stack;
    stack = { ...before, clock: handClock(before.clock.now() + 1) };
    const again = await killAndRestart(stack);
    again.clock.advance(0);
    await expect(succeed(again, token)).rejects.toMatchObject({ name: "TaskTimedOut" });
    expect(await describeIt(again)).toMatchObject({ status: "FAILED", error: "expired" });
  });

  it("in the middle of a wait: it ends when it would have", async () => {
    await succeed(stack, await toReview(stack));
    await until(stack, "WaitStateEntered");
    stack.clock.advance(100_000);
    const again = await killAndRestart(stack);
    again.clock.advance(199_999);
    expect(await typesOf(again)).not.toContain("WaitStateExited");
    again.clock.advance(1);
    (await again.invoked("deploy")).answer({ payload: null });
    await until(again, "ExecutionSucceeded");
  });

  it("in the middle of a task: its function is called again, with the same payload", async () => {
    await begin(stack);
    const before = await stack.invoked("freeze");
    const again = await killAndRestart(stack);
    const after = await again.invoked("freeze");
    expect(after.payload).toEqual(before.payload);
    after.answer({ payload: null });
    await until(again, "TaskSucceeded");
  });

  it("long after a task's time: its function is called again and has its whole time", async () => {
    await begin(stack);
    await stack.invoked("freeze");
    stack = { ...stack, clock: handClock(stack.clock.now() + 86_400_000) };
    const again = await killAndRestart(stack);
    (await again.invoked("freeze")).answer({ payload: null });
    await until(again, "TaskSucceeded");
    expect(await typesOf(again)).not.toContain("TaskTimedOut");
  });

  it("while a review is being opened: it is opened again with the same token", async () => {
    await begin(stack);
    (await stack.invoked("freeze")).answer({ payload: null });
    const before = await stack.invoked("open-stage");
    const again = await killAndRestart(stack);
    expect(tokenOf(await again.invoked("open-stage"))).toBe(tokenOf(before));
    await succeed(again, tokenOf(before));
  });

  it("with another definition: what runs goes on under the one it began with", async () => {
    const token = await toReview(stack);
    const again = await killAndRestart(stack, { Other: { Type: "Succeed" } });
    await succeed(again, token);
    await until(again, "WaitStateEntered");
  });

  it("with a line cut short, or a file without a line: that transition never was", async () => {
    await begin(stack);
    writeFileSync(join(stack.directory, "promotions", "p-1.jsonl"), '{"events":[{"id":5', { flag: "a" });
    writeFileSync(join(stack.directory, "promotions", "p-2.jsonl"), '{"arn":"arn:aws');
    const again = await killAndRestart(stack);
    (await again.invoked("freeze")).answer({ payload: null });
    await until(again, "TaskSucceeded");
    const { executions } = await again.client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toHaveLength(1);
  });

  it("shut down in good order: waits for the function under way and notes its answer", async () => {
    await begin(stack);
    const freeze = await stack.invoked("freeze");
    const closed = stack.close();
    freeze.answer({ payload: null });
    await closed;
    const again = await killAndRestart(stack);
    await again.invoked("open-stage").then((opening) => opening.answer({ payload: {} }));
    expect((await typesOf(again)).filter((type) => type === "TaskScheduled")).toHaveLength(2);
  });
});
