import { describe, expect, it } from "vitest";
import { dana, type House, sam } from "./house.ts";
import { packOf, verified } from "./memory-pack.ts";
import { bela, cleo, inLastStage, unheardAsOne } from "./one-by-the-directory.ts";

// Who is one person by the directory alone, whose word lies with the verdict, has one approval, and as many rejections as accounts.

const told = async (house: House) =>
  (await verified(await packOf({ house }))).findings.map(({ code, sentence }) => `${code}: ${sentence}`);

describe("two who reject, and whom the directory takes for one", () => {
  it("stop it, as two people by their sign-ins", async () => {
    const { house, id } = await inLastStage([bela, { ...cleo, address: bela.address }]);
    await house.sign(id, bela, "reject", { reason: "It is unfair." });
    await house.sign(id, cleo, "reject", { reason: "Nobody can operate it." });
    expect(house.promotions.stored(id).status).toBe("rejected");
    expect(await told(house)).toEqual([]);
  });

  it("stop it after everybody else has approved", async () => {
    const { house, id } = await inLastStage([bela, { ...cleo, address: bela.address }]);
    await house.sign(id, dana);
    await house.sign(id, sam);
    await house.sign(id, bela, "reject", { reason: "It is unfair." });
    await house.sign(id, cleo, "reject", { reason: "Nobody can operate it." });
    expect(house.promotions.stored(id).status).toBe("rejected");
    expect(await told(house)).toEqual([]);
  });

  it.each(["before", "after"] as const)(
    "are found in the log of a service that goes by the directory: %s the others approved",
    async (when) => {
      const house = await unheardAsOne(when);
      expect(await told(house)).toContainEqual(expect.stringMatching(/rejection|rejected/));
    },
  );
});

describe("somebody who rejected, and whom the directory takes for one who approved", () => {
  it("has not taken their rejection back by that", async () => {
    const { house, id } = await inLastStage([{ ...bela, address: dana.address }, cleo]);
    await house.sign(id, bela, "reject", { reason: "It is unfair." });
    await house.sign(id, dana);
    await house.sign(id, cleo, "reject", { reason: "Nobody can operate it." });
    expect(house.promotions.stored(id).status).toBe("rejected");
    expect(await told(house)).toEqual([]);
  });
});
