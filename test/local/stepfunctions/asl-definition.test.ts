import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileMachine } from "../../../local/stepfunctions/asl-definition.ts";

const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:freeze";
const task = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: functionArn, Payload: { "promotionId.$": "$.promotionId" } },
  TimeoutSeconds: 60,
  End: true,
};

/** A machine of one state, which is `task` with what `override` says. */
const machineOf = (override: object, top: object = {}) =>
  JSON.stringify({ StartAt: "Freeze", States: { Freeze: { ...task, ...override } }, ...top });
const stateOf = (state: object) => JSON.stringify({ StartAt: "Only", States: { Only: state } });

const refuses = (definition: string, reason: RegExp) =>
  expect(() => compileMachine(definition)).toThrow(
    expect.objectContaining({ code: "invalid-request", message: expect.stringMatching(reason) }),
  );

describe("loading a state machine", () => {
  it("takes the machine that is shipped", () => {
    const file = join(import.meta.dirname, "../../../statemachine/promotion.asl.json");
    const definition = readFileSync(file, "utf8").replaceAll(/\$\{\w+\}/g, functionArn);
    expect(compileMachine(definition).states.size).toBeGreaterThan(10);
  });

  it.each([
    ["a state type", stateOf({ Type: "Map", End: true }), /type Map/],
    ["a state type, parallel", stateOf({ Type: "Parallel", Branches: [], End: true }), /type Parallel/],
    ["a field of a state", machineOf({ HeartbeatSeconds: 5 }), /HeartbeatSeconds/],
    ["a field of JSONata", machineOf({ Arguments: {} }), /Arguments/],
    ["another query language", machineOf({}, { QueryLanguage: "JSONata" }), /query language/],
    ["a field of the machine", machineOf({}, { ProcessorConfig: {} }), /ProcessorConfig/],
    ["another integration", machineOf({ Resource: "arn:aws:states:::sqs:sendMessage" }), /sqs:sendMessage/],
    [
      "a parameter of the integration",
      machineOf({ Parameters: { ...task.Parameters, InvocationType: "Event" } }),
      /InvocationType/,
    ],
    [
      "a function that is not named in the text",
      machineOf({ Parameters: { "FunctionName.$": "$.f", Payload: {} } }),
      /FunctionName/,
    ],
    ["a token that nobody gets", machineOf({ Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" }), /token/],
    ["an intrinsic function", machineOf({ ResultSelector: { "a.$": "States.Format('{}', $.b)" } }), /only paths/],
    ["a JSONPath with a filter", machineOf({ InputPath: "$.list[?(@.x)]" }), /only paths/],
    ["a JSONPath with a wildcard", machineOf({ OutputPath: "$.list[*]" }), /only paths/],
    ["a result that goes into the context", machineOf({ ResultPath: "$$.Task" }), /written below \$/],
    ["States.ALL beside another name", machineOf({ Retry: [{ ErrorEquals: ["States.ALL", "x"] }] }), /stand alone/],
    [
      "States.ALL before another rule",
      machineOf({ Retry: [{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["x"] }] }),
      /last rule/,
    ],
    ["a retry that makes no sense", machineOf({ Retry: [{ ErrorEquals: ["x"], BackoffRate: 0.5 }] }), /BackoffRate/],
    ["a field of a retry", machineOf({ Retry: [{ ErrorEquals: ["x"], Backoff: 1 }] }), /Backoff/],
    ["two timeouts", machineOf({ TimeoutSecondsPath: "$.t" }), /TimeoutSecondsPath/],
    ["a timeout of zero", machineOf({ TimeoutSeconds: 0 }), /TimeoutSeconds/],
    ["a way to nowhere", machineOf({ End: undefined, Next: "Gone" }), /no state "Gone"/],
    ["neither Next nor End", machineOf({ End: undefined }), /Next or "End"/],
    ["a start that is not there", machineOf({}, { StartAt: "Gone" }), /no state "Gone"/],
    ["a wait for an instant", stateOf({ Type: "Wait", Timestamp: "2026-11-22T00:00:00Z", End: true }), /Timestamp/],
    [
      "an operator",
      stateOf({ Type: "Choice", Choices: [{ Variable: "$.a", StringMatches: "a*", Next: "Only" }] }),
      /StringMatches/,
    ],
    [
      "an operand of the wrong type",
      stateOf({ Type: "Choice", Choices: [{ Variable: "$.a", StringEquals: 1, Next: "Only" }] }),
      /StringEquals/,
    ],
    [
      "two operators",
      stateOf({ Type: "Choice", Choices: [{ Variable: "$.a", IsPresent: true, IsNull: true, Next: "Only" }] }),
      /exactly one/,
    ],
    ["a choice without a way", stateOf({ Type: "Choice", Choices: [{ Variable: "$.a", IsPresent: true }] }), /Next/],
    ["a fail with two causes", stateOf({ Type: "Fail", Cause: "x", CausePath: "$.x" }), /both Cause/],
  ])("refuses %s that it does not carry", (_, definition, reason) => {
    refuses(definition, reason);
  });
});
