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
