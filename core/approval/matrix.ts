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
  readonly judges: readonly Judged[];
  /** Asked of approvals only: a rejection is the safe direction. */
  readonly signIn?: SignInRequirement;
  /** Approvals in this role carry an assertion of the reviewer's own, confirmed passkey. */
  readonly secondFactor?: "passkey";
}

/** What a stage asks for. `count` people in a role; all of several; any one of several. Nested at will. */
export type Requirement =
  | { readonly role: string; readonly count: number }
  | { readonly all: readonly Requirement[] }
  | { readonly any: readonly Requirement[] };

export interface Stage {
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

/** The rule that applies to one model type and one target. */
export interface ApprovalRule {
  readonly modelType: string;
  readonly target: string;
  /** From submission; at that instant the promotion is over. */
  readonly expiresAfterSeconds: number;
  readonly excludes: readonly Duty[];
  readonly stages: readonly Stage[];
}

/** The approval matrix: model type × target → stages → requirements. */
export interface Matrix {
  readonly matrixVersion: 1;
  readonly roles: Readonly<Record<string, Role>>;
  readonly rules: readonly ApprovalRule[];
}
