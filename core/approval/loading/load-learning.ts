import {
  complain,
  countOf,
  fieldsOf,
  itemsOf,
  list,
  type Place,
  refuseRepeats,
  slugOf,
} from "../../encoding/policy-file.ts";
import type { LearningPolicy } from "../matrix.ts";

/** Below it nothing about a role or a person can be told from chance. */
const leastDecisions = 5;
const usualDecisions = 20;

/** Reads `learning`: which roles may see how decisions are taken, and from how many decisions on. */
export function learningOf(place: Place | undefined, roles: readonly string[]): LearningPolicy | undefined {
  if (place === undefined) return undefined;
  const fields = fieldsOf(place, ["seenBy"], ["fewestDecisions"]);
  const seenBy = itemsOf(fields.seenBy).map((each) => {
    const role = slugOf(each);
    if (role !== "" && !roles.includes(role)) complain(each, `There is no role '${role}'; known are ${list(roles)}.`);
    return role;
  });
  if (fields.seenBy !== undefined) refuseRepeats(fields.seenBy, seenBy);
  const fewestDecisions = countOf(fields.fewestDecisions, usualDecisions, 10_000);
  if (fields.fewestDecisions !== undefined && fewestDecisions < leastDecisions)
    complain(fields.fewestDecisions, `At least ${leastDecisions}: fewer decisions say nothing about anybody.`);
  return { seenBy, fewestDecisions };
}
