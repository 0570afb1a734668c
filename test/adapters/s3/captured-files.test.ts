import type { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { capturedFiles } from "../../../adapters/s3/captured-files.ts";

const keys = ["shadow/a/09/59-1", "shadow/a/10/04-1", "shadow/a/10/06-9", "shadow/a/10/07-0"];

/** A bucket that lists a page of two, as S3 does: what comes after a name, in their order. */
function reader() {
  const read: string[] = [];
  const client = {
    async send({ input }: ListObjectsV2Command | GetObjectCommand) {
      if ("Key" in input) {
        read.push(input.Key ?? "");
        return { Body: { transformToByteArray: async () => new Uint8Array() } };
      }
      const { StartAfter = "", ContinuationToken = "" } = input as ListObjectsV2Command["input"];
      const [first, second, ...rest] = keys.filter((key) => key > StartAfter && key > ContinuationToken);
      const Contents = [first, second].flatMap((Key) => (Key === undefined ? [] : [{ Key }]));
      return { Contents, ...(rest.length === 0 ? {} : { NextContinuationToken: second }) };
    },
  };
  return { read, files: capturedFiles(client as unknown as S3Client) };
}

it.each<[string, readonly [string, string] | undefined, readonly string[]]>([
  ["all below an address", undefined, keys],
  ["those between two names", ["10/04", "10/06~"], keys.slice(1, 3)],
])("are %s, in their order", async (_, between, wanted) => {
  const { read, files } = reader();
  for await (const file of files("s3://bucket/shadow/a/", between)) expect(file).toHaveLength(0);
  expect(read).toEqual(wanted);
});
