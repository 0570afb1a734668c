import { expect, it } from "vitest";
import { loadPolicies } from "../../../../core/policy/load-policies.ts";
import { cora, dana, House, sam, shipped } from "../house.ts";
import { packOf, verified } from "../memory-pack.ts";
import { second } from "./second.ts";

it.each(["constructor", "prototype"])("a role may be called '%s', and whoever holds it approves", async (role) => {
  const { texts } = shipped.bundle;
  const matrix = texts["matrix.yaml"].replaceAll(/compliance-officer(?!s)/g, role);
  const house = new House(undefined, loadPolicies({ ...shipped.bundle, texts: { ...texts, "matrix.yaml": matrix } }));
  await house.adoptPolicy();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  for (const each of [dana, sam]) await house.sign(id, each);
  await house.verify(id);
  await house.deploy(id);
  expect(house.promotions.stored(id).status).toBe("deployed");
  const files = await packOf({ house });
  expect([(await verified(files)).findings, await second?.(files)]).toEqual([[], undefined]);
});
