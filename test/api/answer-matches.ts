import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";

/** As much of the document as is looked at by name. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}
type PathItem = { readonly [method in "get" | "head" | "post"]?: Operation };
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name?: string; readonly in?: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
}
interface Response {
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}

const address = "https://countersign.example/openapi.json";

/** docs/api/openapi.yaml. */
export const openApi = parse(readFileSync(new URL("../../docs/api/openapi.yaml", import.meta.url), "utf8")) as OpenApi;

// OpenAPI's own words (`example`, `description` beside a reference, …) are unknown to JSON Schema.
const ajv = new Ajv2020({ strict: false, allErrors: true }).addSchema({ $id: address, ...openApi });

/**
 * Holds an answer against docs/api/openapi.yaml: that the route has the method, that the method may answer with this
 * status, and that the body has the described shape, with no field beyond it. `route` is a template
 * (`/v1/promotions/{id}`) or an address (`/v1/promotions/p-…-1?limit=5`); `body` is what JSON or text came; undefined
 * where none is expected. Throws an error that names every difference.
 */
export function assertAnswerMatches(method: string, route: string, status: number, body: unknown): void {
  const path = templateOf(route);
  const operation = path === undefined ? undefined : openApi.paths[path]?.[method.toLowerCase() as keyof PathItem];
  if (path === undefined || operation === undefined) throw new Error(`openapi.yaml has no ${method} ${route}.`);
  const said = operation.responses[String(status)];
  const told = `${method} ${path} with ${status}`;
  if (said === undefined) throw new Error(`openapi.yaml does not know ${told}: ${JSON.stringify(body)}`);
  const [where, response] =
    "$ref" in said
      ? [said.$ref, openApi.components.responses[said.$ref.split("/").at(-1) ?? ""]]
      : [`#${pointer("paths", path, method.toLowerCase(), "responses", String(status))}`, said];
  const [type] = Object.keys(response?.content ?? {});
  if (type === undefined) {
    if (body === undefined || body === "") return;
    throw new Error(`openapi.yaml knows of no body for ${told}: ${JSON.stringify(body)}`);
  }
  assertValid(`${where}${pointer("content", type, "schema")}`, body, told);
}

/** Holds a request's JSON body against its description. */
export function assertRequestMatches(method: string, route: string, body: unknown): void {
  const path = pointer("paths", route, method.toLowerCase(), "requestBody", "content", "application/json", "schema");
  assertValid(`#${path}`, body, `the request ${method} ${route}`);
}

/** Holds a value against the schema at a place of the document (`#/components/schemas/Problem`). */
export function assertValid(place: string, value: unknown, told: string): void {
  const validate: ValidateFunction = ajv.getSchema(`${address}${place}`) ?? ajv.compile({ $ref: `${address}${place}` });
  if (validate(value)) return;
  const differences = (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath || "/"} ${message ?? ""} ${JSON.stringify(params)}`.trim(),
  );
  throw new Error(`openapi.yaml describes ${told} otherwise:\n  ${differences.join("\n  ")}`);
}

function templateOf(route: string): string | undefined {
  const path = route.split("?", 1)[0] ?? "";
  if (path in openApi.paths) return path;
  return Object.keys(openApi.paths).find((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
}

/** RFC 6901, percent-encoded as it stands in a URI fragment. */
function pointer(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("");
}
