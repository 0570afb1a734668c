import { describe, expect, it } from "vitest";
import { cora, House } from "../house.ts";
import { packOf, verified } from "../pack-fixture.ts";
import { member } from "../reviewers.ts";

const [ida, olaf] = [member("Ida", "incident-commanders"), member("Olaf", "incident-commanders")];

/** Something that runs on loan for so long. */
async function lent(seconds: number) {
  const house = new House(undefined, undefined, [ida, olaf]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  const first = await house.lend(id, ida, { seconds });
  await house.lend(id, olaf, { seconds, confirms: first });
  await house.verify(id);
  await house.deploy(id);
  return { house, id };
}

/** What is found of what was lent, and what is said of how long it ran. */
async function saidOf(house: House) {
  const { findings, unchecked } = await verified(await packOf({ house }));
  const said = unchecked.map(({ sentence }) => sentence).filter((sentence) => /by the records of it\.$/.test(sentence));
  return { findings, said };
}

describe("what was lent and ran on", () => {
  it("is said where its end came long after its time, and its taking back long after that", async () => {
    const { house, id } = await lent(3600);
    const { until } = house.promotions.stored(id).loan ?? expect.unreachable();
    house.pass(3 * 3600);
    await house.expire(id);
    const ended = house.facts.find(({ type }) => type === "loan-ended")?.at ?? expect.unreachable();
    const first = `What was lent until ${until} ran until ${ended}, by the records of it.`;
    expect(await saidOf(house)).toEqual({ findings: [], said: [first] });
    house.pass(86_400);
    await house.cleanUp(id);
    const gone = house.facts.find(({ type }) => type === "loan-taken-back")?.at ?? expect.unreachable();
    const second = `What was lent until ${ended} was taken back at ${gone}, by the records of it.`;
    expect(await saidOf(house)).toEqual({ findings: [], said: [first, second] });
  });

  it("is said where people had rejected it long before it ended", async () => {
    const { house, id } = await lent(4 * 3600);
    await house.sign(id, cora, "reject", { reason: "Take it away.", unheard: true });
    const rejected = house.facts.findLast(({ type }) => type === "sign-off")?.at ?? expect.unreachable();
    house.pass(3 * 3600);
    await house.decide(id);
    const ended = house.facts.find(({ type }) => type === "rejected")?.at ?? expect.unreachable();
    expect(await saidOf(house)).toEqual({
      findings: [],
      said: [`What was rejected at ${rejected} ran until ${ended}, by the records of it.`],
    });
  });

  it("is not said where it ended as soon as anybody heard", async () => {
    const { house, id } = await lent(3600);
    house.pass(3600);
    await house.expire(id);
    await house.cleanUp(id);
    expect(await saidOf(house)).toEqual({ findings: [], said: [] });
  });
});
