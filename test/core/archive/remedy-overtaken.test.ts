import { expect, it } from "vitest";
import type { DeploymentTarget } from "../../../core/deployment/deployment-target.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { mock } from "../../functions/mock.ts";
import { others } from "./honest/people.ts";
import { firstRules, policiesOf } from "./honest/rules.ts";
import { cora, dana, House, sam } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { quietEvidence } from "./quiet-evidence.ts";

const rules = { ...firstRules, policyChange: false, onDrift: "previous", again: "stop" } as const;

async function deployed(house: House, version: string): Promise<PromotionId> {
  const id = await house.submit("candidate", version);
  await house.freezeAndJudge(id);
  for (const people of [[cora], [sam, dana]]) {
    await house.openStage(id);
    for (const person of people) await house.sign(id, person);
  }
  expect(await house.verify(id)).toBe("passed");
  await house.deploy(id);
  return id;
}

/**
 * One run puts back what was approved before; while it asks the target, nobody approves the model again, and another run takes it out
 * of service.
 */
it.each(["is done", "has begun"])(
  "a run that is behind leaves what goes further as it is, once that %s",
  async (far) => {
    const house = new House(undefined, policiesOf(rules), others);
    await deployed(house, "2.0.0");
    house.pass(86_400 * 2);
    const second = await deployed(house, "2.0.1");
    house.pass(3_600);
    const again = await house.drift("{}");
    await house.freezeAndJudge(again);
    await house.openStage(again);
    const hear = (target: DeploymentTarget) =>
      house.restrictBy(
        { "detail-type": "Countersign Fact Recorded", detail: { promotionId: second, type: "drift" } },
        target,
      );
    let serving: PromotionId | undefined = second;
    let overtaken = false;
    const target = (over: Partial<DeploymentTarget>): DeploymentTarget =>
      mock<DeploymentTarget>("target", {
        describeRunning: async () => (serving === undefined ? {} : { revision: serving, promotion: serving }),
        suspend: async () => undefined,
        settle: async () => undefined,
        ...over,
      });
    const taking = target({
      rollBack: async () => {
        serving = undefined;
      },
      check: async () =>
        far === "is done"
          ? { kind: "returned", why: "Nothing serves.", evidence: {} }
          : { kind: "under-way", why: "It is going.", evidence: {} },
    });
    const returning = target({
      start: async () => undefined,
      check: async (deployment) => {
        if (!overtaken) {
          overtaken = true;
          await house.sign(again, dana, "reject", { reason: "It drifts." });
          await hear(taking);
        }
        return { kind: "serving", why: "It serves.", evidence: quietEvidence(deployment) };
      },
    });
    await hear(returning);
    const { status, restriction, history } = house.promotions.stored(second);
    expect([status, restriction?.taken?.remedy, restriction?.taken?.doneAt !== undefined]).toEqual([
      "restricted",
      "stop",
      far === "is done",
    ]);
    expect(
      history
        .filter(({ type }) => type === "remedy")
        .map(({ body }) => `${String(body["remedy"])} ${String(body["state"])}`),
    ).toEqual(["previous started", "stop started", ...(far === "is done" ? ["stop done"] : [])]);
    house.pass(60);
    await house.submit("weak", "9.0.0");
    expect((await verified(await packOf({ house }))).findings).toEqual([]);
  },
);
