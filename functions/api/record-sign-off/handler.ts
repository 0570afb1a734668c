import { openStageOf } from "../../../core/approval/promotion-approval.ts";
import { type SignDigest, signEnvelope, type VerifyingKey } from "../../../core/attestation/dsse.ts";
import type { Jwks, ReviewerClaims } from "../../../core/attestation/id-token.ts";
import { readSignOffRequest, type SignOffRequest } from "../../../core/attestation/read-sign-off-request.ts";
import { type RecordedSignOff, signInFacts } from "../../../core/attestation/recorded-sign-off.ts";
import { requireStatement, signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import {
  askedIn,
  challengeOf,
  placeOf,
  type SignOffStatement,
  signOffId,
  statementBytes,
} from "../../../core/attestation/sign-off-statement.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import { isObjection, withObjection } from "../../../core/promotion/objection.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { recordedInTime } from "../../recorded-in-time.ts";
import { requirePromotion } from "../../steps/promotion-store.ts";
import { askingOnce } from "../asked-once.ts";
import type { VerifyReviewer } from "../deed-signer.ts";
import { type Answer, type ApiRequest, jsonBody } from "../http.ts";
import { assertionOf, noteUse, type PasskeyUsePorts, passkeyUse } from "../passkey-use.ts";
import { seenPromotion } from "../seen-promotion.ts";
import { requireSigned } from "../signed-request.ts";
import { type AllowedPorts, requireAllowed } from "./require-allowed.ts";

const largestBody = 64 * 1024;

export interface RecordSignOffPorts extends PasskeyUsePorts, AllowedPorts {
  readonly attestationBase: string;
  readonly promotions: AllowedPorts["promotions"] & {
    /** Together with the promotion's next revision, where one is given: both or neither, and `lost` where another is stored. */
    recordSignOff(recorded: RecordedSignOff, next?: Promotion): Promise<"recorded" | "exists" | "lost">;
  };
  readonly verifyReviewer: VerifyReviewer;
  readonly sign: SignDigest;
  readonly verifyingKey: () => Promise<VerifyingKey>;
}

/** What a request decides as of an instant, at which it was allowed. */
interface Decision {
  readonly at: Instant;
  readonly promotion: Promotion;
  readonly statement: SignOffStatement;
  readonly signOff: SignOff;
  readonly jwks: Jwks;
}

/**
 * POST /v1/promotions/{id}/sign-offs: the second half of the ceremony (design 3.3). The statement comes back with an
 * ID token whose nonce is its challenge: the identity provider's own signature over this very decision. Where the
 * reviewer has a passkey, its signature over the same challenge comes along.
 */
export const recordSignOff = askingOnce(signOffRecorder);

function signOffRecorder(ports: RecordSignOffPorts) {
  const allowed = requireAllowed(ports);
  return async (http: ApiRequest): Promise<Answer> => {
    const { id } = http.parameters;
    if (!isPromotionId(id)) throw new Failure("not-found", "There is no such promotion.");
    const request = readSignOffRequest(jsonBody(http, largestBody));
    const signed = await requireSigned(request, ports.now(), ports.verifyReviewer);
    // It is recorded as of no later instant than what it was held against was read: that may be over by then.
    const asOf = ports.now();
    const found = await ports.promotions.load(id);
    const stored = await sentBefore(id, request);
    if (stored !== undefined) return answer(200, stored);
    if (signed.over !== undefined) throw signed.over;
    const promotion = await seenPromotion(found, signed.signer, asOf, ports);
    const first = await decisionAt(asOf, request, promotion);
    const { signOff, statement } = first;
    await noteUse(ports, signOff.passkey, signOff.id);
    const envelope = await signEnvelope(statementBytes(statement), (await ports.verifyingKey()).keyid, ports.sign);
    const again = async (at: Instant) =>
      decisionAt(at, request, await requirePromotion(ports.promotions, id), promotion);
    for (let decision = first; ; decision = await again(ports.now())) {
      decision = await recordedInTime(decision, again, ports.now);
      const recorded: RecordedSignOff = {
        signOff: decision.signOff,
        envelope,
        idToken: request.idToken,
        jwks: decision.jwks,
        ...(request.passkey === undefined || decision.signOff.passkey === undefined
          ? {}
          : { passkey: assertionOf(request.passkey) }),
      };
      // What speaks against a promotion moves it along, so that no verdict is written by whoever has not read it.
      const next = isObjection(signOff) ? withObjection(decision.promotion) : undefined;
      const outcome = await ports.promotions.recordSignOff(recorded, next);
      // Another moved it first: it is asked whether there still is something to speak against.
      if (outcome === "lost") continue;
      return outcome === "recorded" ? answer(201, recorded) : answer(200, await firstRecording(id, signOff.id));
    }
  };

  /** What a request decides as of an instant. Throws why it may not. `seen`: the promotion as it was when the request came. */
  async function decisionAt(
    at: Instant,
    request: SignOffRequest,
    promotion: Promotion,
    seen = promotion,
  ): Promise<Decision> {
    requireUndecided(promotion, at);
    // A rejection counts in whatever stage it was given, in another review nowhere.
    const given = promotion.review === seen.review ? seen : promotion;
    const statement = requireStatement(request, signOffContextOf(given, ports.attestationBase), at);
    const reviewer = await ports.verifyReviewer(request.idToken, {
      now: at,
      nonce: challengeOf(statement),
      authenticatedAfter: request.choice.issuedAt,
    });
    if (!sameIdentity(reviewer.identity, request.choice.reviewer)) {
      throw new Failure("statement-mismatch", "The statement names somebody else than the person who signed in.");
    }
    const decided = signOffOf(statement, reviewer, at);
    const use = await passkeyIn(request, decided, challengeOf(statement));
    const signOff = use === undefined ? decided : { ...decided, passkey: use };
    await allowed(promotion, { signOff, idToken: request.idToken }, at);
    return { at, promotion, statement, signOff, jwks: reviewer.jwks };
  }

  /** Stopping asks for no passkey: whatever is wrong with one that came along, the identity provider signed it, and it is taken without. */
  async function passkeyIn({ passkey }: SignOffRequest, decided: SignOff, challenge: string) {
    if (passkey === undefined) return undefined;
    try {
      return await passkeyUse(ports, passkey, decided, challenge);
    } catch (error) {
      if (isObjection(decided) && error instanceof Failure && error.code === "passkey-invalid") return undefined;
      throw error;
    }
  }

  /** What is recorded, with what the service signed over it; `late` where that says that it came too late for the verdict. */
  async function answer(status: 200 | 201, { signOff, envelope }: RecordedSignOff): Promise<Answer> {
    const late = isObjection(signOff) ? undefined : await whyLate(signOff);
    const { id, recordedAt } = signOff;
    return { status, json: { id, recordedAt, envelope, ...(late === undefined ? {} : { late }) } };
  }

  /**
   * Approvals may come a thousand at once, and contend for nothing. So others may have completed the quorum while one was on
   * its way: whoever gave it is told that it was not needed.
   */
  async function whyLate(signOff: SignOff): Promise<string | undefined> {
    const { verdict, settled } = await requirePromotion(ports.promotions, signOff.promotion);
    if (verdict === undefined || settled.some(({ seats }) => seats.some((seat) => seat.signOff === signOff.id)))
      return undefined;
    return "The verdict was signed before it arrived, and does not rest on it.";
  }

  /**
   * The same request once more, after its answer was lost: what it has decided may have closed the stage since, and whoever
   * signed must not read that they came too late.
   */
  async function sentBefore(id: PromotionId, { idToken }: SignOffRequest): Promise<RecordedSignOff | undefined> {
    // Whatever else comes with the same token was refused: its nonce is the challenge of one statement.
    return (await ports.promotions.signOffs(id)).find((each) => each.idToken === idToken);
  }

  /** The same statement again is the same sign-off: its first recording stands, with its own time and signature. */
  async function firstRecording(id: PromotionId, signOffId: Sha256): Promise<RecordedSignOff> {
    const first = (await ports.promotions.signOffs(id)).find(({ signOff }) => signOff.id === signOffId);
    if (first === undefined) throw new Failure("conflict", "The sign-off is recorded, but not for this promotion.");
    return first;
  }
}

/** A decision is taken while the promotion waits for one; a rejection also after the quorum, until the verdict. */
function requireUndecided(promotion: Promotion, now: Instant): void {
  if (hasEnded(promotion.status) || promotion.verdict !== undefined) {
    throw new Failure("already-decided", `The promotion is ${promotion.status} already.`);
  }
  if (!["in-review", "approved", "loaned"].includes(promotion.status)) {
    throw new Failure("not-in-review", `The promotion is ${promotion.status}; it is not in review.`);
  }
  const deadline = openStageOf(promotion)?.deadline ?? promotion.expiresAt;
  if (now >= deadline) throw new Failure("already-decided", "The time for this decision is over.");
}

function signOffOf(statement: SignOffStatement, reviewer: ReviewerClaims, now: Instant): SignOff {
  const { predicate } = statement;
  return {
    id: signOffId(statement),
    promotion: predicate.promotion,
    review: predicate.review,
    stage: predicate.stage.index,
    result: predicate.result,
    reason: predicate.reason,
    roles: predicate.roles,
    reviewer: reviewer.identity,
    reviewerName: reviewer.name,
    ...placeOf(predicate),
    ...askedIn(predicate),
    groups: reviewer.groups,
    ...signInFacts(reviewer),
    recordedAt: now,
  };
}
