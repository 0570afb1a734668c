import { type Passkey, timesOf } from "../../attestation/recorded-passkey.ts";
import { revocationUnseenSeconds } from "../../attestation/verify-passkey.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { SignOff } from "../../promotion/sign-off.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";

/**
 * What was signed, as it counts once passkeys are gone that were surely revoked by an instant. One that signed within the
 * tolerance before it may have been confirmed as shortly before: it counts as of when it signed.
 *
 * @param passkeys as they stand by who is whom; one that is not there does not stand
 */
export function withPasskeysAt<Signed extends Pick<SignOff, "passkey" | "recordedAt">>(
  signed: readonly Signed[],
  passkeys: ReadonlyMap<Sha256, Passkey>,
  at: Instant,
): readonly (Signed | Omit<Signed, "passkey">)[] {
  const surely = addSeconds(at, -clockToleranceSeconds);
  const seenRevoked = addSeconds(at, -revocationUnseenSeconds);
  return signed.map((each) => {
    const { passkey: use, ...without } = each;
    if (use === undefined) return each;
    const passkey = passkeys.get(use.id);
    if (passkey === undefined) return without;
    const { confirmedAt, revokedAt } = timesOf(passkey);
    const seen = each.recordedAt > surely ? each.recordedAt : surely;
    const confirmed = confirmedAt !== undefined && confirmedAt <= seen;
    return confirmed && (revokedAt === undefined || revokedAt > seenRevoked) ? each : without;
  });
}
