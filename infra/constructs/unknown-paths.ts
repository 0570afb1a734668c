import type { BehaviorOptions } from "aws-cdk-lib/aws-cloudfront";
import { Function as EdgeFunction, FunctionCode, FunctionEventType, FunctionRuntime } from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";

/** The page that portal/not-found.html is built to. */
const page = "/not-found.html";

/**
 * Runs at the edge, before and after what a person asks for. A distribution's own error pages would stand in for the
 * API's problem documents as well, since they know nothing of paths; and what a function answers by itself would have to
 * bring the security headers along, which the behaviour's policy puts on a page from the bucket.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
export const unknownPathsCode = `function handler(event) {
  var request = event.request;
  var known = request.uri === "/" || request.uri === "/index.html";
  if (event.context.eventType === "viewer-request") {
    if (!known) request.uri = "${page}";
    return request;
  }
  if (!known) {
    event.response.statusCode = 404;
    event.response.statusDescription = "Not Found";
  }
  return event.response;
}
`;

/**
 * What is below the path of review links and is none's shape, such as a link that a mail program cut off right after it,
 * goes on as a link that is none: the API has routes for links alone, and tells people by the portal and programs by a
 * problem document what is wrong with one.
 */
export const unknownLinksCode = `function handler(event) {
  var request = event.request;
  if (!/^\\/r\\/[^/]+$/.test(request.uri)) request.uri = "/r/none";
  return request;
}
`;

/** Lets a behaviour answer with our own page, and 404, what the portal does not have: nothing of the address is in it. */
export function withUnknownPaths(
  scope: Construct,
  functionName: string,
): Pick<BehaviorOptions, "functionAssociations"> {
  const code = new EdgeFunction(scope, "UnknownPaths", {
    functionName,
    code: FunctionCode.fromInline(unknownPathsCode),
    runtime: FunctionRuntime.JS_2_0,
    comment: "Countersign: a page of its own, and 404, for addresses that the portal does not have.",
  });
  return {
    functionAssociations: [FunctionEventType.VIEWER_REQUEST, FunctionEventType.VIEWER_RESPONSE].map((eventType) => ({
      function: code,
      eventType,
    })),
  };
}

/** Lets the behaviour of review links hand on what is none as one that cannot be used. */
export function withUnknownLinks(
  scope: Construct,
  functionName: string,
): Pick<BehaviorOptions, "functionAssociations"> {
  const code = new EdgeFunction(scope, "UnknownLinks", {
    functionName,
    code: FunctionCode.fromInline(unknownLinksCode),
    runtime: FunctionRuntime.JS_2_0,
    comment: "Countersign: what is below /r/ and no link goes on as a link that is none.",
  });
  return { functionAssociations: [{ function: code, eventType: FunctionEventType.VIEWER_REQUEST }] };
}
