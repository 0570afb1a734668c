import { describe, expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { MemoryTarget } from "../../functions/memory-target.ts";
import { deployed } from "./drifted-beside-newer.ts";
import { House, shipped, shippedWith } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";

const matrix = (rule: string) =>
  shipped.bundle.texts["matrix.yaml"].replace("    carryOver: 3d", `    carryOver: 3d\n    ${rule}`);

class Unreachable extends MemoryTarget {
  override readonly describeRunning = async () => {
    throw new Failure("unavailable", "The receiver does not answer.");
  };
}

describe("what drifted and cannot be made to make place for a day", () => {
  it.each([
    [
      "onDrift: previous",
      "somebody else's model serves there by now",
      "Something else serves there by now, and it is no newer candidate.",
      new MemoryTarget({ revision: "by-hand" }),
    ],
    [
      "onDrift: stop",
      "somebody else's model serves there by now",
      "Something else serves there by now, and it is no newer candidate.",
      new MemoryTarget({ revision: "by-hand" }),
    ],
    ["onDrift: previous", "the target does not answer", "The receiver does not answer.", new Unreachable()],
  ])(
    "(%s) is told as failed, and no pack is refused for it, where %s",
    async (rule, _, why, target) => {
      const house = new House(undefined, shippedWith(matrix(rule)));
      await deployed(house, "1.0.0");
      const drifted = await deployed(house, "2.0.0");
      const again = await house.drift('{"psi":0.31}');
      // Each five minutes, for a day and more.
      for (let hours = 0; hours < 26; hours += 2) {
        await house
          .restrictBy(
            { "detail-type": "Countersign Fact Recorded", detail: { promotionId: drifted, type: "drift" } },
            target,
          )
          .catch((error: unknown) => {
            if (!(error instanceof Failure) || error.code !== "unavailable") throw error;
          });
        house.pass(7200);
      }
      // The log goes on.
      await house.freezeAndJudge(again);
      const told = house.facts
        .filter(({ type }) => type === "remedy")
        .map(({ body, summary }) => [body["state"], summary]);
      // The same reason is told once.
      expect(told).toEqual([["failed", expect.stringContaining(why)]]);
      const { findings } = await verified(await packOf({ house }));
      expect(findings.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([]);
    },
    60_000,
  );
});
