import type { ConditionKind } from "../promotion/release-conditions.ts";
import type { ChangingRemedy, Remedy } from "../promotion/remedy.ts";
import type { ShadowPlan } from "../promotion/shadow.ts";
import type { FreezeWindow } from "./calendar.ts";
import type { Reminders } from "./reminders.ts";

/** What a role judges: a change to it reopens the seats that do (design 6.11). */
export type Judged = "model" | "data" | "infrastructure";

/** How an approver must have signed in, by what the ID token says (OpenID Connect Core 1.0 section 2). */
export interface SignInRequirement {
  /** `acr` is one of these. */
  readonly acr?: readonly string[];
  /** `amr` names every one of these. */
  readonly amr?: readonly string[];
}

/** Who holds a role, by the groups of the identity provider. */
export interface Role {
  readonly title: string;
  readonly groups: readonly string[];
  /** Whose people hold it; absent: whoever signs in here. */
  readonly issuers?: readonly string[];
  /** So many of its holders stop a promotion by rejecting; absent: the stage's own number, whoever they are. */
  readonly rejectionsToStop?: number;
  readonly judges: readonly Judged[];
  /** Asked of approvals only: a rejection is the safe direction. */
  readonly signIn?: SignInRequirement;
  /** Approvals in this role carry an assertion of the reviewer's own, confirmed passkey. */
  readonly secondFactor?: "passkey";
}

/** A fact that has one of a few values; known at submission. */
interface ValueCondition {
  readonly fact: "riskTier" | "dataClass" | "release";
  readonly oneOf: readonly string[];
}

/** A number within bounds: from `atLeast` on, and under `below`. Known once the evidence was read. */
type NumberCondition = { readonly atLeast?: number; readonly below?: number } & (
  | { readonly fact: "metric"; readonly name: string }
  | { readonly fact: "infrastructureChanges" }
);

export type Condition = ValueCondition | NumberCondition;

/** Asked for only while every condition holds. `because`: they did, in words, once they are decided. */
interface Conditional {
  readonly when?: readonly Condition[];
  readonly because?: string;
}

/** What a stage asks for. `count` people in a role; all of several; any one of several. Nested at will. */
export type Requirement = Conditional &
  (
    | { readonly role: string; readonly count: number }
    | { readonly all: readonly Requirement[] }
    | { readonly any: readonly Requirement[] }
  );

export interface Stage extends Conditional {
  readonly name: string;
  readonly requires: Requirement;
  /** Approvals earlier than this after opening are refused; rejections never. Default 0. */
  readonly minimumReviewSeconds: number;
  /** The stage's own time limit, where it has one; never longer than the promotion's. */
  readonly deadlineSeconds?: number;
  /** This many rejections end the promotion. Default 1. */
  readonly rejectionsToStop: number;
}

/** Hands in the candidate that keep a person from approving it. */
export type Duty =
  | "requester"
  | "started-the-run"
  | "trained-the-model"
  | "wrote-the-code"
  | "owns-the-data"
  | "wrote-the-infrastructure";

/** Budgets of loans run for one of these, in UTC. */
export type LoanPeriod = "month" | "quarter" | "year";

/** How a candidate may run before its quorum: two people lend the seats that are missing, for a while. */
export interface LoanPolicy {
  /** Whoever holds one of these may lend. */
  readonly roles: readonly string[];
  /** The longest that a loan may last, from the second lender's signature. */
  readonly maximumSeconds: number;
  /** So many for each model. */
  readonly budget: { readonly loans: number; readonly per: LoanPeriod };
}

/** A rule for one model type and one target; of several, the first whose conditions hold applies. */
export interface ApprovalRule {
  readonly modelType: string;
  readonly target: string;
  /** About what is known at submission only: its time limit runs from there. */
  readonly when?: readonly Condition[];
  /** From submission; at that instant the promotion is over. */
  readonly expiresAfterSeconds: number;
  readonly excludes: readonly Duty[];
  /** Authors whom nobody can link to a person do not block; absent: they do. */
  readonly unlinkableAuthors?: "allowed";
  /** Sign-offs no older than this may be kept for a newer candidate in which what they judge is the same; absent: none. */
  readonly carryOverSeconds?: number;
  /** What becomes of a model that drifts, beside being restricted. Absent: it keeps serving. */
  readonly onDrift?: Remedy;
  /** What becomes of it once its new approval is refused, or nobody gives it in time. Absent: nothing more. */
  readonly ifNotReapproved?: ChangingRemedy;
  /** What becomes of what runs in the place of what was approved, beside being reported. Absent: nothing. */
  readonly onIntruder?: "report" | "take-back";
  /** How a candidate runs in shadow before anybody is asked; absent: not at all. */
  readonly shadow?: ShadowPlan;
  /** Absent: nothing is lent. */
  readonly loan?: LoanPolicy;
  /** What approvers may ask of the release; absent: every kind of condition, for a week at most. */
  readonly conditions?: "forbidden" | { readonly allowed?: readonly ConditionKind[]; readonly maximumSeconds?: number };
  readonly stages: readonly Stage[];
  /** From `reminders`, where whoever is told may fill the seats: then it is part of what is asked for. */
  readonly escalation?: { readonly afterSeconds: number; readonly to: string };
}

/** The scales of risk and of data, from low to high, and the least of both for each model. */
export interface Classification {
  readonly riskTiers: readonly string[];
  readonly dataClasses: readonly string[];
  /** `type`: the only one that a request may say the model is of, so that nobody chooses by which rules it is judged. */
  readonly models: Readonly<
    Record<string, { readonly type?: string; readonly riskTier?: string; readonly dataClass?: string }>
  >;
}

/** Who may see how roles and people decide (rubber-stamp signals), and from how many decisions on; for nobody else, never less. */
export interface LearningPolicy {
  readonly seenBy: readonly string[];
  readonly fewestDecisions: number;
}

/** A change of the policies is promoted as a model is: under these names, which no rule and no request may use. */
export const policyModelType = "policy";
export const policyTarget = "policies";

/** Whoever holds a role of this name looks after the deployment: what people could not be told is theirs to send again. */
export const operatorRole = "operator";

/** Who signs for a change of the policies. Everything that is judged by them is part of them, this rule too. */
export type PolicyChangeRule = Pick<ApprovalRule, "expiresAfterSeconds" | "excludes" | "stages">;

/** The approval matrix: model type × target → stages → requirements. */
export interface Matrix {
  readonly matrixVersion: 1;
  readonly roles: Readonly<Record<string, Role>>;
  readonly classification?: Classification;
  /** Not part of what a promotion is judged by: a new window must not cost anyone a review. */
  readonly freezeWindows?: readonly FreezeWindow[];
  /** Nor is this. */
  readonly reminders?: Reminders;
  /** Not part of what a promotion is judged by either. */
  readonly learning?: LearningPolicy;
  /** Absent: whoever deploys changes the policies. */
  readonly policyChange?: PolicyChangeRule;
  readonly rules: readonly ApprovalRule[];
}
