import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { AwsChunkedDecoder } from "../../../local/s3/aws-chunked.ts";
import { runningDigest } from "../../../local/s3/checksum.ts";

const signature = `;chunk-signature=${"0".repeat(64)}`;

async function decode(...pieces: readonly (string | Uint8Array)[]) {
  const decoder = new AwsChunkedDecoder();
  const bytes = await buffer(Readable.from(pieces.map((piece) => Buffer.from(piece))).pipe(decoder));
  return { text: bytes.toString("latin1"), trailers: Object.fromEntries(decoder.trailers) };
}

describe("an aws-chunked body", () => {
  it("is decoded with and without signatures, with its trailers", async () => {
    const body = `3${signature}\r\nabc\r\n2\r\nde\r\n0${signature}\r\nx-amz-checksum-crc32:AAAA\r\n\r\n`;
    expect(await decode(body)).toEqual({ text: "abcde", trailers: { "x-amz-checksum-crc32": "AAAA" } });
  });

  it("is decoded however the network cuts it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 20 }),
        async (chunks, cut) => {
          const framed = chunks.map((chunk) =>
            Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]),
          );
          const whole = Buffer.concat([...framed, Buffer.from("0\r\na:b\r\n\r\n")]);
          const pieces = Array.from({ length: Math.ceil(whole.length / cut) }, (_, at) =>
            whole.subarray(at * cut, (at + 1) * cut),
          );
          const { text, trailers } = await decode(...pieces);
          expect(text).toBe(Buffer.concat(chunks).toString("latin1"));
          expect(trailers).toEqual({ a: "b" });
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ["ends early", "3\r\nabc\r\n", "ended before its last chunk"],
    ["has a chunk longer than it says", "3\r\nabcd\r\n0\r\n\r\n", "longer than it says"],
    ["goes on after its end", "0\r\n\r\nmore", "follow the last chunk"],
    ["has no size", "zz\r\n", "no size"],
    ["ends its lines in LF", "3\nabc\n0\n\n", "CRLF"],
  ])("is refused when it %s", async (_what, body, reason) => {
    await expect(decode(body)).rejects.toThrow(reason);
  });
});

it.each([
  // The check values of the CRC catalogue: https://reveng.sourceforge.io/crc-catalogue/
  ["crc32", "cbf43926"],
  ["crc64nvme", "ae8b14860a799888"],
] as const)("%s of '123456789' is the published check value", (algorithm, expected) => {
  const digest = runningDigest(algorithm);
  digest.update(Buffer.from("1234"));
  digest.update(Buffer.from("56789"));
  expect(digest.digest().toString("hex")).toBe(expected);
});
