import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { LedgerObjects } from "../../core/ledger/sequencer-ports.ts";
import { decided, existsAlready, isMissing } from "./missing.ts";

/** The tile log's objects in the ledger bucket. */
export function ledgerObjects(client: S3Client, bucket: string): LedgerObjects {
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
      return (await put(path, bytes, contentType, condition)) ?? "changed";
    },
  };

  async function put(
    path: string,
    bytes: Uint8Array,
    contentType: string,
    condition: { readonly IfNoneMatch?: string; readonly IfMatch?: string },
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
