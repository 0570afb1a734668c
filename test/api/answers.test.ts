import { expect, it } from "vitest";
import { openApi } from "./answer-matches.ts";
import "./answers/about-people.ts";
import "./answers/to-anybody.ts";
import "./answers/to-auditors.ts";
import "./answers/to-lenders.ts";
import "./answers/to-machines.ts";
import "./answers/to-readers.ts";
import "./answers/to-reviewers.ts";
import { seen } from "./service-in-memory.ts";

it("every answer that is described and is no refusal was given above", () => {
  const described = Object.entries(openApi.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) =>
      Object.keys((operation as { readonly responses?: object }).responses ?? {})
        .filter((status) => Number(status) < 400)
        .map((status) => `${method.toUpperCase()} ${path} ${status}`),
    ),
  );
  expect(described.filter((answer) => !seen.has(answer))).toEqual([]);
});
