import { describe, expect, it } from "vitest";
import { readEdgeFunction } from "../../../local/cloudfront/function.ts";

const withBody = (body: string, runtime = "cloudfront-js-2.0") =>
  readEdgeFunction("Edge", {
    FunctionConfig: { Runtime: runtime },
    FunctionCode: `function handler(event) { ${body} }`,
  });
const request = { moment: "viewer-request", method: "GET", uri: "/a" } as const;
const response = { ...request, moment: "viewer-response", status: 200 } as const;

describe("a function at the edge", () => {
  it("is shown what is asked for and what is answered, and may change path and status", () => {
    const code = withBody(
      'if (event.context.eventType === "viewer-request") { event.request.uri += "/b"; return event.request; } event.response.statusCode += event.request.uri.length; return event.response;',
    );
    expect(code(request)).toEqual({ uri: "/a/b" });
    expect(code(response)).toEqual({ status: 202 });
  });

  it.each([
    ["a response of its own", 'return { statusCode: 404, uri: "/" };', request],
    ["another method", 'event.request.method = "POST"; return event.request;', request],
    ["other headers", 'event.request.headers.host = { value: "x" }; return event.request;', request],
    ["a body of its own", 'event.response.body = "x"; return event.response;', response],
    ["other headers", 'event.response.headers.server = { value: "x" }; return event.response;', response],
    ["nothing", "return undefined;", request],
  ])("is refused with %s, which is not carried", (what, body, event) => {
    expect(() => withBody(body)(event)).toThrow(`The function Edge answers with ${what}, which is not carried here.`);
  });

  it("finds nothing of Node there, and no other runtime", () => {
    expect(() => withBody("return process.env;")(request)).toThrow(/process is not defined/);
    expect(() => withBody("return event.request;", "cloudfront-js-1.0")).toThrow(/runs on cloudfront-js-1\.0/);
  });
});
