import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { requireJson } from "../../core/gates/strict-json.ts";
import { errorFields, type Log } from "../log.ts";
import { asUnavailable } from "../unavailable.ts";
import { problemOf } from "./problem.ts";
import { queryOf } from "./query-members.ts";

/** A request as a handler sees it. */
export interface ApiRequest {
  readonly method: string;
  /** The route, e.g. `/v1/promotions/{id}`. */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** An answer: a status, and JSON or text, or neither. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

export type Respond = (request: ApiRequest) => Promise<Answer>;

/** A Lambda behind a REST API: refusals become problem documents, the unexpected is logged by name and answered as `internal`. */
export function answering(respond: Respond, log: Log): (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult> {
  return async (event) => {
    const { requestId } = event.requestContext;
    try {
      return resultOf(await respond(requestOf(event)));
    } catch (error) {
      if (error instanceof Failure && error.code !== "internal") {
        const problem = problemOf(error, requestId);
        // What is wrong here and does not pass, such as a document that was altered: whoever follows the alarm finds it.
        if (problem.statusCode === 500)
          log("error", "failed", { requestId, route: event.resource, ...errorFields(error) });
        else log("info", "refused", { requestId, route: event.resource, code: error.code });
        return problem;
      }
      log("error", "failed", { requestId, route: event.resource, ...errorFields(error) });
      const [code, what] =
        asUnavailable(error) === undefined
          ? (["internal", "Something went wrong here."] as const)
          : (["unavailable", "A service that this rests on does not answer at the moment."] as const);
      const next = isRead(event.httpMethod)
        ? "Try again in a while."
        : "Look whether it was done before you try again.";
      return problemOf(new Failure(code, `${what} ${next}`), requestId);
    }
  };
}

/** Nothing is done by it, so there is nothing to look for afterwards. */
function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** The body as JSON. Throws `unsupported-media-type`, `body-too-large` or `malformed-json`. */
export function jsonBody(request: ApiRequest, largest: number): Json {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new Failure("unsupported-media-type", "Send the body as application/json.");
  }
  if (request.body.length > largest) {
    throw new Failure("body-too-large", `The body has ${request.body.length} bytes; at most ${largest} are taken.`);
  }
  return requireJson("The body", request.body);
}

/** The bearer token of the request (RFC 6750 section 2.1). Throws `unauthenticated` where there is none. */
export function bearerToken(request: ApiRequest): string {
  const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers["authorization"] ?? "")?.[1];
  if (token === undefined) throw new Failure("unauthenticated", "Send a bearer token in the Authorization header.");
  return token;
}

function requestOf(event: APIGatewayProxyEvent): ApiRequest {
  return {
    method: event.httpMethod,
    route: event.resource,
    parameters: event.pathParameters ?? {},
    query: queryOf(event),
    headers: Object.fromEntries(
      Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
  };
}

function resultOf(answer: Answer): APIGatewayProxyResult {
  const body = answer.json === undefined ? (answer.text ?? "") : JSON.stringify(answer.json);
  return {
    statusCode: answer.status,
    headers: {
      "cache-control": "no-store",
      ...(answer.json === undefined ? {} : { "content-type": "application/json" }),
      ...answer.headers,
    },
    body,
  };
}
