import { describe, expect, it } from "vitest";
import { honestHistories, keptThoughTakenBack } from "../honest-histories.ts";
import type { House } from "../house.ts";
import { packOf, verified } from "../pack-fixture.ts";

// Whose decision is whose is told by the people.yaml of the policies by which a candidate took the place of another.

async function findings(house: House): Promise<readonly string[]> {
  return (await verified(await packOf({ house }))).findings.map(({ code, sentence }) => `${code}: ${sentence}`);
}

describe("a sign-off that a newer candidate keeps", () => {
  it("stood, where what its author took back or rejected was under another account, and before it", async () => {
    const house =
      await honestHistories["somebody who approves under one account what they had rejected under another"]?.();
    expect(house?.facts.map(({ type }) => type)).toContain("sign-off-kept");
    expect(house === undefined ? undefined : await findings(house)).toEqual([]);
  });

  it("did not stand, where its author took it back under another account", async () => {
    const house = await keptThoughTakenBack();
    expect(await findings(house)).toEqual([
      expect.stringMatching(
        /^sign-off-invalid: The sign-off [0-9a-f]{64} is kept from p-[0-9a-f]+-1, where it did not stand any more since /,
      ),
    ]);
  });

  it("stood by the policies of that moment, where those of before took two people for one", async () => {
    const house = await honestHistories["two who were taken for one, of whom one took back what they had approved"]?.();
    expect(house?.facts.map(({ type }) => type)).toContain("sign-off-kept");
    expect(house === undefined ? undefined : await findings(house)).toEqual([]);
  });
});
