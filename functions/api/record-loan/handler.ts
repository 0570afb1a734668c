import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { personOf } from "../../../core/approval/entitlement.ts";
import { refuseLender } from "../../../core/approval/loan.ts";
import {
  type ApprovalPolicy,
  approvalInputOf,
  groupsOf,
  openStageOf,
  requirementsNow,
  requirePinned,
} from "../../../core/approval/promotion-approval.ts";
import { type SignDigest, signEnvelope, type VerifyingKey } from "../../../core/attestation/dsse.ts";
import type { Jwks, ReviewerClaims } from "../../../core/attestation/id-token.ts";
import type { LoanStatement } from "../../../core/attestation/loan-statement.ts";
import {
  type LoanRequest,
  readLoanRequest,
  requireLoanStatement,
} from "../../../core/attestation/read-loan-request.ts";
import { type RecordedLoan, signedTerms } from "../../../core/attestation/recorded-loan.ts";
import { signInFacts } from "../../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { challengeOf, statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { type Identity, type Member, sameIdentity } from "../../../core/promotion/identity.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { Turn } from "../../../core/promotion/turn-book.ts";
import { inTurn, type TurnBooks } from "../../in-turn.ts";
import type { CurrentDelegations } from "../../people/delegations.ts";
import { type SignedPorts, signedAbout, withWhoSigned } from "../../people/who-signed.ts";
import { recordedInTime } from "../../recorded-in-time.ts";
import { type LendingPorts, whyNothingLent } from "../../review/not-lent.ts";
import { requirePromotion } from "../../steps/promotion-store.ts";
import { askingOnce } from "../asked-once.ts";
import type { VerifyReviewer } from "../deed-signer.ts";
import { type Answer, type ApiRequest, jsonBody } from "../http.ts";
import { assertionOf, noteUse, type PasskeyUsePorts, passkeyUse } from "../passkey-use.ts";
import { recordedOnce } from "../recorded-once.ts";
import { seenPromotion } from "../seen-promotion.ts";
import { requireSigned } from "../signed-request.ts";

const largestBody = 64 * 1024;
/** Requests of one person in a review: each is a letter to everybody, and all are read with every page. */
const mostOfOne = 10;

export interface RecordLoanPorts extends PasskeyUsePorts {
  readonly now: () => Instant;
  readonly attestationBase: string;
  readonly policy: ApprovalPolicy;
  readonly delegations: CurrentDelegations;
  readonly turns: TurnBooks;
  readonly promotions: SignedPorts["promotions"] & {
    load(id: PromotionId): Promise<Promotion | undefined>;
    recordLoan(recorded: RecordedLoan): Promise<"recorded" | "exists">;
  };
  readonly loanBooks: LendingPorts["loanBooks"];
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
  readonly verifyReviewer: VerifyReviewer;
  readonly sign: SignDigest;
  readonly verifyingKey: () => Promise<VerifyingKey>;
}

/** What a lender signed, as of an instant. */
interface SignedLoan {
  readonly at: Instant;
  readonly statement: LoanStatement;
  readonly signature: LenderSignature;
  readonly jwks: Jwks;
}

/**
 * POST /v1/promotions/{id}/loan: the ceremony of a sign-off, by which a person lends the seats that are missing. The first
 * asks, another confirms; what comes of it is decided by `decide`, which hears of it from the stream.
 */
export const recordLoan = askingOnce(loanRecorder);

function loanRecorder(ports: RecordLoanPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const { id } = http.parameters;
    if (!isPromotionId(id)) throw new Failure("not-found", "There is no such promotion.");
    const request = readLoanRequest(jsonBody(http, largestBody));
    const { signer, over } = await requireSigned(request, ports.now(), ports.verifyReviewer);
    const sent = base64(canonicalJsonBytes(request.statement));
    const { status, recorded } = await recordedOnce({
      // The same statement, by the same sign-in or a newer one of the same person.
      sentBefore: async () =>
        (await ports.promotions.loans(id)).find(
          ({ signature, envelope, idToken }) =>
            envelope.payload === sent &&
            (over === undefined ? sameIdentity(signature.reviewer, signer.identity) : idToken === request.idToken),
        ),
      make: async () => {
        if (over !== undefined) throw over;
        const promotion = await seenPromotion(await ports.promotions.load(id), signer, ports.now(), ports);
        return lentBy(await signatureAt(ports.now(), request, promotion), request, promotion);
      },
      record: ports.promotions.recordLoan,
      otherwise: "This was recorded at the same moment; reload to see it.",
    });
    return answer(status, recorded);
  };

  async function lentBy(read: SignedLoan, request: LoanRequest, promotion: Promotion): Promise<RecordedLoan> {
    const first = await lendableAt(read, request, promotion);
    const { signature, statement } = first;
    await noteUse(ports, signature.passkey, signature.id);
    const { keyid } = await ports.verifyingKey();
    const envelope = await signEnvelope(statementBytes(statement), keyid, ports.sign);
    const again = async (at: Instant) => {
      const current = await requirePromotion(ports.promotions, promotion.id);
      return lendableAt(await signatureAt(at, request, current), request, current);
    };
    const lent = await recordedInTime(first, again, ports.now);
    return {
      signature: lent.signature,
      envelope,
      idToken: request.idToken,
      jwks: lent.jwks,
      ...(request.passkey === undefined ? {} : { passkey: assertionOf(request.passkey) }),
    };
  }

  /** What a lender signed and how they signed in, as of an instant. Throws why it is not theirs, or not in time. */
  async function signatureAt(at: Instant, request: LoanRequest, promotion: Promotion): Promise<SignedLoan> {
    const { stage: _, ...context } = signOffContextOf(promotion, ports.attestationBase);
    const statement = requireLoanStatement(request, context, at);
    const lender = await ports.verifyReviewer(request.idToken, {
      now: at,
      nonce: challengeOf(statement),
      authenticatedAfter: request.choice.issuedAt,
    });
    if (!sameIdentity(lender.identity, request.choice.lender))
      throw new Failure("statement-mismatch", "The statement names somebody else than the person who signed in.");
    return { at, statement, signature: signatureOf(statement, lender, at), jwks: lender.jwks };
  }

  /** The signature with the passkey that answered as well. Throws why nothing is lent by it. */
  async function lendableAt(
    signed: SignedLoan,
    { passkey, idToken }: LoanRequest,
    promotion: Promotion,
  ): Promise<SignedLoan> {
    const { statement } = signed;
    const use =
      passkey === undefined ? undefined : await passkeyUse(ports, passkey, signed.signature, challengeOf(statement));
    const signature = use === undefined ? signed.signature : { ...signed.signature, passkey: use };
    await requireLendable(promotion, { signature, idToken }, signed.at);
    return { ...signed, signature };
  }

  async function requireLendable(
    promotion: Promotion,
    { signature, idToken }: Pick<RecordedLoan, "signature" | "idToken">,
    now: Instant,
  ): Promise<void> {
    const stage = openStageOf(promotion);
    if (promotion.status !== "in-review" || stage === undefined)
      throw new Failure("not-in-review", `The promotion is ${promotion.status}; seats are lent while a stage is open.`);
    if (now >= stage.deadline) throw new Failure("already-decided", "The time for this review is over.");
    const { document: requirements, sha256 } = requirementsNow(ports.policy, promotion);
    requirePinned(promotion, sha256);
    const members = await ports.directory.everybody(groupsOf(requirements));
    const signed = await ports.promotions.signOffs(promotion.id);
    const recorded = await ports.promotions.loans(promotion.id);
    const about = await signedAbout(promotion, signed, ports);
    const approval = approvalInputOf(promotion, requirements, {
      people: withWhoSigned(ports.policy.people, { ...about, loans: [...recorded, { signature, idToken }] }),
      members,
      signOffs: signed.map(({ signOff }) => signOff),
      entitlement: "as-of-now",
      now,
    });
    requireRoom(promotion, signature, recorded, approval);
    const first = recorded.find(({ signature: { id } }) => id === signature.confirms)?.signature;
    // `decide` gives a loan by two signatures of one review: a confirmation of an older request would come to nothing, unsaid.
    if (first !== undefined && first.review !== promotion.review)
      throw new Failure("loan-refused", "The request for a loan is of an earlier review: ask again.");
    const refusal = refuseLender(signature, first, { promotion, approval });
    if (refusal !== undefined) throw new Failure(refusal.code, refusal.why);
    const nothing = await whyNothingLent(promotion, requirements.rule, now, ports);
    if (nothing !== undefined) throw nothing;
    const own = { id: signature.id, by: signature.reviewer, at: now };
    await inTurn(ports.turns, askedTogether(promotion, signature), own, (others) =>
      requireRoom(promotion, signature, recorded, approval, others),
    );
  }
}

/** So many requests of one person are taken in a review, under whatever identity; and of each request one confirmation of theirs. */
function requireRoom(
  { review }: Promotion,
  signature: LenderSignature,
  recorded: readonly RecordedLoan[],
  { members, people }: Pick<ApprovalInput, "members" | "people">,
  others: readonly Turn[] = [],
): void {
  const keyOf = personOf(members, people);
  const isOwn = (each: Identity) => keyOf(each) === keyOf(signature.reviewer);
  const { confirms } = signature;
  const own = recorded
    .map((each) => each.signature)
    .filter((each) => each.review === review && each.confirms === confirms && isOwn(each.reviewer));
  const atOnce = others.filter(({ id, by }) => isOwn(by) && !own.some((each) => each.id === id));
  if (confirms !== undefined) {
    if (own.length > 0) throw new Failure("conflict", "You have confirmed this request already.");
    if (atOnce.length > 0)
      throw new Failure("conflict", "You are confirming this request at this moment: reload in a minute to see it.");
  } else if (own.length + atOnce.length >= mostOfOne)
    throw new Failure(
      "conflict",
      `You have signed ${mostOfOne} requests for a loan in this review; no more of yours are taken. You may still confirm another's.`,
    );
}

/** Requests for a loan in a review are counted together, and the confirmations of one request. */
function askedTogether({ id, review }: Promotion, { confirms }: LenderSignature): string {
  return `${id}/loans/${review}${confirms === undefined ? "" : `/${confirms}`}`;
}

function signatureOf(statement: LoanStatement, lender: ReviewerClaims, now: Instant): LenderSignature {
  return {
    ...signedTerms(statement),
    reviewer: lender.identity,
    reviewerName: lender.name,
    groups: lender.groups,
    ...signInFacts(lender),
    recordedAt: now,
  };
}

function answer(status: 200 | 201, { signature, envelope }: RecordedLoan): Answer {
  return { status, json: { id: signature.id, recordedAt: signature.recordedAt, envelope } };
}
