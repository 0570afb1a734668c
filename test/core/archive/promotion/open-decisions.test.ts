import { describe, expect, it } from "vitest";
import type { Fact } from "../../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { honestHistories } from "../honest-histories.ts";
import type { House } from "../house.ts";
import { packOf, verified } from "../pack-fixture.ts";
import { changed, factOf, goingOn } from "../retelling.ts";
import { resultOf, told } from "../told.ts";

// What was decided may follow from nothing that the promotion's own records name, and be right: other policies were in force.

const corrected = await history("two who were taken for one, until people.yaml was put right");
const stopped = await history("a loan that is stopped by a role which came to be asked for since");
const untold = /^Whether other policies were in force then, by which it was decided as is told, and which are not here/;

function history(name: string): Promise<House> {
  return (honestHistories[name] ?? expect.unreachable(name))();
}

/** The first promotion of a house; the other is the change of the policies. */
function asked({ facts }: House): PromotionId {
  return facts.find(({ promotion }) => promotion !== undefined)?.promotion ?? expect.unreachable();
}

async function said(house: House, { whole, facts = house.facts }: { whole: boolean; facts?: readonly Fact[] }) {
  const promotion = asked(house);
  const scope = whole ? ({ kind: "everything" } as const) : ({ kind: "promotion", promotion } as const);
  const { findings, unchecked } = await verified(await packOf({ house }, { facts, scope }));
  const open = unchecked.filter(({ sentence }) => untold.test(sentence));
  return {
    findings: findings.map(({ code, sentence }) => `${code}: ${sentence}`),
    untold: open.map((each) => each.promotion),
  };
}

const nobody =
  "quorum-differs: The stage 'model and operations' was recorded as decided, but its sign-offs do not decide it: nobody fills the seat of lead-data-scientist.";
const rejection = "quorum-differs: A rejection was recorded that the sign-offs do not come to.";

describe("a decision that does not follow by the policies which the promotion's records name", () => {
  it("follows by those that were in force as it was made, where the log tells of them", async () => {
    for (const house of [corrected, stopped])
      expect(await said(house, { whole: true })).toEqual({ findings: [], untold: [] });
  });

  it("is said to be told by those alone, where it does not", async () => {
    for (const house of [corrected, stopped])
      expect(await said(house, { whole: false })).toEqual({ findings: [], untold: [asked(house)] });
  });

  it("is wrong where others never came in force", async () => {
    for (const [house, sentence] of [
      [corrected, nobody],
      [stopped, rejection],
    ] as const) {
      const facts = house.facts.filter(({ promotion }) => promotion === undefined || promotion === asked(house));
      expect((await said(house, { whole: true, facts: goingOn(facts) })).findings).toContain(sentence);
    }
  });

  it("is wrong by any policies where nobody signed for it", async () => {
    const given = corrected.facts.filter(
      ({ type, promotion }) => type === "sign-off" && promotion === asked(corrected),
    );
    const unsigned = changed(corrected, given[1] ?? expect.unreachable(), () => undefined);
    const unheard = changed(stopped, factOf(stopped, "rejected"), (fact) => ({
      ...fact,
      body: { ...fact.body, by: [{ issuer: "https://login.example/pool", subject: "sub-sam" }] },
    }));
    for (const whole of [true, false]) {
      const { findings } = await said(corrected, { whole, facts: unsigned });
      expect(findings).toContainEqual(expect.stringMatching(/nobody fills the seat of .*sre/));
      expect((await said(stopped, { whole, facts: unheard })).findings).toContain(rejection);
    }
  });

  it("is plain data, which another thread may be handed", async () => {
    const { facts } = told.house;
    const fact = facts.find(({ type, promotion }) => type === "sign-off" && promotion === told.deployed);
    const { decided } = await resultOf(told.deployed, { facts: facts.filter((each) => each !== fact) });
    expect(decided?.problems.length).toBeGreaterThan(0);
    expect(structuredClone(decided)).toEqual(decided);
  });
});
