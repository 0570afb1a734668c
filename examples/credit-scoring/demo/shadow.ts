import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { approval, ended, expect, promote, stageOpen, taken } from "./acts.ts";
import { asking } from "./applications.ts";
import type { Cast } from "./cast.ts";
import { scoresFromEndpoint, scoresOf } from "./endpoint.ts";
import { patientFetch } from "./patient-fetch.ts";
import { stagedOnSageMaker } from "./staged.ts";
import { expectSame, result, type StoryResult } from "./stories.ts";

const target = "offers";
const endpoint = "credit-scoring-offers";

/**
 * The first model of a target has nothing to run beside. Its successor gets the requests of the applications in shadow
 * before anybody is asked; what came of that is shown to whoever signs, and it is deployed.
 */
export async function shadow(cast: Cast): Promise<StoryResult> {
  const first = await promote(cast, "champion", "1.0.0", undefined, target);
  const alone = first.promotion.timeline.find(({ type }) => type === "shadow-run");
  expect(alone?.summary.startsWith("Nothing runs there yet") === true, `the record says so: ${alone?.summary}`);
  await taken(cast.reliabilityEngineer.decide(first.id, { ...approval, roles: ["sre"] }));
  await ended(cast, first.id, "deployed");
  const before = await scoresFromEndpoint(cast.stack, endpoint);

  const next = await promote(cast, "candidate", "2.0.0", undefined, target);
  const { result: reviewed, asked } = await asking(
    () => scoresFromEndpoint(cast.stack, endpoint),
    stageOpen(cast, next.id, 0),
    60,
  );
  expect(asked.failed === 0, `no application noticed, and ${asked.failed} of ${asked.answered} did`);
  cast.say(`applications asked ${asked.answered} times meanwhile, and none of them noticed`);
  const summary = reviewed.summary?.document as unknown as EvidenceSummary | undefined;
  const told = (summary?.measures ?? [])
    .filter(({ kind }) => kind === "shadow-run")
    .map(({ title, value }) => `${title}: ${value}`);
  expect(
    told.some((measure) => measure.startsWith("Agreement with the champion in shadow: 0.")),
    `reviewers see what came of it: ${told.join("; ")}`,
  );
  cast.say(told.join("; "));
  const { shadowReport } = reviewed;
  const path = `/v1/promotions/${next.id}/evidence/${shadowReport?.sha256}`;
  const report = await patientFetch(`${cast.stack.addresses.portal}${path}`, async () => ({
    headers: { authorization: `Bearer ${await cast.pipeline.token()}` },
  }));
  expect(report.ok, `they read the whole report where they like, and are not answered ${report.status}`);
  const left = (await stagedOnSageMaker(cast.stack, next.id)).filter((name) => name.includes("shadow-"));
  expect(left.length === 0, `nothing runs in shadow any more, not ${left.join(", ")}`);
  expectSame(await scoresFromEndpoint(cast.stack, endpoint), before);

  await taken(cast.reliabilityEngineer.decide(next.id, { ...approval, roles: ["sre"] }));
  const promotion = await ended(cast, next.id, "deployed");
  expectSame(await scoresFromEndpoint(cast.stack, endpoint), scoresOf(next.files.get("model.json") ?? ""));
  return result("shadow", promotion);
}
