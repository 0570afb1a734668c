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

/** By whom and for which applications a person's sign-in counts that was recorded then. */
export function signInsThen(
  { installations, known }: SignInTrust,
  person: Pick<Identity, "issuer">,
  recorded: Recorded,
): SignIns {
  const { issuer, audiences, subjectClaim } = signInsUnder(installationsThen(installations, recorded), person);
  return {
    subjectClaim: known.subjectClaims?.find((each) => each.issuer === issuer)?.subjectClaim ?? subjectClaim,
    issuer: known.issuers?.includes(issuer) === false ? (known.issuers[0] ?? "") : issuer,
    audiences: audiences.filter((each) => known.audiences?.includes(each) ?? true),
  };
}

/** Why a passkey cannot have been made on the portal as it was then; `undefined` where it can. */
export function whyNotOnPortal(
  { installations, known }: SignInTrust,
  passkey: { readonly rpId: string; readonly origin: string },
  recorded: Recorded,
): string | undefined {
  const why = whyNotMadeUnder(installationsThen(installations, recorded), passkey);
  if (why !== undefined) return why;
  const { origin } = passkey;
  if (known.origins?.includes(origin) === false)
    return `The passkey was made on ${origin}, which is not among the origins that were given.`;
  return undefined;
}

function readOrFailure(record: PromotionRecord["record"]): InstallationRecord | Failure {
  try {
    return readInstallationRecord(record);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
