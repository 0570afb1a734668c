import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Failure } from "../../../core/failure.ts";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { limitHere } from "../../../local/limit-here.ts";
import type { RunningStack } from "../../../local/stack.ts";
import { buildCandidate } from "../candidate.ts";
import type { VariantName } from "../variants.ts";
import type { Cast } from "./cast.ts";
import { type ApiAnswer, outputOf } from "./pipeline.ts";

/** What happens in more than one story. */

export const approval = {
  result: "approve",
  reason: "The summary is complete and the margins are acceptable.",
} as const;

/** A candidate that CI handed over. */
export interface Submitted {
  readonly id: string;
  readonly files: ReadonlyMap<string, string>;
  readonly promotion: PromotionView;
}

/** CI trains, uploads and submits, with `change` in its files; answers once the gates have spoken. */
export async function promote(
  cast: Cast,
  variant: VariantName,
  version: string,
  change: (files: Submitted["files"]) => Submitted["files"] = (files) => files,
  target = "production",
  model = "credit-scoring",
): Promise<Submitted> {
  const files = change(buildCandidate(variant, undefined, version));
  const answer = await cast.pipeline.submit(files, version, model, target);
  expect(
    isDone(answer, 202),
    `the submission of ${version} is accepted, not answered ${answer.status}: ${JSON.stringify(answer.body)}`,
  );
  const id = String(answer.body["id"]);
  cast.say(`${version} submitted as ${id}`);
  const promotion = await cast.pipeline.until(
    id,
    "the gates",
    ({ status, stage }) => status !== "gating" && (status !== "in-review" || stage?.open === true),
  );
  const { status, stage, reason, timeline } = promotion;
  cast.say(
    status === "in-review"
      ? `all gates pass; stage '${stage?.name}' is open`
      : `${status}: ${reason ?? timeline.at(-1)?.summary}`,
  );
  return { id, files, promotion };
}

/** Everybody of the matrix signs: the compliance officer, then the lead data scientist and the SRE. */
export async function signAll(cast: Cast, id: string): Promise<void> {
  await taken(cast.compliance.decide(id, { ...approval, roles: ["compliance-officer"] }));
  cast.say("the compliance officer has signed");
  await stageOpen(cast, id, 1);
  await taken(cast.leadDataScientist.decide(id, { ...approval, roles: ["lead-data-scientist"] }));
  await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
  cast.say("the lead data scientist and the SRE have signed");
}

/** Waits until the stage of that index is open. */
export function stageOpen(cast: Cast, id: string, index: number): Promise<PromotionView> {
  return cast.pipeline.until(id, `stage ${index}`, ({ stage }) => stage?.index === index && stage.open);
}

/** Waits for the end, and for the clean-up where there is one, so that the record is complete. */
export async function ended(cast: Cast, id: string, status: string): Promise<PromotionView> {
  const final = ["deployed", "blocked", "rejected", "expired", "withdrawn", "superseded", "failed", "rolled-back"];
  const promotion = await cast.pipeline.until(
    id,
    status,
    (each) =>
      final.includes(each.status) &&
      (each.status === "deployed" || each.timeline.some(({ type }) => type === "clean-up")),
  );
  expect(promotion.status === status, `the promotion ends ${status}, not ${promotion.status}: ${promotion.reason}`);
  return promotion;
}

/** Rings a schedule, as the clock does on AWS, until the promotion is as it should be. Gives up after a minute, or more on a busy machine. */
export async function ringUntil(
  { stack, pipeline }: Cast,
  schedule: string,
  id: string,
  reached: (promotion: PromotionView) => boolean,
): Promise<PromotionView> {
  const began = Date.now();
  const limit = limitHere(60_000);
  for (;;) {
    await ringOnce(stack, schedule);
    const promotion = await pipeline.promotion(id);
    if (reached(promotion)) return promotion;
    const waited = Date.now() - began;
    if (waited > limit) {
      const seconds = Math.round(waited / 1000);
      throw new Failure(
        "unavailable",
        `${schedule} rang for ${seconds} seconds, and ${id} is ${promotion.status} still.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/**
 * Rings a schedule. A place that another story is releasing into says nothing of what runs there, and the audit, which has
 * looked at the others, calls itself failed: it rings again.
 */
export async function ringOnce(stack: RunningStack, schedule: string): Promise<void> {
  await stack.ring(schedule).catch((error: unknown) => {
    if (!String(error).includes("did not say what runs there")) throw error;
  });
}

/** A decision that must be recorded. */
export async function taken(decision: Promise<ApiAnswer>): Promise<void> {
  const answer = await decision;
  const { status, body } = answer;
  expect(isDone(answer, 201), `the sign-off is recorded, not answered ${status}: ${JSON.stringify(body)}`);
}

/** What an administrator could do who had lifted the bucket's policy: hide the frozen version and put another. */
export async function replaceFrozenModel(stack: RunningStack, promotion: PromotionView, text: string): Promise<void> {
  const model = promotion.manifest.artifacts.find(({ role }) => role === "model");
  const s3 = new S3Client({
    endpoint: stack.addresses.s3,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "BUCKETADMIN", secretAccessKey: "unused" },
  });
  const object = { Bucket: outputOf(stack, "ArtifactsBucketName"), Key: `frozen/${model?.sha256}/${model?.name}` };
  await s3.send(new DeleteObjectCommand(object));
  await s3.send(new PutObjectCommand({ ...object, Body: text, IfNoneMatch: "*" }));
}

/** Whether something was done: anew, or by an earlier request whose answer got lost (200). */
export function isDone({ status }: ApiAnswer, anew: 201 | 202): boolean {
  return status === anew || status === 200;
}

/** A story that goes otherwise fails the demo. */
export function expect(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Failure("internal", `It was expected that ${sentence}.`);
}
