import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { folderOnDisk, temporaryFolder } from "../cli/pack-on-disk.ts";
import { honestHistories } from "../core/archive/honest-histories.ts";
import { House } from "../core/archive/house.ts";
import { goesOn, leftUnderWay } from "../core/archive/left-under-way.ts";
import { packOf, recordStories } from "../core/archive/pack-fixture.ts";
import { packIn } from "../core/archive/packs-in-version.ts";
import { packsOfRelease } from "../core/archive/release-left-out.ts";
import { longAfter, unrecordedRejection } from "../core/archive/unrecorded.ts";
import { run, withTool } from "./programs.ts";
import { python, requireOnThePage, secondVerifier, verdictOn } from "./second-verifier.ts";

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

  withTool(
    python,
    "says that a report of version 1 shows a verdict that was taken away",
    async () => {
      const make = honestHistories["a release that went back, and was rejected before its stage was open again"];
      const newest = await packOf({ house: await (make ?? expect.unreachable())() });
      const note = "its report is of version 1, and shows a verdict that was taken away again";
      const [before, now] = [await verdictOn(await packIn(newest, 1)), await verdictOn(newest)];
      expect(before).toEqual({ status: 0, output: expect.stringContaining(note) });
      expect(now).toEqual({ status: 0, output: expect.not.stringContaining(note) });
    },
    async () => requireOnThePage(await packOf(await recordStories())),
  );

  withTool(
    python,
    "says that a release found something else than the others tell, and that authors are nobody's in people.yaml",
    async () => {
      const { lying, honest } = await packsOfRelease();
      expect(await verdictOn(lying)).toEqual({ status: 0, output: expect.stringContaining(" served until then") });
      const { status, output } = await verdictOn(honest);
      expect([status, output]).toEqual([0, expect.not.stringContaining("found something else")]);
      expect(output).toContain("who are nobody in people.yaml, nor else here: 3");
    },
    async () => requireOnThePage((await packsOfRelease()).honest),
  );
});

describe("the second verifier, of what people were answered as they signed,", () => {
  withTool(
    python,
    "finds that the log does not tell of it, once it has to, and nothing where it does",
    async () => {
      const { house, answer, without } = await unrecordedRejection();
      const recorded = folderOnDisk(await packOf({ house }, { goesOn: 0 }));
      await longAfter(house);
      const lacking = folderOnDisk(await packOf({ house }, { facts: without() }));
      const folder = temporaryFolder();
      writeFileSync(join(folder, "kept.json"), answer);
      const told = (pack: string) => run("python3", [join(secondVerifier, "verify.py"), pack, "kept.json"], folder);
      expect(told(recorded)).toEqual({ status: 0, output: expect.not.stringContaining("kept.json") });
      const { status, output } = told(lacking);
      expect([status, output]).toEqual([
        1,
        expect.stringContaining("said that it recorded something, and the log does not tell of it"),
      ]);
    },
    async () => requireOnThePage(await packOf(await unrecordedRejection())),
  );
});
