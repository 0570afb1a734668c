import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readReceipts } from "../../core/archive/kept-receipts.ts";
import { addSeconds } from "../../core/encoding/instant.ts";
import { folderOnDisk, temporaryFolder } from "../cli/pack-on-disk.ts";
import type { Forgery } from "../core/archive/forgeries/forgery.ts";
import { ofKeeping } from "../core/archive/forgeries/of-keeping.ts";
import {
  lentWithoutThoseWhoLeft,
  ofBrokenGlass,
  ofLoans,
  ranOnLoanBefore,
} from "../core/archive/forgeries/of-loans.ts";
import { inTheSameSeconds, leftOut, ofOrder } from "../core/archive/forgeries/of-order.ts";
import { ofPolicies } from "../core/archive/forgeries/of-policies.ts";
import { createdAt, type Files, packOf, verified } from "../core/archive/memory-pack.ts";
import { run, withTool } from "./programs.ts";
import { python, requireOnThePage, secondVerifier, verdictOn } from "./second-verifier.ts";

// Forgeries by their names: a service with every key of its own makes all of it fit, and hands the pack to both verifiers.

/** Some of the logs go on for days. */
const now = addSeconds(createdAt, 7 * 86_400);
const holds = /Everything that was checked holds\./;

async function packOfForgery(tell: Forgery["tell"]): Promise<Files> {
  const { house, facts, blobs } = await tell();
  return await packOf({ house }, { ...(facts && { facts }), ...(blobs && { blobs }) });
}

const said = async (files: Files) =>
  (await verified(files, { now })).findings.map(({ code, sentence }) => `${code}: ${sentence}`);

describe.each([
  ["loans as nobody signed for them", ofLoans],
  ["what was lent under the name of what was approved, and the other way round", ofBrokenGlass],
  ["approvals that are kept elsewhere than they were given", ofKeeping],
  ["another order than it happened in", ofOrder],
  ["policies of another time, and policies that nobody signed for", ofPolicies],
])("%s", { timeout: 60_000 }, (_, forgeries) => {
  describe.each(Object.entries(forgeries))("%s", (_name, { tell, ours, second }) => {
    let pack: Promise<Files> | undefined;
    const make = () => {
      pack ??= packOfForgery(tell);
      return pack;
    };
    afterAll(() => {
      pack = undefined;
    });

    it("is refused by our verifier, which names it", async () => {
      expect(await said(await make())).toContainEqual(expect.stringMatching(ours));
    });

    withTool(
      python,
      second === "not derived"
        ? "is nothing that the second verifier reads"
        : "is refused by the second verifier as well",
      async () => {
        const { status, output } = await verdictOn(await make());
        const derived = second !== "not derived";
        expect([status, output]).toEqual([derived ? 1 : 0, expect.stringMatching(derived ? second : holds)]);
      },
      async () => requireOnThePage(await make()),
    );
  });
});

describe("what nothing in a pack shows", { timeout: 60_000 }, () => {
  const untold = {
    "a release that ran on loan, told as one that was approved before it ran": ranOnLoanBefore,
    "a loan's verdict that leaves out an approval of somebody who had left by then": lentWithoutThoseWhoLeft,
  };
  for (const [name, tell] of Object.entries({ ...untold, ...inTheSameSeconds })) {
    it(`${name}: our verifier takes it`, async () => {
      expect(await said(await packOfForgery(tell))).toEqual([]);
    });

    withTool(
      python,
      `${name}: the second verifier takes it`,
      async () => {
        expect(await verdictOn(await packOfForgery(tell))).toEqual({
          status: 0,
          output: expect.stringMatching(holds),
        });
      },
      async () => requireOnThePage(await packOfForgery(tell)),
    );
  }
});

describe.each([
  ["a withdrawal that is left out, of what was deployed without it", "withdraw"],
  ["a rejection that is left out, of what others approved", "reject"],
] as const)("%s", { timeout: 60_000 }, (_, result) => {
  it("is shown by nothing in the log, and found by whoever kept what they were answered", async () => {
    const { house, answer, ...retold } = await leftOut(result);
    const files = await packOf({ house }, retold);
    expect(await said(files)).toEqual([]);
    const { findings } = await verified(files, { now, receipts: readReceipts("kept.json", answer) });
    expect(findings.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
      expect.stringMatching(/^record-missing: kept\.json: the service answered that it had recorded a sign-off/),
    ]);
  });

  withTool(
    python,
    "the same by the second verifier",
    async () => {
      const { house, answer, ...retold } = await leftOut(result);
      const folder = temporaryFolder();
      writeFileSync(join(folder, "kept.json"), answer);
      const pack = folderOnDisk(await packOf({ house }, retold));
      const told = (...kept: readonly string[]) =>
        run("python3", [join(secondVerifier, "verify.py"), pack, ...kept], folder);
      expect(told()).toEqual({ status: 0, output: expect.stringMatching(holds) });
      expect(told("kept.json")).toEqual({
        status: 1,
        output: expect.stringContaining("said that it recorded something, and the log does not tell of it"),
      });
    },
    async () => {
      const { house, answer: _, ...retold } = await leftOut(result);
      requireOnThePage(await packOf({ house }, retold));
    },
  );
});
