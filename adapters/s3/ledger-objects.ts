import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import type { LedgerObjects } from "../../core/ledger/sequencer-ports.ts";
import { decided, existsAlready, isMissing } from "./missing.ts";

/** How long each version of the alias is kept. The bucket keeps everything else for as long as it says by itself. */
export interface AliasRetention {
  readonly mode: "COMPLIANCE" | "GOVERNANCE";
  readonly days: number;
  readonly now: () => Instant;
}

/**
 * The tile log's objects in the ledger bucket. Whoever writes the alias in a bucket with Object Lock says how long its versions
 * stay: there is one for nearly each record and one every few minutes, and of millions that nobody can remove S3 would answer "slow down".
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-by-symptom.html
 */
export function ledgerObjects(client: S3Client, bucket: string, aliases?: AliasRetention): LedgerObjects {
  return {
    async putNew(path, bytes, contentType) {
      return (await put(path, bytes, contentType, { IfNoneMatch: "*" })) === undefined ? "exists" : "created";
    },

    async get(path) {
      return (await read(path))?.bytes;
    },

    async getAlias(path) {
      return read(path);
    },

    async replaceAlias(path, bytes, expected, contentType) {
      const condition = expected === undefined ? { IfNoneMatch: "*" } : { IfMatch: expected };
      return (await put(path, bytes, contentType, { ...condition, ...keptFor(aliases) })) ?? "changed";
    },
  };

  async function put(
    path: string,
    bytes: Uint8Array,
    contentType: string,
    condition: Pick<PutObjectCommandInput, "IfNoneMatch" | "IfMatch" | "ObjectLockMode" | "ObjectLockRetainUntilDate">,
  ): Promise<{ readonly version: string } | undefined> {
    try {
      const { ETag: version } = await decided(() =>
        client.send(
          new PutObjectCommand({ Bucket: bucket, Key: path, Body: bytes, ContentType: contentType, ...condition }),
        ),
      );
      return { version: version ?? "" };
    } catch (error) {
      if (existsAlready(error)) return undefined;
      throw error;
    }
  }

  async function read(path: string): Promise<{ readonly bytes: Uint8Array; readonly version: string } | undefined> {
    try {
      const { Body: body, ETag: version } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: path }));
      const bytes = await body?.transformToByteArray();
      return bytes === undefined ? undefined : { bytes, version: version ?? "" };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

function keptFor(aliases: AliasRetention | undefined) {
  if (aliases === undefined) return {};
  const { mode, days, now } = aliases;
  const until = new Date(addSeconds(now(), days * 86_400));
  return { ObjectLockMode: mode, ObjectLockRetainUntilDate: until };
}
