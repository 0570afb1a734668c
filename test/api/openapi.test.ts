import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { Failure, type FailureCode } from "../../core/failure.ts";
import { factTypes } from "../../core/promotion/fact.ts";
import { artifactRoles, evidenceKinds } from "../../core/promotion/freeze-manifest.ts";
import { statuses } from "../../core/promotion/promotion.ts";
import { problemOf } from "../../functions/api/problem.ts";
import { heedlessRoutes, queryMembers } from "../../functions/api/query-members.ts";
import { routes } from "../../infra/constructs/review-api.ts";
import { remapped } from "../../local/api-gateway/event.ts";
import { assertRequestMatches, assertValid, openApi } from "./answer-matches.ts";

const text = readFileSync("docs/api/openapi.yaml", "utf8");
const operations = Object.entries(openApi.paths).flatMap(([path, item]) =>
  (["get", "head", "post"] as const).flatMap((method) => {
    const operation = item[method];
    return operation === undefined ? [] : [[method, path, operation] as const];
  }),
);
const described = operations.map(([method, path]) => `${method.toUpperCase()} ${path}`);

describe("docs/api/openapi.yaml", () => {
  it("is an OpenAPI 3.1 document", async () => {
    const { valid, errors } = await new Validator().validate(text);
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it("has the routes that are deployed, and no other", () => {
    expect(described.toSorted()).toEqual(routes.map(([method, path]) => `${method} ${path}`).toSorted());
  });

  it("describes each member that a query may hold, and no other: the rest is refused", () => {
    const taken = operations
      .filter(([, path]) => !heedlessRoutes.includes(path))
      .map(([method, path, { parameters = [] }]) => [
        `${method.toUpperCase()} ${path}`,
        parameters.filter((each) => each.in === "query").map(({ name }) => name),
      ]);
    expect(Object.fromEntries(taken.filter(([, members]) => members?.length !== 0))).toEqual(queryMembers);
  });

  it("says that a query may be refused wherever the query is looked at", () => {
    const looked = operations.filter(([, path]) => !heedlessRoutes.includes(path));
    expect(looked.filter(([, , { responses }]) => !("400" in responses)).map(([, path]) => path)).toEqual([]);
    const paths = operations.map(([, path]) => path);
    expect(heedlessRoutes.filter((path) => !paths.includes(path))).toEqual([]);
  });

  it("has the words of the code: statuses, facts, roles of artifacts, kinds of evidence", () => {
    expect(enumOf("Status")).toEqual([...statuses]);
    expect(enumOf("FactType")).toEqual([...factTypes]);
    expect(enumOf("ArtifactRole")).toEqual([...artifactRoles]);
    expect(enumOf("EvidenceKind")).toEqual([...evidenceKinds]);
  });

  it("has every code under the status that it is answered with, and none that is not there", () => {
    const codes = failureCodes();
    expect(codes.length).toBeGreaterThan(30);
    for (const code of codes) {
      const { statusCode, body } = problemOf(new Failure(code, "A sentence."), "1");
      expect(() =>
        assertValid(`#/components/schemas/Problem${statusCode}`, JSON.parse(body), `the code '${code}'`),
      ).not.toThrow();
    }
    const named = Object.keys(openApi.components.schemas)
      .filter((name) => /^Problem\d/.test(name))
      .flatMap(codesOf);
    expect([...new Set(named)].toSorted()).toEqual([...codes].toSorted());
  });

  it("promises no header under a name that API Gateway does not let through", () => {
    const names = [...text.matchAll(/headers:\s*\{?\s*([\w-]+):/g)].map(([, name]) => name?.toLowerCase() ?? "");
    expect(names).toContain("x-amzn-remapped-www-authenticate");
    expect(names.filter((name) => remapped.has(name))).toEqual([]);
  });

  it("gives examples that fit", () => {
    const { examples } = openApi.components;
    assertRequestMatches("POST", "/v1/promotions", examples["CreditScoring"]?.value);
    assertValid("#/components/schemas/SubmittedPromotion", examples["Submitted"]?.value, "the example Submitted");
    assertValid("#/components/schemas/Problem401", examples["NonceMismatch"]?.value, "the example NonceMismatch");
    assertValid("#/components/schemas/Problem403", examples["SelfApproval"]?.value, "the example SelfApproval");
  });

  it("sees a field that it does not know, and a code under another status", () => {
    const submitted = openApi.components.examples["Submitted"]?.value as object;
    expect(() => assertValid("#/components/schemas/SubmittedPromotion", { ...submitted, more: 1 }, "it")).toThrow(
      /more/,
    );
    const problem = openApi.components.examples["SelfApproval"]?.value as object;
    expect(() => assertValid("#/components/schemas/Problem403", { ...problem, code: "conflict" }, "it")).toThrow(
      /code/,
    );
  });
});

function enumOf(name: string): readonly string[] {
  return (openApi.components.schemas[name] as { readonly enum: readonly string[] }).enum;
}

function codesOf(name: string): readonly string[] {
  const { properties } = openApi.components.schemas[name] as {
    readonly properties: { readonly code: { readonly enum: readonly string[] } };
  };
  return properties.code.enum;
}

/** The members of the union, which leaves nothing at run time: read where they are written. */
function failureCodes(): readonly FailureCode[] {
  const text = readFileSync("core/failure.ts", "utf8");
  const union = /export type FailureCode =([\s\S]*?);/.exec(text)?.[1] ?? "";
  return [...union.matchAll(/^\s*\| "([a-z-]+)"/gm)].map(([, code]) => code as FailureCode);
}
