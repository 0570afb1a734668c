import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import type { Template } from "./template.ts";

/** What a made resource answers to `Ref` and `Fn::GetAtt`. */
export interface Created {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

/** Where intrinsic functions look things up. */
export interface Scope {
  readonly template: Template;
  /** Values of the template's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Values of `AWS::Region` and the other pseudo parameters, but `AWS::NoValue`. */
  readonly pseudo: Readonly<Record<string, string>>;
  /** The resource of that logical id; `undefined` while it is not made. */
  created(logicalId: string): Created | undefined;
  /** Value of another stack's export, if there is one. */
  exported(name: string): Json | undefined;
}

/** `AWS::NoValue` inside an object or a list: the member is left out. */
const noValue = Symbol("AWS::NoValue");
type Resolved = Json | typeof noValue;

/**
 * `value` with every intrinsic function replaced by what it stands for
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html).
 *
 * Throws `invalid-request` for a name nobody made, and for a function that is not carried: nothing is left as it is.
 */
export function resolve(value: Json, scope: Scope): Json {
  const resolved = resolveInner(value, scope);
  return typeof resolved === "symbol" ? null : resolved;
}

/** Whether the condition `name` of the template holds. */
export function conditionHolds(name: string, scope: Scope): boolean {
  const condition = scope.template.conditions[name];
  if (condition === undefined) throw wrong(`names the condition ${name}, which the template does not have`);
  const outcome = resolve(condition, scope);
  if (typeof outcome !== "boolean") throw wrong(`has a condition ${name} that is not true or false`);
  return outcome;
}

function resolveInner(value: Json, scope: Scope): Resolved {
  if (isList(value)) return value.map((item) => resolveInner(item, scope)).filter(isValue);
  if (!isRecord(value)) return value;
  const [only, ...others] = Object.entries(value);
  if (only !== undefined && others.length === 0) {
    const [name, argument] = only;
    if (name === "Ref") return resolveRef(text(argument, name), scope);
    if (name === "Condition" && typeof argument === "string") return conditionHolds(argument, scope);
    if (name.startsWith("Fn::")) return resolveFunction(name, argument, scope);
  }
  const members: [string, Json][] = [];
  for (const [key, member] of Object.entries(value)) {
    const resolved = resolveInner(member, scope);
    if (isValue(resolved)) members.push([key, resolved]);
  }
  return Object.fromEntries(members);
}

function resolveFunction(name: string, argument: Json, scope: Scope): Resolved {
  switch (name) {
    case "Fn::GetAtt":
      return resolveGetAtt(argument, scope);
    case "Fn::Sub":
      return resolveSub(argument, scope);
    case "Fn::Join": {
      const [separator, items] = list(argument, name);
      return list(resolve(items ?? null, scope), name)
        .map((item) => text(item, name))
        .join(text(separator ?? null, name));
    }
    case "Fn::Split": {
      const [separator, source] = list(argument, name);
      return text(resolve(source ?? null, scope), name).split(text(separator ?? null, name));
    }
    case "Fn::Select": {
      const [index, items] = list(argument, name);
      const selected = list(resolve(items ?? null, scope), name)[Number(resolve(index ?? null, scope))];
      if (selected === undefined) throw wrong(`selects item ${index} of a list that has no such item`);
      return selected;
    }
    case "Fn::If": {
      const [condition, then, otherwise] = list(argument, name);
      return resolveInner((conditionHolds(text(condition ?? null, name), scope) ? then : otherwise) ?? null, scope);
    }
    case "Fn::Equals": {
      const [left, right] = list(resolve(argument, scope), name);
      return JSON.stringify(left) === JSON.stringify(right);
    }
    case "Fn::Not":
      return list(resolve(argument, scope), name)[0] === false;
    case "Fn::And":
      return list(resolve(argument, scope), name).every((item) => item === true);
    case "Fn::Or":
      return list(resolve(argument, scope), name).some((item) => item === true);
    case "Fn::ImportValue": {
      const exportName = text(resolve(argument, scope), name);
      const value = scope.exported(exportName);
      if (value === undefined) throw wrong(`imports ${exportName}, which no stack exports`);
      return value;
    }
    case "Fn::FindInMap":
      return findInMap(list(resolve(argument, scope), name), scope);
    case "Fn::Base64":
      return Buffer.from(text(resolve(argument, scope), name)).toString("base64");
    default:
      throw wrong(`uses ${name}, which is not carried here`);
  }
}

function resolveRef(name: string, scope: Scope): Resolved {
  if (name === "AWS::NoValue") return noValue;
  const known = scope.pseudo[name] ?? scope.parameters[name] ?? scope.created(name)?.ref;
  if (known === undefined)
    throw wrong(`refers to ${name}, which is neither a parameter with a value nor a resource made`);
  return known;
}

function resolveGetAtt(argument: Json, scope: Scope): Json {
  const path =
    typeof argument === "string"
      ? argument
      : list(argument, "Fn::GetAtt")
          .map((part) => text(part, "Fn::GetAtt"))
          .join(".");
  const dot = path.indexOf(".");
  const [logicalId, attribute] = [path.slice(0, dot), path.slice(dot + 1)];
  const value = scope.created(logicalId)?.attributes[attribute];
  if (value === undefined) throw wrong(`asks for ${path}, an attribute that is not known here`);
  return value;
}

function resolveSub(argument: Json, scope: Scope): string {
  const [template, variables] = typeof argument === "string" ? [argument, {}] : list(argument, "Fn::Sub");
  const own = isRecord(variables) ? variables : {};
  return text(template ?? null, "Fn::Sub").replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal !== "") return `\${${name}}`;
    if (own[name] !== undefined) return text(resolve(own[name], scope), "Fn::Sub");
    const value = name.includes(".") ? resolveGetAtt(name, scope) : resolve({ Ref: name }, scope);
    return text(value, "Fn::Sub");
  });
}

function findInMap([map, top, second]: readonly Json[], scope: Scope): Json {
  const mapping = scope.template.mappings[String(map)];
  const row = isRecord(mapping) ? mapping[String(top)] : undefined;
  const value = isRecord(row) ? row[String(second)] : undefined;
  if (value === undefined) throw wrong(`looks for ${map}.${top}.${second}, which no mapping has`);
  return value;
}

/** Logical ids that `value` names, in the branches that the conditions choose. */
export function namesIn(value: Json, scope: Scope): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (part: Json): void => {
    if (isList(part)) for (const item of part) walk(item);
    if (!isRecord(part)) return;
    const { Ref: ref, "Fn::GetAtt": attribute, "Fn::Sub": substitution, "Fn::If": choice } = part as JsonObject;
    if (typeof ref === "string") names.add(ref);
    if (isList(attribute)) names.add(String(attribute[0]));
    if (typeof attribute === "string") names.add(attribute.slice(0, attribute.indexOf(".")));
    if (substitution !== undefined) {
      const template = isList(substitution) ? substitution[0] : substitution;
      for (const [, name = ""] of String(template).matchAll(/\$\{([^!}][^}]*)\}/g))
        names.add(name.split(".")[0] ?? name);
    }
    if (isList(choice)) {
      const [condition, then, otherwise] = choice;
      walk((conditionHolds(String(condition), scope) ? then : otherwise) ?? null);
      return;
    }
    for (const member of Object.values(part)) walk(member);
  };
  walk(value);
  return names;
}

function isValue(value: Resolved): value is Json {
  return value !== noValue;
}

function list(value: Json, where: string): readonly Json[] {
  if (isList(value)) return value;
  throw wrong(`gives ${where} something that is not a list`);
}

function text(value: Json, where: string): string {
  if (typeof value === "string") return value;
  // CloudFormation reads numbers and booleans as text wherever text is asked for.
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw wrong(`gives ${where} something that is not text`);
}

function wrong(what: string): Failure {
  return new Failure("invalid-request", `The template ${what}.`);
}
