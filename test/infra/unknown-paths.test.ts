import { describe, expect, it } from "vitest";
import { unknownLinksCode, unknownPathsCode } from "../../infra/constructs/unknown-paths.ts";
import { readEdgeFunction } from "../../local/cloudfront/function.ts";

const run = readEdgeFunction("UnknownPaths", {
  FunctionConfig: { Runtime: "cloudfront-js-2.0" },
  FunctionCode: unknownPathsCode,
});
const asked = (uri: string) => run({ moment: "viewer-request", method: "GET", uri }).uri;
const answered = (uri: string, status = 200) => run({ moment: "viewer-response", method: "GET", uri, status }).status;

describe("what the portal does not have", () => {
  it("is answered with a page of ours and 404, whatever the address is", () => {
    for (const uri of ["/nowhere", "/index.html/", "//evil.example", "/assets/typed.js", "/INDEX.HTML", ""])
      expect([asked(uri), answered(uri)], uri).toEqual(["/not-found.html", 404]);
  });

  it("is 404 by its own name too, by which the response may know what was asked for", () => {
    expect([asked("/not-found.html"), answered("/not-found.html")]).toEqual(["/not-found.html", 404]);
  });

  it("is not the portal", () => {
    for (const uri of ["/", "/index.html"])
      expect([asked(uri), answered(uri), answered(uri, 304)]).toEqual([uri, 200, 304]);
  });
});

describe("what is below /r/", () => {
  const links = readEdgeFunction("UnknownLinks", {
    FunctionConfig: { Runtime: "cloudfront-js-2.0" },
    FunctionCode: unknownLinksCode,
  });
  const link = (uri: string) => links({ moment: "viewer-request", method: "GET", uri }).uri;

  it("goes to the API as it is where it has the shape of a link", () => {
    for (const uri of ["/r/abc.1764331200.def-_", "/r/hello", "/r/%20"]) expect(link(uri)).toBe(uri);
  });

  it("goes there as a link that is none where it has not: the API would have no route for it", () => {
    for (const uri of ["/r/", "/r//", "/r/abc/", "/r/abc/def", "/r/../v1/promotions"])
      expect(link(uri), uri).toBe("/r/none");
  });
});
