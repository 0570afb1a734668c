import { listenOnLoopback, readBody } from "../loopback-server.ts";
import type { LocalService } from "./aws-call.ts";
import { principalOf } from "./aws-call.ts";
import type { JsonObject } from "./json-shape.ts";

const largestBody = 64 * 1024;

/** An answer of a service that speaks the query protocol: a form comes in, XML goes out. */
export interface QueryAnswer {
  readonly status: number;
  readonly xml: string;
}

/** One call of an operation that is carried. */
export interface QueryCall {
  readonly principal: string;
  readonly action: string;
  readonly form: URLSearchParams;
}

/**
 * A service on loopback that speaks the query protocol. `fields`: which a form of the action may have; `undefined` where it
 * is not carried. Whatever else comes is refused.
 */
export function startQueryService(options: {
  readonly port: number | undefined;
  readonly fields: (action: string) => RegExp | undefined;
  readonly answer: (call: QueryCall) => QueryAnswer;
}): Promise<LocalService> {
  const { fields, answer, port } = options;
  return listenOnLoopback(async (request, response) => {
    const form = new URLSearchParams((await readBody(request, largestBody))?.toString("utf8") ?? "");
    const { status, xml } = answered(principalOf(request), form);
    response.writeHead(status, { "content-type": "text/xml" }).end(xml);
  }, port);

  function answered(principal: string | undefined, form: URLSearchParams): QueryAnswer {
    const action = form.get("Action") ?? "";
    if (principal === undefined) return queryRefusal(403, "MissingAuthenticationToken", "Request is missing a token");
    const known = fields(action);
    if (known === undefined)
      return queryRefusal(501, "NotImplemented", `${action} is not carried by the local stand-in.`);
    const unknown = [...form.keys()].find((field) => !known.test(field));
    if (unknown !== undefined)
      return queryRefusal(400, "ValidationError", `${unknown} is not carried by the local stand-in.`);
    return answer({ principal, action, form });
  }
}

/** https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#response-serialization */
export function queryResult(name: string, members: JsonObject): QueryAnswer {
  return { status: 200, xml: `<${name}Response><${name}Result>${xmlOf(members)}</${name}Result></${name}Response>` };
}

export function queryRefusal(status: number, code: string, message: string): QueryAnswer {
  const error = xmlOf({ Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message });
  return { status, xml: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
}

function xmlOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${xmlOf(item)}</member>`).join("");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `<${name}>${xmlOf(member)}</${name}>`)
      .join("");
  return String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
