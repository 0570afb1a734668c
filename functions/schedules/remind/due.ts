import { openStageOf } from "../../../core/approval/promotion-approval.ts";
import { escalationDue, type Reminders, reminderDue } from "../../../core/approval/reminders.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { type Loan, loanReminderDue } from "../../../core/promotion/loan.ts";
import type { OpenStage, Promotion } from "../../../core/promotion/promotion.ts";

/** What is due of an open stage at an instant, by the clock alone. */
export interface Due {
  readonly stage: OpenStage;
  /** What the promotion runs on meanwhile. */
  readonly loan: Loan | undefined;
  readonly reminder: Reminder | undefined;
  /** The role that is told that the stage has been open for too long. */
  readonly escalation: string | undefined;
  /** Whether whoever can sign only since it opened is asked here. */
  readonly latecomers: boolean;
  /** Whether whoever started the run is told where nobody is left to be asked. */
  readonly nobodyLeft: boolean;
}

interface Reminder {
  /** Sets it apart from others of the same stage. */
  readonly period: number | "half" | "quarter";
  /** Whoever was asked since is not reminded yet. */
  readonly since: Instant;
}

/** So long after a stage has opened it is for `notify` to ask, with its retries. */
const openingSeconds = 3600;

/** `undefined` where nothing is. */
export function dueOf(promotion: Promotion, reminders: Reminders | undefined, now: Instant): Due | undefined {
  const stage = openStageOf(promotion);
  if (stage === undefined || now >= stage.deadline) return undefined;
  const loan = promotion.status === "loaned" ? promotion.loan : undefined;
  const reminder = loan === undefined ? ofStage(stage, reminders, now) : ofLoan(loan, now);
  const escalation = reminders && escalationDue(reminders, stage.openedAt, now);
  const latecomers = addSeconds(stage.openedAt, openingSeconds) <= now;
  // With each reminder; at once where no reminder will come.
  const nobodyLeft = reminder !== undefined || (reminders === undefined && loan === undefined);
  if (escalation === undefined && !latecomers && !nobodyLeft) return undefined;
  return { stage, loan, reminder, escalation, latecomers, nobodyLeft };
}

function ofStage({ openedAt }: OpenStage, reminders: Reminders | undefined, now: Instant): Reminder | undefined {
  if (reminders === undefined) return undefined;
  const period = reminderDue(reminders, openedAt, now);
  return period === undefined ? undefined : { period, since: addSeconds(openedAt, period * reminders.everySeconds) };
}

function ofLoan(loan: Loan, now: Instant): Reminder | undefined {
  const period = loanReminderDue(loan, now);
  return period === undefined ? undefined : { period, since: now };
}
