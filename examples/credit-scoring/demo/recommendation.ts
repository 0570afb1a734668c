import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { buildCandidate } from "../candidate.ts";
import type { VariantName } from "../variants.ts";
import { approval, ended, expect, isDone, stageOpen, taken } from "./acts.ts";
import type { Cast } from "./cast.ts";

/** Another model of the same pipeline, which asks for a lead data scientist only: submits a version of it; answers the id. */
export async function recommend(
  { pipeline }: Cast,
  name: string,
  variant: VariantName,
  version: string,
): Promise<string> {
  const run = pipeline.nextRun();
  const files = buildCandidate(variant, undefined, version);
  const request = pipeline.requestFor(files, version, run, await pipeline.upload(files, run));
  const model = { name, type: "recommendation", version };
  const answer = await pipeline.post("/v1/promotions", { ...request, model }, () => pipeline.token(run));
  expect(isDone(answer, 202), `the submission is taken, not answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return String(answer.body["id"]);
}

/** The one who is asked signs, and it is deployed. */
export async function signedAndDeployed(cast: Cast, id: string): Promise<PromotionView> {
  await stageOpen(cast, id, 0);
  await taken(cast.leadDataScientist.decide(id, { ...approval, roles: ["lead-data-scientist"] }));
  return ended(cast, id, "deployed");
}
