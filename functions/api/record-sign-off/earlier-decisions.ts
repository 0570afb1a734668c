import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { issuedAt } from "../../../core/attestation/signed-at.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";

/**
 * As often somebody may decide in one stage. Each decision is read by whoever looks at the promotion, decides in it or verifies it, so
 * one person who decided thousands of times would keep everybody else from all of that.
 */
const mostDecisions = 20;

/** Throws `conflict` where what somebody decided in this stage before does not let them decide this now. */
export function requireAfterEarlier(signOff: SignOff, signedAt: Instant, recorded: readonly RecordedSignOff[]): void {
  const { review, stage, reviewer, result } = signOff;
  const own = recorded.filter(
    ({ signOff: each }) => each.review === review && each.stage === stage && sameIdentity(each.reviewer, reviewer),
  );
  // What was signed first does not count as somebody's latest decision for having been longer on its way.
  if (result !== "reject" && own.some(({ idToken }) => issuedAt(idToken) > signedAt))
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
