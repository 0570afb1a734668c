import { readFileSync } from "node:fs";
import validate from "asl-validator";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { endStatuses, steps, transientError } from "../../statemachine/contract.ts";
import { outcomesOf } from "./outcomes-of.ts";

const source = readFileSync(new URL("../../statemachine/promotion.asl.json", import.meta.url), "utf8");

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
}
interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Parameters?: { readonly FunctionName: string; readonly Payload: Readonly<Record<string, string>> };
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly SecondsPath?: string;
  readonly ResultPath?: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Choices?: readonly { readonly Variable: string; readonly StringEquals: string; readonly Next: string }[];
  readonly Default?: string;
  readonly Next?: string;
  readonly Error?: string;
}
const machine = JSON.parse(source) as { readonly StartAt: string; readonly States: Readonly<Record<string, State>> };
const states = Object.entries(machine.States);
const tasks = states.filter(([, state]) => state.Type === "Task");

/** https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html */
const serviceFailures = [
  "Lambda.AWSLambdaException",
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.SdkClientException",
  "Lambda.ServiceException",
  "Lambda.TooManyRequestsException",
];
/**
 * What is answered for a function that nobody called for weeks, or whose network is being made: "the invocation fails and
 * Lambda sets the function to pending state" (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html).
 */
const notReady = [
  "Lambda.CodeArtifactUserPendingException",
  "Lambda.EC2ThrottledException",
  "Lambda.EC2UnexpectedException",
  "Lambda.ENINotReadyException",
  "Lambda.ResourceConflictException",
  "Lambda.ResourceNotReadyException",
];
/**
 * While a new version is deployed its roles are there before its functions, and a change of a role takes its time:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
const notAllowed = ["AccessDeniedException", "AccessDenied"];
/**
 * A run that hung, or whose sandbox was lost or ran out of memory: Lambda names the end of the runtime, and Step Functions takes
 * that name. Steps begin again where they were, but one that always dies must end.
 */
const functionDied = ["Sandbox.Timedout", "Lambda.Unknown", "Runtime.ExitError", "Runtime.OutOfMemory"];

function stepOf(state: State) {
  const name = state.Parameters?.FunctionName;
  const step = Object.values(steps).find(({ substitution }) => `\${${substitution}}` === name);
  if (step === undefined) throw new Error(`${name} belongs to no step`);
  return step;
}

/** How long the retries of what passes come to: with full jitter, each is half of its delay on the average. */
function secondsOfRetries({ Retry: [passing] = [] }: State): number {
  const delays = Array.from({ length: passing?.MaxAttempts ?? 0 }, (_made, at) =>
    Math.min((passing?.IntervalSeconds ?? 0) * (passing?.BackoffRate ?? 1) ** at, passing?.MaxDelaySeconds ?? 0),
  );
  return delays.reduce((sum, delay) => sum + delay, 0) / 2;
}

describe("the state machine", () => {
  it("is valid Amazon States Language", () => {
    const result = validate(JSON.parse(source.replaceAll(/\$\{\w+\}/g, "arn:aws:lambda:x:0:function:y")));
    expect(result.errorsText()).toBe("");
    expect(result.isValid).toBe(true);
  });

  it("is the one that was reviewed", () => {
    expect(machine).toMatchSnapshot();
  });

  it("uses each substitution of the contract and no other", () => {
    const used = [...source.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect([...new Set(used)].toSorted()).toEqual(
      Object.values(steps)
        .map((step) => step.substitution)
        .toSorted(),
    );
  });

  it("invokes functions and does nothing else", () => {
    for (const [name, { Resource }] of tasks) {
      expect(Resource, name).toMatch(/^arn:aws:states:::lambda:invoke(\.waitForTaskToken)?$/);
    }
  });

  it.each(tasks)("gives '%s' exactly what the contract says", (_, state) => {
    const payload = Object.keys(state.Parameters?.Payload ?? {}).map((key) => key.replace(/\.\$$/, ""));
    const { entries } = stepOf(state).input;
    const required = Object.entries(entries).filter(([, schema]) => schema.type !== "optional");
    expect(Object.keys(entries)).toEqual(expect.arrayContaining(payload));
    expect(payload).toEqual(expect.arrayContaining(required.map(([key]) => key)));
  });

  it.each(tasks)("bounds the time of '%s', retries only what passes, and catches the rest", (_, state) => {
    expect(state.TimeoutSeconds ?? state.TimeoutSecondsPath).toBeDefined();
    const [passing, denied, died] = state.Retry ?? [];
    expect(passing?.ErrorEquals.toSorted()).toEqual([...serviceFailures, ...notReady, transientError].toSorted());
    expect(denied?.ErrorEquals).toEqual(notAllowed);
    expect(died?.ErrorEquals).toEqual(functionDied);
    expect(state.Retry).toHaveLength(3);
    expect(state.Catch?.at(-1)?.ErrorEquals).toEqual(["States.ALL"]);
  });

  // A function that sleeps was seen to wake within 40 to 106 seconds, and a service that is down stays so for longer.
  it.each(tasks)("gives what passes half an hour at '%s' before the promotion ends by it", (_, state) => {
    expect(secondsOfRetries(state)).toBeGreaterThan(1800);
  });

  // What people signed would have to be signed again, because somebody put a key in use that nobody could know yet.
  it("gives what passes a day at 'Verify the sign-offs', where everybody has signed", () => {
    const verify = machine.States["Verify the sign-offs"];
    expect(verify === undefined ? 0 : secondsOfRetries(verify)).toBeGreaterThan(86_400);
    // Each try is some four events of an execution, which has 25,000 for all that it does.
    expect((verify?.Retry?.[0]?.MaxAttempts ?? 0) * 4).toBeLessThan(3000);
  });

  // What a promotion leaves behind it nobody else takes away.
  it.each(tasks)(
    "tries '%s' again where its function died: twice, and a clean-up for as long as what passes",
    (name, state) => {
      const [passing, , died] = state.Retry ?? [];
      expect(died?.MaxAttempts).toBe(name.startsWith("Clean up") ? passing?.MaxAttempts : 2);
    },
  );

  it.each(tasks.filter(([name]) => !name.startsWith("Clean up")))(
    "has a branch for each outcome of '%s'",
    (_, state) => {
      const choice = machine.States[state.Next ?? ""];
      expect(choice?.Type).toBe("Choice");
      expect(choice?.Choices?.map((branch) => branch.StringEquals).toSorted()).toEqual(
        outcomesOf(stepOf(state).answer).toSorted(),
      );
      expect(choice?.Choices?.every((branch) => branch.Variable === `${state.ResultPath}.answer.outcome`)).toBe(true);
    },
  );

  it("stops the promotion when a function gives an answer nobody knows", () => {
    const choices = states.filter(([name, { Type }]) => Type === "Choice" && name !== "How did it end?");
    expect(new Set(choices.map(([, choice]) => choice.Default))).toEqual(new Set(["Refuse an unknown answer"]));
    expect(machine.States["Refuse an unknown answer"]?.Next).toBe("Clean up after a failure");
    expect(machine.States["How did it end?"]?.Default).toBe("The promotion failed");
  });

  it("ends in a failure that names the status, whatever the status is", () => {
    const branches = machine.States["How did it end?"]?.Choices ?? [];
    const ends = new Map(branches.map((branch) => [branch.StringEquals, machine.States[branch.Next]?.Error]));
    ends.set("failed", machine.States["The promotion failed"]?.Error);
    expect(Object.fromEntries(ends)).toEqual(Object.fromEntries(endStatuses.map((status) => [status, status])));
  });

  it("succeeds in two ways only: the candidate is deployed, or the policies are in force", () => {
    expect(states.filter(([, { Type }]) => Type === "Succeed").map(([name]) => name)).toEqual([
      "The candidate is deployed",
      "The policies are in force",
    ]);
    const ways = states.flatMap(([name, state]) =>
      [...(state.Choices ?? []).map((branch) => branch.Next), state.Next, state.Default].includes(
        "The candidate is deployed",
      )
        ? [name]
        : [],
    );
    // What was lent runs already when its quorum ratifies it.
    expect(ways).toEqual(["Is the verdict passed?", "Is the endpoint healthy?"]);
  });

  // Two functions may go by other policies, or clocks, for a moment.
  it("deploys and verifies in turn with a pause in between", () => {
    const waits = states.flatMap(([name, { Type }]) => (Type === "Wait" ? [name] : []));
    expect(reachable("Deploy the candidate", new Set()).has("Verify the sign-offs")).toBe(true);
    expect(reachable("Deploy the candidate", new Set(waits)).has("Verify the sign-offs")).toBe(false);
  });

  it("never reaches the deployment but through the verification", () => {
    const without = reachable(machine.StartAt, new Set(["Verify the sign-offs"]));
    expect(without.has("Open the stage")).toBe(true);
    expect(without.has("Deploy the candidate")).toBe(false);
  });

  it("asks nobody before what would serve the candidate is staged, and loses no deadline by it", () => {
    const without = reachable(machine.StartAt, new Set(["Stage the candidate"]));
    expect(without.has("Evaluate the gates")).toBe(true);
    // A change of the policies has nothing to stage, and no other answer of the gates leads past it.
    const past = machine.States["Do the gates allow a review?"]?.Choices?.filter(
      ({ Next }) => Next === "Open the stage",
    );
    expect(past).toMatchObject([{ StringEquals: "nothing-to-stage" }]);
    expect(machine.States["Stage the candidate"]?.ResultPath).toBe("$.staging");
  });

  it("goes back to the gates when the requirements have changed, wherever that shows", () => {
    const ways = states.flatMap(([name, { Choices }]) =>
      (Choices ?? [])
        .filter((branch) => branch.StringEquals === "requirements-changed")
        .map(({ Next }) => [name, Next]),
    );
    expect(ways).toEqual([
      ["How was the stage decided?", "Evaluate the gates"],
      ["Was it decided in time?", "Evaluate the gates"],
      ["Is the verdict passed?", "Evaluate the gates"],
    ]);
  });

  it("gives the task token to open-stage alone", () => {
    const holders = states.filter(([, state]) => JSON.stringify(state).includes("$$.Task.Token"));
    expect(holders.map(([name]) => name)).toEqual(["Open the stage"]);
  });

  it("waits for the stage as long as the step before said, and records the expiry after that", () => {
    const stage = machine.States["Open the stage"];
    expect(stage?.TimeoutSecondsPath).toBe("$.task.answer.seconds");
    expect(stage?.Catch?.[0]).toMatchObject({
      ErrorEquals: ["States.Timeout", "not-in-review"],
      Next: "Record the expiry",
    });
  });

  it("has no state that nothing leads to", () => {
    expect([...reachable(machine.StartAt)].toSorted()).toEqual(Object.keys(machine.States).toSorted());
  });
});

describe("the contract", () => {
  it("refuses a wait of no seconds, which Step Functions cannot take", () => {
    expect(v.is(steps["evaluate-gates"].answer, { outcome: "passed", seconds: 0 })).toBe(false);
    expect(v.is(steps["evaluate-gates"].answer, { outcome: "passed", seconds: 1 })).toBe(true);
  });
});

function reachable(start: string, closed: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (name: string | undefined): void => {
    if (name === undefined || seen.has(name) || closed.has(name)) return;
    seen.add(name);
    const state = machine.States[name];
    if (state === undefined) throw new Error(`There is no state '${name}'.`);
    for (const next of [state.Next, state.Default]) visit(next);
    for (const { Next } of [...(state.Choices ?? []), ...(state.Catch ?? [])]) visit(Next);
  };
  visit(start);
  return seen;
}
