import { expect } from "vitest";
import { anotherKey } from "./another-key.ts";
import { cora, dana, House, sam } from "./house.ts";
import { signedForOlder } from "./signed-for-older.ts";

/** What was signed for an older candidate is kept for a newer one, and the key that signed it is replaced before the verdict. */
export async function keptUnderKeyBefore() {
  const house = new House();
  await signedForOlder(house);
  const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
  await house.freezeAndJudge(newer);
  await house.openStage(newer);
  await house.decide(newer);
  const attestationKeys = (await anotherKey(house)).map(({ key }) => key);
  await house.openStage(newer);
  await house.sign(newer, sam);
  expect(await house.verify(newer)).toBe("reopened");
  await house.openStage(newer);
  await house.sign(newer, cora);
  await house.openStage(newer);
  await house.sign(newer, dana);
  expect(await house.verify(newer)).toBe("passed");
  return [{ house, newer }, { attestationKeys }] as const;
}
