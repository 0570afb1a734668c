import { list } from "../encoding/policy-file.ts";
import { Failure } from "../failure.ts";
import type { FreezeManifest, Model } from "../promotion/freeze-manifest.ts";
import type { Classification, Matrix } from "./matrix.ts";

/**
 * The risk tier and the data class that a candidate is judged by. The matrix names the least of both for each model, and
 * the highest there is for a model that it does not list; a request may raise them and never lower them, so nobody
 * makes a bar lower by what they declare or leave out. Throws `invalid-request` where one is unknown or too low, or where
 * the request says another type of the model than the matrix.
 */
export function classify(
  matrix: Pick<Matrix, "classification">,
  {
    model,
    classification: declared = {},
  }: Pick<FreezeManifest, "classification"> & { readonly model: Pick<Model, "name" | "type"> },
): { readonly riskTier?: string; readonly dataClass?: string } {
  const { classification } = matrix;
  const models = classification?.models ?? {};
  const own = Object.hasOwn(models, model.name) ? models[model.name] : undefined;
  if (own?.type !== undefined && own.type !== model.type) {
    throw new Failure(
      "invalid-request",
      `The model '${model.name}' is of the type '${own.type}' by the approval matrix, and cannot be submitted as '${model.type}'.`,
    );
  }
  const riskTier = placed("risk tier", model.name, {
    scale: classification?.riskTiers ?? [],
    least: own?.riskTier,
    declared: declared.riskTier,
  });
  const dataClass = placed("data class", model.name, {
    scale: classification?.dataClasses ?? [],
    least: own?.dataClass,
    declared: declared.dataClass,
  });
  return {
    ...(riskTier === undefined ? {} : { riskTier }),
    ...(dataClass === undefined ? {} : { dataClass }),
  };
}

function placed(
  what: string,
  model: string,
  {
    scale,
    least,
    declared,
  }: {
    readonly scale: Classification["riskTiers"];
    readonly least: string | undefined;
    readonly declared: string | undefined;
  },
): string | undefined {
  const floor = least ?? scale.at(-1);
  if (declared === undefined) return floor;
  if (!scale.includes(declared)) {
    throw new Failure(
      "invalid-request",
      `The approval matrix knows no ${what} '${declared}'; it ${scale.length === 0 ? "has no such scale" : `knows ${list(scale)}, from low to high`}.`,
    );
  }
  if (floor !== undefined && scale.indexOf(declared) < scale.indexOf(floor)) {
    const why =
      least === undefined
        ? `it does not list '${model}', so the highest counts`
        : `it names '${least}' for '${model}', and a request may only raise it`;
    throw new Failure("invalid-request", `The ${what} '${declared}' is lower than the approval matrix allows: ${why}.`);
  }
  return declared;
}
