import { Failure } from "../../core/failure.ts";
import { localRegion } from "../aws/aws-call.ts";
import { asList, asRecord, asText, isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import type { Behavior, Distribution, ErrorResponse, Origin } from "../cloudfront/cloudfront.ts";
import { isEdgeMoment, readEdgeFunction } from "../cloudfront/function.ts";
import { forwardsEverything, readResponseHeadersPolicy } from "../cloudfront/headers.ts";
import { deployFiles } from "../portal-files.ts";
import { localArn, type World } from "../world.ts";
import type { Creator, ResourceRequest } from "./create-resources.ts";

/** The distribution that a browser talks to, and the files that it finds there. */
export const frontCreators: Readonly<Record<string, Creator>> = {
  "AWS::CloudFront::Distribution": createDistribution,
  "AWS::CloudFront::OriginAccessControl": ({ logicalId }) => ({ ref: logicalId, attributes: { Id: logicalId } }),
  // Nothing is cached here.
  "AWS::CloudFront::CachePolicy": ({ logicalId }) => ({ ref: logicalId, attributes: { Id: logicalId } }),
  "AWS::CloudFront::OriginRequestPolicy": ({ logicalId, properties }, { originRequestPolicies }) => {
    originRequestPolicies.set(logicalId, asRecord(properties["OriginRequestPolicyConfig"], logicalId));
    return { ref: logicalId, attributes: { Id: logicalId } };
  },
  "AWS::CloudFront::ResponseHeadersPolicy": ({ logicalId, properties }, { headersPolicies }) => {
    const config = asRecord(properties["ResponseHeadersPolicyConfig"], logicalId);
    headersPolicies.set(logicalId, readResponseHeadersPolicy(config));
    return { ref: logicalId, attributes: { Id: logicalId } };
  },
  "AWS::CloudFront::Function": ({ logicalId, properties }, { edgeFunctions }) => {
    const arn = localArn("cloudfront", `function/${logicalId}`);
    edgeFunctions.set(arn, readEdgeFunction(logicalId, properties));
    return { ref: arn, attributes: { FunctionARN: arn, Stage: "LIVE" } };
  },
  "Custom::CDKBucketDeployment": deployFiles,
};

function createDistribution({ logicalId, properties }: ResourceRequest, world: World) {
  const config = asRecord(properties["DistributionConfig"], `DistributionConfig of ${logicalId}`);
  const domainName = `${logicalId.toLowerCase()}.cloudfront.net`;
  world.moved.set(`https://${domainName}`, world.addresses.portal);
  // Origins, functions and policies are all made by the time anything listens.
  world.afterwards.push(() => void world.distributions.push(distributionOf(config, world)));
  return {
    ref: logicalId,
    attributes: { Id: logicalId, DomainName: domainName, Arn: localArn("cloudfront", `distribution/${logicalId}`) },
  };
}

function distributionOf(config: JsonObject, world: World): Distribution {
  const origins = new Map(
    records(config["Origins"], "Origins").map((origin) => [asText(origin["Id"], "Id"), originOf(origin, world)]),
  );
  const behaviors = [
    ...records(config["CacheBehaviors"] ?? [], "CacheBehaviors").map((behavior) =>
      behaviorOf(asText(behavior["PathPattern"], "PathPattern"), behavior, origins, world),
    ),
    behaviorOf("*", asRecord(config["DefaultCacheBehavior"], "DefaultCacheBehavior"), origins, world),
  ];
  return {
    behaviors,
    ...(typeof config["DefaultRootObject"] === "string" ? { defaultRootObject: config["DefaultRootObject"] } : {}),
    errorResponses: records(config["CustomErrorResponses"] ?? [], "CustomErrorResponses").flatMap(errorResponseOf),
  };
}

function originOf(origin: JsonObject, world: World): Origin {
  const domain = asText(origin["DomainName"], "DomainName");
  const path = String(origin["OriginPath"] ?? "");
  const customHeaders = Object.fromEntries(
    records(origin["OriginCustomHeaders"] ?? [], "OriginCustomHeaders").map((header) => [
      asText(header["HeaderName"], "HeaderName").toLowerCase(),
      asText(header["HeaderValue"], "HeaderValue"),
    ]),
  );
  const bucket = domain.match(/^(.+)\.s3(\.[a-z0-9-]+)?\.amazonaws\.com$/)?.[1];
  if (bucket !== undefined) {
    if (origin["OriginAccessControlId"] === undefined) {
      throw new Failure("invalid-request", `The origin ${domain} has no origin access control, so S3 would refuse it.`);
    }
    return { url: `${world.services.s3.url}/${bucket}${path}`, principal: "cloudfront.amazonaws.com", customHeaders };
  }
  const api = world.moved.get(`https://${domain}`);
  if (api === undefined || !domain.endsWith(`.execute-api.${localRegion}.amazonaws.com`)) {
    throw new Failure("invalid-request", `The origin ${domain} is neither a bucket nor an API of the template.`);
  }
  return { url: `${api}${path}`, customHeaders };
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html */
const managedSecurityHeaders = "67f7725c-6f97-4210-82d7-5512b31e9d03";

function behaviorOf(
  pathPattern: string,
  behavior: JsonObject,
  origins: ReadonlyMap<string, Origin>,
  world: World,
): Behavior {
  const origin = origins.get(asText(behavior["TargetOriginId"], "TargetOriginId"));
  if (origin === undefined) throw new Failure("invalid-request", `${pathPattern} names an origin that is not there.`);
  const methods = behavior["AllowedMethods"];
  const requestPolicy = behavior["OriginRequestPolicyId"];
  if (behavior["LambdaFunctionAssociations"] !== undefined)
    throw new Failure("invalid-request", `The behaviour of ${pathPattern} runs Lambda at the edge, not carried here.`);
  return {
    pathPattern,
    origin,
    methods: isList(methods) ? methods.map(String) : ["GET", "HEAD"],
    forwardsEverything: forwardsEverything(
      typeof requestPolicy === "string" ? (world.originRequestPolicies.get(requestPolicy) ?? requestPolicy) : undefined,
    ),
    headersPolicy: headersPolicyOf(behavior["ResponseHeadersPolicyId"], world),
    edge: edgeOf(pathPattern, behavior["FunctionAssociations"], world),
  };
}

function edgeOf(pathPattern: string, associations: unknown, { edgeFunctions }: World): NonNullable<Behavior["edge"]> {
  return Object.fromEntries(
    records(associations ?? [], "FunctionAssociations").map((association) => {
      const run = edgeFunctions.get(asText(association["FunctionARN"], "FunctionARN"));
      const when = asText(association["EventType"], "EventType");
      if (run === undefined || !isEdgeMoment(when))
        throw new Failure("invalid-request", `The behaviour of ${pathPattern} runs something else at the edge.`);
      return [when, run];
    }),
  );
}

function headersPolicyOf(id: unknown, { headersPolicies }: World): Behavior["headersPolicy"] {
  if (id === undefined) return { set: [], removed: [] };
  const policy = headersPolicies.get(String(id));
  if (policy !== undefined) return policy;
  if (id !== managedSecurityHeaders) {
    throw new Failure("invalid-request", `The response headers policy ${String(id)} is not carried here.`);
  }
  return readResponseHeadersPolicy({
    SecurityHeadersConfig: {
      XSSProtection: { Protection: true, ModeBlock: true, Override: false },
      FrameOptions: { FrameOption: "SAMEORIGIN", Override: false },
      ReferrerPolicy: { ReferrerPolicy: "strict-origin-when-cross-origin", Override: false },
      ContentTypeOptions: { Override: true },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: false },
    },
  });
}

function errorResponseOf(response: JsonObject): readonly ErrorResponse[] {
  const { ErrorCode: code, ResponseCode: status, ResponsePagePath: page } = response;
  // Without a page it only says how long an error is cached.
  return page === undefined
    ? []
    : [{ errorCode: Number(code), responseCode: Number(status ?? code), pagePath: asText(page, "ResponsePagePath") }];
}

function records(value: unknown, place: string): readonly JsonObject[] {
  // CloudFormation wraps some of these lists in { Quantity, Items }.
  const list = isRecord(value) ? value["Items"] : value;
  return asList(list ?? [], place).map((item) => asRecord(item, place));
}
