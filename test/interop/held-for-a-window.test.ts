import { expect } from "vitest";
import { addSeconds } from "../../core/encoding/instant.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { smallFacts, smallPack, wrongWith } from "../core/archive/small-pack.ts";
import { told } from "../core/archive/told.ts";
import { withTool } from "./programs.ts";
import { python, verdictOn } from "./second-verifier.ts";

// A candidate is said to have waited for a freeze window that there never was.

const own = smallFacts.filter(({ promotion, id }) => promotion === told.withdrawn && /\/\d+$/.test(id));
const last = own.at(-1) ?? expect.unreachable("It has a history.");
const held: Fact = {
  ...{ id: `${told.withdrawn}/${own.length}`, promotion: told.withdrawn, type: "held", at: last.at, attachments: [] },
  ...{ summary: "It waits.", body: { window: "year-end", until: addSeconds(last.at, 3600) } },
};
const pack = () => smallPack({ facts: smallFacts.flatMap((fact) => (fact === last ? [fact, held] : [fact])) });

const refusedByOurs = async () =>
  expect(await wrongWith(await pack())).toContainEqual(expect.stringMatching(/^policy-differs .*window/));

withTool(
  python,
  "what waited for a freeze window is said not to have been looked at by the second verifier, and is looked at by ours",
  async () => {
    await refusedByOurs();
    const { status, output } = await verdictOn(await pack());
    expect(output).toMatch(/it was held for a freeze window, at which nobody looked here/);
    expect(status).toBe(0);
  },
  refusedByOurs,
);
