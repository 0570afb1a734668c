import type * as v from "valibot";
import { environment as addCheckpoint } from "../functions/api/add-checkpoint/env.ts";
import { apiFunctions } from "./functions/api.ts";
import { eventFunctions } from "./functions/events.ts";
import { answering, type FunctionSpecs } from "./functions/spec.ts";
import { stepFunctions } from "./functions/steps.ts";

/** Every function, by its folder under functions/. */
export const functions = { ...apiFunctions, ...stepFunctions, ...eventFunctions };

/** The one function of the witness, which is deployed by itself, to another account. */
export const witnessFunctions = {
  "api/add-checkpoint": {
    environment: addCheckpoint,
    ...answering,
    description: "Cosigns a log's checkpoint, if it goes on from the one before.",
  },
} as const satisfies FunctionSpecs;

const allFunctions = { ...functions, ...witnessFunctions };

export type FunctionName = keyof typeof functions;
export type AnyFunctionName = keyof typeof allFunctions;
export type EnvironmentOf<Name extends AnyFunctionName> = v.InferOutput<(typeof allFunctions)[Name]["environment"]>;

export function functionSpec<Name extends AnyFunctionName>(name: Name): (typeof allFunctions)[Name] {
  return allFunctions[name];
}

/** `api/record-sign-off` as a construct's id: `RecordSignOff`. */
export function constructId(name: AnyFunctionName): string {
  const verb = name.slice(name.indexOf("/") + 1);
  return verb
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
