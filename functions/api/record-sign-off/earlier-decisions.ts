import { type PersonOf, personOf } from "../../../core/approval/entitlement.ts";
import type { Person } from "../../../core/approval/people.ts";
import { addressIn } from "../../../core/attestation/id-token.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { issuedAt } from "../../../core/attestation/signed-at.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { by } from "../../../core/encoding/text-order.ts";
import { Failure } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import type { Turn } from "../../../core/promotion/turn-book.ts";

/**
 * As often somebody may decide in one stage. Each decision is read by whoever looks at the promotion, decides in it or verifies it, so
 * one person who decided thousands of times would keep everybody else from all of that.
 */
const mostDecisions = 20;

type Decision = Pick<RecordedSignOff, "signOff" | "idToken">;

interface WhoDecides {
  readonly members: readonly Member[];
  readonly people: readonly Person[];
}

/**
 * Throws `conflict` where what somebody decided in this stage before does not let them decide this now.
 *
 * @param known who is whom, besides what the tokens say, and whose decisions are about to be recorded
 */
export function requireAfterEarlier(
  { signOff, idToken }: Decision,
  recorded: readonly RecordedSignOff[],
  { members, people, others = [] }: WhoDecides & { readonly others?: readonly Turn[] },
): void {
  const { reviewer, result } = signOff;
  const inStage = sameStage(signOff, recorded);
  const keyOf = signersOf({ signOff, idToken }, inStage, { members, people });
  const own = inStage.filter(({ signOff: each }) => keyOf(each.reviewer) === keyOf(reviewer));
  // What was signed first does not count as somebody's latest decision for having been longer on its way, with whichever account
  // of one provider, whose clock is one.
  const signed = own.filter(({ signOff: each }) => each.reviewer.issuer === reviewer.issuer);
  const signedAt = issuedAt(idToken);
  if (result !== "reject" && signed.some((each) => issuedAt(each.idToken) > signedAt))
    throw new Failure("conflict", "You have signed another decision since: look at the page again, and decide anew.");
  const known = new Set<string>(own.map(({ signOff: { id } }) => id));
  const decided = own.length + others.filter(({ id }) => !known.has(id)).length;
  if (decided < mostDecisions) return;
  // Stopping is always the safe direction.
  const latest = own.toSorted(by((each) => each.signOff.recordedAt)).at(-1)?.signOff.result;
  if (result === "reject" && latest !== "reject") return;
  throw new Failure(
    "conflict",
    `You have decided ${decided} times in this stage, and ${mostDecisions} times is what it takes of one person${latest === "reject" ? "" : "; a rejection is taken all the same"}.`,
  );
}

/** What one person decides in one stage is counted together, with whichever account. */
export function decisionsOf(decision: Decision, recorded: readonly RecordedSignOff[], known: WhoDecides): string {
  const { promotion, review, stage, reviewer } = decision.signOff;
  const person = signersOf(decision, sameStage(decision.signOff, recorded), known)(reviewer);
  return `${promotion}/decisions/${review}/${stage}/${sha256Hex(utf8(person))}`;
}

function sameStage(
  { review, stage }: Pick<SignOff, "review" | "stage">,
  recorded: readonly RecordedSignOff[],
): readonly RecordedSignOff[] {
  return recorded.filter(({ signOff: each }) => each.review === review && each.stage === stage);
}

/** Who is whom: what the sign-ins say of all accounts counts besides. */
function signersOf(decision: Decision, inStage: readonly Decision[], { members, people }: WhoDecides): PersonOf {
  return personOf([...members, ...[...inStage, decision].map(signerOf)], people);
}

function signerOf({ signOff, idToken }: Pick<RecordedSignOff, "signOff" | "idToken">): Member {
  const { reviewer: identity, reviewerName: name, groups } = signOff;
  return { identity, name, address: addressIn(idToken), groups, enabled: true };
}
