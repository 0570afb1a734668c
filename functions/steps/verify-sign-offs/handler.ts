import { secondsUntil } from "../../../core/approval/calendar.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import { whyAuthorsUnknown, whyProposerUnknown } from "../../../core/approval/out-of-reach.ts";
import {
  type ApprovalPolicy,
  approvalInputOf,
  calendarNow,
  groupsOf,
  lastMoment,
  pinnedRequirements,
  requirementsInForce,
  secondsForNextStage,
} from "../../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { lostSeats } from "../../../core/approval/settled-stages.ts";
import type { SignDigest, VerifyingKey } from "../../../core/attestation/dsse.ts";
import { withStandingPasskeys } from "../../../core/attestation/recorded-passkey.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { whyNotKeepable } from "../../../core/deployment/conditions.ts";
import { secondsUntilAwaited } from "../../../core/deployment/release.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { isLent, runsOnLoan, withLoanRatified } from "../../../core/promotion/lending.ts";
import { requireEveryObjection } from "../../../core/promotion/objection.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type InLedger, whereItParts } from "../../ledger/told-otherwise.ts";
import { type DelegationDeeds, delegationsBehind } from "../../people/delegations.ts";
import { signedAbout, withWhoSigned } from "../../people/who-signed.ts";
import { keptSignOffs } from "../../review/kept-sign-offs.ts";
import { sentBack } from "../../review/sent-back.ts";
import type { HashingInput } from "../hashing-time.ts";
import { moveOn, type PromotionMoves } from "../promotion-store.ts";
import { awaitsVerdict, expiredSentence } from "./awaits-verdict.ts";
import { type CandidateReading, candidateReading } from "./candidate.ts";
import { asRecorded, countedOf } from "./counted.ts";
import { type KeptPeoplePorts, keptPeople } from "./kept-people.ts";
import { requireKeptInReview, requireKeptOnce, whyKeptFalls } from "./kept-sign-offs.ts";
import { awaitsLoanVerdict, type LenderPorts, lendersOf, requireLenders } from "./lenders.ts";
import { withHold, withRejection, withSeatsReopened, withVerdict } from "./outcome.ts";
import { type PasskeyDeeds, passkeysIn, standingOf } from "./passkeys.ts";
import { signedVerdict } from "./signed-verdict.ts";

export interface VerifySignOffsPorts extends LenderPorts, Pick<KeptPeoplePorts, "policyDocuments" | "salt"> {
  readonly now: () => Instant;
  readonly attestationBase: string;
  readonly policy: ApprovalPolicy;
  readonly promotions: PromotionMoves &
    LenderPorts["promotions"] & { signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]> };
  readonly passkeys: PasskeyDeeds;
  readonly delegations: DelegationDeeds;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly inLedger: InLedger;
  readonly blobs: {
    get(sha256: Sha256): Promise<Uint8Array>;
    put(bytes: Uint8Array, mediaType: string): Promise<Sha256>;
  };
  /** Throws what is wrong with the candidate's bytes, its evidence or its gates, judged anew; `reading` says where there was no time for it. */
  readonly requireCandidate: (promotion: Promotion, reading: CandidateReading) => Promise<void>;
  /** Throws what is wrong with a recorded sign-off, verified from its raw bytes. */
  readonly requireSignOff: (
    recorded: RecordedSignOff,
    promotion: Promotion,
    requirements: Requirements,
  ) => Promise<void>;
  readonly sign: SignDigest;
  readonly verifyingKey: () => Promise<VerifyingKey>;
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
    const recorded = await ports.promotions.signOffs(promotion.id);
    const signOffs = recorded.map(({ signOff }) => signOff);
    // One that is recorded from here on moves the promotion, so that what is made of it below is not written.
    requireEveryObjection(promotion, signOffs);
    const members = await ports.directory.everybody(groupsOf(requirements));
    const { people } = ports.policy;
    const kept = await keptSignOffs(promotion, ports);
    const carried = asRecorded(promotion.carried ?? [], [...recorded, ...kept]);
    const every = [...signOffs, ...carried.map(({ signOff }) => signOff)];
    const lenders = await lendersOf(promotion, ports);
    const signatures = lenders.map(({ signature }) => signature);
    const delegations = await delegationsBehind(signOffs, ports.delegations);
    const used = await passkeysIn([...every, ...signatures, ...delegations], ports.passkeys);
    const signers = withWhoSigned(people, await signedAbout(promotion, recorded, ports));
    const passkeys = standingOf(used, { people: signers, members });
    const standing = withStandingPasskeys(every, passkeys, now);
    const standingLenders = withStandingPasskeys(signatures, passkeys, now);
    const fallen: { readonly signOff: Sha256; readonly why: string }[] = [];
    const keptWrongly = await failureOf(async () => {
      requireKeptOnce({ ...promotion, carried });
      for (const each of countedOf(promotion, kept)) {
        const why = await whyKeptFalls(each, { promotion, requirements }, ports);
        if (why !== undefined) fallen.push({ signOff: each.signOff.id, why });
      }
    });
    const asTheyStand = {
      ...promotion,
      invalidated: [...promotion.invalidated, ...fallen],
      carried: carried.map((each, at) => ({ ...each, signOff: standing[signOffs.length + at] ?? each.signOff })),
    };
    const input = approvalInputOf(asTheyStand, requirements, {
      people: signers,
      members,
      signOffs: standing.slice(0, signOffs.length),
      entitlement: "as-of-now",
      delegations: withStandingPasskeys(delegations, passkeys, now),
      now,
    });
    const lending = awaitsLoanVerdict(promotion);
    // A seat that was lost since is lent like the others.
    const lost = new Set(lending ? lostSeats(input).map(({ signOff }) => signOff) : []);
    const counted = countedOf(promotion, [...recorded, ...kept]).filter(({ signOff }) => !lost.has(signOff.id));
    const verdict = (result: "PASSED" | "FAILED") =>
      signedVerdict(promotion, result, { counted, lenders, standing: [...standing, ...standingLenders] }, now, ports);
    const failure =
      unfit ??
      whyAuthorsUnknown(promotion, requirements, { members, people }) ??
      proposerUnknown(promotion, requirements, { members, people }) ??
      keptWrongly ??
      (await failureOf(async () => {
        for (const each of counted.filter(({ signOff }) => signOff.promotion === promotion.id)) {
          if (each.signOff.review === promotion.review) await ports.requireSignOff(each, promotion, requirements);
          else await requireKeptInReview(each, { promotion, requirements }, ports);
        }
        if (lending) await requireLenders(promotion, lenders, standingLenders, input, ports);
        const standingHere = counted.filter(({ signOff }) => !input.invalidated.has(signOff.id));
        requireKeepable(promotion, requirements.rule, standingHere);
        await requireOneHistory(promotion, ports);
      }));
    if (failure !== undefined) return withVerdict(promotion, await verdict("FAILED"), "FAILED", now, { failure });
    const { outcome } = evaluateApproval(input);
    if (outcome.kind === "rejected") return withRejection(promotion, outcome, now);
    const documents = async () => ({
      calendar,
      ...(await keptPeople(promotion, [...signOffs, ...signatures], members, ports)),
    });
    if (lending) return withVerdict(promotion, await verdict("PASSED"), "PASSED", now, await documents());
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
 * to it, so that what it allowed would run with no record of that.
 */
async function requireOneHistory(promotion: Promotion, { inLedger }: Pick<VerifySignOffsPorts, "inLedger">) {
  const apart = await whereItParts(promotion, inLedger);
  if (apart === undefined) return;
  throw new Failure(
    "conflict",
    `The ledger tells ${apart} otherwise than the table, or it alone does: the table was restored to an earlier time, or changed by hand. What was signed since is not in the ledger and allows nothing: submit the candidate again.`,
  );
}

/** What a check found to be wrong, as it goes into a verdict; whatever says nothing about the promotion is thrown. */
async function failureOf(check: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || error.code === "unavailable") throw error;
    return error;
  }
}

function proposerUnknown(...judged: Parameters<typeof whyProposerUnknown>): Failure | undefined {
  const why = whyProposerUnknown(...judged);
  return why === undefined ? undefined : new Failure("invalid-person", why);
}
