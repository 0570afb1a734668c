import { type CalendarOutcome, frozenSentence } from "../../../core/approval/calendar.ts";
import type { ApprovalOutcome } from "../../../core/approval/evaluate-approval.ts";
import type { LostSeat } from "../../../core/approval/settled-stages.ts";
import { cutText } from "../../../core/encoding/cut-text.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Failure } from "../../../core/failure.ts";
import type { Attachment } from "../../../core/promotion/fact.ts";
import { loanIn } from "../../../core/promotion/lending.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { peopleSnapshotName } from "../../../core/promotion/personal-documents.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { awaitsLoanVerdict } from "./lenders.ts";

/** The promotion as it waits for a freeze window to end; `undefined` where that was told already. */
export function withHold(promotion: Promotion, window: string, until: Instant, at: Instant): Promotion | undefined {
  const told = promotion.history.some(({ type, body }) => type === "held" && body["until"] === until);
  if (told && promotion.verdict === undefined) return undefined;
  return advance(
    promotion,
    { verdict: undefined },
    {
      type: "held",
      at,
      summary: `${frozenSentence({ window, until })} The sign-offs are verified and the candidate is deployed after that.`,
      body: { window, until },
      attachments: [],
    },
  );
}

/** The promotion as its reviewers' rejections leave it. */
export function withRejection(
  promotion: Promotion,
  { by, reason }: Extract<ApprovalOutcome, { kind: "rejected" }>,
  at: Instant,
): Promotion {
  const { stage } = promotion;
  return advance(
    promotion,
    { status: "rejected", reason, ...(stage === undefined ? {} : { stage: { ...stage, open: false } }) },
    {
      type: "rejected",
      at,
      summary: reason,
      body: { by: by.map(({ identity }) => ({ ...identity })) },
      attachments: [],
    },
  );
}

/**
 * The promotion with its verdict: approved as before if it PASSED, blocked with the reason if it FAILED. `people`: what
 * the directory and people.yaml told, so that who may sign can be judged again; `policy`: the policies, whose
 * people.yaml that is held against.
 */
export function withVerdict(
  promotion: Promotion,
  verdict: Sha256,
  result: "PASSED" | "FAILED",
  at: Instant,
  {
    failure,
    people,
    policy,
    calendar,
  }: {
    readonly failure?: Failure;
    readonly people?: Sha256;
    /** Its documents, `policies.json` first. */
    readonly policy?: readonly Attachment[];
    readonly calendar?: CalendarOutcome;
  },
): Promotion {
  const reason = failure?.message;
  const loan = awaitsLoanVerdict(promotion);
  // Under the verdict of a loan a lent candidate runs; its quorum's own comes once it has one.
  const signed =
    loan && result === "PASSED"
      ? { loan: { ...loanIn(promotion), verdict: { sha256: verdict, at } } }
      : { verdict: { sha256: verdict, result, at } };
  return advance(
    promotion,
    {
      ...signed,
      ...(reason === undefined ? {} : { status: "blocked", reason }),
    },
    {
      type: "verdict",
      at,
      summary:
        reason === undefined
          ? `Everything ${loan ? "but the seats that are lent " : ""}was verified again; the verdict is PASSED${loan ? ", for a loan" : ""}.${calendar?.kind === "excepted" ? ` The freeze window '${calendar.window}' has an exception for it: ${calendar.reason}` : ""}`
          : `The verdict is FAILED: ${reason}`,
      body: {
        result,
        ...(loan ? { loan } : {}),
        ...(policy?.[0] === undefined ? {} : { policy: policy[0].sha256 }),
        ...(failure === undefined ? {} : { code: failure.code }),
        ...(calendar?.kind === "excepted" ? { exception: { window: calendar.window, reason: calendar.reason } } : {}),
      },
      attachments: [
        { name: "verdict.dsse.json", mediaType: "application/vnd.in-toto+json", sha256: verdict },
        ...(people === undefined ? [] : [{ name: peopleSnapshotName, mediaType: "application/json", sha256: people }]),
        ...(policy ?? []),
      ],
    },
  );
}

/**
 * The promotion back in review, because somebody who signed may not sign any more: their seat is open again, their
 * signature never counts again, and everybody else's stays (design 6.7, 6.10).
 */
export function withSeatsReopened(promotion: Promotion, lost: readonly LostSeat[], at: Instant): Promotion {
  const stages = new Set(lost.map((seat) => seat.stage));
  const fallen = lost.map(({ signOff, why }) => ({ signOff, why }));
  const { stage } = promotion;
  return advance(
    promotion,
    {
      status: promotion.status === "loaned" ? "loaned" : "in-review",
      settled: promotion.settled.filter(({ index }) => !stages.has(index)),
      invalidated: [...promotion.invalidated, ...fallen],
      verdict: undefined,
      ...(stage === undefined ? {} : { stage: { ...stage, open: false } }),
    },
    {
      type: "seat-reopened",
      at,
      summary: cutText(
        lost.map((seat) => `${seat.person.name} ${seat.why}, so the seat '${seat.role}' is open again.`).join(" "),
        4000,
      ),
      body: { fallen: fallen.map(({ signOff, why }) => ({ signOff, why })) },
      attachments: [],
    },
  );
}
