import { secondsUntil } from "../../../core/approval/calendar.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import { whyAuthorsUnknown, whyProposerUnknown } from "../../../core/approval/out-of-reach.ts";
import {
  type ApprovalPolicy,
  calendarNow,
  lastMoment,
  pinnedRequirements,
  requirementsInForce,
  secondsForNextStage,
} from "../../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { lostSeats } from "../../../core/approval/settled-stages.ts";
import { type RecordedSignOff, signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { whyNotKeepable } from "../../../core/deployment/conditions.ts";
import { secondsUntilAwaited } from "../../../core/deployment/release.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { isLent, runsOnLoan, withLoanRatified } from "../../../core/promotion/lending.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { rowAgainstHistory } from "../../../core/promotion/row-against-history.ts";
import { type InLedger, oneToldOtherwise, whereItParts } from "../../ledger/told-otherwise.ts";
import { keptSignOffs } from "../../review/kept-sign-offs.ts";
import { sentBack } from "../../review/sent-back.ts";
import type { HashingInput } from "../hashing-time.ts";
import { moveOn, type PromotionMoves } from "../promotion-store.ts";
import { awaitsVerdict, expiredSentence } from "./awaits-verdict.ts";
import { type CandidateReading, candidateReading } from "./candidate.ts";
import { countedOf } from "./counted.ts";
import { failureOf } from "./failure-of.ts";
import { type KeptPeoplePorts, keptPeople } from "./kept-people.ts";
import { requireKeptInReview } from "./kept-sign-offs.ts";
import { awaitsLoanVerdict, type LenderPorts, lendersOf, requireLenders } from "./lenders.ts";
import { withHold, withRejection, withSeatsReopened, withVerdict } from "./outcome.ts";
import { type ReviewAsItStands, type ReviewPorts, reviewAsItStands } from "./review-as-it-stands.ts";
import { requireRevocationsKept } from "./revocations-kept.ts";
import { type SignedVerdictPorts, signedVerdict } from "./signed-verdict.ts";

export interface VerifySignOffsPorts
  extends ReviewPorts,
    LenderPorts,
    SignedVerdictPorts,
    Pick<KeptPeoplePorts, "policyDocuments" | "salt"> {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly promotions: PromotionMoves & ReviewPorts["promotions"];
  readonly inLedger: InLedger;
  /** Throws why the policies that it is judged by are not to be judged by. */
  readonly requirePolicies: () => Promise<void>;
  readonly blobs: ReviewPorts["blobs"] & SignedVerdictPorts["blobs"];
  /** Throws what is wrong with the candidate's bytes, its evidence or its gates, judged anew; `reading` says where there was no time for it. */
  readonly requireCandidate: (promotion: Promotion, reading: CandidateReading) => Promise<void>;
}

/** Between two looks at a freeze window: its end is known, and hardly ever comes earlier. */
const leastSecondsOfHold = 900;

export type VerifyAnswer =
  /** Its time is over, and it goes on behind so many artifacts. */
  | { readonly outcome: "verifying"; readonly hashed: number }
  | { readonly outcome: "passed" | "policy-signed" | "ratified" | "rejected" | "blocked" | "requirements-changed" }
  | { readonly outcome: "reopened" | "held"; readonly seconds: number };

/**
 * Verify the sign-offs: from raw bytes, as if nothing before had been checked, right before deploying. Ends in a
 * signed verdict, or opens what no longer holds.
 */
export function verifySignOffs(ports: VerifySignOffsPorts) {
  return async (input: HashingInput): Promise<VerifyAnswer> => {
    const { promotionId } = input;
    // Whoever objects meanwhile has this begin again: what is decided, and not what takes minutes.
    const reading = candidateReading(input, "verifying", ports.now);
    await moveOn(ports.promotions, promotionId, (current) => nextState(current, reading));
    if (reading.goesOnAt !== undefined) return { outcome: "verifying", hashed: reading.goesOnAt };
    const promotion = await moveOn(ports.promotions, promotionId, (current) => withLoanRatified(current, ports.now()));
    return answerOf(promotion);
  };

  async function nextState(promotion: Promotion, reading: CandidateReading): Promise<Promotion | undefined> {
    const requirements = pinnedRequirements(ports.policy, promotion);
    const asked = ports.now();
    const window = windowAt(promotion, asked);
    // Also where its time is over: then nothing begins after the window either, and its verdict says so.
    const isFrozen = calendarNow(ports.policy, promotion, asked).kind === "frozen";
    if (!awaitsVerdict(promotion, requirements?.rule, isFrozen, asked)) return undefined;
    if (requirements === undefined) {
      if (promotion.status === "loaned") return withRequirementsChanged(promotion);
      return sentBack(ports, promotion, requirementsInForce(ports.policy, promotion), ports.now);
    }
    if (window !== undefined) return withHold(promotion, window.window, window.until, asked);
    // Hashing a candidate takes minutes, so it comes first: what was signed, who may sign, which passkeys stand and
    // whether a window holds is read after it.
    const unfit = await failureOf(() => ports.requireCandidate(promotion, reading));
    if (reading.goesOnAt !== undefined) return undefined;
    const now = ports.now();
    const begun = windowAt(promotion, now);
    if (begun !== undefined) return withHold(promotion, begun.window, begun.until, now);
    const calendar = calendarNow(ports.policy, promotion, now);
    const review = await reviewAsItStands(promotion, requirements, now, ports);
    const { counted, input, lenders, members } = review;
    const standing = [...review.standing, ...review.standingLenders];
    const verdict = (result: "PASSED" | "FAILED") =>
      signedVerdict(promotion, result, { counted, lenders, standing }, now, ports);
    const judged = { members, people: ports.policy.people };
    const failure =
      unfit ??
      (await failureOf(ports.requirePolicies)) ??
      whyAuthorsUnknown(promotion, requirements, judged) ??
      proposerUnknown(promotion, requirements, judged) ??
      review.keptWrongly ??
      (await failureOf(() => requireReview(promotion, requirements, review)));
    if (failure !== undefined) return withVerdict(promotion, await verdict("FAILED"), "FAILED", now, { failure });
    const { outcome } = evaluateApproval(input);
    if (outcome.kind === "rejected") return withRejection(promotion, outcome, now);
    const documents = async () => ({
      calendar,
      ...(await keptPeople(promotion, [...review.signOffs, ...review.standingLenders], members, ports)),
    });
    if (awaitsLoanVerdict(promotion))
      return withVerdict(promotion, await verdict("PASSED"), "PASSED", now, await documents());
    switch (outcome.kind) {
      case "open":
        return withSeatsReopened(promotion, lostSeats(input), now);
      case "reached":
        if (lastMoment(promotion) <= now) {
          const late = new Failure("already-decided", expiredSentence(promotion));
          return withVerdict(promotion, await verdict("FAILED"), "FAILED", now, { failure: late });
        }
        return withVerdict(promotion, await verdict("PASSED"), "PASSED", now, await documents());
      default:
        return outcome satisfies never;
    }
  }

  /** Throws what is wrong with what it would rest on: each signature that counts, from its raw bytes, the conditions, the history. */
  async function requireReview(
    promotion: Promotion,
    requirements: Requirements,
    { recorded, counted, input, lenders, standingLenders }: ReviewAsItStands,
  ): Promise<void> {
    for (const each of counted.filter(({ signOff }) => signOff.promotion === promotion.id)) {
      if (each.signOff.review === promotion.review) await ports.requireSignOff(each, promotion, requirements);
      else await requireKeptInReview(each, { promotion, requirements }, ports);
    }
    if (awaitsLoanVerdict(promotion)) await requireLenders(promotion, lenders, standingLenders, input, ports);
    const signatures = lenders.map(({ signature }) => signature);
    await requireRevocationsKept([...counted.map(({ signOff }) => signOff), ...signatures], ports);
    const standingHere = counted.filter(({ signOff }) => !input.invalidated.has(signOff.id));
    requireKeepable(promotion, requirements.rule, standingHere);
    await requireOneHistory(promotion, recorded, ports);
  }

  /** What is lent does not go back to the gates, and nobody can sign for it under the new requirements. */
  async function withRequirementsChanged(promotion: Promotion): Promise<Promotion> {
    const [recorded, kept] = [await ports.promotions.signOffs(promotion.id), await keptSignOffs(promotion, ports)];
    const counted = countedOf(promotion, [...recorded, ...kept]);
    const lenders = await lendersOf(promotion, ports);
    const failure = new Failure("requirements-changed", "The requirements changed after the loan was given.");
    const now = ports.now();
    const verdict = await signedVerdict(promotion, "FAILED", { counted, lenders, standing: [] }, now, ports);
    return withVerdict(promotion, verdict, "FAILED", now, { failure });
  }

  /** The freeze window that holds it up. Over is over: what expired in one is verified, and its verdict says so. */
  function windowAt(promotion: Promotion, now: Instant) {
    // A lent one is not held up: while it is, its time would pass, and nothing is deployed when it is ratified.
    if (promotion.status === "loaned") return undefined;
    const calendar = calendarNow(ports.policy, promotion, now);
    return calendar.kind === "frozen" && now < lastMoment(promotion) ? calendar : undefined;
  }

  /** In time for its end, and before that: whoever held it may reject it, or the policies may make an exception for it. */
  function secondsOfHold(promotion: Promotion): number {
    const now = ports.now();
    const calendar = calendarNow(ports.policy, promotion, now);
    if (calendar.kind !== "frozen") return 1;
    const until = calendar.until < lastMoment(promotion) ? calendar.until : lastMoment(promotion);
    const since = promotion.history.findLast(({ type }) => type === "held")?.at ?? now;
    return Math.min(secondsUntil(until, now), secondsUntilAwaited(leastSecondsOfHold, secondsUntil(now, since)));
  }

  function answerOf(promotion: Promotion): VerifyAnswer {
    switch (promotion.status) {
      case "approved":
        // Only a freeze window leaves it without a verdict.
        if (promotion.verdict === undefined) return { outcome: "held", seconds: secondsOfHold(promotion) };
        return { outcome: allowed(promotion) };
      case "deploying":
      case "deployed":
      case "rolled-back":
      case "restricted":
        if (promotion.loan !== undefined && !isLent(promotion)) return { outcome: "ratified" };
        return { outcome: allowed(promotion) };
      case "loaned":
        if (!runsOnLoan(promotion)) return { outcome: "passed" };
        return { outcome: "reopened", seconds: secondsUntil(promotion.expiresAt, ports.now()) };
      case "in-review": {
        const rule = pinnedRequirements(ports.policy, promotion)?.rule;
        return { outcome: "reopened", seconds: secondsForNextStage(rule, promotion, ports.now()) };
      }
      case "gating":
        return { outcome: "requirements-changed" };
      case "blocked":
        return { outcome: "blocked" };
      case "rejected":
      case "withdrawn":
      case "superseded":
      case "expired":
      case "failed":
      case "shadowing":
        // Ended meanwhile, or nothing that a verdict may be given for: the machine cleans up.
        return { outcome: "rejected" };
      default:
        return promotion.status satisfies never;
    }
  }
}

/** What the verdict allows: to deploy a candidate, or to put policies in force. */
function allowed({ verdict, manifest }: Promotion): "passed" | "policy-signed" | "blocked" {
  if (verdict?.result !== "PASSED") return "blocked";
  return manifest.target.kind === "policy" ? "policy-signed" : "passed";
}

/** Throws `conditions-refused` where the matrix lets nobody ask what is asked, or the release could not keep it. */
function requireKeepable(promotion: Promotion, rule: ApprovalRule, counted: readonly RecordedSignOff[]): void {
  const why = whyNotKeepable(
    promotion,
    rule,
    counted.map(({ signOff }) => signOff),
    // What runs on loan was released before its quorum signed; of anything else nothing is released yet.
    promotion.deployment?.release,
  );
  if (why !== undefined) throw new Failure("conditions-refused", why);
}

/**
 * Throws `conflict` where the ledger tells another history than the table: of what was signed since the two part nothing is written
 * to it, so that what it allowed would run with no record of that. And where it tells otherwise what somebody decided: of a rejection
 * that counts for nothing by the table nobody else would hear.
 */
async function requireOneHistory(
  promotion: Promotion,
  recorded: readonly RecordedSignOff[],
  { inLedger }: Pick<VerifySignOffsPorts, "inLedger">,
) {
  const otherwise = rowAgainstHistory(promotion);
  if (otherwise !== undefined)
    throw new Failure(
      "conflict",
      `The table and the promotion's own history differ (${otherwise}): somebody changed the table by hand. Nothing is approved by that: submit the candidate again.`,
    );
  const apart =
    (await whereItParts(promotion, inLedger)) ?? (await oneToldOtherwise(recorded.map(signOffFact), inLedger));
  if (apart === undefined) return;
  throw new Failure(
    "conflict",
    `The ledger tells ${apart} otherwise than the table, or it alone does: the table was restored to an earlier time, or changed by hand. What was signed since is not in the ledger and allows nothing: submit the candidate again.`,
  );
}

function proposerUnknown(...judged: Parameters<typeof whyProposerUnknown>): Failure | undefined {
  const why = whyProposerUnknown(...judged);
  return why === undefined ? undefined : new Failure("invalid-person", why);
}
