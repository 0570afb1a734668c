import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import type { InvocationResult } from "../../../local/lambda/invocation.ts";
import { compileMachine } from "../../../local/stepfunctions/asl-definition.ts";
import { retryDelay } from "../../../local/stepfunctions/asl-error.ts";
import { historyPen } from "../../../local/stepfunctions/asl-history.ts";
import { advance, begin } from "../../../local/stepfunctions/asl-interpreter.ts";
import type { Happening, Position, Turn } from "../../../local/stepfunctions/asl-position.ts";

const start = Date.parse("2026-11-22T09:00:00.000Z");
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:freeze";
const freeze = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: functionArn, Payload: { "id.$": "$.id" } },
  End: true,
};

/** Runs `states` from the first on; each thing that it waits for is answered by `answers`, in order. */
function run(states: JsonObject, input: Json, ...answers: readonly (InvocationResult | Happening)[]) {
  const turn: Turn = {
    machine: compileMachine(JSON.stringify({ StartAt: Object.keys(states)[0], States: states })),
    context: { Execution: { Id: "arn", Input: input, Name: "p-1" } },
    now: start,
    pen: historyPen(0, start),
    newToken: () => "token",
    random: () => 0.5,
  };
  const positions: Position[] = [begin(turn, input)];
  const left = [...answers];
  for (;;) {
    const here = positions.at(-1);
    if (here === undefined || here.at === "ended") break;
    if (here.at === "sleeping" && (left.length > 0 || here.purpose === "exit")) {
      positions.push(advance(turn, here, { happened: "woken" }));
      continue;
    }
    const answer = left.shift();
    if (answer === undefined) break;
    positions.push(advance(turn, here, "happened" in answer ? answer : { happened: "invoked", result: answer }));
  }
  const last = positions.at(-1);
  return {
    positions,
    last,
    ending: last?.at === "ended" ? last.ending : undefined,
    types: turn.pen.written.map(({ type }) => type),
  };
}

const outputOf = (ending: ReturnType<typeof run>["ending"]): Json =>
  ending?.status === "SUCCEEDED" ? (JSON.parse(ending.output) as Json) : `${ending?.status}: ${ending?.error}`;
const failed = (errorType: string): InvocationResult => ({ errorType, errorMessage: "sentence" });

describe("the data of a task", () => {
  const cases: readonly (readonly [string, JsonObject, Json])[] = [
    ["replaces the input by default", {}, { ExecutedVersion: "$LATEST", Payload: { ok: true }, StatusCode: 200 }],
    [
      "is put where ResultPath says, after ResultSelector",
      { ResultSelector: { "answer.$": "$.Payload" }, ResultPath: "$.task" },
      { id: "1", keep: [1, 2], task: { answer: { ok: true } } },
    ],
    ["is dropped where ResultPath is null", { ResultPath: null }, { id: "1", keep: [1, 2] }],
    ["is cut down by OutputPath", { ResultPath: "$.a.b", OutputPath: "$.a.b.Payload" }, { ok: true }],
    ["is nothing where OutputPath is null", { OutputPath: null }, {}],
    [
      "takes from a list and from the context object",
      {
        ResultSelector: {
          "first.$": "$$.Execution.Input.keep[0]",
          "by.$": "$$.State.Name",
          fixed: [{ "p.$": "$['Payload'].ok" }],
        },
      },
      { first: 1, by: "Freeze", fixed: [{ p: true }] },
    ],
  ];
  it.each(cases)("%s", (_, override, expected) => {
    const { ending } = run(
      { Freeze: { ...freeze, ...override } },
      { id: "1", keep: [1, 2] },
      { payload: { ok: true } },
    );
    expect(outputOf(ending)).toEqual(expected);
  });

  it("goes to the function as Parameters and InputPath make it", () => {
    const state = {
      ...freeze,
      InputPath: "$.inner",
      Parameters: { FunctionName: "freeze", Payload: { "id.$": "$.id", "in.$": "$$.State.EnteredTime" } },
    };
    expect(run({ Freeze: state }, { inner: { id: 7 } }).last).toMatchObject({
      at: "invoking",
      task: { functionArn, payload: { id: 7, in: "2026-11-22T09:00:00.000Z" } },
    });
  });

  it("fails with the error that the specification names where it does not fit", () => {
    expect(outputOf(run({ Freeze: freeze }, {}).ending)).toBe("FAILED: States.ParameterPathFailure");
    expect(outputOf(run({ Freeze: { ...freeze, InputPath: "$.gone" } }, {}).ending)).toBe("FAILED: States.Runtime");
    const onText = run({ Freeze: { ...freeze, ResultPath: "$.id.x" } }, { id: "1" }, { payload: 1 });
    expect(outputOf(onText.ending)).toBe("FAILED: States.ResultPathMatchFailure");
    const large = run({ Freeze: freeze }, { id: "1" }, { payload: "x".repeat(262_144) });
    expect(outputOf(large.ending)).toBe("FAILED: States.DataLimitExceeded");
  });
});

describe("a choice", () => {
  const choose = (choice: JsonObject, input: Json, more: JsonObject = { Default: "No" }) =>
    outputOf(
      run(
        {
          Ask: { Type: "Choice", Choices: [{ ...choice, Next: "Yes" }], ...more },
          Yes: { Type: "Pass", Result: "yes", End: true },
          No: { Type: "Pass", Result: "no", End: true },
        },
        input,
      ).ending,
    );

  const cases: readonly (readonly [JsonObject, string])[] = [
    [{ Variable: "$.s", StringEquals: "text" }, "yes"],
    [{ Variable: "$.n", StringEquals: "1" }, "no"],
    [{ Variable: "$.b", BooleanEquals: false }, "yes"],
    [{ Variable: "$.n", NumericEquals: 1 }, "yes"],
    [{ Variable: "$.n", NumericLessThan: 1 }, "no"],
    [{ Variable: "$.n", NumericGreaterThanEquals: 1 }, "yes"],
    [{ Variable: "$.s", NumericGreaterThanEquals: 0 }, "no"],
    [{ Variable: "$.gone", IsPresent: false }, "yes"],
    [{ Variable: "$.z", IsNull: true }, "yes"],
    [{ Not: { Variable: "$.s", StringEquals: "text" } }, "no"],
    [
      {
        And: [
          { Variable: "$.gone", IsPresent: true },
          { Variable: "$.gone", StringEquals: "x" },
        ],
      },
      "no",
    ],
    [
      {
        Or: [
          { Variable: "$.n", NumericEquals: 2 },
          { Variable: "$$.Execution.Name", StringEquals: "p-1" },
        ],
      },
      "yes",
    ],
  ];
  it.each(cases)("%j says %s", (choice, expected) => {
    expect(choose(choice, { s: "text", b: false, n: 1, z: null })).toBe(expected);
  });

  it("ends the execution where its variable is missing or nothing applies", () => {
    expect(choose({ Variable: "$.gone", StringEquals: "x" }, {})).toBe("FAILED: States.Runtime");
    expect(choose({ Variable: "$.s", StringEquals: "x" }, { s: "y" }, {})).toBe("FAILED: States.NoChoiceMatched");
  });
});

describe("a task that fails", () => {
  const caught = (errors: readonly string[]) => ({
    Freeze: { ...freeze, Catch: [{ ErrorEquals: errors, ResultPath: "$.failure", Next: "Caught" }] },
    Caught: { Type: "Succeed" },
  });

  it("hands the error's name and the function's words to the catcher, beside the input", () => {
    expect(outputOf(run(caught(["unavailable"]), { id: "1" }, failed("unavailable")).ending)).toEqual({
      id: "1",
      failure: { Error: "unavailable", Cause: '{"errorType":"unavailable","errorMessage":"sentence"}' },
    });
  });

  it.each([
    ["States.ALL", "boom", true],
    ["States.TaskFailed", "boom", true],
    ["States.TaskFailed", "States.Timeout", false],
    ["States.ALL", "States.Timeout", true],
    ["States.Timeout", "States.Timeout", true],
    ["other", "boom", false],
  ])("with a catcher for %s and the error %s: caught is %s", (name, error, expected) => {
    const happening: InvocationResult | Happening =
      error === "States.Timeout" ? { happened: "task-timed-out" } : failed(error);
    expect(run(caught([name]), { id: "1" }, happening).ending?.status === "SUCCEEDED").toBe(expected);
  });

  it("cannot be saved by States.ALL from a terminal error", () => {
    const large = run(caught(["States.ALL"]), { id: "1" }, { payload: "x".repeat(262_144) });
    expect(outputOf(large.ending)).toBe("FAILED: States.DataLimitExceeded");
    const states = caught(["States.ALL"]);
    expect(outputOf(run({ ...states, Freeze: { ...states.Freeze, InputPath: "$.gone" } }, {}).ending)).toBe(
      "FAILED: States.Runtime",
    );
  });

  it("is tried again by the first retrier that names the error, each with its own count, then caught", () => {
    // The example of the Step Functions Developer Guide: ErrorA, ErrorB, ErrorC, ErrorB.
    const Retry = [
      { ErrorEquals: ["ErrorA", "ErrorB"], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
      { ErrorEquals: ["ErrorC"], IntervalSeconds: 5 },
    ];
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "Z" }];
    const errors = ["ErrorA", "ErrorB", "ErrorC", "ErrorB"].map(failed);
    const { positions, types } = run(
      { X: { ...freeze, Retry, Catch }, Z: { Type: "Succeed" } },
      { id: "1" },
      ...errors,
    );
    const pauses = positions.flatMap((position) => (position.at === "sleeping" ? [position.until - start] : []));
    expect(pauses).toEqual([1000, 2000, 5000]);
    expect(types.filter((type) => type === "TaskScheduled")).toHaveLength(4);
    expect(types.at(-1)).toBe("ExecutionSucceeded");
  });

  it("waits no longer than MaxDelaySeconds, and by chance less with full jitter", () => {
    const retrier = {
      errors: [],
      intervalSeconds: 10,
      maxAttempts: 9,
      backoffRate: 3,
      maxDelaySeconds: 60,
      fullJitter: false,
    };
    expect([0, 1, 2].map((made) => retryDelay(retrier, made, 0.25))).toEqual([10_000, 30_000, 60_000]);
    expect(retryDelay({ ...retrier, fullJitter: true }, 2, 0.25)).toBe(15_000);
  });
});

describe("the other states", () => {
  it("wait as long as the input says, and let everything through", () => {
    const { positions, ending } = run({ Wait: { Type: "Wait", SecondsPath: "$.s", End: true } }, { s: 90 });
    expect(positions[0]).toMatchObject({ at: "sleeping", until: start + 90_000 });
    expect(outputOf(ending)).toEqual({ s: 90 });
    expect(outputOf(run({ Wait: { Type: "Wait", SecondsPath: "$.s", End: true } }, { s: "90" }).ending)).toBe(
      "FAILED: States.Runtime",
    );
  });

  it("pass a fixed result into the input", () => {
    expect(
      outputOf(
        run({ Pass: { Type: "Pass", Result: { Error: "x" }, ResultPath: "$.failure", End: true } }, { a: 1 }).ending,
      ),
    ).toEqual({ a: 1, failure: { Error: "x" } });
  });

  it("fail with words of their own or from the input", () => {
    expect(run({ End: { Type: "Fail", Error: "blocked", Cause: "A rule." } }, {}).ending).toEqual({
      status: "FAILED",
      error: "blocked",
      cause: "A rule.",
    });
    expect(run({ End: { Type: "Fail", ErrorPath: "$.e", CausePath: "$.c" } }, { e: "E", c: "C" }).ending).toEqual({
      status: "FAILED",
      error: "E",
      cause: "C",
    });
  });

  it("end an execution that would go round for ever", () => {
    const states = { One: { Type: "Pass", Next: "Two" }, Two: { Type: "Pass", Next: "One" } };
    expect(outputOf(run(states, {}).ending)).toBe("FAILED: States.Runtime");
  });
});
