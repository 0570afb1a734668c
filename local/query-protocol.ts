import type { JsonObject } from "./json-shape.ts";

/** An answer of a service that speaks the query protocol: a form comes in, XML goes out. */
export interface QueryAnswer {
  readonly status: number;
  readonly xml: string;
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
