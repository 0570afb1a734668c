import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { asRecord, asText, isList, isRecord, type JsonObject } from "../aws/json-shape.ts";

/** One resource as its template declares it; nothing in it is resolved yet. */
export interface DeclaredResource {
  readonly logicalId: string;
  /** CloudFormation type, e.g. `AWS::Lambda::Function`. */
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  /** Name of the template's condition without which the resource is not made. */
  readonly condition?: string;
}

/** A synthesized CloudFormation template. */
export interface Template {
  readonly stackName: string;
  readonly parameters: JsonObject;
  readonly conditions: JsonObject;
  readonly mappings: JsonObject;
  readonly resources: ReadonlyMap<string, DeclaredResource>;
  readonly outputs: JsonObject;
}

/** What `cdk synth` wrote. */
export interface Assembly {
  /** In an order in which each stack comes after those it depends on. */
  readonly templates: readonly Template[];
  /** Path of the file or directory that the assets manifests would upload as `objectKey`, if any does. */
  assetPath(objectKey: string): string | undefined;
}

/**
 * Reads a cloud assembly directory: its manifest, each stack's template, and the assets manifests
 * (https://docs.aws.amazon.com/cdk/v2/guide/deploy.html, schema in @aws-cdk/cloud-assembly-schema).
 *
 * Throws `not-found` where there is none, `invalid-request` for what it cannot read.
 */
export function readAssembly(directory: string): Assembly {
  if (!existsSync(join(directory, "manifest.json"))) {
    throw new Failure("not-found", `${directory} holds no synthesized template. Run "npx cdk synth" first.`);
  }
  const artifacts = asRecord(readJson(directory, "manifest.json")["artifacts"], "artifacts in manifest.json");
  const assets = new Map<string, string>();
  const templates: Template[] = [];
  for (const [id, artifact] of inDependencyOrder(artifacts)) {
    const properties = isRecord(artifact["properties"]) ? artifact["properties"] : {};
    if (artifact["type"] === "cdk:asset-manifest") readAssets(directory, asText(properties["file"], id), assets);
    if (artifact["type"] === "cdk:cloud-assembly") {
      throw new Failure("invalid-request", `${id} is a nested assembly (a CDK stage), which is not carried here.`);
    }
    if (artifact["type"] !== "aws:cloudformation:stack") continue;
    const stackName = typeof properties["stackName"] === "string" ? properties["stackName"] : id;
    templates.push(readTemplate(stackName, readJson(directory, asText(properties["templateFile"], id))));
  }
  return { templates, assetPath: (objectKey) => assets.get(objectKey) };
}

/** `document` as a template. Throws `invalid-request` where it has a section that is not carried. */
export function readTemplate(stackName: string, document: JsonObject): Template {
  if (document["Transform"] !== undefined) {
    throw new Failure("invalid-request", `${stackName} asks for a Transform, which is not carried here.`);
  }
  const section = (name: string): JsonObject => asRecord(document[name] ?? {}, `${name} of ${stackName}`);
  const resources = new Map<string, DeclaredResource>();
  for (const [logicalId, value] of Object.entries(section("Resources"))) {
    const resource = asRecord(value, `${logicalId} in ${stackName}`);
    const { DependsOn: dependsOn, Condition: condition } = resource;
    resources.set(logicalId, {
      logicalId,
      type: asText(resource["Type"], `Type of ${logicalId}`),
      properties: asRecord(resource["Properties"] ?? {}, `Properties of ${logicalId}`),
      dependsOn: typeof dependsOn === "string" ? [dependsOn] : isList(dependsOn) ? dependsOn.filter(isText) : [],
      ...(typeof condition === "string" ? { condition } : {}),
    });
  }
  return {
    stackName,
    parameters: section("Parameters"),
    conditions: section("Conditions"),
    mappings: section("Mappings"),
    resources,
    outputs: section("Outputs"),
  };
}

function isText(value: Json): value is string {
  return typeof value === "string";
}

function readJson(directory: string, file: string): JsonObject {
  return asRecord(JSON.parse(readFileSync(join(directory, file), "utf8")), file);
}

function inDependencyOrder(artifacts: JsonObject): readonly (readonly [string, JsonObject])[] {
  const ordered = new Map<string, JsonObject>();
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (ordered.has(id) || !isRecord(artifact)) return;
    const dependencies = artifact["dependencies"];
    if (isList(dependencies)) dependencies.filter(isText).forEach(visit);
    ordered.set(id, artifact);
  };
  Object.keys(artifacts).forEach(visit);
  return [...ordered];
}

function readAssets(directory: string, file: string, assets: Map<string, string>): void {
  for (const [id, value] of Object.entries(asRecord(readJson(directory, file)["files"] ?? {}, `files in ${file}`))) {
    const asset = asRecord(value, `${id} in ${file}`);
    const source = asRecord(asset["source"], `source of ${id} in ${file}`);
    // An asset without a path is built by a command at publishing time; whoever needs it is told that it is missing.
    if (typeof source["path"] !== "string") continue;
    for (const destination of Object.values(asRecord(asset["destinations"], `destinations of ${id} in ${file}`))) {
      const { objectKey } = asRecord(destination, `destinations of ${id} in ${file}`);
      assets.set(asText(objectKey, `objectKey of ${id}`), join(directory, source["path"]));
    }
  }
}
