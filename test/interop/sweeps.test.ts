import { beforeAll, describe, expect, it } from "vitest";
import { addSeconds } from "../../core/encoding/instant.ts";
import { sweepOperations } from "../core/archive/forgeries/sweep-operations.ts";
import { sweepStories } from "../core/archive/forgeries/sweep-stories.ts";
import { sweepsOf } from "../core/archive/forgeries/sweeps.ts";
import { isUnnoticed, namedForNothing } from "../core/archive/forgeries/unnoticed.ts";
import { createdAt, type Files, packOf, verified } from "../core/archive/memory-pack.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

// Each record of honest histories is left out, exchanged, told later, twice, or with another's words, documents and times, and the rest
// made to fit by a service that has every key of its own. Whatever neither verifier notices is named in forgeries/unnoticed.ts, with
// the reason. All of it takes many minutes: SWEEP_EVERY=1. Otherwise it is each so-manieth, the same ones every time.

const every = Number(process.env["SWEEP_EVERY"] ?? 61);
const now = addSeconds(createdAt, 7 * 86_400);
const minutes = 60_000 * (every === 1 ? 60 : 3);

describe.each(Object.entries({ ...sweepStories, ...sweepOperations }))(
  "of the history of %s, told otherwise record by record,",
  { timeout: minutes },
  (name, make) => {
    const packs = new Map<string, Files>();
    const expected = (by: "both" | "the second") => [...packs.keys()].filter((each) => isUnnoticed(name, each, by));

    beforeAll(async () => {
      const story = await make();
      const pack = (told: object) => packOf(story, { ...told, attestationKeys: story.house.keysHeld });
      packs.set("as it was recorded", await pack({}));
      const all = await sweepsOf(story);
      // None that nobody could notice is named for nothing.
      expect(
        namedForNothing(
          name,
          all.map((each) => each.name),
        ),
      ).toEqual([]);
      for (const { name: told, tell } of all.filter((_, at) => at % every === 0))
        packs.set(told, await pack(await tell()));
    }, minutes);

    it("all of it but what is named is noticed by our verifier", async () => {
      const taken: string[] = [];
      for (const [told, files] of packs) if ((await verified(files, { now })).holds) taken.push(told);
      expect(taken).toEqual(["as it was recorded", ...expected("both")]);
    });

    withTool(
      python,
      "all of it but what is named is noticed by the second verifier",
      async () => {
        const taken: string[] = [];
        for (const [told, files] of packs) if ((await verdictOn(files)).status === 0) taken.push(told);
        expect(taken).toEqual(["as it was recorded", ...expected("the second")]);
      },
      () => requireOnThePage(packs.get("as it was recorded") ?? expect.unreachable()),
    );
  },
);
