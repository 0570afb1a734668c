import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { approval, ended, expect, promote, replaceFrozenModel, signAll, stageOpen, taken } from "./acts.ts";
import type { Cast } from "./cast.ts";
import { type Answered, scoresFromEndpoint, scoresOf } from "./endpoint.ts";
import { stagedOnSageMaker } from "./staged.ts";

/** What a story came to; `explanation` is the reason or the tree's own sentence. */
export interface StoryResult {
  readonly name: string;
  readonly promotionId: string;
  readonly status: string;
  readonly explanation: string;
}

const endpoint = "credit-scoring";

/** The way to production, for the model that runs first and for the one that replaces it. */
export async function deployed(cast: Cast): Promise<StoryResult> {
  const champion = await promote(cast, "champion", "1.0.0");
  await signAll(cast, champion.id);
  await ended(cast, champion.id, "deployed");
  const before = await scoresFromEndpoint(cast.stack, endpoint);
  expect(before.version === "1.0.0", `the endpoint serves 1.0.0, not ${before.version}`);
  cast.say(`the endpoint serves ${before.version}; now its successor`);

  const candidate = await promote(cast, "candidate", "2.0.0");
  await signAll(cast, candidate.id);
  const promotion = await ended(cast, candidate.id, "deployed");
  expect(promotion.verdict?.result === "PASSED", "the verdict is PASSED");
  const after = await scoresFromEndpoint(cast.stack, endpoint);
  expectSame(after, scoresOf(candidate.files.get("model.json") ?? ""));
  expect(after.scores.join() !== before.scores.join(), "the new model gives scores of its own");
  cast.say(`the endpoint answers ${after.scores.length} real rows with the scores of ${after.version}`);
  return result("deployed", promotion);
}

/** A candidate below its threshold never reaches a person. */
export async function blocked(cast: Cast): Promise<StoryResult> {
  const weak = await promote(cast, "weak", "2.0.0-weak");
  const promotion = await ended(cast, weak.id, "blocked");
  const reason = promotion.reason ?? "";
  expect(
    /AUC is 0\.\d+; at least 0\.\d+ is required/.test(reason),
    `the reason names metric, value and bound: ${reason}`,
  );
  // Whoever started the run is told that it is blocked; nobody is asked for anything.
  const asked = (await cast.stack.mails()).filter(({ subject }) => /^Please review .* 2\.0\.0-weak /.test(subject));
  expect(asked.length === 0, `nobody was asked, not ${asked.length} people`);
  return result("blocked", promotion);
}

/** The second stage rejects: what was staged is gone, and the old model still answers. */
export async function rejected(cast: Cast): Promise<StoryResult> {
  const before = await scoresFromEndpoint(cast.stack, endpoint);
  const candidate = await promote(cast, "candidate", "2.1.0");
  await taken(cast.compliance.decide(candidate.id, { ...approval, roles: ["compliance-officer"] }));
  await stageOpen(cast, candidate.id, 1);
  expect(
    (await stagedOnSageMaker(cast.stack, candidate.id)).length > 0,
    "the candidate is staged while it is in review",
  );
  const asked = await cast.reliabilityEngineer.ask(candidate.id, "Who is on call if this goes wrong?");
  await cast.trainer.answer(candidate.id, asked, "Nobody this week.");
  const reason = "The on-call rota is not staffed for a change this week.";
  await taken(cast.reliabilityEngineer.decide(candidate.id, { result: "reject", reason, roles: ["sre"] }));
  const promotion = await ended(cast, candidate.id, "rejected");
  expect((promotion.reason ?? "").includes(reason), "the reason is the reviewer's");
  expect(promotion.questions[0]?.answer?.text === "Nobody this week.", "the question stands with its answer");
  const left = await stagedOnSageMaker(cast.stack, candidate.id);
  expect(left.length === 0, `nothing is staged any more, not ${left.join(", ")}`);
  const after = await scoresFromEndpoint(cast.stack, endpoint);
  expectSame(after, before);
  cast.say(`what was staged is gone; the endpoint still serves ${after.version}`);
  return result("rejected", promotion);
}

/** The model file is replaced after people signed: verification refuses, nothing is deployed. */
export async function tampered(cast: Cast): Promise<StoryResult> {
  const before = await scoresFromEndpoint(cast.stack, endpoint);
  const candidate = await promote(cast, "candidate", "2.2.0");
  await taken(cast.compliance.decide(candidate.id, { ...approval, roles: ["compliance-officer"] }));
  await stageOpen(cast, candidate.id, 1);
  await taken(cast.leadDataScientist.decide(candidate.id, { ...approval, roles: ["lead-data-scientist"] }));
  await replaceFrozenModel(cast.stack, candidate.promotion, "{}");
  cast.say("somebody with every right on the bucket has replaced the frozen model file");
  await taken(cast.reliabilityEngineer.decide(candidate.id, { ...approval, roles: ["sre"] }));
  const promotion = await ended(cast, candidate.id, "blocked");
  expect(promotion.verdict?.result === "FAILED", "the verdict is FAILED");
  expect((promotion.reason ?? "").includes("was replaced"), `the reason says what happened: ${promotion.reason}`);
  expectSame(await scoresFromEndpoint(cast.stack, endpoint), before);
  return result("tampered", promotion);
}

/**
 * A newer candidate with another infrastructure takes the place of one that is half signed: its machine cleans up, and
 * what was signed about the model counts for the newer one.
 */
export async function supersede(cast: Cast): Promise<StoryResult> {
  const older = await promote(cast, "candidate", "2.2.1");
  await taken(cast.compliance.decide(older.id, { ...approval, roles: ["compliance-officer"] }));
  await stageOpen(cast, older.id, 1);
  const newer = await promote(cast, "candidate", "2.2.1", (files) =>
    new Map(files).set("infrastructure.json", `${files.get("infrastructure.json")}\n`),
  );
  const promotion = await ended(cast, older.id, "superseded");
  expect(promotion.supersededBy === newer.id, `it is superseded by ${newer.id}, not ${promotion.supersededBy}`);
  const left = await stagedOnSageMaker(cast.stack, older.id);
  expect(left.length === 0, `nothing of it is staged any more, not ${left.join(", ")}`);
  const late = await cast.leadDataScientist
    .decide(older.id, { ...approval, roles: ["lead-data-scientist"] })
    .then(() => "", String);
  expect(late.includes("superseded"), `no decision is taken on it any more: ${late}`);
  const { timeline, signOffs } = await stageOpen(cast, newer.id, 1);
  expect(signOffs.length === 0, "compliance did not have to sign again");
  const told = timeline.find(({ type }) => type === "supersedes");
  expect(told !== undefined, "the newer one's record says whose place it took");
  cast.say(told.summary);
  return result("supersede", promotion);
}

/** Whoever trained the model cannot approve it, whatever role they hold. */
export async function selfApproval(cast: Cast): Promise<StoryResult> {
  const candidate = await promote(cast, "candidate", "2.3.0");
  await taken(cast.compliance.decide(candidate.id, { ...approval, roles: ["compliance-officer"] }));
  await stageOpen(cast, candidate.id, 1);
  const refusal = await cast.trainer.decide(candidate.id, { ...approval, roles: ["lead-data-scientist"] });
  const detail = String(refusal.body["detail"]);
  expect(
    refusal.status === 403 && refusal.body["code"] === "not-entitled",
    `the trainer is refused, not answered ${refusal.status}`,
  );
  expect(detail.includes("trained the model"), `the refusal says why: ${detail}`);
  expect(detail.includes("Lars Lindqvist"), `the refusal says who else could: ${detail}`);
  cast.say(detail);
  const promotion = await cast.pipeline.promotion(candidate.id);
  expect(promotion.status === "in-review", `the promotion is still in review, not ${promotion.status}`);
  return { ...result("self-approval", promotion), explanation: detail };
}

export function result(name: string, promotion: PromotionView): StoryResult {
  return {
    name,
    promotionId: promotion.id,
    status: promotion.status,
    explanation: promotion.reason ?? promotion.explanation.why,
  };
}

export function expectSame(found: Answered, expected: Answered): void {
  expect(found.version === expected.version, `the endpoint serves ${expected.version}, not ${found.version}`);
  expect(found.scores.join() === expected.scores.join(), `the scores are those of ${expected.version}`);
}
