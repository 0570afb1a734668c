import { createHash } from "node:crypto";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { expect, isDone, ringUntil } from "./acts.ts";
import type { Cast } from "./cast.ts";
import { scoresFromEndpoint } from "./endpoint.ts";
import { outputOf } from "./pipeline.ts";
import { recommend, signedAndDeployed } from "./recommendation.ts";
import { result, type StoryResult } from "./stories.ts";

/** A model of its own, and so an endpoint of its own. */
export const driftingModel = "home-recommendation";

/**
 * A monitor reports drift: the model is restricted, the version before serves instead, and a new approval asks whether it
 * may come back in spite of the report. It may, by signatures that are given anew.
 */
export async function drift(cast: Cast): Promise<StoryResult> {
  const first = await recommend(cast, driftingModel, "champion", "1.0.0");
  await signedAndDeployed(cast, first);
  const second = await recommend(cast, driftingModel, "candidate", "2.0.0");
  await signedAndDeployed(cast, second);
  const answer = await driftReported(cast, second);
  expect(
    isDone(answer, 202) && answer.body["promotion"] === second,
    `the report is taken, and about what runs: ${answer.status} ${JSON.stringify(answer.body)}`,
  );
  const again = String(answer.body["reapproval"]);
  const restricted = await cast.pipeline.promotion(second);
  cast.say(restricted.reason ?? "");
  const repeated = await driftReported(cast, second);
  expect(repeated.body["reapproval"] === again, "another report of the same drift asks for nothing new");

  const gone = await ringUntil(cast, "RestrictSchedule", second, ({ status }) => status === "rolled-back");
  cast.say(gone.reason ?? "");
  const before = await scoresFromEndpoint(cast.stack, driftingModel);
  expect(before.version === "1.0.0", `the endpoint serves 1.0.0 again, not ${before.version}`);

  const promotion = await signedAndDeployed(cast, again);
  expect(promotion.signOffs.length === 1, "the lead data scientist has signed anew");
  const after = await scoresFromEndpoint(cast.stack, driftingModel);
  expect(after.version === "2.0.0", `the endpoint serves 2.0.0 again, not ${after.version}`);
  return { ...result("drift", promotion), explanation: gone.reason ?? "" };
}

/** What a monitor sends about the time since a promotion serves: its report into the exchange bucket, and where that is to the API. */
export async function driftReported({ pipeline, stack }: Cast, of: string) {
  const { manifest, timeline } = await pipeline.promotion(of);
  const served = timeline.find(({ type }) => type === "deployed");
  if (served === undefined) throw new Error(`${of} was never deployed`);
  const run = pipeline.nextRun();
  const text = JSON.stringify({ psi: 0.31, threshold: 0.2 });
  await pipeline.upload(new Map([["drift.json", text]]), run);
  const now = instantFromMs(Date.now());
  return pipeline.post(
    `/v1/models/${manifest.model.name}/drift`,
    {
      id: `run-${run}`,
      target: manifest.target.name,
      window: { from: served.at, until: now },
      source: "nightly monitor",
      metrics: [{ name: "psi", value: 0.31, max: 0.2 }],
      report: {
        name: "drift.json",
        mediaType: "application/json",
        size: Buffer.byteLength(text),
        sha256: createHash("sha256").update(text).digest("hex"),
        uri: `s3://${outputOf(stack, "ExchangeBucketName")}/incoming/${run}/drift.json`,
      },
    },
    () => pipeline.token(run),
  );
}
