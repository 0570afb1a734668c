import type { IncomingMessage } from "node:http";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import type { HttpAnswer } from "./responses.ts";

/** What API Gateway knows of one request beside the request itself. */
export interface GatewayRequest {
  readonly requestId: string;
  readonly apiId: string;
  readonly accountId: string;
  readonly stage: string;
  readonly resourceId: string;
  /** E.g. `/v1/promotions/{id}`. */
  readonly resourcePath: string;
  /** Path without the stage, as it was sent. */
  readonly path: string;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly sourceIp: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** True where the API's binary media types include the request's content type. */
  readonly binary: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/**
 * The event of a Lambda proxy integration, payload version 1.0
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html,
 * "Input format of a Lambda function for proxy integration").
 */
export function proxyEvent(request: GatewayRequest): JsonObject {
  const query = grouped([...request.query]);
  const headers = grouped(request.headers);
  const domainName = `${request.apiId}.execute-api.local`;
  return {
    resource: request.resourcePath,
    path: request.path,
    httpMethod: request.method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: query === null ? null : lastOfEach(query),
    multiValueQueryStringParameters: query,
    pathParameters: Object.keys(request.pathParameters).length === 0 ? null : request.pathParameters,
    stageVariables: null,
    requestContext: {
      accountId: request.accountId,
      apiId: request.apiId,
      domainName,
      domainPrefix: request.apiId,
      extendedRequestId: request.requestId,
      httpMethod: request.method,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: request.sourceIp,
        user: null,
        userAgent: lastOfEach(headers)?.["user-agent"] ?? lastOfEach(headers)?.["User-Agent"] ?? null,
        userArn: null,
      },
      path: `/${request.stage}${request.path}`,
      protocol: "HTTP/1.1",
      requestId: request.requestId,
      requestTime: commonLogTime(request.at),
      requestTimeEpoch: request.at,
      resourceId: request.resourceId,
      resourcePath: request.resourcePath,
      stage: request.stage,
    },
    body: request.body.length === 0 ? null : request.body.toString(request.binary ? "base64" : "utf8"),
    isBase64Encoded: request.body.length > 0 && request.binary,
  };
}

/** The headers of `message` in the spelling they were sent in, one entry per line. */
export function headerLines(message: IncomingMessage): (readonly [string, string])[] {
  const lines: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    lines.push([message.rawHeaders[index] ?? "", message.rawHeaders[index + 1] ?? ""]);
  }
  return lines;
}

/** Headers of a function that API Gateway does not pass on under their own names (its developer guide, "known issues"). */
export const remapped: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "server",
  "www-authenticate",
]);

/** What the client gets for a function's `result`; `undefined` where it is not in the form of a proxy response. */
export function proxyAnswer(result: Json, requestId: string, decodesBase64: boolean): HttpAnswer | undefined {
  if (!isRecord(result)) return undefined;
  const { statusCode, headers: single = {}, multiValueHeaders: multiple = {}, body = "", isBase64Encoded } = result;
  const status = typeof statusCode === "string" ? Number(statusCode) : statusCode;
  if (typeof status !== "number" || !Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (body !== null && typeof body !== "string") return undefined;
  const lines = headerAnswer(single ?? {}, multiple ?? {});
  if (lines === undefined) return undefined;
  if (!lines.some(([name]) => name.toLowerCase() === "content-type")) lines.push(["Content-Type", "application/json"]);
  lines.push(["x-amzn-RequestId", requestId]);
  const encoded = isBase64Encoded === true && decodesBase64;
  return { status, headers: lines, body: Buffer.from(body ?? "", encoded ? "base64" : "utf8") };
}

function headerAnswer(single: Json, multiple: Json): [string, string][] | undefined {
  if (!isRecord(single) || !isRecord(multiple)) return undefined;
  const lines: [string, string][] = [];
  for (const [name, values] of Object.entries(multiple)) {
    if (!isList(values)) return undefined;
    for (const value of values) lines.push([name, String(value)]);
  }
  for (const [name, value] of Object.entries(single)) {
    if (typeof value === "object") return undefined;
    // The same header with the same value in both lists is sent once.
    if (!lines.some(([other, given]) => other.toLowerCase() === name.toLowerCase() && given === String(value))) {
      lines.push([name, String(value)]);
    }
  }
  return lines.map(([name, value]) => [remapped.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, value]);
}

function grouped(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, string[]>> | null {
  if (pairs.length === 0) return null;
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [value]);
    else group.push(value);
  }
  return Object.fromEntries(groups);
}

function lastOfEach(
  groups: Readonly<Record<string, readonly string[]>> | null,
): Readonly<Record<string, string>> | null {
  if (groups === null) return null;
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? ""]));
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `09/Apr/2026:12:34:56 +0000`, the form of `requestTime`. */
function commonLogTime(at: number): string {
  const instant = new Date(at).toISOString();
  const [year = "", month = "", day = ""] = instant.slice(0, 10).split("-");
  return `${day}/${months[Number(month) - 1]}/${year}:${instant.slice(11, 19)} +0000`;
}
