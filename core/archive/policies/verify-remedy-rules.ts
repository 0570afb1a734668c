import { type AskedAbout, requirementsInForce } from "../../approval/promotion-approval.ts";
import { placeOfTarget, samePlace } from "../../deployment/intruder.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { ArchivedPolicies } from "../../policy/load-policies.ts";
import type { Status } from "../../promotion/promotion.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { Remedy } from "../../promotion/remedy.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { askedAbout, everKnown, fittingNone, type KnownPolicies } from "./verify-policies.ts";
import { inForceIn, longestRunSeconds } from "./versions-in-force.ts";

// What is to be done about what runs, where it drifts, or something else runs in its place, is said by the rule of the policies
// in force at that moment, and a record announces it.

/** What a record announces. */
type Announces =
  | {
      readonly kind: "drift";
      readonly action: Remedy;
      readonly unlessReapproved?: Remedy;
      /** Until when somebody has to approve it again. */
      readonly reapproveBy?: Instant;
    }
  | { readonly kind: "intruder"; readonly action: "report" | "take-back" };

/** A record that announces what the rule asks for. */
export interface ByRule {
  readonly promotion: PromotionId;
  readonly index: number;
  readonly id: string;
  readonly at: Instant;
  readonly asked: AskedAbout;
  readonly announces: Announces;
  /** Its promotion's own requirements ask for the same. */
  readonly asOwn: boolean;
}

type RemedyRule = Pick<
  NonNullable<Step["requirements"]>["rule"],
  "onDrift" | "ifNotReapproved" | "onIntruder" | "expiresAfterSeconds"
>;

/** What a promotion's records announce that its rule has to ask for; mostly nothing. */
export function byRule(steps: readonly Step[], records: readonly PromotionRecord[]): readonly ByRule[] {
  const drifted = steps.find(({ record }) => record.type === "drift");
  const found = records.filter(({ record }) => record.type === "intruder-found");
  const end = steps.at(-1);
  if (end === undefined || (drifted === undefined && found.length === 0)) return [];
  const said = ({ record, index }: PromotionRecord, announces: Announces): ByRule => ({
    promotion: end.after.id,
    index,
    id: record.id,
    at: record.at,
    // As it is asked of what runs: whatever it was released as, by now it would be an update.
    asked: askedAbout({ manifest: end.after.manifest, facts: { release: "update" } }),
    announces,
    asOwn: fits(requirementsAt(steps, index)?.rule, announces, record.at),
  });
  return [
    ...(drifted === undefined ? [] : [said(drifted, driftIn(drifted))]),
    ...found
      // Of what is missing no rule speaks.
      .filter((each) => bodyOf("intruder-found", each.record).kind !== "missing")
      .filter((each) => isItsOwn(each, steps) === "by-rule")
      .map((each) => said(each, { kind: "intruder", action: bodyOf("intruder-found", each.record).action })),
  ];
}

function driftIn({ record }: PromotionRecord): Announces {
  const { action = "keep", unlessReapproved, reapproveBy } = bodyOf("drift", record);
  return {
    kind: "drift",
    action,
    ...(unlessReapproved === undefined ? {} : { unlessReapproved }),
    ...(reapproveBy === undefined ? {} : { reapproveBy }),
  };
}

function requirementsAt(steps: readonly Step[], index: number): Step["requirements"] {
  return steps.findLast((step) => step.index <= index)?.requirements;
}

/**
 * Whether what is done about something that runs is said by the promotion's rule: where that is what should run there, whether
 * it was taken out of service or not. Nothing is done where nothing that was approved should. `unsure`: either may have been so.
 */
export function isItsOwn({ record }: PromotionRecord, steps: readonly Step[]): "by-rule" | "nothing" | "unsure" {
  const { place } = bodyOf("intruder-found", record);
  const end = steps.at(-1)?.after;
  if (end === undefined || !samePlace(placeOfTarget(end.manifest.target), place)) return "nothing";
  const ran = statusesAt(record.at, steps).map((status) => status === "deployed" || status === "restricted");
  return ran.every(Boolean) ? "by-rule" : ran.some(Boolean) ? "unsure" : "nothing";
}

/** In which a promotion may have been for whoever told something of it at an instant. */
export function statusesAt(at: Instant, steps: readonly Step[]): readonly (Status | undefined)[] {
  const met = stepsAt(at, steps).map(({ after }) => after.status);
  return steps.some(({ record }) => record.at < addSeconds(at, -longestRunSeconds)) ? met : [undefined, ...met];
}

/** After which of its steps that may have been: the last before whoever told it began, and each since. */
export function stepsAt(at: Instant, steps: readonly Step[]): readonly Step[] {
  const [from, until] = [addSeconds(at, -longestRunSeconds), addSeconds(at, clockToleranceSeconds)];
  const before = steps.findLast((step) => step.record.at < from);
  const since = steps.filter((step) => step.record.at >= from && step.record.at <= until);
  return before === undefined ? since : [before, ...since];
}

/** @param rule none where the policies have none for it */
function fits(rule: RemedyRule | undefined, announces: Announces, at: Instant): boolean {
  if (announces.kind === "intruder") return announces.action === (rule?.onIntruder ?? "report");
  const by = rule?.ifNotReapproved === undefined ? undefined : addSeconds(at, rule.expiresAfterSeconds);
  const { action, unlessReapproved, reapproveBy } = announces;
  return action === (rule?.onDrift ?? "keep") && unlessReapproved === rule?.ifNotReapproved && reapproveBy === by;
}

/**
 * Holds what was announced against the rule of the policies in force then, where the log tells of all that ever were; else it is
 * untold where its promotion's own requirements do not ask for the same.
 *
 * @param activations every record that put policies in force, in the order of the log; none where not all are known
 */
export async function verifyRemedyRules(
  activations: readonly PromotionRecord[],
  announced: readonly ByRule[],
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<{
  readonly problems: readonly { readonly promotion: PromotionId; readonly index: number; readonly sentence: string }[];
  readonly unchecked: readonly Unchecked[];
}> {
  const versions = inForceIn(activations);
  if (versions.count === 0) {
    const untold = announced.filter(({ asOwn }) => !asOwn);
    return {
      problems: [],
      unchecked: untold.map(({ promotion, id }) => ({
        promotion,
        sentence: `Whether what '${id}' announces is what the policies in force then ask for is told by it alone: they are not here, and its own requirements ask for something else.`,
      })),
    };
  }
  const by = {
    at: ({ at }: ByRule) => at,
    fits: (policies: ArchivedPolicies, { at, asked, announces }: ByRule) => {
      const inForce = requirementsInForce(policies, asked);
      return fits(inForce.kind === "asked" ? inForce.requirements.document.rule : undefined, announces, at);
    },
  };
  const open = await fittingNone(versions, announced, by, read, known);
  return {
    problems: open.map(({ promotion, index, announces }) => ({ promotion, index, sentence: sentenceOf(announces) })),
    unchecked: [],
  };
}

function sentenceOf(announces: Announces): string {
  switch (announces.kind) {
    case "drift": {
      const { action, unlessReapproved, reapproveBy } = announces;
      const by = reapproveBy === undefined ? "" : ` by ${reapproveBy}`;
      const otherwise =
        unlessReapproved === undefined ? "" : `, and '${unlessReapproved}' unless it is approved again${by}`;
      return `'${action}' was announced when it drifted${otherwise}: the rule of the policies in force then asks for something else.`;
    }
    case "intruder":
      return `'${announces.action}' was announced of what runs in its place: the rule of the policies in force then asks for something else.`;
    default:
      return announces satisfies never;
  }
}
