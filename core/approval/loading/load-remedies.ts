import { complain, list, type Place } from "../../encoding/policy-file.ts";
import { goesFurther, remedies } from "../../promotion/remedy.ts";
import type { ApprovalRule } from "../matrix.ts";

/** What a rule says of what runs already: where it drifts, where nobody approves it again, and where something else runs. */
export type Remedies = Pick<ApprovalRule, "onDrift" | "ifNotReapproved" | "onIntruder">;

const intruderAnswers = ["report", "take-back"] as const;

/** Reads them; what a rule leaves out stays left out. */
export function remediesOf(fields: {
  readonly onDrift?: Place;
  readonly ifNotReapproved?: Place;
  readonly onIntruder?: Place;
}): Remedies {
  const onDrift = wordOf(fields.onDrift, remedies);
  const ifNotReapproved = wordOf(fields.ifNotReapproved, ["previous", "stop"] as const);
  const onIntruder = wordOf(fields.onIntruder, intruderAnswers);
  if (fields.ifNotReapproved !== undefined && ifNotReapproved !== undefined) {
    const first = onDrift ?? "keep";
    if (!goesFurther(ifNotReapproved, first))
      complain(fields.ifNotReapproved, `This goes no further than 'onDrift: ${first}', which was done before.`);
  }
  return {
    ...(onDrift === undefined ? {} : { onDrift }),
    ...(ifNotReapproved === undefined ? {} : { ifNotReapproved }),
    ...(onIntruder === undefined ? {} : { onIntruder }),
  };
}

function wordOf<Word extends string>(place: Place | undefined, known: readonly Word[]): Word | undefined {
  const word = known.find((each) => each === place?.value);
  if (place !== undefined && word === undefined) complain(place, `This must be one of ${list(known)}.`);
  return word;
}
