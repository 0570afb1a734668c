import { describe, expect, it } from "vitest";
import type { PackScope } from "../../../core/archive/pack/pack-manifest.ts";
import { hex } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { House } from "./house.ts";
import { attemptLeftOut } from "./left-out.ts";
import { createdAt, type Files, packOf, verified } from "./memory-pack.ts";
import { candidate, packUntil } from "./policies-on-their-way.ts";

// What a log was too young to tell when it was verified first is asked again by whoever goes on from there.

const looking = { now: addSeconds(createdAt, 20 * 86_400) };

function headOf(files: Files) {
  const bytes = files.get("log/checkpoint") ?? new Uint8Array();
  return { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
}

/** What is found, and said, of a log that went on, by whoever verified an earlier pack of it: in all of it, and in what came since. */
async function goneOn(first: Files, house: House, facts: readonly Fact[]) {
  const since = headOf(first);
  const { size, root } = since.checkpoint;
  const scopes: readonly PackScope[] = [{ kind: "everything" }, { kind: "since", size, root: hex(root) }];
  return await Promise.all(
    scopes.map(async (scope) => {
      const { findings, promotions, unchecked } = await verified(await packOf({ house }, { facts, scope }), {
        ...looking,
        since,
      });
      return {
        findings: findings.map(({ sentence }) => sentence),
        outcomes: new Map(promotions.map(({ promotion, outcome }) => [promotion, outcome])),
        said: unchecked.map(({ sentence }) => sentence),
      };
    }),
  );
}

describe("from an earlier head on", () => {
  it("policies that never came in force are found in the whole log, and said in what came since", async () => {
    const first = await packUntil(undefined);
    expect(await verified(first, looking)).toMatchObject({ holds: true, findings: [] });
    const { house, facts, promotion } = await candidate();
    const before = new Set(house.facts);
    house.pass(5 * 86_400);
    await house.submit("weak", "9.0.0");
    const [whole, part] = await goneOn(first, house, [...facts, ...house.facts.filter((fact) => !before.has(fact))]);
    expect(whole?.findings).toEqual(expect.arrayContaining([expect.stringContaining("policies")]));
    expect(whole?.outcomes.get(promotion)).toBe("FAILED");
    expect(part?.findings).toEqual([]);
    expect(part?.outcomes.get(promotion)).toBe("PASSED");
    expect(part?.said).toContainEqual(expect.stringContaining("Whether the policies that judged were in force then"));
  });

  it("an attempt that is left out is found in the whole log, and said in what came since", async () => {
    const { house, facts, goOn, hidden, names } = await attemptLeftOut();
    await goOn(86_400);
    const first = await packOf({ house }, { facts: facts() });
    expect(await verified(first, looking)).toMatchObject({ holds: true, findings: [] });
    await goOn(5 * 86_400);
    const [whole, part] = await goneOn(first, house, facts());
    expect(whole?.findings).toEqual([
      expect.stringMatching(
        `^${hidden}, the attempt before this one at the same candidate, was there before .*and the log does not have it.$`,
      ),
    ]);
    expect(whole?.outcomes.get(names)).toBe("FAILED");
    expect(part?.findings).toEqual([]);
    expect(part?.said).toContainEqual(
      `What became of ${hidden}, the attempt before this one at the same candidate: it is not here.`,
    );
  });

  it("what was of age then is passed over", async () => {
    const { house, facts, goOn, names } = await attemptLeftOut();
    await goOn(3 * 86_400);
    const first = await packOf({ house }, { facts: facts() });
    await goOn(86_400);
    const [whole, part] = await goneOn(first, house, facts());
    expect(whole?.findings).toEqual([]);
    expect(whole?.outcomes.get(names)).toBe("NOT CHECKED");
    expect(part?.outcomes.has(names)).toBe(false);
  });
});
