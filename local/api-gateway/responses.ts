import { Failure } from "../../core/failure.ts";

/** The ways in which API Gateway itself answers, as far as they occur here. */
export type GatewayErrorType =
  | "MISSING_AUTHENTICATION_TOKEN"
  | "INVALID_SIGNATURE"
  | "BAD_REQUEST_BODY"
  | "BAD_REQUEST_PARAMETERS"
  | "REQUEST_TOO_LARGE"
  | "INTEGRATION_TIMEOUT"
  | "API_CONFIGURATION_ERROR"
  | "DEFAULT_5XX";

/** A gateway response of the template (`AWS::ApiGateway::GatewayResponse`). */
export interface GatewayResponse {
  readonly statusCode?: number;
  /** `gatewayresponse.header.<name>` → `'static value'` or `context.<variable>`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Content type → text with `$context.` variables. */
  readonly templates: Readonly<Record<string, string>>;
}

/** What goes back to the client. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** Set where API Gateway itself answered. */
  readonly errorType?: GatewayErrorType;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
const builtIn: Readonly<
  Record<GatewayErrorType, { readonly status: number; readonly message: string; readonly code: string }>
> = {
  // Said of every path and method that the API does not have.
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    message: "Missing Authentication Token",
    code: "MissingAuthenticationTokenException",
  },
  // The same where anything stands in the Authorization header, which it takes for a signature of AWS's.
  INVALID_SIGNATURE: {
    status: 403,
    message: "Authorization header requires 'Credential' parameter.",
    code: "IncompleteSignatureException",
  },
  BAD_REQUEST_BODY: { status: 400, message: "Invalid request body", code: "BadRequestException" },
  BAD_REQUEST_PARAMETERS: { status: 400, message: "Missing required request parameters", code: "BadRequestException" },
  REQUEST_TOO_LARGE: { status: 413, message: "Request Too Long", code: "RequestTooLargeException" },
  INTEGRATION_TIMEOUT: { status: 504, message: "Endpoint request timed out", code: "InternalServerErrorException" },
  API_CONFIGURATION_ERROR: { status: 500, message: "Internal server error", code: "InternalServerErrorException" },
  // A function that failed or answered in a wrong form is a 502 of this type.
  DEFAULT_5XX: { status: 502, message: "Internal server error", code: "InternalServerErrorException" },
};

/**
 * API Gateway's own answer of `type`, as the template's gateway responses shape it. `context` holds the values of
 * the `$context.` variables (without that prefix); `message` replaces the built-in one.
 */
export function gatewayAnswer(
  type: GatewayErrorType,
  responses: ReadonlyMap<string, GatewayResponse>,
  context: Readonly<Record<string, string>>,
  error: { readonly message?: string; readonly validation?: string } = {},
): HttpAnswer {
  const { status, message: builtInMessage, code } = builtIn[type];
  const shaped = responses.get(type) ?? responses.get(status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
  const message = error.message ?? builtInMessage;
  const finalStatus = shaped?.statusCode ?? status;
  const variables: Readonly<Record<string, string>> = {
    ...context,
    status: String(finalStatus),
    "error.message": message,
    "error.messageString": JSON.stringify(message),
    "error.validationErrorString": error.validation ?? "",
    "error.responseType": type,
  };
  const [contentType, template] = Object.entries(shaped?.templates ?? {})[0] ?? [
    "application/json",
    '{"message":$context.error.messageString}',
  ];
  const headers = new Map<string, string>([
    ["Content-Type", contentType],
    ["x-amzn-RequestId", context["requestId"] ?? ""],
    ["x-amzn-ErrorType", code],
  ]);
  for (const [parameter, expression] of Object.entries(shaped?.parameters ?? {})) {
    const name = parameter.slice("gatewayresponse.header.".length);
    const existing = [...headers.keys()].find((header) => header.toLowerCase() === name.toLowerCase());
    headers.set(existing ?? name, headerValue(expression, variables));
  }
  const body = Buffer.from(substitute(template, variables));
  return { status: finalStatus, headers: [...headers], body, errorType: type };
}

/** `template` with each `$context.<name>` replaced; a name without a value becomes nothing, as API Gateway does. */
export function substitute(template: string, variables: Readonly<Record<string, string>>, absent = ""): string {
  return template.replaceAll(/\$context((?:\.[A-Za-z]+)+)/g, (_, path: string) => variables[path.slice(1)] || absent);
}

function headerValue(expression: string, variables: Readonly<Record<string, string>>): string {
  const literal = expression.match(/^'(.*)'$/s)?.[1];
  if (literal !== undefined) return literal;
  if (expression.startsWith("context.")) return variables[expression.slice("context.".length)] ?? "";
  throw new Failure(
    "invalid-request",
    `A gateway response maps a header from ${expression}, which is not carried here.`,
  );
}
