import { openApi } from "../api/answer-matches.ts";

/** A request as nobody means it. */
export interface HostileRequest {
  readonly method: "GET" | "HEAD" | "POST";
  /** As openapi.yaml has it. */
  readonly route: string;
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** In the place of an id, a name or a link; as they stand in an address. */
const segments = ["x", "%2e%2e%2f", "a%2Fb", "%00", "%F0%9F%98%80", "__proto__", "%25zz", "A".repeat(600)];
const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
/** In the place of a body. */
const bodies = [
  ...["", "{", "[]", "null", "{}", '{"a":1e999}', '{"a":"\\ud800"}', '{"a":1,"a":2}', "\uFEFF{}", deep],
  '{"__proto__":{"a":1},"constructor":{"prototype":1},"toString":null}',
];
/** In the place of each member that a body may have. */
const members: readonly unknown[] = [null, "\u0000", "x".repeat(20_000), -1.5, [[]], { length: 1e9 }, ["\ud800"]];
/** In the place of each parameter that an address may have. */
const parameters = ["", "%00", "__proto__", "1e9", "x".repeat(3_000), "any%0d%0ax:y"];
const contentTypes = ["text/plain", "application/json; charset=utf-16", "multipart/form-data"];

interface Described {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly parameters?: readonly Parameter[];
}
interface Parameter {
  readonly name?: string;
  readonly in?: string;
}
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** Everything wrong that can be said by the form of a request alone, for each route of openapi.yaml. */
export function hostileRequests(): readonly HostileRequest[] {
  return Object.entries(openApi.paths).flatMap(([route, item]) =>
    (["get", "head", "post"] as const).flatMap((name) => {
      const described = item[name] as Described | undefined;
      if (described === undefined) return [];
      const method = name.toUpperCase() as HostileRequest["method"];
      return [...ofAddress(method, route, described), ...(method === "POST" ? ofBody(route, described) : [])];
    }),
  );
}

/** What a request says without meaning anything: an address where nothing is. */
function placeOf(route: string): string {
  return route.replaceAll(/\{\w+\}/g, "x");
}

function ofAddress(method: HostileRequest["method"], route: string, described: Described): readonly HostileRequest[] {
  const body = method === "POST" ? { body: "{}" } : {};
  const placed = /\{/.test(route)
    ? segments.map((segment) => ({ method, route, path: route.replaceAll(/\{\w+\}/g, segment), ...body }))
    : [];
  const asked = (described.parameters ?? []).filter((each) => each.in === "query").map(({ name = "" }) => name);
  const queries = [...asked, "__proto__", "unknown"].flatMap((name) => parameters.map((value) => `${name}=${value}`));
  const twice = asked.map((name) => `${name}=a&${name}=b`);
  return [
    ...placed,
    ...[...queries, ...twice].map((query) => ({ method, route, path: `${placeOf(route)}?${query}`, ...body })),
  ];
}

function ofBody(route: string, { requestBody }: Described): readonly HostileRequest[] {
  const common = { method: "POST", route, path: placeOf(route) } as const;
  const names = Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => membersOf(schema));
  const all = members.map((value) => Object.fromEntries(names.map((name) => [name, value])));
  const single = names.flatMap((name) => members.map((value) => ({ [name]: value })));
  return [
    ...bodies.map((body) => ({ ...common, body })),
    ...[...all, ...single].map((body) => ({ ...common, body: JSON.stringify(body) })),
    ...contentTypes.map((contentType) => ({ ...common, body: "{}", contentType })),
  ];
}

function membersOf(schema: Schema | undefined): readonly string[] {
  if (schema === undefined) return [];
  if (schema.$ref !== undefined)
    return membersOf(openApi.components.schemas[schema.$ref.split("/").at(-1) ?? ""] as Schema | undefined);
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [...new Set([...Object.keys(schema.properties ?? {}), ...parts.flatMap(membersOf)])];
}
