import { expect, it } from "vitest";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import { cora, dana, House, sam } from "./house.ts";
import { packOf, verified } from "./memory-pack.ts";

const limit = 3 * 86_400;

it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
  "what is kept for a newer candidate is kept in time by what is told of it: its gates begin %i seconds before that is over",
  async (before) => {
    const house = new House();
    const older = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(older);
    await house.openStage(older);
    await house.sign(older, cora);
    const signedAt = house.promotions.recordedSignOffs().at(-1)?.signOff.recordedAt ?? expect.unreachable();
    const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
    await house.freeze(newer);
    house.pass(limit - before - (msOfInstant(house.clock) - msOfInstant(signedAt)) / 1000);
    await house.judge(newer);
    const { carried = [], history } = house.promotions.stored(newer);
    const told = history.find(({ type }) => type === "supersedes") ?? expect.unreachable();
    expect(carried.length === 1).toBe(told.at < addSeconds(signedAt, limit));
    await house.openStage(newer);
    if (carried.length === 1) await house.decide(newer);
    else await house.sign(newer, cora);
    await house.openStage(newer);
    await house.sign(newer, dana);
    await house.sign(newer, sam);
    expect(await house.verify(newer)).toBe("passed");
    expect((await verified(await packOf({ house }))).findings).toEqual([]);
  },
);
