import type { AskedAbout } from "../../approval/promotion-approval.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { wasJudged } from "../documents/was-judged.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import {
  askedAbout,
  type ByPolicies,
  everKnown,
  fittingNone,
  judgedBy,
  type KnownPolicies,
  requiredBy,
} from "./verify-policies.ts";
import { inForceIn } from "./versions-in-force.ts";

/** What was done under the requirements that one evaluation of the gates came to. */
export interface DoneUnder {
  readonly promotion: PromotionId;
  /** What policies asked about it. */
  readonly asked: AskedAbout;
  readonly requirements: Sha256;
  /** Those that judged the gates; absent where their record does not say. */
  readonly policy?: Sha256;
  readonly steps: readonly {
    readonly index: number;
    readonly at: Instant;
    /** It begins another review, since the requirements are not those in force any more. */
    readonly reopens?: true;
  }[];
}

/** What a promotion's steps did under which requirements, as far as nobody does it under others than those in force. */
export function doneUnder(steps: readonly Step[]): readonly DoneUnder[] {
  const found: (Omit<DoneUnder, "steps"> & { readonly steps: DoneUnder["steps"][number][] })[] = [];
  for (const step of steps) {
    const { record, index, after, requirements } = step;
    if (wasJudged(record)) {
      const evidence = requirements?.decided?.facts.evidence;
      const facts = { ...after.facts, ...(evidence === undefined ? {} : { evidence }) };
      const { policy } = judgedBy(step);
      found.push({
        promotion: after.id,
        asked: askedAbout({ manifest: after.manifest, facts }),
        requirements: after.requirements.sha256,
        ...(policy === undefined ? {} : { policy }),
        steps: [],
      });
    } else if (needsInForce(step)) found.at(-1)?.steps.push({ index, at: record.at });
    else if (record.type === "seat-reopened" && "from" in record.body)
      found.at(-1)?.steps.push({ index, at: record.at, reopens: true });
  }
  return found.filter((each) => each.steps.length > 0);
}

/** Whether whoever does this asks first whether the requirements are those in force (design 3.8). */
function needsInForce({ record, before }: Step): boolean {
  switch (record.type) {
    case "stage-opened":
    case "stage-decided":
    case "loan":
    case "deployment-started":
      return before !== undefined;
    case "verdict":
      return bodyOf("verdict", record).result === "PASSED";
    default:
      return false;
  }
}

/**
 * Holds what was done under requirements against those that the policies in force then come to, give or take what a
 * function takes to run: whatever they asked before, it is not enough any more once others are in force.
 *
 * @param activations every record that put policies in force, in the order of the log; none where not all are known
 */
export async function verifyInForce(
  activations: readonly PromotionRecord[],
  done: readonly DoneUnder[],
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<readonly { readonly promotion: PromotionId; readonly index: number; readonly sentence: string }[]> {
  const versions = inForceIn(activations);
  if (versions.count === 0) return [];
  // Few are: what judged the gates is in force until the end.
  const others = done
    .flatMap((each) => each.steps.map((step) => ({ each, step })))
    .filter(
      ({ each, step: { at, reopens } }) =>
        reopens === true || !versions.mayBe(at).some(({ policy }) => policy === each.policy),
    );
  const by: ByPolicies<(typeof others)[number]> = {
    at: ({ step }) => step.at,
    fits: (policies, { each, step }) =>
      (requiredBy(policies, each.asked, known)?.sha256 === each.requirements) === (step.reopens !== true),
  };
  const open = await fittingNone(versions, others, by, read, known);
  return open.map(({ each: { promotion }, step: { index, reopens } }) => ({
    promotion,
    index,
    sentence:
      reopens === true
        ? "Another review began, and the policies in force then come to the same requirements as before."
        : "It was done under requirements that the policies in force then do not come to any more.",
  }));
}
