import { whyProposerUnknown } from "../../../core/approval/out-of-reach.ts";
import {
  type ApprovalPolicy,
  approvalInputOf,
  calendarNow,
  groupsOf,
  openStageOf,
  pinnedRequirements,
  requirementsInForce,
} from "../../../core/approval/promotion-approval.ts";
import { refuseSignOff } from "../../../core/approval/refuse-sign-off.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { type SignDigest, signEnvelope, type VerifyingKey } from "../../../core/attestation/dsse.ts";
import type { Jwks, ReviewerClaims } from "../../../core/attestation/id-token.ts";
import { readSignOffRequest, type SignOffRequest } from "../../../core/attestation/read-sign-off-request.ts";
import { withStandingPasskeys } from "../../../core/attestation/recorded-passkey.ts";
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
import { issuedAt, issuedByNow } from "../../../core/attestation/signed-at.ts";
import { whyConditionsRefused } from "../../../core/deployment/conditions.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { type Member, sameIdentity } from "../../../core/promotion/identity.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import { isObjection, withObjection } from "../../../core/promotion/objection.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { inTurn, type TurnBooks } from "../../in-turn.ts";
import { type CurrentDelegations, delegationsBehind } from "../../people/delegations.ts";
import { type SignedPorts, signedAbout, withWhoSigned } from "../../people/who-signed.ts";
import { recordedInTime } from "../../recorded-in-time.ts";
import { keptRequirements } from "../../review/kept-requirements.ts";
import { type SentBackPorts, sentBack } from "../../review/sent-back.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../../steps/promotion-store.ts";
import { passkeysIn, standingOf } from "../../steps/verify-sign-offs/passkeys.ts";
import { askingOnce } from "../asked-once.ts";
import { type Answer, type ApiRequest, jsonBody } from "../http.ts";
import { assertionOf, noteUse, type PasskeyUsePorts, passkeyUse } from "../passkey-use.ts";
import { seenPromotion } from "../seen-promotion.ts";
import { requireSigned } from "../signed-request.ts";
import { decisionsOf, requireAfterEarlier } from "./earlier-decisions.ts";

const largestBody = 64 * 1024;

export interface RecordSignOffPorts extends PasskeyUsePorts {
  readonly now: () => Instant;
  readonly attestationBase: string;
  readonly policy: ApprovalPolicy;
  readonly promotions: PromotionMoves &
    SignedPorts["promotions"] & {
      /** Together with the promotion's next revision, where one is given: both or neither, and `lost` where another is stored. */
      recordSignOff(recorded: RecordedSignOff, next?: Promotion): Promise<"recorded" | "exists" | "lost">;
    };
  readonly blobs: SentBackPorts["blobs"];
  readonly delegations: CurrentDelegations;
  readonly turns: TurnBooks;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly verifyReviewer: (
    token: string,
    expected: { readonly now: Instant; readonly nonce: string; readonly authenticatedAfter: Instant },
  ) => Promise<ReviewerClaims & { readonly jwks: Jwks }>;
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
        ...(request.passkey === undefined ? {} : { passkey: assertionOf(request.passkey) }),
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
    const use =
      request.passkey === undefined
        ? undefined
        : await passkeyUse(ports, request.passkey, decided, challengeOf(statement));
    const signOff = use === undefined ? decided : { ...decided, passkey: use };
    await requireAllowed(promotion, signOff, at, request.idToken);
    return { at, promotion, statement, signOff, jwks: reviewer.jwks };
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

  async function requireAllowed(promotion: Promotion, signOff: SignOff, now: Instant, idToken: string): Promise<void> {
    const requirements = await judgedBy(promotion, signOff);
    const recorded = await ports.promotions.signOffs(promotion.id);
    const signOffs = recorded.map((each) => each.signOff);
    if (requirements === undefined) return sendBack(promotion);
    const members = await ports.directory.everybody(groupsOf(requirements));
    const { people } = ports.policy;
    const known = { members, people };
    const decision = { signOff, idToken };
    requireAfterEarlier(decision, recorded, known);
    const unknown = isObjection(signOff) ? undefined : whyProposerUnknown(promotion, requirements, known);
    if (unknown !== undefined) throw new Failure("not-entitled", unknown);
    const delegations = await delegationsBehind([...signOffs, signOff], ports.delegations);
    const signers = withWhoSigned(people, await signedAbout(promotion, [...recorded, { signOff, idToken }], ports));
    const passkeys = standingOf(await passkeysIn(delegations, ports.passkeys), { people: signers, members });
    const approval = approvalInputOf(promotion, requirements, {
      people: signers,
      members,
      signOffs,
      entitlement: "as-of-now",
      delegations: withStandingPasskeys(delegations, passkeys, now),
      now,
    });
    const refusal = refuseSignOff({
      approval,
      openStage: openStageOf(promotion),
      attempt: { ...signOff, signedBy: issuedByNow(issuedAt(idToken)) },
      calendar: calendarNow(ports.policy, promotion, now),
    });
    if (refusal !== undefined) {
      const others = refusal.whoElse.map(({ name }) => name);
      throw new Failure(
        refusal.code,
        others.length === 0 ? refusal.why : `${refusal.why} Who else could: ${others.join(", ")}.`,
      );
    }
    const impossible = whyConditionsRefused(signOff, promotion, requirements.rule, approval.signOffs);
    if (impossible !== undefined) throw new Failure("conditions-refused", impossible);
    // A rejection waits for nobody: those that come at once contend for the promotion's next revision.
    if (signOff.result === "reject") return;
    const own = { id: signOff.id, by: signOff.reviewer, at: now };
    await inTurn(ports.turns, decisionsOf(decision, recorded, known), own, (others) =>
      requireAfterEarlier(decision, recorded, { ...known, others }),
    );
  }

  /**
   * `undefined` once they changed. Whoever may can stop what runs on loan all the same, by those that are in force then; and what is
   * approved, by those of the review: until a freeze window is over, nothing sends that back to its gates.
   */
  async function judgedBy(promotion: Promotion, { result }: SignOff): Promise<Requirements | undefined> {
    const pinned = pinnedRequirements(ports.policy, promotion);
    if (pinned !== undefined || result !== "reject") return pinned;
    if (promotion.status === "approved") return keptRequirements(ports.blobs, promotion);
    if (promotion.status !== "loaned") return undefined;
    const inForce = requirementsInForce(ports.policy, promotion);
    return inForce.kind === "asked" ? inForce.requirements.document : undefined;
  }

  async function sendBack({ id, status }: Promotion): Promise<never> {
    await moveOn(ports.promotions, id, (current) =>
      current.status === "in-review" && pinnedRequirements(ports.policy, current) === undefined
        ? sentBack(ports, current, requirementsInForce(ports.policy, current), ports.now)
        : undefined,
    );
    throw new Failure(
      "requirements-changed",
      status === "loaned"
        ? "The requirements changed meanwhile, so the loan cannot be ratified any more; it can be rejected, or runs to its end."
        : "The requirements changed meanwhile; the promotion goes back to the gates under the new ones.",
    );
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
