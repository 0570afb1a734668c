import { describe, expect } from "vitest";
import { House } from "../core/archive/house.ts";
import { goesOn, leftUnderWay } from "../core/archive/left-under-way.ts";
import { packOf } from "../core/archive/pack-fixture.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

describe("the second verifier, of what is under way,", () => {
  for (const [name, [what, happens]] of Object.entries(leftUnderWay)) {
    const packs = async () => {
      const house = new House();
      const id = await house.submit("candidate", "2.0.0");
      await happens(house, id);
      const soon = await packOf({ house });
      await goesOn(house);
      return { id, soon, late: await packOf({ house }) };
    };
    withTool(
      python,
      `says that the end of ${name} is not told, once it had to be there`,
      async () => {
        const { id, soon, late } = await packs();
        const note = `${id}: how ${what} is not told`;
        expect(await verdictOn(late)).toEqual({ status: 0, output: expect.stringContaining(note) });
        expect(await verdictOn(soon)).toEqual({ status: 0, output: expect.not.stringContaining("is not told") });
      },
      async () => requireOnThePage((await packs()).late),
    );
  }
});
