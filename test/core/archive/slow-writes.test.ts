import { expect, it } from "vitest";
import type { DeploymentTarget } from "../../../core/deployment/deployment-target.ts";
import { mock } from "../../functions/mock.ts";
import { cora, House } from "./house.ts";
import { packOf, verified } from "./memory-pack.ts";
import { quietEvidence } from "./quiet-evidence.ts";
import { member } from "./reviewers.ts";

const [ida, olaf] = [member("Ida", "incident-commanders"), member("Olaf", "incident-commanders")];

it.each([0, 4, 6])(
  "a roll-back holds that is told %i seconds after the look, while somebody decides about its loan",
  async (slowBy) => {
    const house = new House(undefined, undefined, [ida, olaf]);
    house.tick = 50;
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    house.pass(3600);
    const first = await house.lend(id, ida, { seconds: 7200 });
    await house.lend(id, olaf, { seconds: 7200, confirms: first });
    await house.verify(id);
    await house.deploy(id, [{ kind: "under-way" }]);
    await house.sign(id, cora, "approve", { unheard: true });
    const { move } = house.promotions;
    let slow = true;
    Object.assign(house.promotions, {
      move: async (next: Parameters<typeof move>[0]) => {
        if (slow && next.history.at(-1)?.type === "rollback") {
          slow = false;
          house.pass(slowBy);
          await house.decide(id);
        }
        return move(next);
      },
    });
    const target = mock<DeploymentTarget>("target", {
      describeRunning: async () => ({}),
      check: async (deployment) => ({
        kind: "unhealthy",
        why: "It is unwell.",
        evidence: quietEvidence(deployment),
      }),
      rollBack: async () => {},
    });
    await house.watch(id, target);
    const told = house.promotions.stored(id).history.map(({ type }) => type);
    expect(told.slice(-2)).toEqual(["stage-decided", "rollback"]);
    expect((await verified(await packOf({ house }, { goesOn: 60 }))).findings).toEqual([]);
  },
);
