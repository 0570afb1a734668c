import { randomBytes } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { Failure } from "../../core/failure.ts";
import { type AwsCallLog, type LocalService, localAccount, principalOf } from "../aws/aws-call.ts";
import { listenOnLoopback } from "../loopback-server.ts";
import { singleHeaders } from "./body.ts";
import { copyingOperations } from "./copying.ts";
import { errorDocument, notImplemented, S3Error } from "./error.ts";
import { type Answer, assertHonoured, type Exchange, type Need, type OpenBucket, type Operation } from "./exchange.ts";
import { listingOperations } from "./listing.ts";
import { multipartOperations } from "./multipart.ts";
import { readingOperations } from "./reading.ts";
import { Bucket, type BucketSettings } from "./store.ts";
import { Uploads } from "./uploads.ts";
import { writingOperations } from "./writing.ts";

export interface S3Options {
  /** Folder for buckets and their bytes. */
  readonly directory: string;
  readonly log: AwsCallLog;
  readonly port?: number;
  /** Milliseconds since the epoch; the retention of objects is judged by it. */
  readonly clock?: () => number;
}

/** A bucket as the template describes it, with the one rule of its policy that S3 itself must keep. */
export interface LocalBucket extends BucketSettings {
  /** Keys that nobody may write without `If-None-Match: *`. */
  readonly requireIfNoneMatch?: (key: string) => boolean;
}

export interface LocalS3 extends LocalService {
  /**
   * Creates a bucket, or takes the one on disk under these settings. Throws `conflict` where they would take
   * versioning or Object Lock away from it: S3 cannot either.
   */
  createBucket(bucket: LocalBucket): void;
}

const operations: readonly Operation[] = [
  ...readingOperations,
  ...writingOperations,
  ...copyingOperations,
  ...multipartOperations,
  ...listingOperations,
];

/** Starts the stand-in for S3: path-style addresses, the operations that Countersign uses, everything on disk. */
export async function startS3({ directory, log, port, clock = Date.now }: S3Options): Promise<LocalS3> {
  const buckets = new Map<string, OpenBucket>();
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    const settings = settingsOnDisk(directory, name);
    if (settings !== undefined)
      buckets.set(
        name,
        openBucket(directory, settings, () => false),
      );
  }
  const find = (name: string): OpenBucket => {
    const bucket = buckets.get(name);
    if (bucket === undefined) throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist");
    return bucket;
  };
  const server = await listenOnLoopback(
    (request, response) => answerRequest(request, response, find, log, clock()),
    port,
  );
  return {
    url: server.url,
    createBucket: ({ requireIfNoneMatch = () => false, ...settings }) => {
      assertAllowed(settings, settingsOnDisk(directory, settings.name));
      buckets.get(settings.name)?.store.close();
      buckets.set(settings.name, openBucket(directory, settings, requireIfNoneMatch));
    },
    close: async () => {
      await server.close();
      for (const { store } of buckets.values()) store.close();
    },
  };
}

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  openBucket: (name: string) => OpenBucket,
  log: AwsCallLog,
  now: number,
): Promise<void> {
  const needs: Need[] = [];
  const principal = principalOf(request);
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  let answer: Answer;
  try {
    if (principal === undefined) throw new S3Error(403, "AccessDenied", "Access Denied: the request is not signed.");
    answer = await run(request, needs, openBucket, now);
  } catch (error) {
    const refusal =
      error instanceof S3Error ? error : new S3Error(500, "InternalError", "We encountered an internal error.");
    if (refusal !== error) console.error(`The local S3 failed at ${request.method}:`, error);
    const body = errorDocument(refusal, (request.url ?? "/").split("?", 1)[0] ?? "/", requestId);
    answer = { status: refusal.status, headers: { ...refusal.headers, "content-type": "application/xml" }, body };
  }
  const at = new Date(now).toISOString();
  for (const need of needs) log.record({ at, principal: principal ?? "anonymous", ...need, status: answer.status });
  await send(request, response, answer, requestId);
}

async function run(
  request: IncomingMessage,
  needs: Need[],
  openBucket: (name: string) => OpenBucket,
  now: number,
): Promise<Answer> {
  const [path = "/", search = ""] = (request.url ?? "/").split("?", 2);
  const query = new Map(new URLSearchParams(search));
  const headers = singleHeaders(request);
  const presigned = query.has("X-Amz-Signature");
  if (presigned) {
    assertNotExpired(query, now);
    // A presigned address carries as parameters what would else be headers.
    for (const [name, value] of query) if (name.startsWith("x-amz-") && query.delete(name)) headers.set(name, value);
  }
  // The parts of a key are never resolved like those of a path: "a/../b" is a key of its own.
  const [, name = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decodePath(path)) ?? [];
  if (Buffer.byteLength(key) > 1024) throw new S3Error(400, "KeyTooLongError", "Your key is too long");
  if (name === "") throw notImplemented("An operation on the service");
  if ((headers.get("x-amz-expected-bucket-owner") ?? localAccount) !== localAccount) {
    throw new S3Error(403, "AccessDenied", "Access Denied: the bucket has another owner.");
  }
  const operation = select(request.method ?? "", key === "" ? "bucket" : "object", query, headers);
  assertHonoured(operation, query.keys(), headers.keys());
  const common = {
    "s3:authType": presigned ? "REST-QUERY-STRING" : "REST-HEADER",
    "s3:signatureversion": "AWS4-HMAC-SHA256",
  };
  const need: Exchange["need"] = (action, resource, context = {}) => {
    const given = Object.entries(context).filter((entry): entry is [string, string] => entry[1] !== undefined);
    needs.push({ action, resource, context: { ...common, ...Object.fromEntries(given) } });
  };
  const bucket = openBucket(name);
  const answer = await operation.run({ request, bucket, key, query, headers, now, openBucket, need });
  const fromPage = request.headers.origin !== undefined && request.method === "GET";
  return fromPage && bucket.store.settings.readByPages === true
    ? { ...answer, headers: { ...answer.headers, "access-control-allow-origin": "*" } }
    : answer;
}

/** The operation that the most of the request's parameters and headers speak for. */
function select(
  method: string,
  scope: Operation["scope"],
  query: ReadonlyMap<string, string>,
  headers: ReadonlyMap<string, string>,
): Operation {
  const [operation] = operations
    .filter((candidate) => candidate.method === method && candidate.scope === scope)
    .filter((candidate) => candidate.selectedBy.every((name) => query.has(name) || headers.has(name)))
    .toSorted((a, b) => b.selectedBy.length - a.selectedBy.length);
  if (operation === undefined)
    throw notImplemented(`${method} on ${scope === "bucket" ? "a bucket" : "an object"} like this`);
  return operation;
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
function assertNotExpired(query: ReadonlyMap<string, string>, now: number): void {
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get("X-Amz-Date") ?? "");
  const seconds = Number(query.get("X-Amz-Expires") ?? "NaN");
  if (date === null || !(seconds >= 1 && seconds <= 604_800)) {
    throw new S3Error(
      400,
      "AuthorizationQueryParametersError",
      "X-Amz-Date or X-Amz-Expires is missing or out of range.",
    );
  }
  const [, year, month, day, hour, minute, second] = date;
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (now >= signed + seconds * 1000) throw new S3Error(403, "AccessDenied", "Request has expired");
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  requestId: string,
): Promise<void> {
  const { status, headers = {}, body, file } = answer;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.setHeader("x-amz-request-id", requestId);
  response.setHeader("server", "AmazonS3");
  if (file === undefined) {
    response.end(request.method === "HEAD" || status === 304 ? undefined : body);
    return;
  }
  try {
    await pipeline(createReadStream("", { fd: file.descriptor, start: file.start, end: file.end }), response);
  } catch (error) {
    // A reader that goes away in the middle is no fault of ours.
    if (!(error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE")) throw error;
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new S3Error(400, "InvalidURI", "Couldn't parse the specified URI.");
  }
}

function openBucket(
  directory: string,
  settings: BucketSettings,
  requireIfNoneMatch: (key: string) => boolean,
): OpenBucket {
  const path = join(directory, settings.name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "bucket.json"), `${JSON.stringify(settings, undefined, 2)}\n`);
  return { store: new Bucket(path, settings), uploads: new Uploads(join(path, "uploads")), requireIfNoneMatch };
}

function settingsOnDisk(directory: string, name: string): BucketSettings | undefined {
  const path = join(directory, name, "bucket.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as BucketSettings) : undefined;
}

function assertAllowed(settings: BucketSettings, before: BucketSettings | undefined): void {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(settings.name)) {
    throw new Failure("invalid-request", `${settings.name} is no name for a bucket.`);
  }
  if (settings.objectLock !== undefined && !settings.versioning) {
    throw new Failure("invalid-request", `The bucket ${settings.name} has Object Lock, so it must have versioning.`);
  }
  const loses = (before?.versioning && !settings.versioning) || (before?.objectLock && !settings.objectLock);
  if (loses)
    throw new Failure("conflict", `Versioning and Object Lock of the bucket ${settings.name} cannot be taken away.`);
}
