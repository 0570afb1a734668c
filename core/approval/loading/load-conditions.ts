import {
  complain,
  complainOfNoNumber,
  entriesOf,
  fieldsOf,
  itemsOf,
  list,
  type Place,
  refuseRepeats,
  requireSlug,
  slugOf,
} from "../../encoding/policy-file.ts";
import type { Classification, Condition } from "../matrix.ts";

/** What a condition may ask about where it stands: a rule is chosen before anybody has read the evidence. */
export type ConditionScope = "submission" | "evidence";

/** All combinations of the steps of both scales are tried for each rule. */
const longestScale = 40;

const releases = ["first", "update"];

/** Reads `when`: a map of facts, all of which must hold. None where the field is missing. */
export function conditionsOf(
  place: Place | undefined,
  scope: ConditionScope,
  classification: Classification | undefined,
): readonly Condition[] {
  if (place === undefined) return [];
  const known = ["riskTier", "dataClass", "release", "metrics", "infrastructureChanges"] as const;
  const fields = fieldsOf(place, [], known);
  const conditions: Condition[] = [];
  for (const fact of ["riskTier", "dataClass", "release"] as const) {
    const field = fields[fact];
    if (field === undefined) continue;
    const values = {
      riskTier: classification?.riskTiers,
      dataClass: classification?.dataClasses,
      release: releases,
    }[fact];
    conditions.push({ fact, oneOf: valuesOf(field, values ?? [], fact !== "release") });
  }
  for (const field of [fields.metrics, fields.infrastructureChanges]) {
    if (field !== undefined && scope === "submission")
      complain(
        field,
        "A rule is chosen at submission, before the evidence is read: put this on a stage or a part of it.",
      );
  }
  for (const [name, bounds] of fields.metrics === undefined ? [] : (entriesOf(fields.metrics) ?? [])) {
    if (!/^[a-z0-9][a-z0-9_.@/-]{0,99}$/.test(name))
      complain(bounds, `The metric '${name}' is written in lower-case letters, as the gates name it.`);
    conditions.push({ fact: "metric", name, ...boundsOf(bounds) });
  }
  if (fields.infrastructureChanges !== undefined)
    conditions.push({ fact: "infrastructureChanges", ...boundsOf(fields.infrastructureChanges) });
  if (conditions.length === 0) complain(place, "This must have at least one condition.");
  return conditions;
}

/** One value, a list of them, or `{ atLeast: … }` on a scale; in the order of the scale. */
function valuesOf(place: Place, scale: readonly string[], ordered: boolean): readonly string[] {
  const { value } = place;
  if (scale.length === 0) complain(place, "The matrix has no such scale: add it under 'classification'.");
  let chosen: readonly string[];
  if (ordered && typeof value === "object" && value !== null && !Array.isArray(value)) {
    const { atLeast } = fieldsOf(place, ["atLeast"]);
    const least = scale.indexOf(oneOf(atLeast, scale));
    chosen = least < 0 ? [] : scale.slice(least);
  } else {
    chosen = (Array.isArray(value) ? itemsOf(place) : [place]).map((item) => oneOf(item, scale));
  }
  if (scale.length > 0 && scale.every((each) => chosen.includes(each)))
    complain(place, `This always holds: it names every one of ${list(scale)}.`);
  return scale.filter((each) => chosen.includes(each));
}

function oneOf(place: Place | undefined, scale: readonly string[]): string {
  const value = slugOf(place);
  if (place !== undefined && value !== "" && scale.length > 0 && !scale.includes(value))
    complain(place, `This must be one of ${list(scale)}.`);
  return value;
}

function boundsOf(place: Place): { readonly atLeast?: number; readonly below?: number } {
  const fields = fieldsOf(place, [], ["atLeast", "below"]);
  const atLeast = numberOf(fields.atLeast);
  const below = numberOf(fields.below);
  if (fields.atLeast === undefined && fields.below === undefined)
    complain(place, "This must have 'atLeast', 'below' or both.");
  if (atLeast !== undefined && below !== undefined && below <= atLeast)
    complain(place, `This never holds: nothing is at least ${atLeast} and below ${below}.`);
  return { ...(atLeast === undefined ? {} : { atLeast }), ...(below === undefined ? {} : { below }) };
}

function numberOf(place: Place | undefined): number | undefined {
  if (place === undefined) return undefined;
  if (typeof place.value === "number" && Number.isFinite(place.value)) return place.value;
  complainOfNoNumber(place);
  return undefined;
}

/** Reads the scales and the models' places on them. */
export function classificationOf(place: Place | undefined): Classification | undefined {
  if (place === undefined) return undefined;
  const fields = fieldsOf(place, [], ["riskTiers", "dataClasses", "models"]);
  const scale = (field: Place | undefined): readonly string[] => {
    const values = field === undefined ? [] : itemsOf(field).map(slugOf);
    if (field !== undefined) refuseRepeats(field, values);
    if (field !== undefined && values.length > longestScale)
      complain(field, `A scale has at most ${longestScale} steps.`);
    return values.slice(0, longestScale);
  };
  const riskTiers = scale(fields.riskTiers);
  const dataClasses = scale(fields.dataClasses);
  if (riskTiers.length + dataClasses.length === 0 && fields.models === undefined)
    complain(place, "This must have 'riskTiers', 'dataClasses' or 'models'.");
  const models = Object.fromEntries(
    (fields.models === undefined ? [] : (entriesOf(fields.models) ?? [])).map(([name, model]) => {
      requireSlug(name, model);
      const own = fieldsOf(model, [], ["type", "riskTier", "dataClass"]);
      return [
        name,
        {
          ...(own.type === undefined ? {} : { type: slugOf(own.type) }),
          ...(own.riskTier === undefined ? {} : { riskTier: onScale(own.riskTier, riskTiers) }),
          ...(own.dataClass === undefined ? {} : { dataClass: onScale(own.dataClass, dataClasses) }),
        },
      ];
    }),
  );
  return { riskTiers, dataClasses, models };
}

function onScale(place: Place, scale: readonly string[]): string {
  if (scale.length > 0) return oneOf(place, scale);
  complain(place, "The matrix has no such scale.");
  return "";
}
