import { expect, it } from "vitest";
import { evidenceCalled } from "./evidence-called.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { factOf } from "./retelling.ts";

it.each([
  ["requirements.json", "model-quality.json"],
  ["policies.json", "model-quality.json"],
  ["deployment.json", "data-schema.json"],
  ["gate-report.json", "explainability.json"],
  ["earlier-releases.json", "explainability.json"],
])("evidence that its pipeline calls %s is evidence", async (name, instead) => {
  const recorded = await evidenceCalled(name, instead);
  expect(factOf(recorded.house, "freeze").attachments.map((each) => each.name)).toContain(name);
  const { findings, promotions } = await verified(await packOf(recorded));
  expect(findings).toEqual([]);
  expect(promotions.map(({ outcome }) => outcome)).toEqual(["PASSED"]);
});
