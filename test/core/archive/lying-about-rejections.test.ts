import { expect, it } from "vitest";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Change } from "../../../core/promotion/life-cycle.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { endedOtherwise, rejectedWhileLent } from "./rejected-while-lent.ts";
import { member } from "./reviewers.ts";

// Somebody stopped a candidate, their signature lies in the ledger and in the pack, and the service goes on as if it did not.

const carl = member("Carl", "compliance-officers");
const lenders = [member("Ida", "incident-commanders"), member("Olaf", "incident-commanders")] as const;

/** A candidate that Cora has rejected, and a service that does not see that. */
async function ignored(): Promise<{ readonly house: House; readonly id: PromotionId; readonly rejection: string }> {
  const house = new House(undefined, undefined, [carl, ...lenders]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  return { house, id, rejection: await rejectUnheard(house, id) };
}

async function rejectUnheard(house: House, id: PromotionId): Promise<string> {
  await house.sign(id, cora, "reject", { reason: "Never.", unheard: true });
  return house.promotions.forgetLatest();
}

async function findings(house: House, id: PromotionId) {
  const { findings: found, promotions } = await verified(await packOf({ house }, { goesOn: 0 }));
  expect(promotions).toMatchObject([{ promotion: id, outcome: "FAILED" }]);
  return found.map(({ code, sentence }) => ({ code, sentence }));
}

/** Everybody else approves, and it is deployed. */
async function approvedByOthers(house: House, id: PromotionId): Promise<void> {
  await house.openStage(id);
  await house.sign(id, carl);
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
  expect(house.promotions.stored(id).status).toBe("deployed");
}

/** What a promotion goes back to its gates with, in the words that the service has for it. */
function begunAnew(house: House, id: PromotionId, fallen: readonly string[]): void {
  const { requirements, review, invalidated } = house.promotions.stored(id);
  const fell = fallen.map((signOff) => ({ signOff: signOff as Sha256, why: "of the review before" }));
  const change: Change = {
    status: "gating",
    review: review + 1,
    settled: [],
    stage: undefined,
    gates: undefined,
    invalidated: [...invalidated, ...fell],
  };
  const body = { from: requirements.sha256, to: requirements.sha256, fallen: fell };
  house.move(id, change, { type: "seat-reopened", summary: "The requirements changed.", body, attachments: [] });
}

it("a rejection does not go with its review, where the next one says nothing of it", async () => {
  const { house, id, rejection } = await ignored();
  begunAnew(house, id, []);
  await house.freezeAndJudge(id);
  await approvedByOthers(house, id);
  const found = await findings(house, id);
  for (const sentence of [
    `Another review began, although the rejection ${rejection} had ended the promotion.`,
    `Another review began, and nothing says what becomes of the sign-off ${rejection}.`,
  ])
    expect(found).toContainEqual({ code: "quorum-differs", sentence });
});

it("a rejection does not go with its review, where the next one says that it fell", async () => {
  const { house, id, rejection } = await ignored();
  begunAnew(house, id, [rejection]);
  await house.freezeAndJudge(id);
  await approvedByOthers(house, id);
  expect((await findings(house, id)).map(({ code }) => code)).toContain("life-cycle");
});

it("a rejection does not go with two reviews either, the second of which was never judged", async () => {
  const { house, id, rejection } = await ignored();
  begunAnew(house, id, []);
  begunAnew(house, id, []);
  await house.freezeAndJudge(id);
  await approvedByOthers(house, id);
  expect(await findings(house, id)).toContainEqual({
    code: "quorum-differs",
    sentence: `Another review began, and nothing says what becomes of the sign-off ${rejection}.`,
  });
});

it("a rejected candidate is not lent", async () => {
  const { house, id, rejection } = await ignored();
  const first = await house.lend(id, lenders[0], { seconds: 3600 });
  await house.lend(id, lenders[1], { seconds: 3600, confirms: first });
  await house.verify(id);
  await house.deploy(id);
  expect(house.promotions.stored(id).status).toBe("loaned");
  const although = `although the rejection ${rejection} had ended the promotion.`;
  expect(await findings(house, id)).toEqual([
    { code: "quorum-differs", sentence: `Seats were lent, ${although}` },
    { code: "quorum-differs", sentence: `The loan's verdict is PASSED, ${although}` },
  ]);
});

it("a candidate that is rejected while it is lent does not run on", async () => {
  const { house, id, rejection } = await rejectedWhileLent();
  await house.expire(id);
  expect(house.promotions.stored(id).status).toBe("expired");
  expect(await findings(house, id)).toEqual([
    {
      code: "quorum-differs",
      sentence: `What was lent ran until the loan was over, although the rejection ${rejection} had ended the promotion.`,
    },
  ]);
});

it.each(["failed", "blocked", "rolled-back"] as const)("nor where it is said to be %s afterwards", async (type) => {
  const { house, id, rejection } = await endedOtherwise(type);
  expect(await findings(house, id)).toContainEqual({
    code: "quorum-differs",
    sentence: `What was lent ran until it was recorded as '${type}', although the rejection ${rejection} had ended the promotion.`,
  });
});

it("what is lent does not expire but with its loan", async () => {
  const { house, id } = await endedOtherwise("expired");
  expect(await findings(house, id)).toContainEqual({
    code: "life-cycle",
    sentence: expect.stringMatching(/what is lent ends with its loan\.$/),
  });
});

it("that a rejection had ended it is said, whatever it is recorded as", async () => {
  const { house, id, rejection } = await ignored();
  house.pass(5 * 3600);
  house.move(id, { status: "withdrawn" }, { type: "withdrawn", summary: "Taken back.", body: {}, attachments: [] });
  const { findings, unchecked } = await verified(await packOf({ house }));
  expect(findings).toEqual([]);
  expect(unchecked).toContainEqual({
    promotion: id,
    sentence: expect.stringMatching(
      new RegExp(`^The rejection ${rejection} of .* had ended it; that it is 'withdrawn' was`),
    ),
  });
});
