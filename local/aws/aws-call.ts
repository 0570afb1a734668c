import type { IncomingMessage } from "node:http";

/**
 * One call to an AWS API, as IAM would judge it. local/ writes every call that reaches a stand-in to a log, and
 * the grants test holds that log against the policies of the synthesized template.
 */
export interface AwsCall {
  /** RFC 3339 time of the call. */
  readonly at: string;
  /** The access key id that signed the call: local/ gives each function, and the state machine, one of its own. */
  readonly principal: string;
  /** The IAM action, e.g. `s3:PutObject` (not the API operation, where the two differ). */
  readonly action: string;
  /** The ARN of the resource that IAM would judge, or `*` where the action knows none. */
  readonly resource: string;
  /** Condition keys of the request, e.g. `s3:if-none-match`; values as text. */
  readonly context: Readonly<Record<string, string>>;
  /** HTTP status that the stand-in answered. */
  readonly status: number;
}

/** Where the stand-ins report the calls they answered. */
export interface AwsCallLog {
  record(call: AwsCall): void;
}

/** Account and region that every local ARN carries. */
export const localAccount = "000000000000";
export const localRegion = "us-east-1";

/** A stand-in that listens on loopback. */
export interface LocalService {
  /** Base address, `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Stops listening, once what is under way has been answered and everything is on disk. */
  close(): Promise<void>;
}

/**
 * The access key id in a request's SigV4 `Authorization` header (or `X-Amz-Credential` of a presigned address).
 * Signatures are not checked: these servers listen on loopback only and hold nothing but a trial's data.
 */
export function principalOf(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization?.match(/^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\//)?.[1];
  if (header !== undefined) return header;
  const query = new URL(request.url ?? "/", "http://127.0.0.1").searchParams.get("X-Amz-Credential");
  return query?.split("/")[0];
}
