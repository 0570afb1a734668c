import { type JsonPlace, memberOf } from "../json-places.ts";
import { itemsIn } from "./plan-items.ts";

/** Further than this nobody hands on what a policy is called. */
const mostSteps = 20;

/** Modules by the names of their calls, the outermost first; whatever counts instances of one is left out. */
type ModulePath = readonly string[];

/**
 * Of an attribute of a resource which is known once the plan is applied: whether all that its expression refers to are
 * managed policies that the plan makes, by themselves, as an output or a variable of a module, or as one of `for_each`. Those say
 * themselves what they allow. What an expression does with them is in no plan: whoever cuts a name into another one is not seen.
 * https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
 */
export function madePolicies(root: JsonPlace): (resource: JsonPlace, attribute: string) => boolean {
  const made = new Set(
    itemsIn(root, "resource_changes")
      .filter(
        (resource) =>
          memberOf(resource, "type").value === "aws_iam_policy" &&
          itemsIn(memberOf(resource, "change"), "actions").some(({ value }) => value === "create"),
      )
      .map((resource) => keyOf(moduleOf(resource), String(memberOf(resource, "name").value))),
  );
  const top = memberOf(memberOf(root, "configuration"), "root_module");

  return (resource, attribute) => {
    const path = moduleOf(resource);
    const address = `${String(memberOf(resource, "type").value)}.${String(memberOf(resource, "name").value)}`;
    const own = itemsIn(moduleAt(path), "resources").find((each) => memberOf(each, "address").value === address);
    return own !== undefined && allMade(memberOf(memberOf(own, "expressions"), attribute), path, own, 0);
  };

  /** @param around the resource or the call of a module that the expression is one of */
  function allMade(expression: JsonPlace, path: ModulePath, around: JsonPlace, steps: number): boolean {
    const references = itemsIn(expression, "references").map(({ value }) => withoutIndices(String(value)));
    // Whatever is referred to by a member stands there once more by itself.
    const last = references.filter((each) => !references.some((other) => other.startsWith(`${each}.`)));
    const saying = last.filter((each) => each !== "each.key" && each !== "count.index");
    return steps < mostSteps && saying.length > 0 && saying.every((each) => isMade(each, path, around, steps + 1));
  }

  function isMade(reference: string, path: ModulePath, around: JsonPlace, steps: number): boolean {
    const [of = "", name = "", member] = reference.split(".");
    switch (of) {
      case "aws_iam_policy":
        return (member === undefined || member === "arn" || member === "id") && made.has(keyOf(path, name));
      case "each":
        return allMade(memberOf(around, "for_each_expression"), path, around, steps);
      case "var": {
        const outside = path.slice(0, -1);
        const call = callOf(outside, path.at(-1));
        return allMade(memberOf(memberOf(call, "expressions"), name), outside, call, steps);
      }
      case "module": {
        const output = memberOf(memberOf(moduleAt([...path, name]), "outputs"), member ?? "");
        return allMade(memberOf(output, "expression"), [...path, name], output, steps);
      }
      default:
        return false;
    }
  }

  function moduleAt(path: ModulePath): JsonPlace {
    return path.reduce((module, name) => memberOf(memberOf(memberOf(module, "module_calls"), name), "module"), top);
  }

  function callOf(outside: ModulePath, name: string | undefined): JsonPlace {
    return memberOf(memberOf(moduleAt(outside), "module_calls"), name ?? "");
  }
}

function moduleOf(resource: JsonPlace): ModulePath {
  const { value } = memberOf(resource, "module_address");
  if (typeof value !== "string") return [];
  return withoutIndices(value)
    .split(".")
    .filter((_, at) => at % 2 === 1);
}

function keyOf(path: ModulePath, name: string): string {
  return [...path, name].join(".");
}

/** `module.a["x.y"].b[0]` as `module.a.b` */
function withoutIndices(address: string): string {
  return address.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]/g, "");
}
