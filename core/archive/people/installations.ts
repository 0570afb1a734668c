import { readToken, type SubjectClaim } from "../../attestation/id-token.ts";
import {
  type InstallationRecord,
  type IssuerClaim,
  readInstallationRecord,
  whyNotTheSameLog,
} from "../../attestation/installation-record.ts";
import {
  type InstalledAt,
  longestChangeSeconds,
  type SignIns,
  signInsUnder,
  whyNotMadeUnder,
} from "../../attestation/installations-in-force.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { Failure } from "../../failure.ts";
import type { Identity } from "../../promotion/identity.ts";
import { nameAsRead } from "../documents/name-as-read.ts";
import { mayBeOnItsWay } from "../pack/on-its-way.ts";
import type { PackFinding } from "../pack/pack-findings.ts";
import { manifestPath, recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";

/** What the log tells of the installation from one of its entries on. */
export interface InstalledFrom extends InstalledAt {
  readonly index: number;
}

/** For whom and by whom sign-ins count: as the log tells it over time, and as somebody knows it from elsewhere. */
export interface SignInTrust {
  /** In the order of the log. */
  readonly installations: readonly InstalledFrom[];
  /** As late as the log goes on, by its head: of what is a little older it may not tell yet. */
  readonly goesTo?: Instant | undefined;
  /** What the log tells must be among it as well, where it is given. */
  readonly known: {
    readonly issuers?: readonly string[];
    readonly audiences?: readonly string[];
    readonly subjectClaims?: readonly IssuerClaim[];
    readonly origins?: readonly string[];
  };
}

/** What tells which settings were in force: where something stands in the log, and when it says that it was. */
interface Recorded {
  readonly index: number;
  readonly at: Instant;
}

/** Reads what the log tells of the installation: it begins with that, and tells of each change; never of another log. */
export function installationsOf(
  records: readonly PromotionRecord[],
  { origin }: { readonly origin: string },
): { readonly installations: readonly InstalledFrom[]; readonly findings: readonly PackFinding[] } {
  const installations: InstalledFrom[] = [];
  const findings: PackFinding[] = [];
  for (const { index, record } of records) {
    const wrong = (sentence: string, code: PackFinding["code"] = "installation-invalid") =>
      void findings.push({ code, path: recordPath(index), sentence });
    const read = readOrFailure(record);
    if (read instanceof Failure) {
      wrong(read.message, read.code === "newer-version" ? read.code : undefined);
      continue;
    }
    if (read.number !== installations.length + 1) wrong("It is counted as another version of the settings than it is.");
    if (installations.length === 0 && index !== 0)
      wrong("The log begins with something else than what the installation is.");
    if (read.logOrigin !== origin) wrong(`It is about the log '${read.logOrigin}', and this is '${origin}'.`);
    const other = whyNotTheSameLog(installations, read);
    if (other !== undefined) wrong(other);
    installations.push({ ...read, index, at: record.at });
  }
  if (records.length === 0) {
    const sentence =
      "The log does not tell what the installation is: for which applications, and by whom, people sign in.";
    findings.push({ code: "installation-missing", path: manifestPath, sentence });
  }
  return { installations, findings };
}

/** The settings under which something may have been recorded: one, or several around a change. */
export function installationsThen(
  installations: readonly InstalledFrom[],
  { index, at }: Recorded,
): readonly InstalledFrom[] {
  return installations.filter((each, place) => {
    const next = installations[place + 1];
    const begun = each.index < index || each.at <= addSeconds(at, longestChangeSeconds);
    return begun && (next === undefined || at <= addSeconds(next.at, longestChangeSeconds));
  });
}

/** By whom and for which applications a sign-in counts, and what cannot be told of that yet. */
export interface SignInsThen extends SignIns {
  readonly untold?: string;
}

/**
 * By whom and for which applications a person's sign-in counts that was recorded then. Where settings that name its own may be on
 * their way to the log, it counts by its own.
 *
 * @param idToken empty where it was left out
 */
export function signInsThen(
  { installations, known, goesTo }: SignInTrust,
  person: Identity,
  recorded: Recorded,
  idToken: string,
): SignInsThen {
  const told = signInsUnder(installationsThen(installations, recorded), person);
  const { issuer, audiences, subjectClaim, untold } =
    idToken !== "" && mayBeOnItsWay(recorded.at, goesTo)
      ? signInsNamedBy(idToken, { told, person, index: recorded.index })
      : { ...told, untold: undefined };
  return {
    subjectClaim: known.subjectClaims?.find((each) => each.issuer === issuer)?.subjectClaim ?? subjectClaim,
    issuer: known.issuers?.includes(issuer) === false ? (known.issuers[0] ?? "") : issuer,
    audiences: audiences.filter((each) => known.audiences?.includes(each) ?? true),
    ...(untold === undefined ? {} : { untold }),
  };
}

/** Those that the log tells of, where they name the sign-in's issuer and application; otherwise its own. */
function signInsNamedBy(
  idToken: string,
  { told, person, index }: { readonly told: SignIns; readonly person: Identity; readonly index: number },
): SignInsThen {
  const { aud, sub } = readToken(idToken).claims;
  const [application, ...others]: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const isTold = told.issuer === person.issuer;
  if (typeof application !== "string" || others.length > 0 || (isTold && told.audiences.includes(application)))
    return told;
  const subjectClaim: SubjectClaim = isTold ? told.subjectClaim : sub === person.subject ? "sub" : "oid";
  const untold = `Whether the sign-in of '${recordPath(index)}' counts: the log tells of no settings for it, and some may have been on their way to it. It is by '${nameAsRead(person.issuer)}', for the application '${nameAsRead(application)}'.`;
  return { issuer: person.issuer, audiences: [application], subjectClaim, untold };
}

/** What cannot be told yet of where a passkey was made. Throws where it cannot have been on the portal as it was then. */
export function requireOnPortal(
  { installations, known, goesTo }: SignInTrust,
  { rpId, origin }: { readonly rpId: string; readonly origin: string },
  recorded: Recorded,
): string | undefined {
  const why = whyNotMadeUnder(installationsThen(installations, recorded), { rpId, origin });
  if (why !== undefined && !mayBeOnItsWay(recorded.at, goesTo)) throw new Failure("passkey-invalid", why);
  if (known.origins?.includes(origin) === false)
    throw new Failure(
      "passkey-invalid",
      `The passkey was made on ${origin}, which is not among the origins that were given.`,
    );
  return why === undefined
    ? undefined
    : `Whether the passkey of '${recordPath(recorded.index)}' was made on the portal: the log tells of no settings by which it was, and some may have been on their way to it. It was made on '${nameAsRead(origin)}', for '${nameAsRead(rpId)}'.`;
}

function readOrFailure(record: PromotionRecord["record"]): InstallationRecord | Failure {
  try {
    return readInstallationRecord(record);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
