import type { APIGatewayProxyEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { isAsked, queryOf } from "../../../functions/api/query-members.ts";
import { mock } from "../mock.ts";

function asked(operation: string, query: readonly (readonly [string, string])[]): APIGatewayProxyEvent {
  const [httpMethod = "", resource = ""] = operation.split(" ");
  const all: Record<string, string[]> = {};
  for (const [name, value] of query) all[name] = [...(all[name] ?? []), value];
  return mock<APIGatewayProxyEvent>("event", {
    httpMethod,
    resource,
    queryStringParameters: query.length === 0 ? null : Object.fromEntries(query),
    multiValueQueryStringParameters: query.length === 0 ? null : all,
  });
}

function whyRefused(operation: string, ...query: readonly (readonly [string, string])[]): string | undefined {
  try {
    queryOf(asked(operation, query));
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

describe("the query of a request", () => {
  it("names a filter that is misspelt, and never shows everything instead", () => {
    expect(whyRefused("GET /v1/promotions", ["status", "any"], ["persn", "ines"])).toBe(
      "invalid-request: The query may hold status, model, target, from, to, person, standing, decided, limit, cursor; 'persn' means nothing here.",
    );
    expect(whyRefused("GET /v1/promotions", ["Status", "any"])).toMatch(/'Status' means nothing here/);
  });

  it("takes none where nothing is asked by one, least of all in a request that does something", () => {
    const nothing = /^invalid-request: This takes no query; 'dryRun' means nothing here\.$/;
    expect(whyRefused("POST /v1/promotions", ["dryRun", "true"])).toMatch(nothing);
    expect(whyRefused("GET /v1/policy", ["dryRun", "true"])).toMatch(nothing);
    expect(whyRefused("POST /v1/promotions")).toBeUndefined();
  });

  it("does not choose between two of one name", () => {
    expect(whyRefused("GET /v1/promotions", ["status", "deployed"], ["status", "rejected"])).toBe(
      "invalid-request: The query holds 'status' more than once.",
    );
  });

  it("is what was asked", () => {
    const query = queryOf(asked("GET /v1/promotions", [["status", "any"]]));
    expect(query).toEqual({ status: "any" });
  });

  it("does not mind what programs add to links in letters, and to what is published", () => {
    expect(whyRefused("GET /r/{link}", ["utm_source", "mail"], ["utm_source", "scan"])).toBeUndefined();
    expect(whyRefused("HEAD /r/{link}", ["utm_source", "mail"])).toBeUndefined();
    expect(whyRefused("GET /v1/service", ["t", "1"])).toBeUndefined();
  });

  it("repeats no more of a name than tells which one it is", () => {
    expect(whyRefused("GET /v1/learning", ["x".repeat(500), "1"])).toMatch(/; 'x{60}' means nothing here\.$/);
  });

  it("takes nothing but true and false for an answer that is yes or no", () => {
    expect(isAsked({}, "own")).toBe(false);
    expect(isAsked({ own: "true" }, "own")).toBe(true);
    expect(() => isAsked({ own: "True" }, "own")).toThrow("own is true or false.");
    expect(() => isAsked({ own: "" }, "own")).toThrow("own is true or false.");
  });
});
