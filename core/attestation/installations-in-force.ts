import { addSeconds, type Instant } from "../encoding/instant.ts";
import type { Identity } from "../promotion/identity.ts";
import type { SubjectClaim } from "./id-token.ts";
import type { Installation, InstallationRecord } from "./installation-record.ts";
import type { PasskeyDescription } from "./passkey-statement.ts";

/**
 * While a deployment changes the settings, functions work by either for a while, and what they record may enter the log
 * on both sides of the record that tells of it.
 */
export const longestChangeSeconds = 900;

/** What the ledger tells of the installation from an instant on. */
export interface InstalledAt extends InstallationRecord {
  readonly at: Instant;
}

/** By whom a person's sign-in is issued, to which applications, and by which claim it names the person. */
export interface SignIns {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly subjectClaim: SubjectClaim;
}

/**
 * The settings under which something may have been recorded at an instant, asked while they are what `here` says: what the
 * ledger told then, and `here`, which it may not have told yet.
 *
 * @param told in the order of the log
 */
export function installationsAt(
  told: readonly InstalledAt[],
  here: Installation,
  at: Instant,
): readonly [...Installation[], Installation] {
  return [...installationsTold(told, at), here];
}

/** Those of them that the ledger has told of. `told`: in the order of the log. */
export function installationsTold(told: readonly InstalledAt[], at: Instant): readonly InstalledAt[] {
  return told.filter((each, place) => {
    const next = told[place + 1];
    const begun = each.at <= addSeconds(at, longestChangeSeconds);
    return begun && (next === undefined || at <= addSeconds(next.at, longestChangeSeconds));
  });
}

/** By whom and for which applications a person's sign-in counts under settings that were in force together. */
export function signInsUnder(then: readonly Installation[], { issuer }: Pick<Identity, "issuer">): SignIns {
  const own = then.filter((each) => each.issuer === issuer);
  const counting = own.length > 0 ? own : then.slice(-1);
  return {
    issuer: counting[0]?.issuer ?? "",
    subjectClaim: counting[0]?.subjectClaim ?? "sub",
    audiences: [...new Set(counting.flatMap(({ audiences }) => audiences))],
  };
}

/** Why a passkey cannot have been made on the portal under such settings; `undefined` where it can. */
export function whyNotMadeUnder(
  then: readonly Installation[],
  { rpId, origin }: Pick<PasskeyDescription, "rpId" | "origin">,
): string | undefined {
  if (then.some(({ passkeys }) => passkeys.rpId === rpId && passkeys.origins.includes(origin))) return undefined;
  return `The passkey was made on ${origin} for ${rpId}, and the portal was elsewhere.`;
}
