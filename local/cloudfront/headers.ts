import { Failure } from "../../core/failure.ts";
import { asRecord, asText, isList, isRecord, type JsonObject } from "../aws/json-shape.ts";

/** A header that a distribution sets on every response of a behaviour. */
interface ResponseHeader {
  readonly name: string;
  readonly value: string;
  /** False leaves what the origin sent. */
  readonly override: boolean;
}

/** What a response headers policy does. */
export interface ResponseHeadersPolicy {
  readonly set: readonly ResponseHeader[];
  readonly removed: readonly string[];
}

/**
 * Reads the `ResponseHeadersPolicyConfig` of `AWS::CloudFront::ResponseHeadersPolicy`. Throws `invalid-request` for
 * a part that is not carried.
 */
export function readResponseHeadersPolicy(config: JsonObject): ResponseHeadersPolicy {
  const carried = ["Name", "Comment", "SecurityHeadersConfig", "CustomHeadersConfig", "RemoveHeadersConfig"];
  const foreign = Object.keys(config).filter((key) => !carried.includes(key));
  if (foreign.length > 0) {
    throw new Failure("invalid-request", `A response headers policy has ${foreign.join(", ")}, not carried here.`);
  }
  const security = Object.entries(asRecord(config["SecurityHeadersConfig"] ?? {}, "SecurityHeadersConfig"));
  return {
    set: [...security.map(([kind, value]) => securityHeader(kind, asRecord(value, kind))), ...customHeaders(config)],
    removed: items(config["RemoveHeadersConfig"]).map((item) => asText(item["Header"], "Header")),
  };
}

function customHeaders(config: JsonObject): readonly ResponseHeader[] {
  return items(config["CustomHeadersConfig"]).map((item) => ({
    name: asText(item["Header"], "Header"),
    value: asText(item["Value"], "Value"),
    override: item["Override"] === true,
  }));
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html */
function securityHeader(kind: string, config: JsonObject): ResponseHeader {
  const override = config["Override"] === true;
  switch (kind) {
    case "ContentSecurityPolicy":
      return { name: "content-security-policy", value: asText(config["ContentSecurityPolicy"], kind), override };
    case "ContentTypeOptions":
      return { name: "x-content-type-options", value: "nosniff", override };
    case "FrameOptions":
      return { name: "x-frame-options", value: asText(config["FrameOption"], kind), override };
    case "ReferrerPolicy":
      return { name: "referrer-policy", value: asText(config["ReferrerPolicy"], kind), override };
    case "StrictTransportSecurity": {
      const parts = [`max-age=${String(config["AccessControlMaxAgeSec"])}`];
      if (config["IncludeSubdomains"] === true) parts.push("includeSubDomains");
      if (config["Preload"] === true) parts.push("preload");
      return { name: "strict-transport-security", value: parts.join("; "), override };
    }
    case "XSSProtection": {
      const protection = config["Protection"] === true ? "1" : "0";
      return {
        name: "x-xss-protection",
        value: config["ModeBlock"] === true ? `${protection}; mode=block` : protection,
        override,
      };
    }
    default:
      throw new Failure("invalid-request", `A response headers policy has ${kind}, which is not carried here.`);
  }
}

/**
 * Whether an origin request policy hands the viewer's headers, query and cookies on to the origin. Without a policy
 * CloudFront drops them, `Authorization` first of all. Throws `invalid-request` for one that picks some of them.
 */
export function forwardsEverything(policy: JsonObject | string | undefined): boolean {
  if (policy === undefined) return false;
  if (typeof policy === "string") {
    if (managedForwardAll.has(policy)) return true;
    throw new Failure("invalid-request", `The origin request policy ${policy} is not carried here.`);
  }
  const headers = asRecord(policy["HeadersConfig"], "HeadersConfig")["HeaderBehavior"];
  const query = asRecord(policy["QueryStringsConfig"], "QueryStringsConfig")["QueryStringBehavior"];
  if ((headers === "allViewer" || headers === "allExcept") && query === "all") return true;
  if (headers === "none" && query === "none") return false;
  throw new Failure(
    "invalid-request",
    "An origin request policy that forwards some headers or parameters is not carried.",
  );
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html */
const managedForwardAll: ReadonlySet<string> = new Set([
  // AllViewerExceptHostHeader
  "b689b0a8-53d0-40ab-baf2-68738e2966ac",
]);

function items(config: unknown): readonly JsonObject[] {
  const list = isRecord(config) ? config["Items"] : undefined;
  return isList(list) ? list.map((item) => asRecord(item, "Items")) : [];
}
