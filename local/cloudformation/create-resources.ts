import { createHash } from "node:crypto";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { localAccount, localRegion } from "../aws/aws-call.ts";
import { asRecord, isRecord, type JsonObject } from "../aws/json-shape.ts";
import type { World } from "../world.ts";
import { type Created, conditionHolds, namesIn, resolve, type Scope } from "./resolve.ts";
import type { DeclaredResource, Template } from "./template.ts";

/** A resource to make: its properties with everything resolved. */
export interface ResourceRequest {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
}

/** Makes one resource of a CloudFormation type, or takes up the one that an earlier run made. */
export type Creator = (resource: ResourceRequest, world: World) => Created | Promise<Created>;

/** Creators by CloudFormation type. */
export type Creators = ReadonlyMap<string, Creator>;

/** Values for parameters, as `cdk deploy --parameters` would give them: by stack, or by name for every stack. */
export type ParameterValues = Readonly<Record<string, string>>;

/** The outputs of a stack by name. */
export type Outputs = Readonly<Record<string, Json>>;

/**
 * Makes every resource of `templates`, each stack after those it imports from and each resource after those it
 * names. Throws `invalid-request` for a type that nobody makes and for a name that nothing stands behind.
 * Gives the outputs by stack.
 */
export async function createStacks(
  templates: readonly Template[],
  world: World,
  creators: Creators,
  values: ParameterValues,
): Promise<Readonly<Record<string, Outputs>>> {
  refuseUnknownTypes(templates, creators);
  refuseUnknownValues(templates, values);
  const exports = new Map<string, Json>();
  const outputs: Record<string, Outputs> = {};
  for (const template of templates)
    outputs[template.stackName] = await createStack(template, { world, creators, values, exports });
  for (const step of world.afterwards) step();
  return outputs;
}

async function createStack(
  template: Template,
  {
    world,
    creators,
    values,
    exports,
  }: { world: World; creators: Creators; values: ParameterValues; exports: Map<string, Json> },
): Promise<Outputs> {
  const created = new Map<string, Created>();
  const scope: Scope = {
    template,
    parameters: parametersOf(template, values),
    pseudo: {
      "AWS::AccountId": localAccount,
      "AWS::Region": localRegion,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": template.stackName,
      "AWS::StackId": stackId(template.stackName),
    },
    created: (logicalId) => created.get(logicalId),
    exported: (name) => exports.get(name),
  };
  for (const declared of inCreationOrder(template, scope)) {
    const request = {
      stackName: template.stackName,
      logicalId: declared.logicalId,
      type: declared.type,
      properties: explained(declared, () =>
        asRecord(atLocalAddresses(resolve(declared.properties, scope), world), declared.logicalId),
      ),
    };
    const creator = creators.get(declared.type);
    if (creator === undefined) throw new Failure("internal", `${declared.type} was let through without a creator.`);
    const made = await creator(request, world);
    created.set(declared.logicalId, made);
    world.made.push({ ...request, ...made });
  }
  return outputsOf(template, { scope, exports, world });
}

/** `value` with every address on AWS replaced by the one that stands for it here. */
function atLocalAddresses(value: Json, world: World): Json {
  if (world.moved.size === 0) return value;
  return JSON.parse(JSON.stringify(value), (_, member: Json) => {
    if (typeof member !== "string") return member;
    let text = member;
    for (const [there, here] of world.moved) text = text.replaceAll(there, here);
    return text;
  }) as Json;
}

function outputsOf(
  template: Template,
  { scope, exports, world }: { scope: Scope; exports: Map<string, Json>; world: World },
): Outputs {
  const outputs: Record<string, Json> = {};
  for (const [name, value] of Object.entries(template.outputs)) {
    const output = asRecord(value, `Output ${name}`);
    if (typeof output["Condition"] === "string" && !conditionHolds(output["Condition"], scope)) continue;
    const resolved = atLocalAddresses(resolve(output["Value"] ?? null, scope), world);
    outputs[name] = resolved;
    const exported = isRecord(output["Export"]) ? resolve(output["Export"]["Name"] ?? null, scope) : undefined;
    if (typeof exported === "string") exports.set(exported, resolved);
  }
  return outputs;
}

/** Depth first, so that whatever a resource names is made before it; the template's order otherwise. */
function inCreationOrder(template: Template, scope: Scope): readonly DeclaredResource[] {
  const ordered = new Set<DeclaredResource>();
  const visiting = new Set<string>();
  const visit = (logicalId: string): void => {
    const resource = template.resources.get(logicalId);
    if (resource === undefined || ordered.has(resource)) return;
    if (resource.condition !== undefined && !conditionHolds(resource.condition, scope)) return;
    if (visiting.has(logicalId)) {
      throw new Failure("invalid-request", `${[...visiting].join(" → ")} depend on each other in a circle.`);
    }
    visiting.add(logicalId);
    for (const name of [...resource.dependsOn, ...namesIn(resource.properties, scope)]) visit(name);
    visiting.delete(logicalId);
    ordered.add(resource);
  };
  for (const logicalId of template.resources.keys()) visit(logicalId);
  return [...ordered];
}

function parametersOf(template: Template, values: ParameterValues): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, declaration] of Object.entries(template.parameters)) {
    const {
      Default: fallback,
      Type: type,
      AllowedPattern: pattern,
      AllowedValues: allowed,
    } = asRecord(declaration, name);
    // CDK's check of its bootstrap stack reads a parameter store that nothing here has a use for.
    if (String(type).startsWith("AWS::SSM::Parameter::Value")) continue;
    const value = values[`${template.stackName}:${name}`] ?? values[name] ?? fallback;
    if (value === undefined) missing.push(name);
    else parameters[name] = String(value);
    const given = parameters[name] ?? "";
    const refused =
      (typeof pattern === "string" && !new RegExp(`^(?:${pattern})$`).test(given)) ||
      (Array.isArray(allowed) && !allowed.map(String).includes(given));
    if (value !== undefined && refused) {
      throw new Failure("invalid-request", `${template.stackName} does not allow the value of its parameter ${name}.`);
    }
  }
  if (missing.length > 0) {
    throw new Failure("invalid-request", `${template.stackName} asks for the parameters ${missing.join(", ")}.`);
  }
  return parameters;
}

function refuseUnknownValues(templates: readonly Template[], values: ParameterValues): void {
  const known = new Set(
    templates.flatMap(({ stackName, parameters }) =>
      Object.keys(parameters).flatMap((name) => [name, `${stackName}:${name}`]),
    ),
  );
  const unknown = Object.keys(values).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Failure("invalid-request", `No stack has the parameters ${unknown.join(", ")}.`);
}

function refuseUnknownTypes(templates: readonly Template[], creators: Creators): void {
  const unknown = templates.flatMap(({ stackName, resources }) =>
    [...resources.values()]
      .filter(({ type }) => !creators.has(type))
      .map(({ logicalId, type }) => `${stackName}.${logicalId} (${type})`),
  );
  if (unknown.length > 0) {
    throw new Failure(
      "invalid-request",
      `The template has resources that are not carried here: ${unknown.join(", ")}.`,
    );
  }
}

function explained<Value>({ logicalId, type }: DeclaredResource, work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure(cause.code, `${logicalId} (${type}): ${cause.message}`, { cause });
  }
}

/** A fixed id: `AWS::StackId` is cut into names by some templates, and those must outlive a restart. */
function stackId(stackName: string): string {
  const hex = createHash("sha256").update(stackName).digest("hex");
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
  return `arn:aws:cloudformation:${localRegion}:${localAccount}:stack/${stackName}/${uuid}`;
}
