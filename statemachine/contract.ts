import * as v from "valibot";

/**
 * What the state machine and the functions promise each other. The machine carries control flow only (design 3.12):
 * who is promoted, what a step came to, and how many seconds to wait.
 */

/** Seconds until a deadline or the next look. Step Functions refuses zero, so a deadline that is over counts as 1. */
const seconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99_999_999));
const promotion = { promotionId: v.string() };
/** Of a step that hashes a candidate's files: behind how many of them it goes on, and which answer of that kind its execution knows. */
const hashed = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(50));
const hashing = <const Answer extends string>(answer: Answer) => ({
  ...promotion,
  hashed: v.optional(hashed),
  understands: v.optional(v.array(v.picklist([answer]))),
});
const goesOn = <const Outcome extends string>(outcome: Outcome) => v.object({ outcome: v.literal(outcome), hashed });
const came = <const Outcome extends string>(outcome: Outcome) => v.object({ outcome: v.literal(outcome) });
const cameIn = <const Outcome extends string>(outcome: Outcome) => v.object({ outcome: v.literal(outcome), seconds });

/** What `decide` sends back with the task token, and what `expire` answers if it was decided in time after all. */
const stageDecision = v.variant("outcome", [
  cameIn("next-stage"),
  came("quorum"),
  came("loaned"),
  came("rejected"),
  came("withdrawn"),
  came("requirements-changed"),
]);

/** Statuses in which `clean-up` may leave a promotion: each has an end state of its own. */
export const endStatuses = [
  "blocked",
  "rejected",
  "expired",
  "withdrawn",
  "superseded",
  "rolled-back",
  "failed",
] as const;

/** What Step Functions says of an error that it caught. */
const failure = v.object({ Error: v.string(), Cause: v.optional(v.string()) });

/**
 * By function folder: the name under which the machine's definition is given the function's ARN, what the function
 * gets and what it answers. `open-stage` answers nothing that is read: its answer comes with the token.
 */
export const steps = {
  freeze: {
    substitution: "FreezeFunctionArn",
    input: v.object(hashing("freezing")),
    answer: v.variant("outcome", [came("frozen"), goesOn("freezing"), came("blocked")]),
  },
  "evaluate-gates": {
    substitution: "EvaluateGatesFunctionArn",
    input: v.object(promotion),
    answer: v.variant("outcome", [cameIn("passed"), cameIn("nothing-to-stage"), came("blocked"), came("superseded")]),
  },
  stage: {
    substitution: "StageFunctionArn",
    input: v.object(promotion),
    answer: v.variant("outcome", [came("staged"), came("blocked")]),
  },
  "run-in-shadow": {
    substitution: "RunInShadowFunctionArn",
    input: v.object(promotion),
    answer: v.variant("outcome", [came("settled"), cameIn("watching"), came("reported"), came("ended")]),
  },
  "open-stage": {
    substitution: "OpenStageFunctionArn",
    /** `seconds`: for how long the machine waits. An execution that began under a version of before does not say it. */
    input: v.object({ ...promotion, taskToken: v.string(), seconds: v.optional(seconds) }),
    answer: stageDecision,
  },
  expire: {
    substitution: "ExpireFunctionArn",
    input: v.object(promotion),
    answer: v.variant("outcome", [came("expired"), stageDecision]),
  },
  "verify-sign-offs": {
    substitution: "VerifySignOffsFunctionArn",
    input: v.object(hashing("verifying")),
    answer: v.variant("outcome", [
      goesOn("verifying"),
      came("passed"),
      came("ratified"),
      came("policy-signed"),
      cameIn("reopened"),
      cameIn("held"),
      came("rejected"),
      came("blocked"),
      came("requirements-changed"),
    ]),
  },
  deploy: {
    substitution: "DeployFunctionArn",
    /** `understands`: answers that only executions know which say so. One that began under a version of before is given none of them. */
    input: v.object({ ...promotion, understands: v.optional(v.array(v.picklist(["unverified"]))) }),
    answer: v.variant("outcome", [cameIn("started"), cameIn("waiting"), cameIn("unverified"), came("refused")]),
  },
  "activate-policy": {
    substitution: "ActivatePolicyFunctionArn",
    input: v.object(promotion),
    answer: v.variant("outcome", [came("in-force"), came("refused")]),
  },
  "watch-deployment": {
    substitution: "WatchDeploymentFunctionArn",
    input: v.object(promotion),
    answer: v.variant("outcome", [
      cameIn("watching"),
      cameIn("reopened"),
      came("deployed"),
      cameIn("loaned"),
      came("rolled-back"),
      came("failed"),
    ]),
  },
  "clean-up": {
    substitution: "CleanUpFunctionArn",
    input: v.object({ ...promotion, failure: v.optional(failure) }),
    answer: v.variant("outcome", [
      v.object({ outcome: v.literal("cleaned"), status: v.picklist(endStatuses) }),
      cameIn("taking-back"),
    ]),
  },
} as const;

export type StepName = keyof typeof steps;

/** The one error of ours that the machine tries again: a `Failure` of this code reaches it under this name. */
export const transientError = "unavailable";
