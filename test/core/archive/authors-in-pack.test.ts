import { expect, it } from "vitest";
import { loadPolicies } from "../../../core/policy/load-policies.ts";
import { House, shipped } from "./house.ts";
import { approved } from "./left-under-way.ts";
import { packOf, verified } from "./pack-fixture.ts";

const untold = (unchecked: readonly { readonly sentence: string }[]) =>
  unchecked.filter(({ sentence }) => sentence.startsWith("Whether whoever made a candidate also signed for it"));

/** A candidate that passed by a people.yaml with this in it. */
async function passedBy(more = ""): Promise<House> {
  const { bundle } = shipped;
  const texts = { ...bundle.texts, "people.yaml": `${bundle.texts["people.yaml"]}${more}` };
  const house = new House(undefined, loadPolicies({ ...bundle, texts }));
  await approved(house, await house.submit("candidate", "2.0.0"));
  return house;
}

const authors = "\n  - name: Tom\n    address: tom@example.com\n  - name: Priya\n    address: priya@example.com\n";

it("authors who are nobody's in people.yaml are counted, once for all promotions", async () => {
  const house = await passedBy();
  const one = await verified(await packOf({ house }));
  expect([one.findings, untold(one.unchecked)]).toEqual([
    [],
    [{ sentence: expect.stringContaining("where 1 promotion names some by addresses") }],
  ]);
  await approved(house, await house.submit("candidate", "2.1.0"));
  const two = await verified(await packOf({ house }));
  expect(untold(two.unchecked)).toEqual([{ sentence: expect.stringContaining("where 2 promotions name some") }]);
});

it("authors whom people.yaml knows are told, and nobody is known by a pack without personal data", async () => {
  const house = await passedBy(authors);
  expect(untold((await verified(await packOf({ house }))).unchecked)).toEqual([]);
  const nameless = await verified(await packOf({ house }, { withoutPersonalData: true }));
  expect([nameless.findings, untold(nameless.unchecked).length]).toEqual([[], 1]);
});

it("authors of what nobody let pass are not asked for", async () => {
  const house = new House();
  await house.freezeAndJudge(await house.submit("candidate", "2.0.0"));
  expect(untold((await verified(await packOf({ house }))).unchecked)).toEqual([]);
});
