import { readFileSync } from "node:fs";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { approval, expect, isDone, stageOpen, taken } from "./acts.ts";
import type { Cast } from "./cast.ts";
import { recommend } from "./recommendation.ts";
import type { ReviewerAtTerminal } from "./reviewer.ts";
import { result, type StoryResult } from "./stories.ts";

const folder = new URL("../../../policies/", import.meta.url);
const texts = ["matrix", "thresholds", "targets", "machines", "people", "instance-types", "channels", "messages"];

/**
 * A threshold is raised under quorum: the SRE proposes it, compliance and the lead data scientist sign, and a promotion
 * that was in review under the policies before goes back to its gates and is judged by the new ones.
 */
export async function policyChange(cast: Cast): Promise<StoryResult> {
  const open = await recommend(cast, "product-recommendation", "candidate", "1.0.0");
  cast.say("a recommendation model waits for a lead data scientist");
  await stageOpen(cast, open, 0);
  const answer = await cast.reliabilityEngineer.post("/v1/policy/proposals", {
    title: "recommendations need an AUC of 0.7",
    files: proposedFiles(),
  });
  expect(isDone(answer, 202), `the proposal is taken, not answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  const id = String(answer.body["id"]);
  const changes = answer.body["changes"];
  const told = Array.isArray(changes) ? changes.map(String) : [];
  // The lines of the files that change are told as well.
  const inWords = told.filter((change) => /^(No longer|New): /.test(change));
  expect(
    inWords.some((change) => /^New: recommendation in production: .*AUC.* 0\.7/.test(change)),
    `what changes is told in words: ${told.join(" ")}`,
  );
  for (const sentence of [...inWords, ...effectsOf(answer.body["effects"])]) cast.say(sentence);
  await readUntil(cast.reliabilityEngineer, id, ({ stage }) => stage?.open === true);
  const own = await cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] });
  expect(own.status === 403, `whoever proposed it cannot sign it, and is not answered ${own.status}`);
  await taken(cast.compliance.decide(id, { ...approval, roles: ["compliance-officer"] }));
  await taken(cast.leadDataScientist.decide(id, { ...approval, roles: ["lead-data-scientist"] }));
  const changed = await readUntil(cast.reliabilityEngineer, id, ({ status }) => status === "deployed");
  cast.say("both have signed; the policies are in force");
  const judged = await cast.pipeline.until(
    open,
    "the gates under the new policies",
    ({ stage, timeline }) => stage?.open === true && timeline.filter(({ type }) => type === "gates").length === 2,
  );
  const sentBack = judged.timeline.find(({ type }) => type === "seat-reopened");
  expect(sentBack !== undefined, "the record of the open promotion says that it went back to its gates");
  cast.say(sentBack.summary);
  expect(changed.verdict?.result === "PASSED", "the verdict over the policies is PASSED");
  return { ...result("policy-change", judged), explanation: sentBack.summary };
}

/** What would become of promotions that are open, in sentences. */
function effectsOf(effects: unknown): readonly string[] {
  expect(Array.isArray(effects) && effects.length > 0, "the answer says what becomes of the open promotion");
  return (effects as readonly { readonly sentence: string }[]).map(({ sentence }) => sentence);
}

/** The shipped policies with one number changed. */
function proposedFiles(): Readonly<Record<string, string>> {
  const read = (name: string) => readFileSync(new URL(name, folder), "utf8");
  const thresholds = read("thresholds.yaml").replace("auc: { min: 0.65 }", "auc: { min: 0.7 }");
  return {
    ...Object.fromEntries(texts.map((name) => [`${name}.yaml`, read(`${name}.yaml`)])),
    "thresholds.yaml": thresholds,
    "compiled/manifest.json": read("compiled/manifest.json"),
    "compiled/gates.wasm": readFileSync(new URL("compiled/gates.wasm", folder)).toString("base64"),
  };
}

/** Follows a promotion that no pipeline started. Gives up after two minutes. */
async function readUntil(
  reviewer: ReviewerAtTerminal,
  id: string,
  reached: (promotion: PromotionView) => boolean,
): Promise<PromotionView> {
  const token = await reviewer.signIn("following");
  const end = Date.now() + 120_000;
  for (;;) {
    const promotion = await reviewer.read(id, token);
    if (reached(promotion)) return promotion;
    if (Date.now() > end || promotion.reason !== undefined)
      throw new Error(
        `The change of the policies is ${promotion.status}: ${promotion.reason ?? "two minutes are over"}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
