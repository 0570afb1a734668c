import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { alwaysANewer, deployed, inReview, newerCameToNothing, ruledToStop } from "./drifted-beside-newer.ts";
import { House } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { changed, factOf } from "./retelling.ts";

async function soundOf(house: House, facts: readonly Fact[] = house.facts) {
  const looking = { now: addSeconds(house.now(), 3600) };
  return (await verified(await packOf({ house }, { facts }), looking)).findings;
}

describe("a model that drifts while a newer candidate is on its way", () => {
  it.each(["withdrawn", "rejected"] as const)("is asked about by the clock once that is %s", async (how) => {
    const { house, running } = await newerCameToNothing(how);
    const { restriction, history } = house.promotions.stored(running);
    const asked = restriction?.reapproval ?? expect.unreachable("Nobody was asked.");
    expect(house.promotions.stored(asked)).toMatchObject({ reapproves: { promotion: running } });
    const [first, second] = history.filter(({ type }) => type === "drift");
    expect(first?.body).toMatchObject({ newer: expect.any(String), unlessReapproved: "stop" });
    expect(second?.body).toMatchObject({ reapproval: asked, reapproveBy: first?.body["reapproveBy"] });
    expect([second?.body["newer"], second?.body["reopens"]]).toEqual([undefined, undefined]);
    expect(second?.summary).toMatch(
      /the newer candidate that was on its way came to nothing\. Drift was reported of .+ \(psi 0\.31\)\. It has to be approved again/,
    );
    expect(await soundOf(house)).toEqual([]);
  });

  it("is taken out of service where somebody always is on its way, once the time for an approval is over", async () => {
    const { house, running } = await alwaysANewer();
    const { restriction, history } = house.promotions.stored(running);
    expect(restriction?.reapproval).toBeUndefined();
    expect(restriction?.taken).toMatchObject({ remedy: "stop", because: "not-reapproved", doneAt: expect.any(String) });
    const begun = history.find(({ type }) => type === "remedy")?.at ?? expect.unreachable();
    const by = restriction?.reapproveBy ?? expect.unreachable();
    expect(begun >= by && begun <= addSeconds(by, 86_400)).toBe(true);
    expect(await soundOf(house)).toEqual([]);
  });

  it("is found where nothing says that it was taken out of service a day after that time", async () => {
    const { house, running } = await alwaysANewer();
    const facts = house.facts.filter(({ type }) => type !== "remedy");
    expect(await soundOf(house, facts)).toMatchObject([
      { code: "deployment-differs", promotion: running, sentence: expect.stringMatching(/^'stop' was announced/) },
    ]);
  });
});

describe("the time for an approval, told otherwise", () => {
  it.each([
    ["later", "2027-11-23T09:23:52.000Z"],
    ["not at all", undefined],
  ])("is found: %s", async (_, by) => {
    const { house, running } = await newerCameToNothing("withdrawn");
    const facts = house.facts.map((fact) => {
      if (fact.type !== "drift" || !("reapproveBy" in fact.body)) return fact;
      const { reapproveBy: _was, ...body } = fact.body;
      return { ...fact, body: by === undefined ? body : { ...body, reapproveBy: by } };
    });
    expect(await soundOf(house, facts)).toMatchObject([
      {
        promotion: running,
        sentence: expect.stringMatching(/the rule of the policies in force then asks for something else/),
      },
    ]);
  });

  it("is found where the second record says another than the first", async () => {
    const { house, running } = await newerCameToNothing("withdrawn");
    const second = house.facts.findLast(({ type }) => type === "drift") ?? expect.unreachable();
    const other = addSeconds(house.now(), 86_400);
    const facts = changed(house, second, (fact) => ({ ...fact, body: { ...fact.body, reapproveBy: other } }));
    expect(await soundOf(house, facts)).toMatchObject([
      { promotion: running, sentence: expect.stringContaining("its reapproveBy") },
    ]);
  });
});

describe("that nobody is asked about a model that drifted", () => {
  async function drifted(): Promise<{ house: House; running: PromotionId; over: PromotionId; again: PromotionId }> {
    const house = new House(undefined, ruledToStop);
    const earlier = await inReview(house, "0.9.0");
    await house.withdraw(earlier);
    house.pass(600);
    const running = await deployed(house);
    const over = await inReview(house, "2.0.0");
    await house.withdraw(over);
    house.pass(3600);
    const again = await house.drift('{"psi":0.31}');
    return { house, running, over, again };
  }

  /** As the service would tell it that hides the new approval. */
  const told = ({ house, again }: Awaited<ReturnType<typeof drifted>>, instead: Record<string, string>) =>
    house.facts
      .filter(({ promotion }) => promotion !== again)
      .map((fact) => {
        if (fact.type !== "drift") return fact;
        const { reapproval: _, ...body } = fact.body;
        return { ...fact, body: { ...body, ...instead } };
      });

  it("is found where the newer candidate that was on its way had been withdrawn by then, or is an older one", async () => {
    const scene = await drifted();
    const [early] = scene.house.facts.flatMap(({ type, promotion }) => (type === "withdrawn" ? (promotion ?? []) : []));
    expect(await soundOf(scene.house, told(scene, { newer: scene.over }))).toMatchObject([
      { code: "life-cycle", promotion: scene.running, sentence: expect.stringContaining("had ended at") },
    ]);
    expect(await soundOf(scene.house, told(scene, { newer: early ?? "" }))).toMatchObject([
      { code: "life-cycle", promotion: scene.running, sentence: expect.stringContaining("was asked for before it") },
    ]);
  });

  it.each([
    ["why nobody could be", { why: "Nobody could sign for it." }],
    ["one that was, of which the log has nothing", undefined],
  ])(
    "is found once the time for an approval is over, and nothing was done, whatever is said: %s",
    async (_, instead) => {
      const scene = await drifted();
      const { house, again, running } = scene;
      house.pass(12 * 86_400);
      await house.submit("weak", "9.0.0");
      expect(await soundOf(house, told(scene, instead ?? { reapproval: again }))).toMatchObject([
        { code: "deployment-differs", promotion: running, sentence: expect.stringMatching(/^'stop' was announced/) },
      ]);
    },
  );

  it.each([
    ["the one that asks", undefined],
    ["the newer one", "newer"],
  ])("is not looked for where the request of %s cannot be read, which is found itself", async (_, says) => {
    const scene = await drifted();
    const { house, again } = scene;
    const named = says === undefined ? again : scene.over;
    const honest = says === undefined ? house.facts : told(scene, { [says]: named });
    const request = factOf({ ...house, facts: honest }, "request", named);
    const facts = changed({ ...house, facts: honest }, request, (fact) => ({ ...fact, body: {} }));
    const found = await soundOf(house, facts);
    expect(found.filter(({ promotion }) => promotion !== named)).toEqual([]);
    expect(found).toContainEqual(
      expect.objectContaining({ sentence: expect.stringContaining("does not say what a 'request' says") }),
    );
  });

  it("is found where the one that asks does not say so", async () => {
    const { house, again } = await drifted();
    const request = factOf(house, "request", again);
    const facts = changed(house, request, ({ body: { reapproves: _, ...body }, ...fact }) => ({ ...fact, body }));
    expect((await soundOf(house, facts)).filter(({ code }) => code !== "view-differs")).toMatchObject([
      { code: "policy-differs", promotion: again, sentence: expect.stringContaining("it does not say so itself") },
    ]);
  });
});
