import { utf8 } from "../encoding/bytes.ts";
import type { Json } from "../encoding/canonical-json.ts";
import { readStrictJson } from "./strict-json.ts";

/**
 * What an IAM policy document allows, as `action on resource` for every pair; a text is read as JSON first. Undefined
 * where it is no policy: what cannot be read may allow everything. `NotAction` and `NotResource` allow all but a
 * few, which is written `*`; what a trust policy lets anybody do begins with `anybody: `. However many wildcards stand beside each
 * other, they are written as one `*`, and everything as `*`, also where it is written as an ARN (`arn:aws:*:*:*:*`).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @param room is asked before so many pairs are written
 */
export function allowedBy(document: Json, room: (pairs: number) => void): readonly string[] | undefined {
  const policy = typeof document === "string" ? parsed(document) : document;
  const statements = listOf(member(policy, "Statement"));
  if (statements === undefined) return undefined;
  const allowed: string[] = [];
  for (const statement of statements) {
    const effect = member(statement, "Effect");
    if (effect === "Deny") continue;
    const actions = member(statement, "NotAction") === undefined ? listOf(member(statement, "Action")) : ["*"];
    // A trust policy has no resource: it is about the role that it stands in.
    const named =
      member(statement, "Resource") ?? (member(statement, "Principal") === undefined ? undefined : "itself");
    const resources = member(statement, "NotResource") === undefined ? listOf(named) : ["*"];
    if (effect !== "Allow" || actions === undefined || resources === undefined) return undefined;
    if (actions.some((action) => typeof action !== "string" || isKnownLater(action))) return undefined;
    room(actions.length * resources.length);
    const prefix = anybodyMay(statement) ? "anybody: " : "";
    for (const action of actions) {
      for (const resource of resources)
        allowed.push(`${prefix}${wild(textOf(action))} on ${everything(wild(textOf(resource)))}`);
    }
  }
  return allowed;
}

/**
 * What a managed policy allows that the plan does not show, by its name alone: everything where it says so, and else something on
 * resources of its own.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
 */
export function allowedByName(policy: Json): string {
  const arn = textOf(policy);
  const name = arn.includes(":policy/") ? arn.slice(arn.lastIndexOf("/") + 1) : "";
  return /full_?access|power_?user|admin/i.test(name) ? `${arn} on *` : `${arn} on its resources`;
}

/**
 * Whether something stands in the place of what is known once the change set is executed.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
 */
export function isKnownLater(text: string): boolean {
  return text.includes("{{");
}

function anybodyMay(statement: Json): boolean {
  if (member(statement, "NotPrincipal") !== undefined) return true;
  const principal = member(statement, "Principal");
  return principal === "*" || (listOf(member(principal, "AWS")) ?? []).includes("*");
}

function parsed(text: string): Json | undefined {
  const read = readStrictJson(utf8(text));
  return read.kind === "value" ? read.value : undefined;
}

function member(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const object = value as { readonly [key: string]: Json };
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function listOf(value: Json | undefined): readonly Json[] | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value : [value as Json];
}

/** A resource that is computed, as `{"Fn::GetAtt": …}`, is one resource and not all. */
function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `?*` and `**` match whatever `*` does, but for nothing at all. */
function wild(text: string): string {
  return text.replace(/[*?]+/g, (those) => (those.includes("*") ? "*" : those));
}

/** The parts of an ARN: `arn:partition:service:region:account:resource`; regions and accounts may be empty. */
function everything(resource: string): string {
  const [arn, , service, region = "*", account = "*", ...rest] = resource.split(":");
  if (arn !== "arn" || (service !== undefined && service !== "*")) return resource;
  const named = [region, account].some((part) => part !== "" && part !== "*") || rest.some((part) => part !== "*");
  return named ? resource : "*";
}
