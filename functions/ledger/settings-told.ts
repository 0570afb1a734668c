import { readInstallationRecord } from "../../core/attestation/installation-record.ts";
import { installationsTold, type SignIns, signInsUnder } from "../../core/attestation/installations-in-force.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Fact } from "../../core/promotion/fact.ts";

export interface SettingsToldPorts {
  readonly now: () => Instant;
  /** By which people sign in here. */
  readonly signIns: SignIns;
  /** What the ledger tells of the installation, the oldest first. */
  readonly told: () => Promise<readonly Fact[]>;
}

/** What was told a minute ago still holds: around a change there is a quarter of an hour (`longestChangeSeconds`). */
const rememberedSeconds = 60;

/**
 * Throws `unavailable` as long as the log does not tell of the settings by which people sign in here. Whoever appends to it tells of a
 * deployment's within a minute, and never of one that was rolled back before: what somebody signed by those would be refused by every
 * verification, for good. Before the log begins it begins with those of here.
 */
export function settingsTold({ now, signIns, told }: SettingsToldPorts): () => Promise<void> {
  let knownUntil: Instant | undefined;
  return async () => {
    const at = now();
    if (knownUntil !== undefined && at < knownUntil) return;
    const records = (await told()).map((fact) => ({ ...readInstallationRecord(fact), at: fact.at }));
    if (records.length > 0 && !counts(signIns, signInsUnder(installationsTold(records, at), signIns)))
      throw new Failure(
        "unavailable",
        "How people sign in here was changed a moment ago, and the ledger tells of it within a minute: nothing that somebody signs before could be verified. Try again then.",
      );
    knownUntil = addSeconds(at, rememberedSeconds);
  };
}

/** Whether whatever is signed in by these is taken by those. */
function counts({ issuer, audiences, subjectClaim }: SignIns, then: SignIns): boolean {
  return (
    then.issuer === issuer &&
    then.subjectClaim === subjectClaim &&
    audiences.every((each) => then.audiences.includes(each))
  );
}
