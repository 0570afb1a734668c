import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback, readBody } from "../loopback-server.ts";
import { type AwsCallLog, type LocalService, principalOf } from "./aws-call.ts";
import { isRecord, type JsonObject } from "./json-shape.ts";

/** An answer in an AWS service's own words: thrown by a handler, it becomes `{"__type": code, "message": …}`. */
export class AwsRefusal extends Error {
  override readonly name = "AwsRefusal";
  readonly code: string;
  readonly status: number;
  /** Further members of the error document. */
  readonly members: JsonObject;

  constructor(code: string, message: string, status = 400, members: JsonObject = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** What IAM would judge for one request. */
export interface Authorization {
  readonly action: string;
  readonly resource: string;
}

/** One request in the AWS JSON protocol. */
export interface AwsJsonRequest {
  readonly operation: string;
  readonly body: JsonObject;
  /** Access key id of the caller. */
  readonly principal: string;
}

/** A handler's answer: status and JSON document. */
export interface AwsJsonAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** One service behind the AWS JSON 1.0 protocol (https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html). */
export interface AwsJsonService {
  /** First part of `X-Amz-Target`, e.g. `DynamoDB_20120810`. */
  readonly target: string;
  /** Operations that are carried; any other is answered with `UnknownOperationException`. */
  readonly operations: ReadonlySet<string>;
  /** What IAM judges for the request: one entry per resource. */
  authorize(request: AwsJsonRequest): readonly Authorization[];
  handle(request: AwsJsonRequest): Promise<AwsJsonAnswer>;
}

/** DynamoDB and Step Functions both refuse larger requests than these 16 MiB. */
const largestBody = 16 * 1024 * 1024;

/** Serves `service` on 127.0.0.1 (a free port where none is given) and reports each call it answered to `log`. */
export function serveAwsJson(
  service: AwsJsonService,
  options: { readonly port?: number | undefined; readonly log: AwsCallLog; readonly now: () => number },
): Promise<LocalService> {
  return listenOnLoopback(async (request, response) => {
    try {
      send(response, await answer(service, options, request));
    } catch (error) {
      send(response, refusalOf(error));
    }
  }, options.port);
}

async function answer(
  service: AwsJsonService,
  { log, now }: { readonly log: AwsCallLog; readonly now: () => number },
  incoming: IncomingMessage,
): Promise<AwsJsonAnswer> {
  const text = await readBody(incoming, largestBody);
  if (text === undefined) {
    throw new AwsRefusal("com.amazon.coral.service#RequestEntityTooLargeException", "Request body is too large.", 413);
  }
  const [target, operation] = String(incoming.headers["x-amz-target"] ?? "").split(".");
  if (incoming.method !== "POST" || target !== service.target || operation === undefined) {
    throw new AwsRefusal(
      "com.amazon.coral.service#UnknownOperationException",
      "No operation of this service was named.",
    );
  }
  if (!service.operations.has(operation)) {
    throw new AwsRefusal(
      "com.amazon.coral.service#UnknownOperationException",
      `${operation} is not carried by the local stand-in.`,
    );
  }
  const principal = principalOf(incoming);
  if (principal === undefined) {
    throw new AwsRefusal(
      "com.amazon.coral.service#MissingAuthenticationTokenException",
      "Request is missing Authentication Token",
    );
  }
  const request = { operation, body: parseBody(text.toString("utf8")), principal };
  let given: AwsJsonAnswer;
  try {
    given = await service.handle(request);
  } catch (error) {
    given = refusalOf(error);
  }
  const at = new Date(now()).toISOString();
  for (const { action, resource } of service.authorize(request)) {
    log.record({ at, principal, action, resource, context: {}, status: given.status });
  }
  return given;
}

function parseBody(text: string): JsonObject {
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body)) return body;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AwsRefusal("com.amazon.coral.service#SerializationException", "The request body is not a JSON object.");
}

function refusalOf(error: unknown): AwsJsonAnswer {
  if (error instanceof AwsRefusal) {
    return { status: error.status, body: { __type: error.code, message: error.message, ...error.members } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 500, body: { __type: "com.amazon.coral.service#InternalFailure", message } };
}

function send(response: ServerResponse, { status, body }: AwsJsonAnswer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
