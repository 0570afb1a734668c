import { deployed } from "./drifted-beside-newer.ts";
import { cora, House, shipped, shippedWith } from "./house.ts";
import { type Retold, saying } from "./retelling.ts";

function houseWith(rule: string): House {
  return new House(
    undefined,
    shippedWith(shipped.bundle.texts["matrix.yaml"].replace("    carryOver: 3d", `$&\n    ${rule}`)),
  );
}

/** What had drifted, and people would not have run on, is put back where a later version drifts. */
export async function putBackAgain(): Promise<{ readonly house: House } & Retold> {
  const house = houseWith("onDrift: previous");
  await deployed(house, "1.0.0");
  const second = await deployed(house, "2.0.0");
  const again = await house.drift('{"psi":0.31}');
  await house.restrict(second);
  await house.freezeAndJudge(again);
  await house.openStage(again);
  await house.sign(again, cora, "reject", { reason: "It drifts." });
  house.pass(600);
  const third = await deployed(house, "3.0.0");
  await house.drift('{"psi":0.5}');
  await house.restrict(third);
  const remedy = house.facts.findLast(({ type, body }) => type === "remedy" && body["state"] === "started");
  const verdict = house.promotions.stored(second).verdict?.sha256;
  if (remedy === undefined || verdict === undefined) throw new Error("Nothing was put back.");
  return { house, ...saying(house, remedy, { to: second, verdict }) };
}

/** What runs drifted, and that is told of what ran before it, which then has nothing done about it. */
export async function driftOfAnother(): Promise<{ readonly house: House }> {
  const house = houseWith("onDrift: stop");
  await deployed(house, "1.0.0");
  const second = house.promotions.stored(await deployed(house, "2.0.0"));
  house.promotions.put({ ...second, status: "failed" });
  await house.drift('{"psi":0.5}');
  house.promotions.put(second);
  return { house };
}
