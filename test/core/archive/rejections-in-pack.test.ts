import { describe, expect, it } from "vitest";
import type { Fact } from "../../../core/promotion/fact.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { changed } from "./retelling.ts";
import { approvedByOthers, type StageGone, stageGone } from "./stage-gone.ts";

/** The record that says what is kept of the review before, and the rejection. */
function keptIn({ house, id }: StageGone): { readonly fact: Fact; readonly rejection: string } {
  const fact = house.facts.find(({ promotion, body }) => promotion === id && "kept" in body);
  const rejection = house.facts.find(({ type, promotion }) => type === "sign-off" && promotion === id)?.body["signOff"];
  if (fact === undefined || typeof rejection !== "string") throw new Error("Nothing was kept.");
  return { fact, rejection };
}

describe("a rejection whose stage goes by another name", async () => {
  const scene = await stageGone({ toStop: 2 });
  await scene.rename();
  await approvedByOthers(scene);
  const { house, id } = scene;
  const { fact, rejection } = keptIn(scene);
  const sentences = async (body: Fact["body"]) => {
    const facts = changed(house, fact, (each) => ({ ...each, body: { ...each.body, ...body } }));
    const { findings } = await verified(await packOf({ house }, { facts }));
    return findings.map(({ sentence }) => sentence);
  };

  it("stands in the first stage of the next review, and its record says so", async () => {
    expect(house.promotions.stored(id)).toMatchObject({ status: "deployed", review: 2 });
    expect(fact.body["kept"]).toEqual([expect.objectContaining({ signOff: rejection, stage: 0, review: 2 })]);
    expect(fact.summary).toContain(
      "rejected it in the stage 'compliance', which is gone, stands in the stage 'legal'.",
    );
    expect(await verified(await packOf({ house }))).toMatchObject({ holds: true, findings: [] });
  });

  it("is not lost with it", async () => {
    expect(await sentences({ kept: [] })).toContain(`It does not say what becomes of the sign-off ${rejection}.`);
  });

  it("stands in no other", async () => {
    const [kept] = fact.body["kept"] as readonly object[];
    expect(await sentences({ kept: [{ ...kept, stage: 1 }] as never })).toContain(
      `The sign-off ${rejection} is kept in another stage, review or role than it stands for.`,
    );
  });
});

it("a rejection that nobody had decided about ends it, though the policies that come in force would let it pass", async () => {
  const { house, id, rename } = await stageGone({ toStop: 1, unheard: true });
  expect(house.promotions.stored(id).status).toBe("in-review");
  await rename();
  expect(house.promotions.stored(id)).toMatchObject({ status: "rejected", reason: "Who is liable?", review: 1 });
  expect(await verified(await packOf({ house }))).toMatchObject({ holds: true, findings: [] });
});
