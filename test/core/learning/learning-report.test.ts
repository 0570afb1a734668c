import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Episode } from "../../../core/learning/episode.ts";
import { closestGate, learningReport } from "../../../core/learning/learning-report.ts";
import { peopleOf, signalsOf, takenIn } from "../../../core/learning/signals.ts";
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

describe("what a learning report adds up", () => {
  const near = (rule: string, margin: number) => [{ rule, title: rule.toUpperCase(), margin }];

  it("takes the gate with the least margin, wherever it stands, and the first by name of two that are as near", () => {
    const [a, b, c] = [near("a", 0.3), near("b", 0.1), near("c", 0.1)].flat();
    if (a === undefined || b === undefined || c === undefined) throw new Error("Three margins were made.");
    for (const margins of [
      [a, b, c],
      [c, b, a],
      [b, a, c],
    ])
      expect(closestGate(episode({ margins }))).toBe(b);
    expect(closestGate(episode({ margins: [] }))).toBeUndefined();
  });

  it("tells a failure without a gate that came closest where no gate had a number", () => {
    const failed = episode({ told: true, failed: true, margins: [] });
    expect(learningReport([failed], {}).failures).toEqual([{ promotion: failed.promotion }]);
    expect(learningReport([failed], {}).gates).toEqual([]);
  });

  it("orders gates by how many candidates they were nearest for, then by name, and calls them by their title", () => {
    const episodes = [near("b", 0.1), near("a", 0.1), near("c", 0.1), near("c", 0.3)].map((margins) =>
      episode({ margins }),
    );
    for (const told of [episodes, episodes.toReversed()])
      expect(learningReport(told, {}).gates.map(({ rule, title, margin }) => [rule, title, margin.value])).toEqual([
        ["c", "C", 0.2],
        ["a", "A", 0.1],
        ["b", "B", 0.1],
      ]);
  });

  it("tells models by name and target, in their order", () => {
    const of = (model: string, target: string) => episode({ model, target });
    const { models } = learningReport([of("b", "x"), of("a", "y"), of("a", "x"), of("b", "x")], {});
    expect(models.map(({ model, target, told }) => [model, target, told.of])).toEqual([
      ["a", "x", 1],
      ["a", "y", 1],
      ["b", "x", 2],
    ]);
  });
});

describe("how a role decides", () => {
  const person = { issuer: "https://login.example", subject: "a" };
  const decided = (over: Partial<Episode["decisions"][number]>, more: Partial<Episode> = {}) =>
    episode({ decisions: [{ person, roles: ["sre"], approved: true, ...over }], ...more });
  const signals = (...episodes: readonly Episode[]) => signalsOf(takenIn("sre", episodes));

  it("is told of decisions in that role alone, and of approvals among them", () => {
    expect(signals(decided({}), decided({ approved: false }), decided({ roles: ["officer"] }))).toMatchObject({
      decisions: 2,
      approvals: { count: 1, of: 2 },
    });
    expect(takenIn("officer", [decided({ roles: ["sre", "officer"] })])).toHaveLength(1);
  });

  it("takes the time of approvals alone, where it is known", () => {
    const timed = (seconds: number, approved = true) => decided({ secondsFromOpening: seconds, approved });
    expect(signals(timed(10), timed(30), timed(500, false), decided({})).secondsToApprove).toMatchObject({
      value: 20,
      of: 2,
    });
    expect(signals(decided({}))).not.toHaveProperty("secondsToApprove");
  });

  it("counts approvals without a visit among those whose link was sent", () => {
    expect(
      signals(
        decided({ followedLink: false }),
        decided({ followedLink: true }),
        decided({ followedLink: true }),
        decided({}),
        decided({ followedLink: false, approved: false }),
      ).approvedWithoutLink,
    ).toMatchObject({ count: 1, of: 3 });
  });

  it("counts what production spoke against among what ran", () => {
    expect(
      signals(decided({}), decided({}, { failed: true }), decided({}, { ran: false, failed: true })).spokenAgainst,
    ).toMatchObject({ count: 1, of: 2 });
  });
});

describe("people", () => {
  it("are shown from the least number of decisions on, ordered by it and then by their identity", () => {
    const of = (subject: string, count: number) => many(count, () => approvedBy(subject));
    const shown = (...episodes: readonly (readonly Episode[])[]) =>
      peopleOf("sre", episodes.flat(), 5).shown.map(({ person }) => person.subject);
    expect(shown(of("b", 5), of("a", 5), of("c", 9), of("d", 7))).toEqual(["a", "b", "d", "c"]);
    expect(shown(of("a", 5))).toEqual(["a"]);
    expect(peopleOf("sre", of("a", 5), 5).hidden).toEqual({ people: 0, decisions: 0 });
    // Two with few stay hidden together, where they are enough decisions to hide each.
    expect(shown(of("a", 2), of("b", 3), of("c", 6))).toEqual(["c"]);
    expect(shown(of("a", 2), of("b", 2), of("c", 6))).toEqual([]);
  });

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
