import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { localImage } from "../artifacts.ts";
import { buildCandidate } from "../candidate.ts";
import { ended, expect, promote, signAll } from "./acts.ts";
import { asking, whileItBakes } from "./applications.ts";
import type { Cast } from "./cast.ts";
import { scoresFromEndpoint } from "./endpoint.ts";
import { stagedOnSageMaker } from "./staged.ts";
import type { StoryResult } from "./stories.ts";

const program = fileURLToPath(new URL("./failing-scorer.ts", import.meta.url));
/** The image of a build that answers nothing but errors; its digest is that of its program, as the scorer's is. */
export const failingImage = {
  repository: localImage().repository,
  digest: `sha256:${createHash("sha256").update(readFileSync(program)).digest("hex")}`,
  program,
};
const endpoint = "credit-scoring";
const version = "2.0.1";

/** Everybody has signed, and production shows what no report could: the canary fails, and the old model is back. */
export async function canaryBreach(cast: Cast): Promise<StoryResult> {
  const before = await scoresFromEndpoint(cast.stack, endpoint);
  const candidate = await promote(cast, "candidate", version, () => buildCandidate("candidate", failingImage, version));
  const staged = candidate.promotion.timeline.find(({ type }) => type === "staged");
  expect(staged !== undefined, "reviewers are told how it would be released");
  cast.say(staged.summary);

  const {
    result: promotion,
    asked: { answered, failed },
  } = await whileItBakes(cast.stack, async () => {
    await signAll(cast, candidate.id);
    return asking(() => scoresFromEndpoint(cast.stack, endpoint), ended(cast, candidate.id, "rolled-back"));
  });
  expect(failed > 0, "some requests met the canary");
  cast.say(`applications asked ${answered + failed} times meanwhile; ${failed} met the canary and an error`);

  const alarm = `countersign-${candidate.id}-errors`;
  expect((promotion.reason ?? "").includes(alarm), `the reason names the alarm: ${promotion.reason}`);
  const after = await scoresFromEndpoint(cast.stack, endpoint);
  expect(after.version === before.version, `the endpoint serves ${before.version} again, not ${after.version}`);
  const told = promotion.timeline
    .map(({ type }) => type)
    .filter((type) => !type.startsWith("notification-"))
    .slice(-3);
  expect(
    told.join() === "deployment-started,rolled-back,clean-up",
    `the record tells all of it, not ${told.join(", ")}`,
  );
  const left = await stagedOnSageMaker(cast.stack, candidate.id);
  expect(left.length === 0, `nothing of it is staged any more, not ${left.join(", ")}`);
  return {
    name: "canary-breach",
    promotionId: promotion.id,
    status: promotion.status,
    explanation: promotion.reason ?? "",
  };
}
