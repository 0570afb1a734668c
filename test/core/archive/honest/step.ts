import type { Status } from "../../../../core/promotion/promotion.ts";

/** One thing that happens, and three numbers that say to whom and how. */
export interface Step {
  readonly what: keyof typeof weights;
  readonly who: number;
  readonly how: number;
  readonly more: number;
}

/** How often each comes about. */
export const weights = {
  submit: 6,
  release: 9,
  go: 34,
  sign: 26,
  settle: 10,
  onCondition: 9,
  decide: 8,
  pass: 9,
  toDeadline: 3,
  takeBack: 4,
  withdraw: 2,
  policies: 4,
  deployPolicies: 2,
  people: 3,
  lend: 9,
  drift: 9,
  remedy: 3,
  passkey: 5,
  delegate: 4,
  rotate: 1,
  tell: 12,
  tellAgain: 2,
  giveUp: 1,
  reconcile: 2,
  republish: 3,
  alarm: 4,
  intruder: 2,
  audit: 3,
  seeTo: 2,
  passport: 3,
  letter: 2,
  carry: 4,
  question: 3,
  undelivered: 3,
  provider: 1,
  signInKeys: 2,
  witness: 2,
  registry: 2,
  trouble: 3,
  breakDown: 2,
  strange: 1,
  exported: 2,
  resend: 5,
  report: 3,
  outcome: 1,
  slow: 2,
  directory: 1,
  index: 2,
  tick: 1,
  dawdle: 5,
  stall: 6,
  mishap: 10,
  meanwhile: 10,
} as const;

/** What a step is mostly about, where there is such a promotion. */
export const concerned: Partial<Record<Step["what"], readonly Status[]>> = {
  sign: ["in-review", "approved", "loaned"],
  lend: ["in-review", "approved", "loaned"],
  decide: ["in-review", "approved", "loaned"],
  toDeadline: ["in-review", "approved", "loaned"],
  takeBack: ["in-review", "loaned"],
  onCondition: ["in-review"],
  alarm: ["deploying", "loaned"],
  report: ["approved", "deploying", "loaned"],
  passport: ["deploying"],
  remedy: ["restricted"],
};

export const between: readonly Step["what"][] = ["mishap", "meanwhile", "stall", "dawdle"];
