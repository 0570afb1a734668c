import { resolveTarget } from "../../approval/loading/load-targets.ts";
import { sameJson } from "../../encoding/canonical-json.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { ArchivedPolicies } from "../../policy/load-policies.ts";
import type { FreezeManifest } from "../../promotion/freeze-manifest.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { wasJudged } from "../documents/was-judged.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { everKnown, fittingNone, judgedBy, type KnownPolicies, readOrUndefined } from "./verify-policies.ts";
import { inForceIn } from "./versions-in-force.ts";

/** Where a candidate was frozen to go and who asked, where the policies that judged its gates do not say so. */
export interface Submitted {
  readonly promotion: PromotionId;
  readonly index: number;
  readonly at: Instant;
  readonly manifest: Pick<FreezeManifest, "model" | "target" | "requester">;
}

const elsewhere =
  "It was frozen for another target than the policies in force at its request have by that name, or by a pipeline that they do not let submit the model.";

/**
 * What of a submission its own gates do not settle: a candidate leads where the policies say, and comes from a pipeline
 * that may submit it, by those in force at its request or at its gates. `undefined`: they do, or nothing was frozen, or it
 * is what drifted that is asked about again, as it was frozen once (`recheckReapprovals`).
 */
export async function submittedElsewhere(
  steps: readonly Step[],
  manifest: FreezeManifest | undefined,
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<Submitted | undefined> {
  const [first] = steps;
  if (first === undefined || manifest === undefined || manifest.target.kind === "policy") return undefined;
  const { record, index, after } = first;
  if (bodyOf("request", record).reapproves !== undefined) return undefined;
  const { model, target, requester } = manifest;
  const submitted: Submitted = { promotion: after.id, index, at: record.at, manifest: { model, target, requester } };
  const judged = steps.find((step) => wasJudged(step.record));
  const policy = judged === undefined ? undefined : judgedBy(judged).policy;
  const policies = policy === undefined ? undefined : await readOrUndefined(policy, read, known);
  return policies !== undefined && allows(policies, submitted) ? undefined : submitted;
}

/**
 * Holds submissions against the policies in force at their request, where the log tells of all that ever were; `untold`:
 * where it does not.
 *
 * @param activations every record that put policies in force, in the order of the log; none where not all are known
 */
export async function verifySubmitted(
  activations: readonly PromotionRecord[],
  submitted: readonly Submitted[],
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<{
  readonly problems: readonly { readonly promotion: PromotionId; readonly index: number; readonly sentence: string }[];
  readonly untold: readonly PromotionId[];
}> {
  const versions = inForceIn(activations);
  if (versions.count === 0) return { problems: [], untold: submitted.map(({ promotion }) => promotion) };
  const open = await fittingNone(versions, submitted, { at: ({ at }) => at, fits: allows }, read, known);
  return { problems: open.map((each) => ({ ...each, sentence: elsewhere })), untold: [] };
}

/** What is said of promotions whose submission nobody can hold against the policies of that time. */
export function submissionUntold(promotion: PromotionId): string {
  return `Whether ${promotion} leads where its target did then, and whether its pipeline might submit it, is told by its freeze.json alone: the policies that were in force at its request are not here.`;
}

function allows(policies: ArchivedPolicies, { manifest: { model, target, requester } }: Submitted): boolean {
  const machine = policies.machines.find(({ name }) => requester.subject === `machine/${name}`);
  if (machine?.submits.includes(model.name) !== true) return false;
  const rule = Object.hasOwn(policies.targets, target.name) ? policies.targets[target.name] : undefined;
  return rule !== undefined && sameJson(resolveTarget(target.name, rule, model), target);
}
