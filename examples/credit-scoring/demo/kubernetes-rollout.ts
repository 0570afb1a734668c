import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { approval, ended, expect, promote, taken } from "./acts.ts";
import type { Cast } from "./cast.ts";
import { scoresFromCluster, scoresOf } from "./endpoint.ts";
import { result, type StoryResult } from "./stories.ts";

/** The same way to a Deployment on Kubernetes, which really runs: its first release, by image digest and model version. */
export async function kubernetesRollout(cast: Cast): Promise<StoryResult> {
  const candidate = await promote(cast, "champion", "3.0.0", undefined, "cluster");
  await taken(cast.reliabilityEngineer.decide(candidate.id, { ...approval, roles: ["sre"] }));
  cast.say("the SRE has signed");
  const promotion = await ended(cast, candidate.id, "deployed");
  const workload = JSON.stringify(cast.stack.cluster?.read("apps/v1", "Deployment", "models", "credit-scoring"));
  expect(
    workload.includes(`"countersign.example/promotion":"${candidate.id}"`) &&
      workload.includes(`"countersign.example/verdict":"${promotion.verdict?.sha256}"`),
    "the workload names the promotion and the verdict that it runs under",
  );
  const answered = await scoresFromCluster(cast.stack, "models", "credit-scoring");
  const promised = scoresOf(candidate.files.get("model.json") ?? "");
  expect(answered.scores.join() === promised.scores.join(), "the pods answer with the approved model's scores");
  cast.say(`the Deployment answers ${answered.scores.length} real rows with the scores of ${answered.version}`);
  await verdictHolds(cast, promotion);
  return result("kubernetes", promotion);
}

/** What a hook before a sync asks: whether exactly this may run there. */
async function verdictHolds(cast: Cast, { id, manifest, verdict }: PromotionView): Promise<void> {
  const workload = cast.stack.cluster?.read("apps/v1", "Deployment", "models", "credit-scoring");
  const image = /"image":"([^"]+scorer@sha256:[0-9a-f]{64})"/.exec(JSON.stringify(workload))?.[1] ?? "";
  const model = manifest.artifacts.find(({ role }) => role === "model")?.sha256 ?? "";
  const asked = (about: string) => {
    const query = new URLSearchParams({ target: "cluster", verdict: verdict?.sha256 ?? "", image: about, model });
    return cast.pipeline.get(`/v1/promotions/${id}/verdict?${query}`);
  };
  expect((await asked(image)).body["holds"] === true, "the verdict is told to hold for what runs");
  expect((await asked(`${image}0`)).body["code"] === "deployment-refused", "and for no other image");
}
