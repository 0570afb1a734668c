import { secondsUntil } from "../../../core/approval/calendar.ts";
import { asGivenHere } from "../../../core/approval/carry-over.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import { authorsOf, peopleSnapshot } from "../../../core/approval/people-snapshot.ts";
import {
  type ApprovalPolicy,
  approvalInputOf,
  calendarNow,
  groupsOf,
  pinnedRequirements,
  requirementsInForce,
  restartReview,
  secondsForNextStage,
  verificationGraceSeconds,
} from "../../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { lostSeats } from "../../../core/approval/settled-stages.ts";
import { type SignDigest, signEnvelope, type VerifyingKey } from "../../../core/attestation/dsse.ts";
import { withStandingPasskeys } from "../../../core/attestation/recorded-passkey.ts";
import { envelopeDigest, type RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { verdictOf } from "../../../core/attestation/verdict.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { CarriedSignOff, Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { type DelegationDeeds, delegationsBehind } from "../../delegations.ts";
import { moveOn, type PromotionMoves } from "../promotion-store.ts";
import { keptSignOffs, requireKept } from "./kept-sign-offs.ts";
import { withHold, withSeatsReopened, withVerdict } from "./outcome.ts";
import { type PasskeyDeeds, passkeysIn, standingOf } from "./passkeys.ts";

export interface VerifySignOffsPorts {
  readonly now: () => Instant;
  readonly attestationBase: string;
  readonly policy: ApprovalPolicy;
  readonly promotions: PromotionMoves & { signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]> };
  readonly passkeys: PasskeyDeeds;
  readonly delegations: DelegationDeeds;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly blobs: {
    get(sha256: Sha256): Promise<Uint8Array>;
    put(bytes: Uint8Array, mediaType: string): Promise<Sha256>;
  };
  /** Throws what is wrong with the candidate's bytes, its evidence or its gates, judged anew. */
  readonly requireCandidate: (promotion: Promotion) => Promise<void>;
  /** Throws what is wrong with a recorded sign-off, verified from its raw bytes. */
  readonly requireSignOff: (
    recorded: RecordedSignOff,
    promotion: Promotion,
    requirements: Requirements,
  ) => Promise<void>;
  readonly sign: SignDigest;
  readonly verifyingKey: () => Promise<VerifyingKey>;
}

export type VerifyAnswer =
  | { readonly outcome: "passed" | "rejected" | "blocked" | "requirements-changed" }
  | { readonly outcome: "reopened" | "held"; readonly seconds: number };

/**
 * Verify the sign-offs: from raw bytes, as if nothing before had been checked, right before deploying. Ends in a
 * signed verdict, or opens what no longer holds.
 */
export function verifySignOffs(ports: VerifySignOffsPorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<VerifyAnswer> => {
    const promotion = await moveOn(ports.promotions, promotionId, nextState);
    return answerOf(promotion);
  };

  async function nextState(promotion: Promotion): Promise<Promotion | undefined> {
    if (promotion.status !== "approved" || promotion.verdict !== undefined) return undefined;
    const requirements = pinnedRequirements(ports.policy, promotion);
    if (requirements === undefined) {
      const signOffs = (await ports.promotions.signOffs(promotion.id)).map(({ signOff }) => signOff);
      return restartReview(promotion, requirementsInForce(ports.policy, promotion), signOffs, ports.now());
    }
    const asked = ports.now();
    const window = windowAt(promotion, asked);
    if (window !== undefined) return withHold(promotion, window.window, window.until, asked);
    // Hashing a candidate takes minutes, so it comes first: what was signed, who may sign, which passkeys stand and
    // whether a window holds is read after it.
    const unfit = await failureOf(() => ports.requireCandidate(promotion));
    const now = ports.now();
    const begun = windowAt(promotion, now);
    if (begun !== undefined) return withHold(promotion, begun.window, begun.until, now);
    const calendar = calendarNow(ports.policy, promotion, now);
    const recorded = await ports.promotions.signOffs(promotion.id);
    const signOffs = recorded.map(({ signOff }) => signOff);
    const members = await ports.directory.everybody(groupsOf(requirements));
    const { people } = ports.policy;
    const kept = await keptSignOffs(promotion, ports);
    const carried = asRecorded(promotion.carried ?? [], kept);
    const every = [...signOffs, ...carried.map(({ signOff }) => signOff)];
    const passkeys = await passkeysIn(every, ports.passkeys);
    const standing = withStandingPasskeys(every, standingOf(passkeys, { people, members }), now);
    const asTheyStand = {
      ...promotion,
      carried: carried.map((each, at) => ({ ...each, signOff: standing[signOffs.length + at] ?? each.signOff })),
    };
    const input = approvalInputOf(asTheyStand, requirements, {
      people,
      members,
      signOffs: standing.slice(0, signOffs.length),
      entitlement: "as-of-now",
      delegations: await delegationsBehind(signOffs, ports.delegations),
      now,
    });
    const counted = countedOf(promotion, [...recorded, ...kept]);
    const verdict = (result: "PASSED" | "FAILED") => signedVerdict(promotion, result, { counted, standing }, now);
    const failure =
      unfit ??
      (await failureOf(async () => {
        for (const each of counted) {
          if (each.signOff.promotion === promotion.id) await ports.requireSignOff(each, promotion, requirements);
          else await requireKept(each, { promotion, requirements }, ports);
        }
      }));
    if (failure !== undefined) return withVerdict(promotion, await verdict("FAILED"), "FAILED", now, { failure });
    const { outcome } = evaluateApproval(input);
    switch (outcome.kind) {
      case "rejected":
        return advance(
          promotion,
          { status: "rejected", reason: outcome.reason },
          {
            type: "rejected",
            at: now,
            summary: outcome.reason,
            body: { by: outcome.by.map(({ identity }) => ({ ...identity })) },
            attachments: [],
          },
        );
      case "open":
        return withSeatsReopened(promotion, lostSeats(input), now);
      case "reached":
        if (lastMoment(promotion) <= now) {
          const late = new Failure("already-decided", "The promotion expired before it was verified.");
          return withVerdict(promotion, await verdict("FAILED"), "FAILED", now, { failure: late });
        }
        // What was decided while these were verified, such as a rejection, is judged as well.
        if ((await ports.promotions.signOffs(promotion.id)).length !== recorded.length) return nextState(promotion);
        return withVerdict(promotion, await verdict("PASSED"), "PASSED", now, {
          calendar,
          people: await keptPeople(promotion, signOffs, members),
        });
      default:
        return outcome satisfies never;
    }
  }

  /** The freeze window that holds it up. Over is over: what expired in one is verified, and its verdict says so. */
  function windowAt(promotion: Promotion, now: Instant) {
    const calendar = calendarNow(ports.policy, promotion, now);
    return calendar.kind === "frozen" && now < lastMoment(promotion) ? calendar : undefined;
  }

  async function keptPeople(
    promotion: Promotion,
    signOffs: readonly SignOff[],
    members: readonly Member[],
  ): Promise<Sha256> {
    const snapshot = peopleSnapshot({
      signers: [...signOffs, ...asGivenHere(promotion.carried ?? [])].flatMap(({ reviewer, onBehalfOf }) =>
        onBehalfOf === undefined ? [reviewer] : [reviewer, onBehalfOf.person],
      ),
      authors: authorsOf(promotion.manifest, promotion.startedBy),
      members,
      people: ports.policy.people,
    });
    return await ports.blobs.put(canonicalJsonBytes(snapshot), "application/json");
  }

  async function signedVerdict(
    promotion: Promotion,
    result: "PASSED" | "FAILED",
    { counted, standing }: { readonly counted: readonly RecordedSignOff[]; readonly standing: readonly SignOff[] },
    at: Instant,
  ) {
    const withPasskey = new Set(standing.filter(({ passkey }) => passkey !== undefined).map(({ id }) => id));
    const verdict = verdictOf({
      attestationBase: ports.attestationBase,
      freezeDigest: promotion.freezeDigest,
      target: promotion.manifest.target,
      requirements: promotion.requirements.sha256,
      signOffs: counted.map(({ signOff, envelope }) => ({
        id: signOff.id,
        envelope: envelopeDigest(envelope),
        passkey: withPasskey.has(signOff.id),
      })),
      result,
      at,
    });
    const { keyid } = await ports.verifyingKey();
    const envelope = await signEnvelope(statementBytes(verdict), keyid, ports.sign);
    return ports.blobs.put(canonicalJsonBytes(envelope), "application/vnd.in-toto+json");
  }

  function secondsOfHold(promotion: Promotion): number {
    const now = ports.now();
    const calendar = calendarNow(ports.policy, promotion, now);
    const until =
      calendar.kind === "frozen" && calendar.until < lastMoment(promotion) ? calendar.until : lastMoment(promotion);
    return calendar.kind === "frozen" ? secondsUntil(until, now) : 1;
  }

  function answerOf(promotion: Promotion): VerifyAnswer {
    switch (promotion.status) {
      case "approved":
        // Only a freeze window leaves it without a verdict.
        if (promotion.verdict === undefined) return { outcome: "held", seconds: secondsOfHold(promotion) };
        return { outcome: promotion.verdict.result === "PASSED" ? "passed" : "blocked" };
      case "deploying":
      case "deployed":
      case "rolled-back":
      case "restricted":
        return { outcome: promotion.verdict?.result === "PASSED" ? "passed" : "blocked" };
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
      case "loaned":
        // Ended meanwhile, or nothing that a verdict may be given for: the machine cleans up.
        return { outcome: "rejected" };
      default:
        return promotion.status satisfies never;
    }
  }
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

/** From here on it has expired, whatever was signed. */
function lastMoment(promotion: Promotion): Instant {
  return addSeconds(promotion.expiresAt, verificationGraceSeconds);
}

/** What is kept as it was recorded first, which is what its signatures are verified for; what is not there is not kept. */
function asRecorded(
  carried: readonly CarriedSignOff[],
  recorded: readonly RecordedSignOff[],
): readonly CarriedSignOff[] {
  return carried.flatMap((each) => {
    const original = recorded.find(({ signOff }) => signOff.id === each.signOff.id);
    return original === undefined ? [] : [{ ...each, signOff: original.signOff }];
  });
}

/** The sign-offs that fill the seats. One that is named and not there is a seat that nobody can vouch for. */
function countedOf(promotion: Promotion, recorded: readonly RecordedSignOff[]): readonly RecordedSignOff[] {
  return promotion.settled.flatMap(({ seats }) =>
    seats.flatMap((seat) => recorded.filter(({ signOff }) => signOff.id === seat.signOff)),
  );
}
