import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Episode } from "../../../core/learning/episode.ts";
import { learningReport } from "../../../core/learning/learning-report.ts";
import { peopleOf } from "../../../core/learning/signals.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";

let attempts = 0;
function episode(over: Partial<Episode> = {}): Episode {
  attempts += 1;
  return {
    promotion: promotionId(digestOf("manifest"), attempts),
    model: "credit-scoring",
    target: "production",
    ran: true,
    told: false,
    failed: false,
    decisions: [],
    margins: [
      { rule: "quality.auc", title: "AUC", margin: 0.02 },
      { rule: "fairness.sex", title: "Fairness", margin: 0.4 },
    ],
    ...over,
  };
}
function approvedBy(subject: string, over: Partial<Episode> = {}): Episode {
  const person = { issuer: "https://login.example", subject };
  return episode({ decisions: [{ person, roles: ["sre"], approved: true, secondsFromOpening: 30 }], ...over });
}
const many = (count: number, make: () => Episode) => Array.from({ length: count }, make);

describe("a learning report", () => {
  it("counts of what ran, and says how much was told of at all", () => {
    const episodes = [episode(), episode({ told: true, failed: true }), episode({ ran: false })];
    expect(learningReport(episodes, {})).toMatchObject({
      promotions: 3,
      ran: 2,
      told: { count: 1, of: 2 },
      spokenAgainst: { count: 1, of: 2 },
      models: [{ model: "credit-scoring", target: "production", spokenAgainst: { count: 1, of: 2 } }],
    });
  });

  it("names the gate that came closest, and what became of those candidates", () => {
    const near = [{ rule: "fairness.sex", title: "Fairness", margin: 0.01 }];
    const failed = episode({ told: true, failed: true, margins: near });
    const { gates, failures } = learningReport([episode(), episode(), failed, episode({ margins: [] })], {});
    expect(gates).toMatchObject([
      { rule: "quality.auc", margin: { value: 0.02, of: 2 }, spokenAgainst: { count: 0, of: 2 } },
      { rule: "fairness.sex", margin: { value: 0.01, of: 1 }, spokenAgainst: { count: 1, of: 1 } },
    ]);
    expect(failures).toEqual([{ promotion: failed.promotion, closest: near[0] }]);
  });

  it("says nothing of how people decide unless it is asked to, and then only from so many decisions on", () => {
    const episodes = [...many(6, () => approvedBy("a")), ...many(6, () => approvedBy("b"))];
    expect(learningReport(episodes, {})).not.toHaveProperty("people");
    expect(learningReport(episodes, {})).not.toHaveProperty("roles");
    expect(learningReport(episodes, { fewestDecisions: 13 }).roles).toEqual([{ role: "sre", decisions: "too-few" }]);
    // Never from fewer than five on, whatever is asked.
    expect(learningReport(episodes.slice(0, 4), { fewestDecisions: 1 })).toMatchObject({
      fewestDecisions: 5,
      roles: [{ role: "sre", decisions: "too-few" }],
      people: [{ shown: [], hidden: { people: 1, decisions: 4 } }],
    });
  });

  it("tells how a role decides, with its uncertainty", () => {
    const episodes = many(5, () => approvedBy("a", { told: true, failed: true }));
    expect(learningReport(episodes, { fewestDecisions: 5 }).roles).toMatchObject([
      {
        role: "sre",
        decisions: 5,
        approvals: { count: 5, of: 5, low: expect.closeTo(0.57, 2), high: 1 },
        secondsToApprove: { value: 30, of: 5 },
        approvedWithoutLink: { of: 0 },
        spokenAgainst: { count: 5, of: 5 },
      },
    ]);
  });
});

describe("people", () => {
  it("with few decisions stay together, and one alone takes another along", () => {
    const episodes = [
      ...many(3, () => approvedBy("few")),
      ...many(7, () => approvedBy("some")),
      ...many(20, () => approvedBy("many")),
    ];
    const { shown, hidden } = peopleOf("sre", episodes, 5);
    expect(shown.map(({ person, decisions }) => [person.subject, decisions])).toEqual([["many", 20]]);
    expect(hidden).toEqual({ people: 2, decisions: 10 });
  });

  it("are never shown below the least, nor left over alone or too few for a subtraction", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }), (counts) => {
        const episodes = counts.flatMap((count, at) => many(count, () => approvedBy(`p${at}`)));
        const { shown, hidden } = peopleOf("sre", episodes, 5);
        expect(shown.every(({ decisions }) => decisions >= 5)).toBe(true);
        expect(shown.length + hidden.people).toBe(counts.length);
        if (shown.length > 0 && hidden.people > 0) {
          expect(hidden.people).toBeGreaterThan(1);
          expect(hidden.decisions).toBeGreaterThanOrEqual(5);
        }
      }),
    );
  });
});
