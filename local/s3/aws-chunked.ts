import { Transform, type TransformCallback } from "node:stream";

import { S3Error } from "./error.ts";

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
const longestLine = 16 * 1024;

type Place = "chunk-header" | "chunk-data" | "chunk-end" | "trailer" | "done";

/**
 * Turns an aws-chunked body into the bytes it carries, with or without chunk signatures (which are not checked: see
 * `principalOf`) and with trailing headers, which stand in `trailers` (lower-case names) once the stream has ended.
 * Fails with `IncompleteBody` or `InvalidRequest` where the framing is wrong.
 */
export class AwsChunkedDecoder extends Transform {
  readonly trailers = new Map<string, string>();
  #place: Place = "chunk-header";
  #line = "";
  #remaining = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      let at = 0;
      while (at < chunk.length) at = this.#place === "chunk-data" ? this.#data(chunk, at) : this.#text(chunk, at);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _flush(done: TransformCallback): void {
    if (this.#place === "done") done();
    else done(new S3Error(400, "IncompleteBody", "The aws-chunked body ended before its last chunk."));
  }

  #data(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#remaining);
    this.push(chunk.subarray(at, end));
    this.#remaining -= end - at;
    if (this.#remaining === 0) this.#place = "chunk-end";
    return end;
  }

  #text(chunk: Buffer, at: number): number {
    if (this.#place === "done") throw malformed("bytes follow the last chunk");
    const newline = chunk.indexOf(0x0a, at);
    const end = newline === -1 ? chunk.length : newline + 1;
    this.#line += chunk.toString("latin1", at, end);
    if (this.#line.length > longestLine) throw malformed("a line is too long");
    if (newline !== -1) {
      if (!this.#line.endsWith("\r\n")) throw malformed("a line does not end in CRLF");
      const line = this.#line.slice(0, -2);
      this.#line = "";
      this.#take(line);
    }
    return end;
  }

  #take(line: string): void {
    if (this.#place === "chunk-end") {
      if (line !== "") throw malformed("a chunk is longer than it says");
      this.#place = "chunk-header";
    } else if (this.#place === "chunk-header") {
      const size = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=[0-9a-f]{64})?$/.exec(line)?.[1];
      if (size === undefined) throw malformed("a chunk has no size");
      this.#remaining = Number.parseInt(size, 16);
      this.#place = this.#remaining === 0 ? "trailer" : "chunk-data";
    } else if (line === "") {
      this.#place = "done";
    } else {
      const colon = line.indexOf(":");
      if (colon < 1) throw malformed("a trailing header has no name");
      this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
  }
}

function malformed(what: string): S3Error {
  return new S3Error(400, "InvalidRequest", `The aws-chunked body is malformed: ${what}.`);
}
