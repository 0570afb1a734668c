import { sameJson } from "../../encoding/canonical-json.ts";
import { madeBy, versionIn } from "../../encoding/generation.ts";
import { isSha256 } from "../../encoding/sha256.ts";
import type { PersonalText } from "../../policy/policy-bundle.ts";
import { policyChangeGenerations } from "../../policy/policy-changes.ts";
import { policyCheckName } from "../../policy/policy-check-document.ts";
import { versionProposed } from "../../policy/proposed-policy.ts";
import type { FrozenArtifact } from "../../promotion/freeze-manifest.ts";
import { personalTexts } from "../../promotion/personal-documents.ts";
import { readCanonicalJson } from "../documents/json-document.ts";
import { listIn, textIn } from "../documents/json-member.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";
import { everKnown, judgedBy, type KnownPolicies, policiesIn } from "./verify-policies.ts";
import { sameBesideClocks } from "./windows-shown.ts";

/**
 * Holds what reviewers of proposed policies were shown against both versions: the service writes that difference itself, and
 * nobody signs the files with their own eyes. Told where both are in the pack: as they are put in force, and as the gates
 * pass; what is proposed is kept as it is frozen. Throws `newer-version`.
 */
export async function recheckPolicyCheck(
  step: Step,
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<readonly string[]> {
  const { manifest } = step.after;
  if (step.record.type === "freeze") {
    const { attachments } = step.record;
    const isKept = ({ name, sha256 }: FrozenArtifact) =>
      attachments.some((each) => each.name === name && each.sha256 === sha256);
    return manifest.artifacts.every(isKept) ? [] : ["The policies that were frozen were not kept with that."];
  }
  const former = formerOf(step);
  if (!isSha256(former) || !isTold(step)) return [];
  const proposed = versionProposed(manifest);
  const document = manifest.evidence.find(({ name }) => name === policyCheckName);
  const bytes = document === undefined ? undefined : await read(document.sha256);
  if (proposed === undefined || bytes === undefined) return ["What reviewers were shown of the policies is not there."];
  const told = readCanonicalJson(policyCheckName, bytes);
  const changes = madeBy(policyCheckName, versionIn(told, "checkVersion"), policyChangeGenerations);
  if (textIn(told, "former") !== former || textIn(told, "proposed") !== proposed)
    return ["Reviewers were shown a check of other policies than were proposed, or in the place of others."];
  const [before, after] = [await policiesIn(former, read, known), await policiesIn(proposed, read, known)];
  if (before === undefined || after === undefined)
    return ["The policies that were proposed, or those in their place, are not in the pack."];
  // Of files that were left out as personal data nobody can tell the lines again.
  const leavesOut = (name: PersonalText) =>
    before.bundle.texts[name] === undefined || after.bundle.texts[name] === undefined;
  const said = listIn(told, "changes").filter(
    (change) => !personalTexts.some((name) => leavesOut(name) && String(change).startsWith(`${name}: `)),
  );
  const again = changes(before, after);
  return sameJson(said, again) ||
    (said.every((each) => typeof each === "string") && sameBesideClocks(said, again, [before, after]))
    ? []
    : ["Reviewers were shown other changes of the policies than there are between the two versions."];
}

/** Whether both versions are there with what the records up to this one bring. */
function isTold(step: Step): boolean {
  const { record } = step;
  if (record.type === "policy-activated") return true;
  return record.type === "gates" && judgedBy(step).policy === formerOf(step);
}

/** In whose place the policies were proposed; a record of that comes before any that could put them in force. */
function formerOf({ after }: Step) {
  return after.history.find(({ type }) => type === "policy-proposed")?.body["former"];
}
