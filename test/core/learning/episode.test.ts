import { describe, expect, it } from "vitest";
import { episodeOf } from "../../../core/learning/episode.ts";
import { cora, id } from "../promotion/promotion-in-review.ts";
import { approvedFacts, fact, linkFact } from "./told-facts.ts";

const report = { findings: [{ rule: "quality.auc", title: "AUC", observed: 1, required: { min: 0.8 } }] };

describe("an episode", () => {
  it("joins who decided, in which seat and after how long, with the margins and what was told", () => {
    expect(episodeOf(approvedFacts(), report)).toEqual({
      promotion: id,
      model: "credit-scoring",
      target: "production",
      ran: true,
      told: false,
      failed: false,
      decisions: [{ person: cora.identity, roles: ["compliance-officer"], approved: true, secondsFromOpening: 3600 }],
      margins: [{ rule: "quality.auc", title: "AUC", margin: expect.closeTo(0.2) }],
    });
  });

  it.each([
    ["an outcome within bounds", fact("outcome", 1, 9000, { against: false }), [true, false]],
    ["an outcome against it", fact("outcome", 1, 9000, { against: true }), [true, true]],
    ["drift", fact("drift", 1, 9000, {}), [true, true]],
    ["a rollback", fact("rolled-back", 1, 9000, {}), [true, true]],
    ["an outcome that cannot be read", fact("outcome", 1, 9000, {}), [true, false]],
  ])("with %s", (_, told, expected) => {
    const episode = episodeOf(approvedFacts([told]), report);
    expect([episode?.told, episode?.failed]).toEqual(expected);
  });

  it("says whether a link that was sent had been followed before the decision, and nothing where none was sent", () => {
    const followed = (...links: Parameters<typeof linkFact>[]) =>
      episodeOf(approvedFacts(links.map((link) => linkFact(...link))), report)?.decisions[0]?.followedLink;
    expect(followed()).toBeUndefined();
    expect(followed(["notification-sent", 5])).toBe(false);
    expect(followed(["notification-sent", 5], ["link-opened", 60])).toBe(true);
    expect(followed(["notification-sent", 5], ["link-opened", 5000])).toBe(false);
  });

  it("is the same in whatever order its facts come, and none without a request", () => {
    const facts = approvedFacts([linkFact("notification-sent", 5)]);
    expect(episodeOf(facts.toReversed(), report)).toEqual(episodeOf(facts, report));
    expect(episodeOf(facts.slice(1), report)).toBeUndefined();
  });
});
