import { describe, expect, it } from "vitest";
import { sameJson } from "../../../core/encoding/canonical-json.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import { cora, House } from "./house.ts";
import { approvedInOneSecond } from "./in-one-second.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { member } from "./reviewers.ts";

// Whoever counts sign-offs reads those that are written, and verification counts those whose instant is long enough before.
// Between the two lies how long a sign-off is on its way, and KMS may take its time.

const cleo = member("Cleo", "compliance-officers");

/** Cleo decides, and while KMS is slow to sign that, Cora does, which decides the stage. */
async function overtaken(house: House, promotion: PromotionId, result: SignOffResult): Promise<void> {
  const { attestation } = house;
  const quick = async (who: Member) => {
    house.attestation = attestation;
    await house.sign(promotion, who);
    house.pass(8);
  };
  house.attestation = {
    ...attestation,
    sign: async (digest) => {
      await quick(cora);
      return attestation.sign(digest);
    },
  };
  await house.sign(promotion, cleo, result, { reason: "Seen." });
}

describe("a sign-off that KMS was slow to sign", () => {
  async function reviewed() {
    const house = new House(undefined, undefined, [cleo]);
    const promotion = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(promotion);
    await house.openStage(promotion);
    return { house, promotion };
  }
  async function findings(house: House) {
    return (await verified(await packOf({ house }, {}))).findings;
  }

  it("is not recorded where it approves and another filled the seat, and what was decided holds", async () => {
    const { house, promotion } = await reviewed();
    await expect(overtaken(house, promotion, "approve")).rejects.toMatchObject({ code: "stage-not-open" });
    expect(house.promotions.stored(promotion).settled).toHaveLength(1);
    expect(await findings(house)).toEqual([]);
  });

  it("is recorded as of when it was written where it rejects, and what was decided before holds", async () => {
    const { house, promotion } = await reviewed();
    await overtaken(house, promotion, "reject");
    expect(house.promotions.stored(promotion)).toMatchObject({ status: "rejected", settled: [{ index: 0 }] });
    expect(await findings(house)).toEqual([]);
  });
});

it("two approvals of one second hold where the later one was written first, and alone had been read as its stage was decided", async () => {
  const { house, deployed, carl } = await approvedInOneSecond();
  const { settled, status } = house.promotions.stored(deployed);
  expect(status).toBe("deployed");
  expect(settled[0]?.seats.map(({ person }) => person)).toEqual([carl.identity]);
  const given = house.facts.filter(({ type, promotion }) => type === "sign-off" && promotion === deployed);
  const [coras, carls] = [cora, carl].map(({ identity }) =>
    given.find(({ body }) => sameJson(body["reviewer"], { ...identity })),
  );
  expect((coras?.at ?? "") < (carls?.at ?? "")).toBe(true);
  expect((await verified(await packOf({ house }))).findings).toEqual([]);
});
