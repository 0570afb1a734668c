import type { ApprovalInput } from "../approval/approval-input.ts";
import type { Delegation } from "../approval/delegation.ts";
import { givesRole, rolesOfStage } from "../approval/entitlement.ts";
import { type Approval, evaluateApproval } from "../approval/evaluate-approval.ts";
import type { ApprovalRule, Matrix } from "../approval/matrix.ts";
import { utf8 } from "../encoding/bytes.ts";
import type { Instant } from "../encoding/instant.ts";
import { sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { type Identity, identityKey } from "../promotion/identity.ts";
import type { SettledStage } from "../promotion/promotion.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { SignOff } from "../promotion/sign-off.ts";

/** A decision that somebody took, or that is assumed: of no stage yet, for that depends on the rule. */
export interface GivenDecision {
  readonly reviewer: Identity;
  readonly reviewerName: string;
  readonly groups: readonly string[];
  /** In which it is given; absent: in every role of a stage that the person holds. */
  readonly roles?: readonly string[];
  readonly result: "approve" | "reject";
  /** A rejection stands in the stage in which it was given; absent: in the first. */
  readonly stage?: number;
  readonly reason: string;
  readonly at: Instant;
  readonly signIn?: Pick<SignOff, "acr" | "amr" | "passkey">;
  /** In whose place, by which of the delegations that are given. */
  readonly onBehalfOf?: SignOff["onBehalfOf"];
}

export interface ReviewToPlay
  extends Pick<ApprovalInput, "roles" | "excluded" | "members" | "people" | "entitlement" | "now"> {
  readonly promotion: PromotionId;
  readonly rule: ApprovalRule;
  readonly decisions: readonly GivenDecision[];
  /** Those that decisions may rest on; absent: none. */
  readonly delegations?: readonly Delegation[];
}

/** What decisions come to if each is given as soon as a stage takes it. */
export interface PlayedReview {
  readonly approval: Approval;
  readonly settled: readonly SettledStage[];
  /** The stage that waits, or the last one. */
  readonly stage: { readonly index: number; readonly name: string };
  /** Approvals that no stage so far asked for. */
  readonly unused: readonly GivenDecision[];
}

/**
 * Plays a review stage by stage with the decisions that are given, by the rules that judge every promotion. Nobody is
 * taken to have said anything that is not among them.
 */
export function playReview(input: ReviewToPlay): PlayedReview {
  const { rule, decisions } = input;
  const settled: SettledStage[] = [];
  const signOffs = rejectionsOf(input);
  const used = new Set<GivenDecision>();
  // Each turn settles one more stage, and no stage twice: what was given is judged as it was signed.
  for (let open = 0; ; ) {
    const stage = rule.stages[open];
    if (stage === undefined || settled.some(({ index }) => index === open))
      throw new Failure("internal", `The review came to stage ${open}, which is not there to open.`);
    const asked = rolesOfStage(stage);
    for (const [at, decision] of decisions.entries()) {
      const roles = decision.result === "approve" ? rolesIn(decision, asked, input.roles) : [];
      if (roles.length === 0) continue;
      used.add(decision);
      signOffs.push(signOffOf(decision, { at, stage: open, roles, promotion: input.promotion }));
    }
    const approval = evaluateApproval({
      ...input,
      review: 1,
      openStage: open,
      settled,
      signOffs,
      delegations: input.delegations ?? [],
      invalidated: new Map(),
    });
    const { outcome } = approval;
    if (outcome.kind === "reached") settled.push(outcome.settled);
    if (outcome.kind !== "reached" || outcome.next === undefined) {
      const unused = decisions.filter((decision) => decision.result === "approve" && !used.has(decision));
      return { approval, settled, stage: { index: open, name: stage.name }, unused };
    }
    open = outcome.next;
  }
}

/** The roles without what they ask of the way of signing: nobody who is only assumed to sign has signed in. */
export function withoutSignIn(roles: Matrix["roles"]): Matrix["roles"] {
  return Object.fromEntries(
    Object.entries(roles).map(([name, { signIn: _, secondFactor: __, ...role }]) => [name, role]),
  );
}

/** A rejection counts from its moment on, whatever stage is open (design 6.4). */
function rejectionsOf({ rule, decisions, promotion }: ReviewToPlay): SignOff[] {
  const last = rule.stages.length - 1;
  return decisions.flatMap((decision, at) =>
    decision.result === "reject"
      ? [signOffOf(decision, { at, stage: Math.min(decision.stage ?? 0, last), roles: [], promotion })]
      : [],
  );
}

function rolesIn(
  { roles, groups, reviewer }: GivenDecision,
  asked: readonly string[],
  known: Matrix["roles"],
): readonly string[] {
  if (roles !== undefined) return asked.filter((role) => roles.includes(role));
  return asked.filter((role) => givesRole(known, role, { groups, identity: reviewer }));
}

function signOffOf(
  { reviewer, reviewerName, groups, result, reason, at: recordedAt, signIn, onBehalfOf }: GivenDecision,
  given: {
    readonly at: number;
    readonly stage: number;
    readonly roles: readonly string[];
    readonly promotion: PromotionId;
  },
): SignOff {
  const { at, stage, roles, promotion } = given;
  const id = sha256Hex(utf8(`${promotion} ${stage} ${at} ${identityKey(reviewer)}`));
  return {
    id,
    promotion,
    review: 1,
    stage,
    result,
    reason,
    roles,
    reviewer,
    reviewerName,
    groups,
    ...signIn,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    recordedAt,
  };
}
