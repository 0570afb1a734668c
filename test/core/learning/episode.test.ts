import { describe, expect, it } from "vitest";
import { episodeOf } from "../../../core/learning/episode.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
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

  it("is read past facts that say otherwise than they should", () => {
    const garbled = [
      fact("stage-decided", 7, 3602, {}),
      fact("sign-off", 8, 3603, {}),
      fact("stage-opened", 9, 10, {}),
    ];
    const links = [fact("notification-sent", 10, 11, {}), fact("link-opened", 11, 12, {})];
    expect(episodeOf(approvedFacts([...garbled, ...links]), report)).toEqual(episodeOf(approvedFacts(), report));
    const [, ...rest] = approvedFacts();
    expect(episodeOf([fact("request", 0, 0, { target: "production" }), ...rest], report)).toBeUndefined();
    const [{ promotion: _, ...ofNone }] = approvedFacts() as readonly [Fact];
    expect(episodeOf([ofNone, ...rest], report)).toBeUndefined();
  });

  it("did not run before a deployment began", () => {
    const facts = approvedFacts().filter(({ type }) => type !== "deployment-started");
    expect(episodeOf(facts, report)).toMatchObject({ ran: false });
  });

  it("counts of a person in a stage of a review the latest decision, none that was withdrawn, and no fact that only looks like one", () => {
    const bodies = approvedFacts().find(({ type }) => type === "sign-off")?.body ?? {};
    const told = (...more: Parameters<typeof approvedFacts>[0] & {}) =>
      episodeOf(approvedFacts(more), report)?.decisions.map(({ approved, roles }) => [approved, roles.length]);
    const withdrawn = fact("sign-off", 9, 3700, { ...bodies, result: "withdraw", signOff: "taken back" });
    const rejected = { ...bodies, result: "reject", signOff: "another" };
    expect(told(withdrawn)).toEqual([]);
    expect(told(withdrawn, fact("sign-off", 10, 3800, rejected))).toEqual([[false, 2]]);
    expect(told(fact("sign-off", 10, 3800, { ...rejected, stage: 1 }))).toEqual([
      [true, 1],
      [false, 2],
    ]);
    expect(told(fact("sign-off", 10, 3800, { ...rejected, review: 2 }))).toEqual([
      [true, 1],
      [false, 2],
    ]);
    expect(told(fact("sign-off-kept", 11, 3900, { ...bodies, result: "reject" }))).toEqual([[true, 1]]);
  });

  it("takes no other fact for what fills a seat", () => {
    const decided = approvedFacts().find(({ type }) => type === "stage-decided")?.body ?? {};
    const facts = approvedFacts().map((each) =>
      each.type === "stage-decided" ? fact("gates", 3, 3601, decided) : each,
    );
    expect(episodeOf(facts, report)?.decisions[0]?.roles).toEqual(["compliance-officer", "sre"]);
  });

  it("counts the time from the last opening of the stage before the decision", () => {
    const seconds = (...more: Parameters<typeof approvedFacts>[0] & {}) =>
      episodeOf(approvedFacts(more), report)?.decisions[0]?.secondsFromOpening;
    expect(seconds(fact("stage-opened", 7, 600, { stage: 0 }))).toBe(3000);
    expect(seconds(fact("stage-opened", 7, 600, { stage: 1 }))).toBe(3600);
    expect(seconds(fact("stage-opened", 7, 3600, { stage: 0 }))).toBe(0);
    expect(seconds(fact("stage-opened", 7, 3601, { stage: 0 }))).toBe(3600);
    expect(seconds(fact("gates", 7, 600, { stage: 0 }))).toBe(3600);
    const unopened = approvedFacts().filter(({ type }) => type !== "stage-opened");
    expect(episodeOf(unopened, report)?.decisions[0]).not.toHaveProperty("secondsFromOpening");
  });

  it("knows of a link only by letters and visits of the person's own, until the decision", () => {
    const followed = (...more: Parameters<typeof approvedFacts>[0] & {}) =>
      episodeOf(approvedFacts(more), report)?.decisions[0]?.followedLink;
    const sent = linkFact("notification-sent", 5);
    const another = (type: "notification-sent" | "link-opened") =>
      fact(type, 60, 60, { reviewer: "somebody-else", purpose: "asked", stage: 0 });
    expect(followed(another("notification-sent"))).toBeUndefined();
    expect(followed(linkFact("notification-sent", 3601))).toBeUndefined();
    expect(followed(linkFact("notification-sent", 3600))).toBe(false);
    expect(followed(fact("link-opened", 5, 5, sent.body))).toBeUndefined();
    expect(followed(sent, another("link-opened"))).toBe(false);
    expect(followed(sent, linkFact("link-opened", 3600))).toBe(true);
    expect(followed(sent, linkFact("link-opened", 3601))).toBe(false);
    expect(followed(fact("notification-sent", 5, 5, { ...sent.body, purpose: "told" }))).toBeUndefined();
  });

  it("orders its facts by their time before it joins them", () => {
    const later = fact("stage-opened", 7, 600, { stage: 0 });
    const facts = approvedFacts([later]);
    for (const shuffled of [facts, facts.toReversed(), [later, ...approvedFacts()]])
      expect(episodeOf(shuffled, report)?.decisions[0]?.secondsFromOpening).toBe(3000);
  });
});
