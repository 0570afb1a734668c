import type { Json } from "../../encoding/canonical-json.ts";
import { type JsonPlace, memberOf } from "../json-places.ts";
import { itemsIn } from "./plan-items.ts";

/** Further than this nobody hands on what a policy is called, and no deeper does anybody nest modules. */
const mostSteps = 20;

/** A module of the configuration; whatever counts instances of one is left out. */
interface Module {
  readonly place: JsonPlace;
  /** The call that brings it, in the module outside of it. */
  readonly call?: Expressing;
  /** The managed policies that the plan makes there, by name. */
  readonly made: Set<string>;
  readonly inner: Map<string, Module>;
  readonly outputs: Map<string, Expressing>;
  resources?: ReadonlyMap<Json | undefined, Expressing>;
}

/** What has expressions: a resource, the call of a module, an output. */
interface Expressing {
  readonly place: JsonPlace;
  readonly module: Module;
  /** Each reference is answered once: those that fan out and meet again lead to one place by very many ways. */
  readonly answers: Map<string, boolean>;
}

/**
 * Of an attribute of a resource which is known once the plan is applied: whether all that its expression refers to are
 * managed policies that the plan makes, by themselves, as an output or a variable of a module, or as one of `for_each`. Those say
 * themselves what they allow. What an expression does with them is in no plan: whoever cuts a name into another one is not seen.
 * https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
 */
export function madePolicies(root: JsonPlace): (resource: JsonPlace, attribute: string) => boolean {
  const top = moduleIn(memberOf(memberOf(root, "configuration"), "root_module"));
  for (const resource of itemsIn(root, "resource_changes")) {
    if (memberOf(resource, "type").value !== "aws_iam_policy") continue;
    if (!itemsIn(memberOf(resource, "change"), "actions").some(({ value }) => value === "create")) continue;
    moduleOf(resource, top)?.made.add(String(memberOf(resource, "name").value));
  }
  return (resource, attribute) => {
    const module = moduleOf(resource, top);
    if (module === undefined) return false;
    module.resources ??= resourcesOf(module);
    const own = module.resources.get(
      `${String(memberOf(resource, "type").value)}.${String(memberOf(resource, "name").value)}`,
    );
    return own !== undefined && allMade(memberOf(memberOf(own.place, "expressions"), attribute), own, 0);
  };
}

/** @param around that the expression is one of */
function allMade(expression: JsonPlace, around: Expressing, steps: number): boolean {
  const references = itemsIn(expression, "references").map(({ value }) => withoutIndices(String(value)));
  const saying = furthest(references).filter((each) => each !== "each.key" && each !== "count.index");
  return steps < mostSteps && saying.length > 0 && saying.every((each) => isMade(each, around, steps + 1));
}

function isMade(reference: string, around: Expressing, steps: number): boolean {
  const question = `${steps} ${reference}`;
  const known = around.answers.get(question) ?? leadsToMade(reference, around, steps);
  around.answers.set(question, known);
  return known;
}

function leadsToMade(reference: string, around: Expressing, steps: number): boolean {
  const { module } = around;
  const [of = "", name = "", member] = reference.split(".", 3);
  switch (of) {
    case "aws_iam_policy":
      return (member === undefined || member === "arn" || member === "id") && module.made.has(name);
    case "each":
      return allMade(memberOf(around.place, "for_each_expression"), around, steps);
    case "var": {
      const { call } = module;
      return call !== undefined && allMade(memberOf(memberOf(call.place, "expressions"), name), call, steps);
    }
    case "module": {
      const output = outputOf(innerOf(module, name), member ?? "");
      return allMade(memberOf(output.place, "expression"), output, steps);
    }
    default:
      return false;
  }
}

function moduleIn(place: JsonPlace, call?: Expressing): Module {
  return { place, ...(call === undefined ? {} : { call }), made: new Set(), inner: new Map(), outputs: new Map() };
}

function innerOf(module: Module, name: string): Module {
  const known = module.inner.get(name);
  if (known !== undefined) return known;
  const place = memberOf(memberOf(module.place, "module_calls"), name);
  const inner = moduleIn(memberOf(place, "module"), { place, module, answers: new Map() });
  module.inner.set(name, inner);
  return inner;
}

function outputOf(module: Module, name: string): Expressing {
  const known = module.outputs.get(name);
  if (known !== undefined) return known;
  const output = { place: memberOf(memberOf(module.place, "outputs"), name), module, answers: new Map() };
  module.outputs.set(name, output);
  return output;
}

/** By their addresses in it; of one that stands twice the first. */
function resourcesOf(module: Module): NonNullable<Module["resources"]> {
  return new Map(
    itemsIn(module.place, "resources")
      .toReversed()
      .map((place) => [memberOf(place, "address").value, { place, module, answers: new Map() }]),
  );
}

/** Without those that stand there only because something is referred to by a member of them. */
function furthest(references: readonly string[]): readonly string[] {
  const sorted = [...new Set(references)].toSorted();
  return sorted.filter((each, at) => {
    // What goes on with a dot comes behind what goes on with a character that sorts before a dot.
    for (let next = at + 1; next < sorted.length; next += 1) {
      const other = sorted[next] ?? "";
      if (!other.startsWith(each)) return true;
      if (other.startsWith(".", each.length)) return false;
    }
    return true;
  });
}

function moduleOf(resource: JsonPlace, top: Module): Module | undefined {
  const { value } = memberOf(resource, "module_address");
  if (typeof value !== "string") return top;
  const names = withoutIndices(value)
    .split(".")
    .filter((_, at) => at % 2 === 1);
  return names.length > mostSteps ? undefined : names.reduce(innerOf, top);
}

/** `module.a["x.y"].b[0]` as `module.a.b`; no bracket is looked beyond, so that it takes as long as the address is. */
function withoutIndices(address: string): string {
  return address.replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|[^\]"[]*)\]/g, "");
}
