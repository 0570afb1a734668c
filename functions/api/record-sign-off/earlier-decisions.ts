import { personOf } from "../../../core/approval/entitlement.ts";
import type { Person } from "../../../core/approval/people.ts";
import { addressIn } from "../../../core/attestation/id-token.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { issuedAt } from "../../../core/attestation/signed-at.ts";
import { Failure } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";

/**
 * As often somebody may decide in one stage. Each decision is read by whoever looks at the promotion, decides in it or verifies it, so
 * one person who decided thousands of times would keep everybody else from all of that.
 */
const mostDecisions = 20;

/**
 * Throws `conflict` where what somebody decided in this stage before does not let them decide this now.
 *
 * @param known who is whom, besides what the tokens say
 */
export function requireAfterEarlier(
  { signOff, idToken }: Pick<RecordedSignOff, "signOff" | "idToken">,
  recorded: readonly RecordedSignOff[],
  { members, people }: { readonly members: readonly Member[]; readonly people: readonly Person[] },
): void {
  const { review, stage, reviewer, result } = signOff;
  const inStage = recorded.filter(({ signOff: each }) => each.review === review && each.stage === stage);
  // With whichever account: what the sign-ins say of all of them counts besides.
  const keyOf = personOf([...members, ...[...inStage, { signOff, idToken }].map(signerOf)], people);
  const own = inStage.filter(({ signOff: each }) => keyOf(each.reviewer) === keyOf(reviewer));
  // What was signed first does not count as somebody's latest decision for having been longer on its way, with whichever account
  // of one provider, whose clock is one.
  const signed = own.filter(({ signOff: each }) => each.reviewer.issuer === reviewer.issuer);
  const signedAt = issuedAt(idToken);
  if (result !== "reject" && signed.some((each) => issuedAt(each.idToken) > signedAt))
    throw new Failure("conflict", "You have signed another decision since: look at the page again, and decide anew.");
  if (own.length < mostDecisions) return;
  // Stopping is always the safe direction.
  const latest = own.reduce((a, b) => (b.signOff.recordedAt > a.signOff.recordedAt ? b : a));
  if (result === "reject" && latest.signOff.result !== "reject") return;
  throw new Failure(
    "conflict",
    `You have decided ${own.length} times in this stage, and ${mostDecisions} times is what it takes of one person${latest.signOff.result === "reject" ? "" : "; a rejection is taken all the same"}.`,
  );
}

function signerOf({ signOff, idToken }: Pick<RecordedSignOff, "signOff" | "idToken">): Member {
  const { reviewer: identity, reviewerName: name, groups } = signOff;
  return { identity, name, address: addressIn(idToken), groups, enabled: true };
}
