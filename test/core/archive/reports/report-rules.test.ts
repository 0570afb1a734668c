import { expect, it } from "vitest";
import { handsRows, rulesRows } from "../../../../core/archive/reports/report-rules.ts";

const requirements = {
  rule: {
    excludes: ["requester", "trained-the-model", "a-duty-of-tomorrow"],
    stages: [
      {
        name: "compliance",
        minimumReviewSeconds: 900,
        deadlineSeconds: 259_200,
        requires: { role: "compliance-officer", count: 1 },
      },
      {
        name: "operations",
        minimumReviewSeconds: 0,
        requires: {
          any: [
            { role: "sre", count: 2 },
            {
              all: [
                { role: "sre", count: 1 },
                { role: "other", count: 1 },
              ],
            },
          ],
        },
      },
    ],
    loan: { roles: ["sre"] },
  },
  roles: { "compliance-officer": { title: "Compliance officer" }, sre: { title: "SRE" } },
};

it("the rules are told in the words of the matrix", () => {
  expect(rulesRows(requirements)).toEqual([
    ["Stage 'compliance'", "1 × Compliance officer; nobody before it was open for 15m; within 3d"],
    ["Stage 'operations'", "2 × SRE or (1 × SRE and 1 × other)"],
    ["Could not approve", "whoever requested the promotion; whoever trained the model; whoever a-duty-of-tomorrow"],
    ["Could lend", "SRE"],
  ]);
});

it("that nobody may lend is said, and nothing where the rules are not at hand", () => {
  const { loan: _, ...rule } = requirements.rule;
  expect(rulesRows({ ...requirements, rule }).at(-1)).toEqual(["Could lend", "nobody"]);
  expect(rulesRows(null)).toEqual([]);
});

it("a requirement of one part is that part", () => {
  const stage = { name: "one", requires: { all: [{ role: "sre", count: 1 }] } };
  expect(rulesRows({ rule: { stages: [stage] } })[0]).toEqual(["Stage 'one'", "1 × sre"]);
});

it("nobody had a hand in what names nobody", () => {
  expect(handsRows({ lineage: { trainedBy: [] } }, null)).toEqual([]);
  expect(handsRows(null, { account: { provider: "github", id: "1" } })).toEqual([
    ["Started the run", "github account 1"],
  ]);
});
