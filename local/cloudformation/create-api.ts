import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../core/failure.ts";
import type { RestApi, Route } from "../api-gateway/api-gateway.ts";
import { type BodyCheck, compileModel, isSchema } from "../api-gateway/models.ts";
import { type GatewayResponse, substitute } from "../api-gateway/responses.ts";
import { localRegion } from "../aws/aws-call.ts";
import { asRecord, asText, isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import { functionNamed, invokeForService, localArn, stateFolder, type World } from "../world.ts";
import type { Creator, ResourceRequest } from "./create-resources.ts";

/** Everything that makes up a REST API; it is put together once the stage is made. */
export const apiCreators: Readonly<Record<string, Creator>> = {
  "AWS::ApiGateway::RestApi": ({ logicalId, properties }, { moved, addresses }) => {
    if (properties["Body"] !== undefined || properties["BodyS3Location"] !== undefined) {
      throw new Failure("invalid-request", `${logicalId} is defined by an OpenAPI body, which is not carried here.`);
    }
    moved.set(`https://${apiIdOf(logicalId)}.execute-api.${localRegion}.amazonaws.com`, addresses.api);
    return { ref: apiIdOf(logicalId), attributes: { RestApiId: apiIdOf(logicalId), RootResourceId: "root" } };
  },
  "AWS::ApiGateway::Resource": ({ logicalId }) => ({ ref: logicalId, attributes: { ResourceId: logicalId } }),
  "AWS::ApiGateway::Method": checkMethod,
  "AWS::ApiGateway::Model": ({ logicalId, properties }) => {
    if (!isSchema(properties["Schema"])) throw new Failure("invalid-request", `${logicalId} has no schema.`);
    return { ref: String(properties["Name"] ?? logicalId), attributes: {} };
  },
  "AWS::ApiGateway::RequestValidator": ({ logicalId }) => ({
    ref: logicalId,
    attributes: { RequestValidatorId: logicalId },
  }),
  "AWS::ApiGateway::GatewayResponse": ({ logicalId }) => ({ ref: logicalId, attributes: { Id: logicalId } }),
  "AWS::ApiGateway::Deployment": ({ logicalId }) => ({ ref: logicalId, attributes: { DeploymentId: logicalId } }),
  "AWS::ApiGateway::Stage": createStage,
};

/** API Gateway's ids are ten lower-case letters and digits. */
function apiIdOf(logicalId: string): string {
  return logicalId.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

function checkMethod({ logicalId, properties }: ResourceRequest) {
  const integration = asRecord(properties["Integration"], `Integration of ${logicalId}`);
  const authorization = properties["AuthorizationType"] ?? "NONE";
  if (integration["Type"] !== "AWS_PROXY" || authorization !== "NONE" || properties["ApiKeyRequired"] === true) {
    throw new Failure("invalid-request", `${logicalId} is no open method that is proxied to a function.`);
  }
  return { ref: logicalId, attributes: {} };
}

function createStage({ logicalId, properties }: ResourceRequest, world: World) {
  const apiId = asText(properties["RestApiId"], `RestApiId of ${logicalId}`);
  const stage = asText(properties["StageName"], `StageName of ${logicalId}`);
  world.afterwards.push(() => {
    const of = (type: string) =>
      world.made.filter((made) => made.type === type && (made.properties["RestApiId"] ?? made.ref) === apiId);
    const [api] = of("AWS::ApiGateway::RestApi");
    const binaryMediaTypes = api?.properties["BinaryMediaTypes"];
    const least = api?.properties["MinimumCompressionSize"];
    const accessLog = accessLogOf(properties["AccessLogSetting"], world);
    world.restApis.push({
      apiId,
      stage,
      routes: of("AWS::ApiGateway::Method").map(({ properties: method }) =>
        routeOf(method, { apiId, stage, of, world }),
      ),
      responses: new Map(of("AWS::ApiGateway::GatewayResponse").map(({ properties: own }) => gatewayResponseOf(own))),
      binaryMediaTypes: isList(binaryMediaTypes) ? binaryMediaTypes.map(String) : [],
      ...(least === undefined ? {} : { minimumCompressionSize: Number(least) }),
      ...(accessLog === undefined ? {} : { onAccess: accessLog }),
    });
  });
  return { ref: stage, attributes: {} };
}

interface ApiParts {
  readonly apiId: string;
  readonly stage: string;
  of(type: string): readonly { readonly ref: string; readonly properties: JsonObject }[];
  readonly world: World;
}

function routeOf(method: JsonObject, { apiId, stage, of, world }: ApiParts): Route {
  const resourceId = asText(method["ResourceId"], "ResourceId");
  const httpMethod = asText(method["HttpMethod"], "HttpMethod");
  const resourcePath = pathOf(resourceId, of("AWS::ApiGateway::Resource"));
  const integration = asRecord(method["Integration"], "Integration");
  const arn = asText(integration["Uri"], "Uri").match(/\/functions\/(arn:[^/]+)\/invocations$/)?.[1];
  if (arn === undefined) throw new Failure("invalid-request", `${httpMethod} ${resourcePath} names no function.`);
  const target = functionNamed(world, arn);
  const validator = of("AWS::ApiGateway::RequestValidator").find(({ ref }) => ref === method["RequestValidatorId"]);
  if (validator === undefined && method["RequestValidatorId"] !== undefined) {
    throw new Failure("invalid-request", `${httpMethod} ${resourcePath} has a validator that the API does not have.`);
  }
  return {
    resourceId,
    resourcePath,
    method: httpMethod,
    requiredParameters: validator?.properties["ValidateRequestParameters"] === true ? requiredOf(method) : [],
    bodyChecks: validator?.properties["ValidateRequestBody"] === true ? bodyChecksOf(method, of) : new Map(),
    timeoutMilliseconds: Number(integration["TimeoutInMillis"] ?? 29_000),
    invoke: (event, path, requestMethod) => {
      const source = localArn("execute-api", `${apiId}/${stage}/${requestMethod}${path}`);
      return invokeForService(world, target, "apigateway.amazonaws.com", source, event);
    },
  };
}

function pathOf(
  resourceId: string,
  resources: readonly { readonly ref: string; readonly properties: JsonObject }[],
): string {
  const resource = resources.find(({ ref }) => ref === resourceId);
  if (resource === undefined) return "/";
  const parent = pathOf(String(resource.properties["ParentId"]), resources);
  return `${parent === "/" ? "" : parent}/${String(resource.properties["PathPart"])}`;
}

function requiredOf(method: JsonObject): readonly string[] {
  const parameters = isRecord(method["RequestParameters"]) ? method["RequestParameters"] : {};
  return Object.entries(parameters).flatMap(([name, required]) =>
    required === true || required === "true" ? [name.slice("method.request.".length)] : [],
  );
}

function bodyChecksOf(method: JsonObject, of: ApiParts["of"]): ReadonlyMap<string, BodyCheck> {
  const models = isRecord(method["RequestModels"]) ? method["RequestModels"] : {};
  return new Map(
    Object.entries(models).map(([contentType, name]) => {
      const model = of("AWS::ApiGateway::Model").find(({ ref }) => ref === name);
      const schema = model?.properties["Schema"];
      if (!isSchema(schema)) throw new Failure("invalid-request", `The API has no model ${String(name)}.`);
      return [contentType, compileModel(schema)];
    }),
  );
}

function gatewayResponseOf(properties: JsonObject): readonly [string, GatewayResponse] {
  const {
    ResponseType: type,
    StatusCode: status,
    ResponseParameters: parameters,
    ResponseTemplates: templates,
  } = properties;
  return [
    asText(type, "ResponseType"),
    {
      ...(status === undefined ? {} : { statusCode: Number(status) }),
      parameters: textsOf(parameters),
      templates: textsOf(templates),
    },
  ];
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, asText(text, name)]));
}

/** Writes the stage's access log in its own format to `logs/api-access.log`. */
function accessLogOf(setting: unknown, world: World): RestApi["onAccess"] {
  const format = isRecord(setting) ? setting["Format"] : undefined;
  if (typeof format !== "string") return undefined;
  const file = join(stateFolder(world, "logs"), "api-access.log");
  return (context) => appendFileSync(file, `${substitute(format, context, "-")}\n`, { mode: 0o600 });
}
