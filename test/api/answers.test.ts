import { expect, it } from "vitest";
import { openApi } from "./answer-matches.ts";
import { answersAboutPeople } from "./answers/about-people.ts";
import { answersToAnybody } from "./answers/to-anybody.ts";
import { answersToAuditors } from "./answers/to-auditors.ts";
import { answersToLenders } from "./answers/to-lenders.ts";
import { answersToMachines } from "./answers/to-machines.ts";
import { answersToReaders } from "./answers/to-readers.ts";
import { answersToReviewers } from "./answers/to-reviewers.ts";
import { seen } from "./service-in-memory.ts";

answersAboutPeople();
answersToAnybody();
answersToAuditors();
answersToLenders();
answersToMachines();
answersToReaders();
answersToReviewers();

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
