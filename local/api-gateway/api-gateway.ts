import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { localAccount } from "../aws/aws-call.ts";
import type { InvocationResult } from "../lambda/invocation.ts";
import { limitHere } from "../limit-here.ts";
import { type LoopbackServer, listenOnLoopback, readBody } from "../loopback-server.ts";
import { type GatewayRequest, headerLines, proxyAnswer, proxyEvent } from "./event.ts";
import { type BodyCheck, checkFor } from "./models.ts";
import { type GatewayErrorType, type GatewayResponse, gatewayAnswer, type HttpAnswer } from "./responses.ts";
import { matchRoute } from "./routes.ts";

/** One method of a REST API that is proxied to a function. */
export interface Route {
  readonly resourceId: string;
  /** E.g. `/v1/promotions/{id}`. */
  readonly resourcePath: string;
  /** An HTTP method, or `ANY`. */
  readonly method: string;
  /** Places (`querystring.limit`, `header.X`, `path.id`) that a validator asks for; empty without one. */
  readonly requiredParameters: readonly string[];
  /** By content type; empty without a validator of bodies. */
  readonly bodyChecks: ReadonlyMap<string, BodyCheck>;
  /** Milliseconds after which API Gateway gives up on the function. */
  readonly timeoutMilliseconds: number;
  /** Invokes the function; throws where API Gateway has no permission to do so for a request's `path` and `method`. */
  invoke(event: Json, path: string, method: string): Promise<InvocationResult>;
}

/** A REST API and the one stage it is deployed to. */
export interface RestApi {
  readonly apiId: string;
  readonly stage: string;
  readonly routes: readonly Route[];
  readonly responses: ReadonlyMap<string, GatewayResponse>;
  readonly binaryMediaTypes: readonly string[];
  /** Answers from this many bytes on are compressed for whoever takes that; absent: none is. */
  readonly minimumCompressionSize?: number;
  /** Writes the stage's access log; gets the `$context.` variables of a request that was answered. */
  readonly onAccess?: (context: Readonly<Record<string, string>>) => void;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const bodyLimit = 10 * 1024 * 1024;

/**
 * Serves `api` under `/<stage>/…` on 127.0.0.1, as API Gateway serves a regional REST API with Lambda proxy
 * integrations: routes, request validators, gateway responses, limits. Throttling and caching are not carried.
 */
export function serveRestApi(
  api: RestApi,
  options: { readonly port: number; readonly now: () => number },
): Promise<LoopbackServer> {
  return listenOnLoopback(async (incoming, response) => {
    const began = options.now();
    const url = new URL(incoming.url ?? "/", "http://api.local");
    const prefix = `/${api.stage}`;
    const path = url.pathname === prefix ? "/" : url.pathname.slice(prefix.length);
    const inStage = url.pathname === prefix || url.pathname.startsWith(`${prefix}/`);
    const method = incoming.method ?? "GET";
    const match = inStage ? matchRoute(api.routes, method, path) : undefined;
    const body = await readBody(incoming, bodyLimit);
    const context = {
      requestId: randomUUID(),
      apiId: api.apiId,
      stage: api.stage,
      httpMethod: method,
      path: url.pathname,
      protocol: "HTTP/1.1",
      accountId: localAccount,
      resourcePath: match?.route.resourcePath ?? "",
      requestTimeEpoch: String(began),
      "identity.sourceIp": sourceOf(incoming),
      "identity.userAgent": incoming.headers["user-agent"] ?? "",
    };
    const refuse = (type: GatewayErrorType, error = {}) => gatewayAnswer(type, api.responses, context, error);
    let answer: HttpAnswer;
    if (match === undefined)
      answer = refuse(
        incoming.headers.authorization === undefined ? "MISSING_AUTHENTICATION_TOKEN" : "INVALID_SIGNATURE",
      );
    else if (body === undefined) answer = refuse("REQUEST_TOO_LARGE");
    else {
      const { resourceId, resourcePath } = match.route;
      const place = { ...context, accountId: localAccount, resourceId, resourcePath, path, method };
      const request: GatewayRequest = {
        ...place,
        query: url.searchParams,
        pathParameters: match.parameters,
        sourceIp: context["identity.sourceIp"],
        headers: headersFor(incoming),
        body,
        binary: isBinary(api, incoming.headers["content-type"]),
        at: began,
      };
      answer = await answerRoute(match.route, request, isBinary(api, incoming.headers.accept?.split(",")[0]), refuse);
    }
    send(response, method, compressed(answer, api, incoming.headers["accept-encoding"]));
    const written = {
      ...context,
      status: String(answer.status),
      responseLength: String(answer.body.length),
      responseLatency: String(options.now() - began),
      "error.responseType": answer.errorType ?? "",
    };
    api.onAccess?.(written);
  }, options.port);
}

async function answerRoute(
  route: Route,
  request: GatewayRequest,
  decodesBase64: boolean,
  refuse: (type: GatewayErrorType, error?: { readonly message?: string; readonly validation?: string }) => HttpAnswer,
): Promise<HttpAnswer> {
  const missing = route.requiredParameters.filter((place) => !hasParameter(request, place));
  if (missing.length > 0) {
    const names = missing.map((place) => place.slice(place.indexOf(".") + 1));
    return refuse("BAD_REQUEST_PARAMETERS", { message: `Missing required request parameters: [${names.join(", ")}]` });
  }
  const contentType = request.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
  const validation = checkFor(route.bodyChecks, contentType)?.(request.body.toString("utf8"));
  if (validation !== undefined) return refuse("BAD_REQUEST_BODY", { validation });

  const result = await within(limitHere(route.timeoutMilliseconds), () =>
    route.invoke(proxyEvent(request), request.path, request.method),
  );
  if (result === "late") return refuse("INTEGRATION_TIMEOUT");
  if (result === "forbidden") return refuse("API_CONFIGURATION_ERROR");
  if ("errorType" in result) {
    return refuse(result.errorType === "RequestTooLargeException" ? "REQUEST_TOO_LARGE" : "DEFAULT_5XX");
  }
  return proxyAnswer(result.payload, request.requestId, decodesBase64) ?? refuse("DEFAULT_5XX");
}

async function within(
  milliseconds: number,
  invoke: () => Promise<InvocationResult>,
): Promise<InvocationResult | "late" | "forbidden"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), milliseconds);
  });
  try {
    return await Promise.race([invoke(), late]);
  } catch (error) {
    // A missing permission or a stack that is shutting down: a client learns no more of either on AWS.
    console.error(error instanceof Error ? error.message : error);
    return "forbidden";
  } finally {
    clearTimeout(timer);
  }
}

function hasParameter(request: GatewayRequest, place: string): boolean {
  const dot = place.indexOf(".");
  const [where, name] = [place.slice(0, dot), place.slice(dot + 1)];
  // Blank counts as missing.
  if (where === "querystring") return (request.query.get(name) ?? "") !== "";
  if (where === "path") return (request.pathParameters[name] ?? "") !== "";
  return request.headers.some(([header, value]) => header.toLowerCase() === name.toLowerCase() && value !== "");
}

/** The client's headers as API Gateway hands them on, with those it adds. */
function headersFor(incoming: IncomingMessage): (readonly [string, string])[] {
  const forwarded = ["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"];
  const kept = headerLines(incoming).filter(([name]) => !forwarded.includes(name.toLowerCase()));
  const before = incoming.headers["x-forwarded-for"];
  const peer = incoming.socket.remoteAddress ?? "127.0.0.1";
  return [
    ...kept,
    ["X-Forwarded-For", before === undefined ? peer : `${before}, ${peer}`],
    ["X-Forwarded-Port", String(incoming.socket.localPort ?? 443)],
    ["X-Forwarded-Proto", "http"],
  ];
}

function sourceOf(incoming: IncomingMessage): string {
  return incoming.socket.remoteAddress ?? "127.0.0.1";
}

function isBinary(api: RestApi, type: string | undefined): boolean {
  const plain = type?.split(";")[0]?.trim().toLowerCase() ?? "";
  return api.binaryMediaTypes.some((binary) => binary === "*/*" || binary.toLowerCase() === plain);
}

/**
 * As the client prefers it, which must be a coding that API Gateway knows; of those, gzip alone is carried here.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html
 */
function compressed(answer: HttpAnswer, api: RestApi, accepted: string | undefined): HttpAnswer {
  const [preferred = ""] = accepted?.split(",", 1) ?? [];
  const { minimumCompressionSize: least } = api;
  if (preferred.trim() !== "gzip" || least === undefined || answer.body.length < least) return answer;
  return { ...answer, headers: [...answer.headers, ["Content-Encoding", "gzip"]], body: gzipSync(answer.body) };
}

function send(response: ServerResponse, method: string, { status, headers, body }: HttpAnswer): void {
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.setHeader("Content-Length", body.length);
  response.end(method === "HEAD" ? undefined : body);
}
