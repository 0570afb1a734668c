import { addSeconds, type Instant, msOfInstant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure, type FailureCode } from "../failure.ts";
import type { FreezeManifest, Model } from "../promotion/freeze-manifest.ts";
import type { IdentityKey, Member } from "../promotion/identity.ts";
import { advance } from "../promotion/life-cycle.ts";
import type { OpenStage, Promotion } from "../promotion/promotion.ts";
import type { ShadowPlan } from "../promotion/shadow.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import type { Target } from "../promotion/target.ts";
import type { ApprovalInput } from "./approval-input.ts";
import { type CalendarOutcome, calendarAt } from "./calendar.ts";
import { asTheyCount } from "./carry-over.ts";
import { classify } from "./classification.ts";
import { type Delegation, inScopeOf } from "./delegation.ts";
import { type Entitlement, rolesNamedBy } from "./entitlement.ts";
import { escalationsOf } from "./escalation.ts";
import { excludedPeople } from "./exclusions.ts";
import { lendersExcluded } from "./loan.ts";
import type { ApprovalRule, Matrix, Stage } from "./matrix.ts";
import type { Person } from "./people.ts";
import { type GatePolicy, type Requirements, requirementsOf } from "./requirements.ts";

/** What the rules around people are read from. */
export interface ApprovalPolicy extends AskingPolicy {
  readonly people: readonly Person[];
}

/** What tells the requirements of a promotion; people.yaml has no say in them. */
export interface AskingPolicy {
  readonly matrix: Matrix;
  readonly gatePolicy: (modelType: string, target: string) => GatePolicy;
}

/** All that a policy asks about a promotion to tell what it requires. */
export interface AskedAbout extends Pick<Promotion, "facts"> {
  readonly manifest: Pick<FreezeManifest, "classification"> & {
    readonly model: Pick<Model, "name" | "type">;
    readonly target: Pick<Target, "name">;
  };
}

/** The requirements of a promotion under the policy as it is now. Throws as `requirementsOf` and `classify` do. */
export function requirementsNow(
  policy: AskingPolicy,
  { manifest, facts }: AskedAbout,
): ReturnType<typeof requirementsOf> {
  const modelType = manifest.model.type;
  const target = manifest.target.name;
  return requirementsOf({
    matrix: policy.matrix,
    modelType,
    target,
    gatePolicy: policy.gatePolicy(modelType, target),
    facts: { ...classify(policy.matrix, manifest), ...facts },
  });
}

/** What the policy in force asks of a promotion. `none`: it asks nothing that could be met, and says why. */
export type RequirementsInForce =
  | { readonly kind: "asked"; readonly requirements: ReturnType<typeof requirementsOf> }
  | { readonly kind: "none"; readonly why: Failure };

/** How a policy says that it has nothing for a promotion: another rule, tier or type, or evidence that nobody gave. */
const withoutRule: readonly FailureCode[] = [
  "invalid-request",
  "unknown-model-type",
  "unknown-target",
  "missing-evidence",
  "invalid-evidence",
];

/**
 * As `requirementsNow`, for promotions that exist already: a policy that has no rule for one any more is an outcome and
 * no violation, since policies change while promotions are open.
 */
export function requirementsInForce(policy: AskingPolicy, promotion: AskedAbout): RequirementsInForce {
  try {
    return { kind: "asked", requirements: requirementsNow(policy, promotion) };
  } catch (error) {
    if (error instanceof Failure && withoutRule.includes(error.code)) return { kind: "none", why: error };
    throw error;
  }
}

/** The requirements that a promotion is pinned to, while they are those in force; `undefined` once they changed. */
export function pinnedRequirements(
  policy: ApprovalPolicy,
  promotion: Pick<Promotion, "manifest" | "facts" | "requirements">,
): Requirements | undefined {
  const inForce = requirementsInForce(policy, promotion);
  return inForce.kind === "asked" && inForce.requirements.sha256 === promotion.requirements.sha256
    ? inForce.requirements.document
    : undefined;
}

/** How a promotion is to run in shadow by the policy in force; what its evidence says decides nothing of that. */
export function shadowPlanInForce(
  policy: ApprovalPolicy,
  { manifest, facts }: Pick<Promotion, "manifest" | "facts">,
): ShadowPlan | undefined {
  const { evidence: _, ...known } = facts ?? {};
  const inForce = requirementsInForce(policy, { manifest, facts: known });
  return inForce.kind === "asked" ? inForce.requirements.document.rule.shadow : undefined;
}

/** Whether a freeze window of the matrix holds the promotion up at the moment. */
export function calendarNow(
  policy: Pick<ApprovalPolicy, "matrix">,
  promotion: Pick<Promotion, "manifest">,
  now: Instant,
): CalendarOutcome {
  // A change of the policies changes nothing that runs, and is the way to correct a calendar.
  if (promotion.manifest.target.kind === "policy") return { kind: "free" };
  return calendarAt(policy.matrix.freezeWindows ?? [], promotion.manifest, now);
}

/** The groups that matter to a promotion: the directory is asked about these. */
export function groupsOf(requirements: Requirements): readonly string[] {
  return [...new Set(rolesNamedBy(requirements.rule).flatMap((role) => requirements.roles[role]?.groups ?? []))];
}

/** The groups that give some role. */
export function everyGroup({ roles }: Pick<Matrix, "roles">): readonly string[] {
  return [...new Set(Object.values(roles).flatMap(({ groups }) => groups))];
}

const nobody: readonly Member[] = [];

/** All that the approval rules need to judge a promotion. `requirements` are those that it is pinned to. */
export function approvalInputOf(
  promotion: Promotion,
  requirements: Requirements,
  facts: {
    readonly people: readonly Person[];
    readonly members: readonly Member[];
    readonly signOffs: readonly SignOff[];
    /** Absent: `people` has what the sign-ins tell. */
    readonly objectors?: readonly Member[];
    readonly entitlement: Entitlement;
    /** As recorded; a sign-off that rests on one that is not among them does not count. */
    readonly delegations?: readonly Delegation[];
    readonly absent?: ReadonlySet<IdentityKey>;
    readonly now: Instant;
  },
): ApprovalInput {
  const { excluded } = excludedPeople({
    manifest: promotion.manifest,
    startedBy: promotion.startedBy,
    duties: requirements.rule.excludes,
    members: facts.members,
    people: facts.people,
  });
  return {
    rule: requirements.rule,
    roles: requirements.roles,
    review: promotion.review,
    openStage: openStageOf(promotion)?.index,
    settled: promotion.settled,
    signOffs: asTheyCount(facts.signOffs, promotion.carried),
    invalidated: new Map(promotion.invalidated.map(({ signOff, why }) => [signOff, why])),
    excluded: new Map([...lendersExcluded(promotion.loan, facts), ...excluded]),
    members: facts.members,
    people: facts.people,
    objectors: facts.objectors ?? nobody,
    entitlement: facts.entitlement,
    delegations: inScopeOf(facts.delegations ?? [], promotion.manifest),
    escalations: escalationsOf(requirements.rule, promotion),
    ...(facts.absent === undefined ? {} : { absent: facts.absent }),
    ...(promotion.status === "loaned" && promotion.loan !== undefined ? { lentUntil: promotion.loan.until } : {}),
    now: facts.now,
  };
}

/** The stage that takes approvals at the moment, if one does. */
export function openStageOf(promotion: Promotion): OpenStage | undefined {
  const inReview = promotion.status === "in-review" || promotion.status === "loaned";
  return inReview && promotion.stage?.open === true ? promotion.stage : undefined;
}

/** The first stage whose seats are not settled; `undefined` once all are. */
export function nextStage(
  rule: ApprovalRule,
  promotion: Promotion,
): { readonly index: number; readonly stage: Stage } | undefined {
  const index = rule.stages.findIndex((_, each) => !promotion.settled.some((settled) => settled.index === each));
  const stage = rule.stages[index];
  return stage === undefined ? undefined : { index, stage };
}

/**
 * When a stage that opens at `now` is over: its own limit or the promotion's, whichever is earlier. While a loan runs there
 * is only the loan's: the promotion expires when it ends.
 */
export function stageDeadline(stage: Stage, promotion: Promotion, now: Instant): Instant {
  if (stage.deadlineSeconds === undefined || promotion.status === "loaned") return promotion.expiresAt;
  const own = addSeconds(now, stage.deadlineSeconds);
  if (own >= promotion.expiresAt) return promotion.expiresAt;
  return own;
}

/**
 * Seconds after a promotion's end in which it may still be verified and get its verdict: a last stage that was complete
 * in time, at the very end, is decided and verified a moment later.
 */
export const verificationGraceSeconds = 900;

/** From here on it has expired, whatever was signed. */
export function lastMoment({ expiresAt }: Pick<Promotion, "expiresAt">): Instant {
  return addSeconds(expiresAt, verificationGraceSeconds);
}

/** Whole seconds until a stage that opens now is over, for the state machine's time limit: at least one. */
export function secondsForNextStage(rule: ApprovalRule | undefined, promotion: Promotion, now: Instant): number {
  // Under requirements that changed meanwhile, opening it sends the promotion back to the gates.
  const next = rule === undefined ? undefined : nextStage(rule, promotion);
  const deadline = next === undefined ? promotion.expiresAt : stageDeadline(next.stage, promotion, now);
  return Math.max(1, Math.ceil((msOfInstant(deadline) - msOfInstant(now)) / 1000));
}

/**
 * The promotion back at the gates, because what it is judged by has changed. No sign-off counts until they have passed:
 * which seats are open again then is told by what changed, and that is known for sure when they are judged (design 3.8,
 * 6.11; `keepInReview`). Whoever reopens a review for another reason, such as a shadow run that went otherwise, sends it
 * back in the same way, with the requirements that are in force.
 */
export function restartReview(promotion: Promotion, inForce: RequirementsInForce, now: Instant): Promotion {
  // Where there are none, the gates say so and block: it stays pinned to what it was judged by last.
  const requirements = inForce.kind === "asked" ? inForce.requirements.sha256 : promotion.requirements.sha256;
  return advance(
    promotion,
    {
      status: "gating",
      requirements: { sha256: requirements },
      review: promotion.review + 1,
      settled: [],
      stage: undefined,
      gates: undefined,
      verdict: undefined,
    },
    {
      type: "seat-reopened",
      at: now,
      summary:
        "The requirements changed, so the promotion goes back to the gates; then it is told which signatures still count.",
      body: { from: promotion.requirements.sha256, to: requirements, fallen: [] },
      attachments: [],
    },
  );
}

/** Throws `requirements-changed` unless the policy that is in force is the one that the promotion is pinned to. */
export function requirePinned(promotion: Promotion, current: Sha256): void {
  if (promotion.requirements.sha256 !== current) {
    throw new Failure(
      "requirements-changed",
      "The requirements changed while this promotion was in review; it goes back to the gates under the new ones.",
    );
  }
}
