import { GatewayResponse, type IRestApi, ResponseType } from "aws-cdk-lib/aws-apigateway";
import type { Construct } from "constructs";
import type { FailureCode } from "../../core/failure.ts";

interface Problem {
  readonly type: ResponseType;
  readonly status: number;
  readonly code: FailureCode;
  readonly title: string;
  readonly detail: string;
}

const again = "Nothing was decided. Please try again in a moment.";

/**
 * What API Gateway answers by itself, before a function is asked. The sentences quote nothing of the request: the
 * variables that do (`$context.error.validationErrorString`) are not escaped and can break the document.
 */
const problems: readonly Problem[] = [
  {
    type: ResponseType.BAD_REQUEST_BODY,
    status: 400,
    code: "malformed-json",
    title: "The body is not JSON",
    detail: "Send one JSON object as the body.",
  },
  {
    type: ResponseType.BAD_REQUEST_PARAMETERS,
    status: 400,
    code: "invalid-request",
    title: "The request cannot be read",
    detail: "A parameter of the address or a header is missing.",
  },
  // API Gateway says the first of every path and method that it does not have. Where a bearer token is sent it takes that for a
  // signature of AWS's which is incomplete, as no route of ours asks for any.
  ...[ResponseType.MISSING_AUTHENTICATION_TOKEN, ResponseType.INVALID_SIGNATURE].map((type) => ({
    type,
    status: 404,
    code: "not-found" as const,
    title: "There is no such thing",
    detail: "There is nothing at this address for this method.",
  })),
  {
    type: ResponseType.RESOURCE_NOT_FOUND,
    status: 404,
    code: "not-found",
    title: "There is no such thing",
    detail: "There is nothing at this address.",
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    code: "body-too-large",
    title: "The body is too large",
    detail: "A request may have 10 MB at most; put larger files into the exchange bucket.",
  },
  {
    type: ResponseType.UNSUPPORTED_MEDIA_TYPE,
    status: 415,
    code: "unsupported-media-type",
    title: "The body is of another type",
    detail: "Send the body as application/json.",
  },
  {
    type: ResponseType.THROTTLED,
    status: 429,
    code: "unavailable",
    title: "Please try again in a moment",
    detail: `There are too many requests. ${again}`,
  },
  {
    type: ResponseType.QUOTA_EXCEEDED,
    status: 429,
    code: "unavailable",
    title: "Please try again in a moment",
    detail: `There are too many requests. ${again}`,
  },
  {
    type: ResponseType.WAF_FILTERED,
    status: 403,
    code: "forbidden",
    title: "This is not yours to do",
    detail: "The firewall refused this request.",
  },
  {
    type: ResponseType.INTEGRATION_FAILURE,
    status: 503,
    code: "unavailable",
    title: "Please try again in a moment",
    detail: `The request could not be handled. ${again}`,
  },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 503,
    code: "unavailable",
    title: "Please try again in a moment",
    detail: "The answer took too long. Look whether it was done before you try again.",
  },
  {
    type: ResponseType.DEFAULT_4XX,
    status: 400,
    code: "invalid-request",
    title: "The request cannot be read",
    detail: "The request cannot be handled in this form.",
  },
  {
    type: ResponseType.DEFAULT_5XX,
    status: 500,
    code: "internal",
    title: "Something went wrong here",
    detail: "Something went wrong here. Look whether it was done before you try again.",
  },
];

/** Makes API Gateway's own answers RFC 9457 problem documents with the same stable codes as the functions'. */
export function gatewayProblems(scope: Construct, restApi: IRestApi): void {
  for (const { type, status, code, title, detail } of problems) {
    const document = { type: "about:blank", title, status, code, detail, instance: "urn:request:$context.requestId" };
    new GatewayResponse(scope, `Problem-${type.responseType}`, {
      restApi,
      type,
      statusCode: String(status),
      // The template's key says how the template is chosen; the header says what the answer is.
      templates: { "application/json": JSON.stringify(document) },
      responseHeaders: {
        "Content-Type": "'application/problem+json'",
        "Cache-Control": "'no-store'",
        ...(code === "unavailable" ? { "Retry-After": "'2'" } : {}),
      },
    });
  }
}
