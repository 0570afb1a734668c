import { expect } from "vitest";
import type { FailureCode } from "../../core/failure.ts";
import { assertAnswerMatches } from "../api/answer-matches.ts";
import type { Trial } from "./trial.ts";

/** A request that must be refused. */
export interface BadRequest {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly token?: string;
  readonly contentType?: string;
  /** Sent as it is where it is text, else as JSON. */
  readonly body?: unknown;
}

/** What of a call changes something. */
const writes = /^(dynamodb:(Put|Update|Delete|BatchWrite)|s3:(Put|Delete)|kms:Sign|states:(Start|Send)|ses:Send)/;
const apiFunctions = ["Submit", "RecordSignOff", "Withdraw", "FollowLink", "ExportAudit", "ReadPromotions"];

/**
 * Sends a request and expects a problem document (RFC 9457) with this code and a sentence that fits, as the API's
 * description has it; and that no function of the API has written anything for it.
 */
export async function refused(
  trial: Trial,
  request: BadRequest,
  [status, code, sentence]: readonly [status: number, code: FailureCode, sentence: RegExp],
): Promise<void> {
  const before = written(trial);
  const answer = await send(trial, request);
  const text = await answer.text();
  expect(answer.headers.get("content-type"), text).toBe("application/problem+json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const problem = JSON.parse(text) as Record<string, unknown>;
  expect(problem).toMatchObject({ type: "about:blank", status: answer.status, code });
  expect(problem["detail"]).toMatch(sentence);
  expect(problem["instance"]).toMatch(/^urn:request:[0-9a-f-]{36}$/);
  expect(answer.status).toBe(status);
  const { method = "POST", path } = request;
  if (isDescribed(method, code)) assertAnswerMatches(method, path, status, problem);
  expect(written(trial)).toEqual(before);
}

export function send(trial: Trial, request: BadRequest, headers: Record<string, string> = {}): Promise<Response> {
  const { method = "POST", path, token, contentType = "application/json", body } = request;
  return fetch(`${trial.stack.addresses.portal}${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": contentType }),
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** Everything that the API's functions have changed so far. */
function written(trial: Trial): readonly string[] {
  const functions = apiFunctions.map((name) => `${name}Function`);
  return trial
    .calls()
    .filter(({ principal, action, status }) => functions.includes(principal) && writes.test(action) && status < 300)
    .map(({ at, principal, action }) => `${at} ${principal} ${action}`);
}

/** Paths and methods that there are not are not described either. */
function isDescribed(method: string, code: FailureCode): boolean {
  return ["GET", "POST"].includes(method) && code !== "not-found";
}
