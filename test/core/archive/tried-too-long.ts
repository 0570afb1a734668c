import { expect } from "vitest";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { loadPolicies } from "../../../core/policy/load-policies.ts";
import { madeToFit } from "./forgeries/made-to-fit.ts";
import { cora, dana, House, sam, shipped } from "./house.ts";
import { type Files, packOf } from "./memory-pack.ts";

const until = "2026-11-23T12:00:00.000Z" as Instant;

/** A candidate that fails a rule on trial, whose verdict is signed so many seconds before or after the end of that. */
export async function verifiedOnTrial(seconds: number): Promise<Files> {
  const { bundle } = shipped;
  const thresholds = bundle.texts["thresholds.yaml"]
    .replace("auc: { min: 0.72 }", "auc: { min: 0.99 }")
    .replace("    data: {", `    dryRun: [{ rule: quality.auc, until: "${until}" }]\n$&`);
  const house = new House(
    undefined,
    loadPolicies({ ...bundle, texts: { ...bundle.texts, "thresholds.yaml": thresholds } }),
  );
  const id = await house.submit("candidate", "2.0.0");
  expect(await house.freezeAndJudge(id)).toBe("passed");
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  expect(await house.verify(id)).toBe("passed");
  const facts = house.facts.map((fact) =>
    fact.type === "verdict" ? { ...fact, at: addSeconds(until, seconds) } : fact,
  );
  return await packOf({ house }, await madeToFit(house, facts));
}
