import { describe, expect, it } from "vitest";
import { readRequirements } from "../../../../core/archive/documents/read-requirements.ts";
import { fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { digestOf, requirements } from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";

const document = JSON.parse(fromUtf8(canonicalJsonBytes({ ...requirements.document })));
const asked = { ...document, gates: { ...document.gates, wasm: digestOf("gates.wasm") } };

describe("the stages of requirements", () => {
  it("are few enough to be matched", () => {
    const many = {
      all: Array.from({ length: 40 }, () => ({
        any: [
          { role: "sre", count: 1 },
          { role: "sre", count: 2 },
        ],
      })),
    };
    const stages = [{ ...asked.rule.stages[0], requires: many }];
    const wide = { ...asked, rule: { ...asked.rule, stages } };
    expect(codeOf(() => readRequirements(canonicalJsonBytes(wide))).sentence).toMatch(
      /^requirements\.json is not of the form that is known here \(rule\.stages\.0/,
    );
    const seats = [
      {
        ...asked.rule.stages[0],
        requires: {
          all: [
            { role: "sre", count: 50 },
            { role: "sre", count: 50 },
          ],
        },
      },
    ];
    const tall = { ...asked, rule: { ...asked.rule, stages: seats } };
    expect(codeOf(() => readRequirements(canonicalJsonBytes(tall))).code).toBe("pack-invalid");
  });
});

it.each([
  ["roles", { ...asked, roles: [] }],
  [
    "decided.facts.evidence.metrics",
    {
      ...asked,
      decided: { rule: asked.rule, passedOver: [], facts: { evidence: { metrics: [] } } },
    },
  ],
])("have no list where %s are named", (place, told) => {
  expect(codeOf(() => readRequirements(canonicalJsonBytes(told))).sentence).toBe(
    `requirements.json is not of the form that is known here (${place}).`,
  );
});
