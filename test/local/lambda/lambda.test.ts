import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createFunction, type FunctionSettings, type LocalFunction } from "../../../local/lambda/lambda.ts";

const folder = mkdtempSync(join(tmpdir(), "lambda-"));
const running: LocalFunction[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close(0)));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;

/** A function of this code; `never` in it is a promise that does not end. */
function functionOf(code: string, over: Partial<FunctionSettings> = {}): LocalFunction {
  const taskRoot = join(folder, String(++count));
  mkdirSync(taskRoot);
  writeFileSync(
    join(taskRoot, "index.mjs"),
    `const never = new Promise(() => setInterval(() => {}, 1000));\nlet calls = 0;\nexport const handler = ${code};`,
  );
  const made = createFunction({
    taskRoot,
    handler: "index.handler",
    functionName: "Submit",
    functionArn: "arn:aws:lambda:us-east-1:000000000000:function:Submit",
    memoryMegabytes: 128,
    logGroup: "/aws/lambda/Submit",
    environment: { TABLE: "promotions" },
    timeoutSeconds: 20,
    environments: 2,
    logFile: join(folder, `${count}.log`),
    ...over,
  });
  running.push(made);
  return made;
}

describe("invoking a function", () => {
  it("gives what the handler returns", async () => {
    expect(await functionOf("async (event) => ({ got: event.a })").invoke({ a: 1 })).toEqual({ payload: { got: 1 } });
  });

  it("gives null for a handler that returns nothing", async () => {
    expect(await functionOf("async () => {}").invoke({})).toEqual({ payload: null });
  });

  it("shows the function its own environment and nothing of this process", async () => {
    const result = await functionOf("async () => process.env").invoke({});
    expect(result).toEqual({ payload: { TABLE: "promotions" } });
  });

  it("keeps its code compiled for the next environment where it is told to", async () => {
    const compiled = join(folder, "compiled");
    const kept = functionOf("async () => 1", { compiled });
    expect(await kept.invoke({})).toEqual({ payload: 1 });
    await kept.close(0);
    expect(readdirSync(compiled, { recursive: true }).length).toBeGreaterThan(2);
    expect(await functionOf("async () => process.env", { compiled }).invoke({})).toEqual({
      payload: { TABLE: "promotions" },
    });
  });

  it("passes Lambda's context", async () => {
    const names = "({ functionName: c.functionName, arn: c.invokedFunctionArn, left: c.getRemainingTimeInMillis() })";
    const result = await functionOf(`async (_, c) => (${names})`).invoke({});
    expect(result).toMatchObject({ payload: { functionName: "Submit", arn: expect.stringContaining(":Submit") } });
    expect(result).toMatchObject({ payload: { left: expect.closeTo(20_000, -4) } });
  });

  it("uses an environment again, one invocation at a time", async () => {
    const counted = functionOf("async () => ++calls", { environments: 1 });
    const results = await Promise.all([counted.invoke({}), counted.invoke({}), counted.invoke({})]);
    expect(results).toEqual([{ payload: 1 }, { payload: 2 }, { payload: 3 }]);
  });

  it("runs no more environments than it may", async () => {
    const two = functionOf('async () => (await import("node:worker_threads")).threadId');
    const threads = await Promise.all(Array.from({ length: 6 }, () => two.invoke({})));
    expect(new Set(threads.map((result) => JSON.stringify(result))).size).toBe(2);
  });

  it("writes what the function prints to its log", async () => {
    const talking = functionOf('async () => { console.log("a line of the function"); }');
    await talking.invoke({});
    await talking.close(0);
    expect(readFileSync(join(folder, `${count}.log`), "utf8")).toContain("a line of the function");
  });
});

describe("a function that fails", () => {
  it("is reported by the error's name and message, and goes on", async () => {
    const failing = functionOf(
      'async (event) => { if (event.fail) throw new TypeError("no such thing"); return "fine"; }',
    );
    expect(await failing.invoke({ fail: true })).toEqual({ errorType: "TypeError", errorMessage: "no such thing" });
    expect(await failing.invoke({})).toEqual({ payload: "fine" });
  });

  it("is cut off when its time is over, and starts afresh", async () => {
    const slow = functionOf('async (event) => (event.hang ? never : "fresh")', { timeoutSeconds: 0.2 });
    expect(await slow.invoke({ hang: true })).toEqual({
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringContaining("Task timed out after 0.20 seconds"),
    });
    expect(await slow.invoke({})).toEqual({ payload: "fresh" });
  });

  it("is reported when it ends the process", async () => {
    const exiting = functionOf("async () => process.exit(3)");
    expect(await exiting.invoke({})).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringContaining("3"),
    });
  });

  it("is reported when its module throws", async () => {
    const broken = functionOf('(() => { throw new Error("TABLE is missing"); })()');
    expect(await broken.invoke({})).toEqual({ errorType: "Error", errorMessage: "TABLE is missing" });
  });

  it("is reported when there is no such handler", async () => {
    const misnamed = functionOf("async () => 1", { handler: "index.main" });
    expect(await misnamed.invoke({})).toMatchObject({ errorType: "Runtime.HandlerNotFound" });
  });

  it("is not asked with more than 6 MB, and may not answer with more", async () => {
    const big = functionOf('async () => "x".repeat(7 * 1024 * 1024)');
    expect(await big.invoke("x".repeat(7 * 1024 * 1024))).toMatchObject({ errorType: "RequestTooLargeException" });
    expect(await big.invoke({})).toMatchObject({ errorType: "Function.ResponseSizeTooLarge" });
  });
});

describe("closing a function", () => {
  it("lets an invocation finish", async () => {
    // It is under way for as long as its environment starts.
    const quick = functionOf('async () => "done"');
    const result = quick.invoke({});
    await quick.close(10_000);
    expect(await result).toEqual({ payload: "done" });
  });

  it("rejects what it cuts off, because nobody knows the outcome", async () => {
    const stuck = functionOf("async () => never", { environments: 1 });
    const outcomes = Promise.allSettled([stuck.invoke({}), stuck.invoke({})]);
    await stuck.close(50);
    expect(await outcomes).toMatchObject([
      { status: "rejected", reason: { code: "unavailable" } },
      { status: "rejected", reason: { code: "unavailable" } },
    ]);
  });

  it("refuses any further invocation", async () => {
    const closed = functionOf("async () => 1");
    await closed.close(0);
    await expect(closed.invoke({})).rejects.toMatchObject({ code: "unavailable" });
  });
});
