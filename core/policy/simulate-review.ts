import { excludedPeople, unlinkableSentence } from "../approval/exclusions.ts";
import type { Explanation } from "../approval/explanation.ts";
import { reachable } from "../approval/reachability.ts";
import type { Requirements } from "../approval/requirements.ts";
import { durationText } from "../encoding/policy-file.ts";
import { type FreezeManifest, freezeDigest } from "../promotion/freeze-manifest.ts";
import { identityKey } from "../promotion/identity.ts";
import { promotionId } from "../promotion/promotion-id.ts";
import { playReview, withoutSignIn } from "./play-review.ts";
import type { Account, Simulation, SimulationInput } from "./simulation.ts";

/** The people's part: who may sign, what those who did come to, and whom it waits for. */
export function reviewOf(
  input: SimulationInput,
  manifest: FreezeManifest,
  { rule, roles }: Requirements,
  { blocked, waits, notes }: Account,
): { readonly excluded: Simulation["excluded"]; readonly explanation: Explanation } {
  const { members, policy, startedBy, now, decisions } = input;
  const { people } = policy;
  const { excluded, unlinkable } = excludedPeople({ manifest, startedBy, duties: rule.excludes, members, people });
  if (input.standIns === true)
    notes.push("No directory was given, so who may not sign because of a hand in the candidate was not looked at.");
  else if (unlinkable.length > 0 && rule.unlinkableAuthors !== "allowed")
    blocked.push(...unlinkable.map(unlinkableSentence));
  const quorum = reachable({ rule, roles, excluded, members, people });
  if (quorum.kind === "unreachable") blocked.push(quorum.why);
  const { approval, unused } = playReview({
    promotion: promotionId(freezeDigest(manifest), 1),
    rule,
    roles: withoutSignIn(roles),
    decisions,
    excluded,
    members,
    people,
    entitlement: "as-of-now",
    now,
  });
  const { outcome, explanation } = approval;
  switch (outcome.kind) {
    case "reached":
      break;
    case "rejected":
      blocked.push(`It would be rejected by ${outcome.by.map(({ name }) => name).join(", ")}.`);
      break;
    case "open":
      if (quorum.kind === "reachable" && outcome.unreachable) blocked.push(explanation.why);
      else waits.push(explanation.why);
      break;
    default:
      return outcome satisfies never;
  }
  for (const { reviewerName } of unused) notes.push(`No stage so far asks for a role in which ${reviewerName} signs.`);
  if (
    decisions.length > 0 &&
    Object.values(roles).some((role) => role.signIn !== undefined || role.secondFactor !== undefined)
  )
    notes.push("Whoever signs is taken to have signed in as their role asks.");
  for (const { name, minimumReviewSeconds } of rule.stages)
    if (minimumReviewSeconds > 0)
      notes.push(`In the stage '${name}' nobody can approve in the first ${durationText(minimumReviewSeconds)}.`);
  return {
    excluded: members.flatMap(({ identity, name }) => {
      const why = excluded.get(identityKey(identity));
      return why === undefined ? [] : [{ name, why }];
    }),
    explanation,
  };
}
