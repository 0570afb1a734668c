import { environment as activatePolicy } from "../../functions/steps/activate-policy/env.ts";
import { environment as cleanUp } from "../../functions/steps/clean-up/env.ts";
import { environment as deploy } from "../../functions/steps/deploy/env.ts";
import { environment as evaluateGates } from "../../functions/steps/evaluate-gates/env.ts";
import { environment as expire } from "../../functions/steps/expire/env.ts";
import { environment as freeze } from "../../functions/steps/freeze/env.ts";
import { environment as openStage } from "../../functions/steps/open-stage/env.ts";
import { environment as runInShadow } from "../../functions/steps/run-in-shadow/env.ts";
import { environment as stage } from "../../functions/steps/stage/env.ts";
import { environment as verifySignOffs } from "../../functions/steps/verify-sign-offs/env.ts";
import { environment as watchDeployment } from "../../functions/steps/watch-deployment/env.ts";
import { answering, asking, type FunctionSpecs } from "./spec.ts";

/** The steps of the machine. */
export const stepFunctions = {
  "steps/freeze": {
    environment: freeze,
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Hashes the bytes and pins them by version.",
  },
  "steps/evaluate-gates": {
    environment: evaluateGates,
    memoryMegabytes: 1024,
    timeoutSeconds: 120,
    description: "Judges the evidence.",
  },
  "steps/stage": {
    environment: stage,
    ...asking,
    description: "Creates what will serve the candidate, before people are asked.",
  },
  "steps/open-stage": { environment: openStage, ...answering, description: "Opens a stage and keeps its task token." },
  "steps/expire": { environment: expire, ...answering, description: "Records that the time was over." },
  "steps/verify-sign-offs": {
    environment: verifySignOffs,
    // It hashes what the freeze has hashed, so it has as long.
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Verifies everything anew and signs the verdict.",
  },
  "steps/deploy": {
    environment: deploy,
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Checks verdict and bytes, then lets the endpoint serve them.",
  },
  "steps/activate-policy": {
    environment: activatePolicy,
    memoryMegabytes: 1024,
    timeoutSeconds: 900,
    description: "Checks the verdict, then puts the policies in force that were signed off.",
  },
  "steps/run-in-shadow": {
    environment: runInShadow,
    // It reads what both models answered, and holds it at once.
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Lets the candidate get production's requests, unheard.",
  },
  "steps/watch-deployment": {
    environment: watchDeployment,
    ...asking,
    description: "Looks whether the endpoint is healthy.",
  },
  "steps/clean-up": {
    environment: cleanUp,
    memoryMegabytes: 512,
    timeoutSeconds: 120,
    description: "Removes what was staged for a promotion that will not run.",
  },
} as const satisfies FunctionSpecs;
