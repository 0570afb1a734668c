import { GetObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import type { LedgerReader } from "../../core/archive/export/write-pack.ts";
import { isMissing } from "./missing.ts";

/** The ledger bucket for whoever only reads: the log's objects and the documents beside them. */
export function ledgerReader(client: S3Client, bucket: string): LedgerReader {
  return {
    async get(path) {
      try {
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: path }));
        return await body?.transformToByteArray();
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    async *list(prefix) {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key: key } of page.Contents ?? []) if (key !== undefined) yield key;
      }
    },
  };
}
