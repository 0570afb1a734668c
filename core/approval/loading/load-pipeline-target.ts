import {
  complain,
  fieldsOf,
  itemsOf,
  type Place,
  refuseRepeats,
  secondsOf,
  textOf,
} from "../../encoding/policy-file.ts";
import type { PipelineTarget } from "../../promotion/target.ts";
import { demandsOf } from "./load-demands.ts";

/** A verdict is trusted for an hour, so a passport comes in that time or not at all; the rest is the roll-out's. */
const longestWithin = 86_400;

/** Reads a target of the kind `pipeline`. */
export function pipelineTargetOf(place: Place): Omit<PipelineTarget, "name"> {
  const { endpoint, audiences, within, infrastructure } = fieldsOf(
    place,
    ["kind", "endpoint", "audiences", "within"],
    ["infrastructure"],
  );
  const known = itemsOf(audiences).map((each) => {
    const audience = textOf(each, 200);
    if (!/^[\w.:/-]+$/.test(audience))
      complain(each, "This must be an audience such as sts.amazonaws.com, vault or https://deploy.example.");
    return audience;
  });
  if (audiences !== undefined) refuseRepeats(audiences, known);
  return {
    kind: "pipeline",
    endpoint: deployedToOf(endpoint),
    audiences: known,
    withinSeconds: secondsOf(within, 300, longestWithin),
    ...demandsOf({ infrastructure }),
  };
}

/** What somebody else deploys to, as they name it. */
export function deployedToOf(place: Place | undefined): string {
  const named = textOf(place, 200);
  if (place !== undefined && !/^[\w{}./-]+$/.test(named))
    complain(place, "What is deployed to is named with letters, digits, dots, dashes and slashes, and {model}.");
  return named;
}
