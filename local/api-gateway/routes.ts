import { compareText } from "../../core/encoding/text-order.ts";
/** A route that fits a request, and what its path parameters stand for: as they were sent. */
export interface RouteMatch<Route> {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The route for `method` and `path`: a fixed segment goes before `{name}`, and that before `{name+}`, which takes
 * the rest; a method of its own goes before `ANY`.
 */
export function matchRoute<Route extends { readonly resourcePath: string; readonly method: string }>(
  routes: readonly Route[],
  method: string,
  path: string,
): RouteMatch<Route> | undefined {
  const segments = path.split("/").slice(1);
  const fitting = routes
    .filter((route) => route.method === method || route.method === "ANY")
    .flatMap((route) => {
      const parameters = matchPath(route.resourcePath.split("/").slice(1), segments);
      return parameters === undefined ? [] : [{ route, parameters }];
    })
    .sort((a, b) => compareText(rank(a.route), rank(b.route)));
  return fitting[0];
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const greedy = part.match(/^\{(.+)\+\}$/)?.[1];
    if (greedy !== undefined) {
      const rest = segments.slice(index).join("/");
      return rest === "" ? undefined : { ...parameters, [greedy]: rest };
    }
    const segment = segments[index];
    const name = part.match(/^\{(.+)\}$/)?.[1];
    if (segment === undefined || (name === undefined && part !== segment)) return undefined;
    if (name !== undefined) {
      if (segment === "") return undefined;
      parameters[name] = segment;
    }
  }
  return pattern.length === segments.length ? parameters : undefined;
}

/** Sorts a resource tree's most exact match first: compared segment by segment, from the root. */
function rank({ resourcePath, method }: { readonly resourcePath: string; readonly method: string }): string {
  const kinds = resourcePath.split("/").map((part) => (part.endsWith("+}") ? "3" : part.startsWith("{") ? "2" : "1"));
  return `${kinds.join("")}${method === "ANY" ? "b" : "a"}`;
}
