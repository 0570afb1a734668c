import { describe, expect, it, vi } from "vitest";
import { driftOfAnother } from "../core/archive/drifted-again.ts";
import { deployed } from "../core/archive/drifted-beside-newer.ts";
import { House } from "../core/archive/house.ts";
import { type Files, packOf } from "../core/archive/memory-pack.ts";
import { overtaken } from "../core/archive/overtaken.ts";
import { saying } from "../core/archive/retelling.ts";
import { expectOurs } from "./our-verifier.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage } from "./second-verifier.ts";

// A part of the log does not show that there are no others of a model and target. But what two of them say of each other that are
// both there no third takes back.

const packs: Readonly<Record<string, readonly [() => Promise<Parameters<typeof packOf>>, RegExp?, RegExp?]>> = {
  "two releases": [async () => [{ house: await twoReleases() }]],
  "a release said to be the first after another one": [
    async () => {
      const house = await twoReleases();
      const asked = house.facts.findLast(({ type }) => type === "request") ?? expect.unreachable();
      return [{ house }, saying(house, asked, { release: "first" })];
    },
    /^It was judged as a first release, and a version of the model had been deployed in the target before\.$/,
    /a first release was asked for, and something had been deployed before/,
  ],
  "an older candidate over a newer one": [
    async () => [await overtaken()],
    /^It began to be deployed, or was lent for that, at .* that one takes the place of what is older\.$/,
    /an older candidate was deployed although a newer one was through its gates/,
  ],
  "a place taken by one that does not say so": [
    async () => {
      const house = new House();
      for (const version of ["2.0.0", "2.1.0"]) {
        const id = await house.submit("candidate", version);
        await house.freezeAndJudge(id);
        await house.openStage(id);
      }
      const taken = house.facts.find(({ type }) => type === "supersedes") ?? expect.unreachable();
      return [{ house }, saying(house, taken, { promotions: [] })];
    },
    /^Its place was taken by p-[0-9a-f]+-1, which does not say so\.$/,
    /taken by one that does not say so/,
  ],
  "a candidate that was compared with nothing": [
    async () => {
      const house = await twoReleases();
      const id = await house.submit("candidate", "2.2.0");
      const list = vi.spyOn(house.promotions, "list").mockResolvedValue({ promotions: [] });
      house.pass(120);
      await house.freezeAndJudge(id);
      list.mockRestore();
      return [{ house }];
    },
    /^It was not compared with 2\.1\.0 of p-[0-9a-f]+-1, which served in its target since /,
    /a candidate was not compared with what served then/,
  ],
  "the drift of what ran before": [
    async () => [await driftOfAnother()],
    /^It is said to have drifted at .* ran in its place\.$/,
    /another ran in its place/,
  ],
};

async function twoReleases(): Promise<House> {
  const house = new House();
  for (const version of ["2.0.0", "2.1.0"]) await deployed(house, version);
  return house;
}

describe.each(Object.entries(packs))("a pack of one model with %s", (_, [told, ours, theirs]) => {
  let made: Promise<Files> | undefined;
  const make = () => {
    made ??= told().then(([signed, over]) =>
      packOf(signed, { ...over, scope: { kind: "model", model: "credit-scoring" } }),
    );
    return made;
  };

  it("is taken by our verifier only as it may be", async () => {
    await expectOurs(await make(), ours);
  });

  withTool(
    python,
    "is taken by the second verifier only as it may be",
    async () => {
      await expectVerdict(await make(), theirs);
    },
    async () => requireOnThePage(await make()),
  );
});
