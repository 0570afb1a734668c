import type { APIGatewayProxyEvent } from "aws-lambda";
import { Failure } from "../../core/failure.ts";

type Query = Readonly<Record<string, string | undefined>>;

/** What a query may hold, by operation, as docs/api/openapi.yaml has it; an operation that is not here takes none. */
export const queryMembers: Readonly<Record<string, readonly string[]>> = {
  "GET /v1/promotions": ["status", "model", "target", "from", "to", "person", "standing", "decided", "limit", "cursor"],
  "GET /v1/promotions/{id}": ["entries", "again"],
  "GET /v1/promotions/{id}/attestations": ["from", "own"],
  "GET /v1/promotions/{id}/evidence/{sha256}": ["offset"],
  "GET /v1/promotions/{id}/verdict": ["target", "verdict", "image", "model"],
  "GET /v1/learning": ["model", "target"],
  "GET /v1/passkeys": ["owner", "waiting", "limit", "cursor"],
};

/**
 * Where nobody asks for anything but the one thing that is there, whatever is put behind its address: links, to which programs
 * that send or scan letters add words of their own, what is published to everybody, and the form of another service.
 */
export const heedlessRoutes: readonly string[] = [
  "/r/{link}",
  "/v1/service",
  "/v1/audit/checkpoint",
  "/v1/passports/jwks.json",
  "/v1/passports/.well-known/openid-configuration",
  "/v1/slack/interactions",
];

/**
 * The query of a request. A member that the operation does not know may be one that it knows, misspelt: whoever filters by it
 * would be shown everything and take it for what they asked for; and of one that is given twice, only the last would count.
 * Throws `invalid-request`, which names it.
 */
export function queryOf(event: APIGatewayProxyEvent): Query {
  const query = event.queryStringParameters ?? {};
  if (heedlessRoutes.includes(event.resource)) return query;
  const known = queryMembers[`${event.httpMethod} ${event.resource}`] ?? [];
  const unknown = Object.keys(query).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const takes = known.length === 0 ? "This takes no query" : `The query may hold ${known.join(", ")}`;
    throw new Failure("invalid-request", `${takes}; '${unknown.slice(0, 60)}' means nothing here.`);
  }
  const [twice] =
    Object.entries(event.multiValueQueryStringParameters ?? {}).find(([, all = []]) => all.length > 1) ?? [];
  if (twice !== undefined) throw new Failure("invalid-request", `The query holds '${twice}' more than once.`);
  return query;
}

/** A member that is true or false; false where it is not given. Throws `invalid-request`. */
export function isAsked(query: Query, name: string): boolean {
  const text = query[name] ?? "false";
  if (text === "true" || text === "false") return text === "true";
  throw new Failure("invalid-request", `${name} is true or false.`);
}
