import type { IncomingMessage } from "node:http";

import { notImplemented, S3Error } from "./error.ts";
import type { Bucket } from "./store.ts";
import type { Uploads } from "./uploads.ts";

/** One permission that IAM would ask for before it let a request through. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

/** A bucket with what this process knows of it. */
export interface OpenBucket {
  readonly store: Bucket;
  readonly uploads: Uploads;
  /** The bucket policy's rule: a write to such a key needs If-None-Match. */
  readonly requireIfNoneMatch: (key: string) => boolean;
}

/** One request on its way through an operation. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly bucket: OpenBucket;
  /** Empty for operations on the bucket. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch at which the request arrived. */
  readonly now: number;
  /** The bucket called `name`, for copies. */
  readonly openBucket: (name: string) => OpenBucket;
  /** Notes a permission that IAM would judge. */
  readonly need: (action: string, resource: string, context?: Readonly<Record<string, string | undefined>>) => void;
}

/** What an operation answers; `file` is streamed, its descriptor is closed afterwards. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly file?: { readonly descriptor: number; readonly start: number; readonly end: number };
}

/** One API operation: how a request is recognised as it, and what it may carry. Anything else is refused. */
export interface Operation {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly scope: "bucket" | "object";
  /** Query parameters or headers that make a request this operation. */
  readonly selectedBy: readonly string[];
  readonly query: readonly string[];
  /** `x-amz-*` and conditional headers that it honours; a name that ends in `-` stands for all that begin so. */
  readonly headers: readonly string[];
  readonly run: (exchange: Exchange) => Promise<Answer> | Answer;
}

const signedQuery = [
  "x-id",
  "X-Amz-Algorithm",
  "X-Amz-Content-Sha256",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-Security-Token",
  "X-Amz-Signature",
  "X-Amz-SignedHeaders",
  "X-Amz-User-Agent",
];
const everyHeader = [
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-expected-bucket-owner",
  "x-amz-security-token",
  "x-amz-user-agent",
];
const conditionalHeaders = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "range"];

/** Refuses parameters and headers that `operation` does not honour: ignoring one would change what was asked for. */
export function assertHonoured(operation: Operation, query: Iterable<string>, headers: Iterable<string>): void {
  const knownQuery = [...operation.query, ...operation.selectedBy, ...signedQuery];
  for (const name of query) {
    if (!knownQuery.includes(name)) throw notImplemented(`The query parameter ${name}`);
  }
  const knownHeaders = [...operation.headers, ...operation.selectedBy, ...everyHeader];
  for (const name of headers) {
    if (!name.startsWith("x-amz-") && !conditionalHeaders.includes(name)) continue;
    const known = knownHeaders.some((entry) => (entry.endsWith("-") ? name.startsWith(entry) : name === entry));
    if (!known) throw notImplemented(`The header ${name}`);
  }
}

/** The ARN of a bucket. */
export function bucketArn(bucket: OpenBucket): string {
  return `arn:aws:s3:::${bucket.store.settings.name}`;
}

/** The ARN of the object under `key`. */
export function objectArn(bucket: OpenBucket, key: string): string {
  return `${bucketArn(bucket)}/${key}`;
}

/** Whether the caller asks to pass over GOVERNANCE retention; that needs a permission of its own. */
export function asksForBypass(exchange: Exchange): boolean {
  const bypass = exchange.headers.get("x-amz-bypass-governance-retention")?.toLowerCase() === "true";
  if (bypass) exchange.need("s3:BypassGovernanceRetention", objectArn(exchange.bucket, exchange.key));
  return bypass;
}

/** A whole number from the query between `least` and `most`. */
export function wholeNumber(text: string, name: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) {
    throw new S3Error(400, "InvalidArgument", `${name} must be a whole number between ${least} and ${most}.`);
  }
  return value;
}
