import { expect, it } from "vitest";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { now } from "../../core/promotion/promotion-in-review.ts";
import { restriction } from "../approved-promotion.ts";
import { everyKind } from "../memory-target.ts";
import { approved, former, id, own, scene } from "./audit-scene.ts";

// What serves is asked after what was approved is listed, by an index that may be a moment behind besides.

/** Its target says what runs as promotions become something else. */
function whileOthersWork(before: readonly Promotion[], after: readonly Promotion[], running = own) {
  const told = scene(before, running);
  const { target, promotions } = told;
  const describeRunning = async () => {
    for (const each of after) promotions.put(each);
    return running;
  };
  const { audit } = scene(before, running, { promotions, targets: everyKind({ ...target, describeRunning }) });
  return { ...told, audit };
}

it("what becomes deployed as it is looked at is no intruder in the place of what was approved before", async () => {
  const deploying: Promotion = { ...approved.promotion, status: "deploying" };
  const { audit, told } = whileOthersWork([former.promotion, deploying], [approved.promotion]);
  await audit();
  expect(told("intruder-found")).toEqual([]);
});

it("what is let serve again as it is looked at is no intruder in the place of what drifted", async () => {
  const taken = { remedy: "previous", because: "drift", startedAt: now } as const;
  const drifted: Promotion = { ...approved.promotion, status: "restricted", restriction: restriction() };
  const gone: Promotion = { ...drifted, status: "rolled-back", restriction: restriction({ taken }) };
  const running = { revision: former.promotion.id, promotion: former.promotion.id };
  const { audit, told } = whileOthersWork([former.promotion, drifted], [gone], running);
  await audit();
  expect(told("intruder-found")).toEqual([]);
});

it("what was replaced is found, whatever was deployed meanwhile", async () => {
  const deploying: Promotion = { ...approved.promotion, status: "deploying" };
  const running = { revision: former.promotion.id, promotion: former.promotion.id };
  const { audit, told } = whileOthersWork([former.promotion, deploying], [approved.promotion], running);
  await audit();
  expect(told("intruder-found")).toEqual([]);
  await audit();
  expect(told("intruder-found").map(({ promotion, body }) => [promotion, body["kind"]])).toEqual([[id, "unapproved"]]);
});
