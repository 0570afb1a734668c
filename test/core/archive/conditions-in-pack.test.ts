import { beforeAll, describe, expect, it } from "vitest";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam } from "./house.ts";
import { packOf, type Recorded, verified } from "./pack-fixture.ts";
import { changed, factOf, type Retold, saying } from "./retelling.ts";
import { releasedByWeight } from "./tampering/everything.ts";

const asked = { forSeconds: 600, trafficPercent: 50, errorPercent: 1 };
const inForce = { forSeconds: 600, traffic: { percent: 50, forSeconds: 600 }, errorPercent: 1 };
let house: House;
let recorded: Recorded;
let conditional: PromotionId;
let weighed: PromotionId;

/** One runs already; the next is approved with conditions, fails, is judged again, and keeps them. */
beforeAll(async () => {
  house = new House();
  const first = await house.submit("champion", "1.0.0");
  await house.freezeAndJudge(first);
  await house.openStage(first);
  await house.sign(first, cora);
  await house.openStage(first);
  await house.sign(first, dana);
  await house.sign(first, sam);
  await house.verify(first);
  await house.deploy(first);

  conditional = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(conditional);
  await house.openStage(conditional);
  await house.sign(conditional, cora);
  await house.openStage(conditional);
  await house.sign(conditional, dana, "approve", { conditions: asked });
  await house.sign(conditional, sam);
  await house.verify(conditional);
  await house.deploy(conditional, [
    { kind: "unhealthy", why: "The alarm 'errors' is raised." },
    { kind: "returned", why: "The endpoint went back." },
  ]);
  await house.openStage(conditional);
  if (house.promotions.stored(conditional).stage?.index === 0) {
    await house.sign(conditional, cora);
    await house.openStage(conditional);
  }
  await house.sign(conditional, dana, "approve", { conditions: asked });
  await house.verify(conditional);
  await house.deploy(conditional, [{ kind: "under-way", why: "It is on its way." }]);
  house.pass(600);
  await house.deploy(conditional);

  weighed = await house.submit("candidate", "3.0.0");
  await house.freezeAndJudge(weighed);
  await house.openStage(weighed);
  await house.sign(weighed, cora);
  await house.openStage(weighed);
  await house.sign(weighed, dana, "approve", {
    conditions: { forSeconds: 86_400, trafficPercent: 10, errorPercent: 1 },
  });
  await house.sign(weighed, sam);
  await house.verify(weighed);
  await releasedByWeight(house, weighed);
  recorded = { house, deployed: conditional, rejected: first, blocked: first };
});

async function findings(told: Retold): Promise<readonly string[]> {
  const { findings: found } = await verified(await packOf(recorded, told));
  return found.map(({ code, sentence }) => `${code}: ${sentence}`);
}

const last = (type: Fact["type"], of = conditional): Fact => {
  const fact = house.facts.findLast((each) => each.type === type && each.promotion === of);
  if (fact === undefined) throw new Error(`There is no ${type}.`);
  return fact;
};
const signed = (): Fact => {
  const fact = house.facts.find(({ body, promotion }) => promotion === conditional && body["conditions"] !== undefined);
  if (fact === undefined) throw new Error("Nobody asked for anything.");
  return fact;
};

describe("an approval with conditions", () => {
  it("was taken back, judged again by those it concerns, and kept them", () => {
    const told = house.facts.flatMap(({ type, promotion }) =>
      promotion === conditional && ["sign-off", "verdict", "seat-reopened", "deployed"].includes(type) ? [type] : [],
    );
    expect(told).toContain("seat-reopened");
    expect(told.filter((type) => type === "verdict")).toHaveLength(2);
    expect(told.at(-1)).toBe("deployed");
    const { fallen, breach } = last("seat-reopened").body;
    expect(breach).toEqual(inForce);
    const sams = house.promotions
      .recordedSignOffs()
      .filter(({ signOff }) => signOff.promotion === conditional && signOff.reviewerName === "Sam");
    expect(sams).toHaveLength(1);
    expect(JSON.stringify(fallen)).not.toContain(sams[0]?.signOff.id);
  });

  it("verifies offline, with all of it and by itself", async () => {
    expect(await findings({})).toEqual([]);
    const scope = { kind: "promotion", promotion: conditional } as const;
    expect((await verified(await packOf(recorded, { scope }))).findings).toEqual([]);
  });
});

describe("a service that lies", () => {
  it("about a condition that was signed", async () => {
    const without = (fact: Fact) => {
      const { conditions: _, ...body } = fact.body;
      return { ...fact, body };
    };
    expect(await findings({ facts: changed(house, signed(), without) })).toContain(
      "sign-off-invalid: It is recorded with other conditions than were signed.",
    );
  });

  it("about a weaker condition than was signed", async () => {
    expect(await findings(saying(house, signed(), { conditions: { ...asked, errorPercent: 5 } }))).toContain(
      "sign-off-invalid: It is recorded with other conditions than were signed.",
    );
  });

  it("about conditions that it deployed under", async () => {
    const without = (fact: Fact) => {
      const { conditions: _, ...body } = fact.body;
      return { ...fact, body };
    };
    expect(await findings({ facts: changed(house, last("deployment-started"), without) })).toContain(
      "deployment-unapproved: The deployment names other conditions than its verdict does.",
    );
  });

  it.each([
    [
      { traffic: { kind: "all-at-once", waitSeconds: 600 } },
      "The release gave 100 percent of the traffic to the new model at once, and 50 was the condition.",
    ],
    [
      { traffic: { kind: "canary", percent: 50, waitSeconds: 300 } },
      "The release held its first part for 5 minutes, and 10 minutes was the condition.",
    ],
    [{ watchSeconds: 300 }, "The release was watched for 5 minutes, and 10 minutes was the condition."],
    [{ alarms: { kind: "own", errorPercent: 5 } }, "The release had no alarm for the condition on errors."],
  ])("about a release that kept them less well: %o", async (over, sentence) => {
    const fact = last("deployment-started");
    const release = { ...(fact.body["release"] as object), ...over };
    expect(await findings(saying(house, fact, { release }))).toContain(`deployment-unapproved: ${sentence}`);
  });

  it("about the time for which it was watched", async () => {
    const at = last("deployment-started").at;
    const told = changed(house, last("deployed"), (fact) => ({ ...fact, at }));
    expect(await findings({ facts: told })).toContain(
      "deployment-differs: It is recorded as deployed before the 10m were over for which it was to be watched.",
    );
  });

  it("about a part of the requests that was held too shortly, or never told", async () => {
    const early = changed(house, last("traffic-shifted", weighed), (fact) => ({
      ...fact,
      at: last("deployment-started", weighed).at,
    }));
    expect((await findings({ facts: early })).join("\n")).toContain(
      "100 percent of the requests, which was not its part",
    );
    const steps = [{ percent: 10, waitSeconds: 86_400 }];
    const begun = last("deployment-started", weighed);
    const release = { ...(begun.body["release"] as object), traffic: { kind: "weights", steps } };
    expect((await findings(saying(house, begun, { release }))).join("\n")).toContain("100 percent of the requests");
    const longer = { ...release, traffic: { kind: "weights", steps: [{ percent: 10, waitSeconds: 90_000 }] } };
    const untold = changed(house, last("traffic-shifted", weighed), (fact) => ({ ...fact, body: { percent: 10 } }));
    const told = untold.map((fact) => (fact === begun ? { ...fact, body: { ...fact.body, release: longer } } : fact));
    expect(await findings({ facts: told })).toContain(
      "deployment-differs: It is recorded as deployed before the time of its part of the requests was over.",
    );
    const canary = { ...release, traffic: { kind: "canary", percent: 10, waitSeconds: 86_400 } };
    expect(await findings(saying(house, begun, { release: canary }))).toContain(
      "deployment-differs: It is said to answer a part of the requests, and its release knows no part.",
    );
  });

  it("about whose approval fell when it was taken back", async () => {
    expect(await findings(saying(house, last("seat-reopened"), { fallen: [] }))).toContain(
      "deployment-differs: It is in review again, and other approvals were said to fall than those that do.",
    );
  });

  it("about the conditions that were broken", async () => {
    const breach = { ...inForce, errorPercent: 5 };
    expect(await findings(saying(house, last("seat-reopened"), { breach }))).toContain(
      "deployment-differs: It is in review again for other conditions than it was released under.",
    );
  });

  it("about a release that was taken back, by keeping quiet", async () => {
    const told = changed(house, last("seat-reopened"), () => undefined);
    expect((await findings({ facts: told })).join()).toMatch(/life-cycle: /);
  });

  it("about a verdict without what it asks", async () => {
    const [first, second] = house.facts.filter(
      ({ type, promotion }) => type === "verdict" && promotion === conditional,
    );
    const plain = factOf(house, "verdict", recorded.rejected);
    expect(first).toBeDefined();
    const told = changed(house, second ?? plain, (fact) => ({ ...fact, attachments: plain.attachments }));
    expect((await findings({ facts: told })).join()).toMatch(/verdict-differs: /);
  });
});
