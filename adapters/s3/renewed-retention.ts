import { GetObjectRetentionCommand, PutObjectRetentionCommand, type S3Client } from "@aws-sdk/client-s3";
import { addSeconds, type Instant, instantFromMs, msOfInstant } from "../../core/encoding/instant.ts";

const daySeconds = 86_400;
/** So much less than what is written now may be kept for what is needed once more: it is not lengthened for each promotion. */
const mostShortDays = 30;

/** For how long the bucket keeps what is written now. */
export interface Keeping {
  readonly days: number;
  readonly now: () => Instant;
}

/** A version of an object, and when it was written, where that is known. */
export interface StoredVersion {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly writtenAt?: Date | undefined;
}

/**
 * Lengthens the lock of what is there already and needed once more: Object Lock counts from the first writing, and what
 * rests on it now is kept from now. Of what is young, or was looked at by this function before, S3 is asked nothing.
 */
export function renewedRetention(client: S3Client, bucket: string, { days, now }: Keeping) {
  const shortDays = Math.min(mostShortDays, days / 10);
  const known = new Map<string, Instant>();
  const needed = () => addSeconds(now(), (days - shortDays) * daySeconds);

  return async ({ key, versionId, writtenAt }: StoredVersion): Promise<void> => {
    const byDefault = writtenAt && addSeconds(instantFromMs(writtenAt.getTime()), days * daySeconds);
    const before = known.get(key) ?? byDefault;
    if (before !== undefined && before >= needed()) return;
    const version = { Bucket: bucket, Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
    const retention = await retentionOf(version);
    // A bucket that locks nothing keeps nothing any longer.
    if (retention === undefined) return;
    const until = retention.until >= needed() ? retention.until : await lengthened(version, retention.mode);
    known.set(key, until);
  };

  async function lengthened(version: Version, Mode: Retention["mode"]): Promise<Instant> {
    // An hour more: S3 does not say which way it rounds the time until then, and the bucket's policy takes no less.
    const until = addSeconds(now(), days * daySeconds + 3600);
    try {
      const RetainUntilDate = new Date(msOfInstant(until));
      await client.send(new PutObjectRetentionCommand({ ...version, Retention: { Mode, RetainUntilDate } }));
      return until;
    } catch (error) {
      // Another may have been quicker by a moment, and nobody shortens what that one set.
      const meanwhile = await retentionOf(version);
      if (meanwhile !== undefined && meanwhile.until >= needed()) return meanwhile.until;
      throw error;
    }
  }

  async function retentionOf(version: Version): Promise<Retention | undefined> {
    try {
      const { Retention: found } = await client.send(new GetObjectRetentionCommand(version));
      const { Mode: mode, RetainUntilDate: until } = found ?? {};
      return mode === undefined || until === undefined ? undefined : { mode, until: instantFromMs(until.getTime()) };
    } catch (error) {
      if (error instanceof Error && error.name === "NoSuchObjectLockConfiguration") return undefined;
      throw error;
    }
  }
}

interface Version {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
}

interface Retention {
  readonly mode: "COMPLIANCE" | "GOVERNANCE";
  readonly until: Instant;
}
