import { createContext, runInContext } from "node:vm";
import { Failure } from "../../core/failure.ts";
import { asRecord, asText, isRecord, type JsonObject } from "../aws/json-shape.ts";

const moments = ["viewer-request", "viewer-response"] as const;
export type EdgeMoment = (typeof moments)[number];

/** What a function at the edge is shown, as far as it is carried here. */
export type EdgeEvent =
  | { readonly moment: "viewer-request"; readonly method: string; readonly uri: string }
  | { readonly moment: "viewer-response"; readonly method: string; readonly uri: string; readonly status: number };

/** What it makes of it: another path to ask the origin for, or another status. */
interface EdgeOutcome {
  readonly uri?: string;
  readonly status?: number;
}

export type EdgeFunction = (event: EdgeEvent) => EdgeOutcome;

export function isEdgeMoment(text: string): text is EdgeMoment {
  return moments.some((moment) => moment === text);
}

/** By the clock, for what never ends: a machine that is busy otherwise lets it wait. What CloudFront bounds is how much it computes. */
const longestMs = 10_000;

/**
 * Reads an `AWS::CloudFront::Function`. It is shown no headers, cookies or query, and may change the path and the status
 * alone; throws `invalid-request` where it does anything else.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
export function readEdgeFunction(logicalId: string, properties: JsonObject): EdgeFunction {
  const { Runtime: runtime } = asRecord(properties["FunctionConfig"], `FunctionConfig of ${logicalId}`);
  if (runtime !== "cloudfront-js-2.0")
    throw new Failure("invalid-request", `The function ${logicalId} runs on ${String(runtime)}, not carried here.`);
  // Its own realm: there is nothing of Node at the edge, and no evaluation of text.
  const realm = createContext({}, { codeGeneration: { strings: false, wasm: false } });
  runInContext(asText(properties["FunctionCode"], `FunctionCode of ${logicalId}`), realm, { timeout: longestMs });
  return (event) => {
    const shown = JSON.stringify(eventOf(event));
    const text: unknown = runInContext(`JSON.stringify(handler(${shown}))`, realm, { timeout: longestMs });
    const answer: unknown = typeof text === "string" ? JSON.parse(text) : undefined;
    if (!isRecord(answer)) throw otherwise(logicalId, "nothing");
    return event.moment === "viewer-request" ? requestIn(answer, event, logicalId) : responseIn(answer, logicalId);
  };
}

function eventOf(event: EdgeEvent): JsonObject {
  const { moment, method, uri } = event;
  const request = { method, uri, querystring: {}, headers: {}, cookies: {} };
  const base = { version: "1.0", context: { eventType: moment }, viewer: { ip: "127.0.0.1" }, request };
  if (event.moment === "viewer-request") return base;
  return { ...base, response: { statusCode: event.status, statusDescription: "", headers: {}, cookies: {} } };
}

function requestIn(answer: JsonObject, { method }: EdgeEvent, logicalId: string): EdgeOutcome {
  if ("statusCode" in answer) throw otherwise(logicalId, "a response of its own");
  if (answer["method"] !== method) throw otherwise(logicalId, "another method");
  requireUntouched(answer, ["querystring", "headers", "cookies"], logicalId);
  return { uri: asText(answer["uri"], `uri of ${logicalId}`) };
}

function responseIn(answer: JsonObject, logicalId: string): EdgeOutcome {
  if ("body" in answer) throw otherwise(logicalId, "a body of its own");
  requireUntouched(answer, ["headers", "cookies"], logicalId);
  return { status: Number(answer["statusCode"]) };
}

function requireUntouched(answer: JsonObject, members: readonly string[], logicalId: string): void {
  for (const member of members) {
    const value = answer[member];
    if (!isRecord(value) || Object.keys(value).length > 0) throw otherwise(logicalId, `other ${member}`);
  }
}

function otherwise(logicalId: string, what: string): Failure {
  return new Failure("invalid-request", `The function ${logicalId} answers with ${what}, which is not carried here.`);
}
