import { buildCandidate } from "../candidate.ts";
import { approval, ended, expect, promote, stageOpen, taken } from "./acts.ts";
import { asking } from "./applications.ts";
import { failingImage } from "./canary-breach.ts";
import type { Cast } from "./cast.ts";
import { scoresFromEndpoint } from "./endpoint.ts";
import type { StoryResult } from "./stories.ts";

const endpoint = "credit-scoring";
const version = "2.0.2";
/** Stricter than the target's own five percent, and a smaller part than one of its two instances, for much longer than its wait. */
const conditions = { forSeconds: 86_400, trafficPercent: 10, errorPercent: 1 };

/**
 * Somebody approves under conditions, and production does not keep them: the release is taken back, the approvals that
 * judged the model fall, and whoever asked for the conditions decides again with what the alarms said.
 */
export async function conditional(cast: Cast): Promise<StoryResult> {
  const before = await scoresFromEndpoint(cast.stack, endpoint);
  const { id } = await promote(cast, "candidate", version, () => buildCandidate("candidate", failingImage, version));
  await taken(cast.compliance.decide(id, { ...approval, roles: ["compliance-officer"] }));
  await stageOpen(cast, id, 1);
  const tooLong = await cast.leadDataScientist.decide(id, {
    ...approval,
    roles: ["lead-data-scientist"],
    conditions: { ...conditions, forSeconds: 8 * 86_400 },
  });
  expect(
    tooLong.status === 422 && tooLong.body["code"] === "conditions-refused",
    `what the matrix does not let anybody ask is refused, not answered ${tooLong.status}`,
  );
  cast.say(String(tooLong.body["detail"]));
  await taken(cast.leadDataScientist.decide(id, { ...approval, roles: ["lead-data-scientist"], conditions }));
  await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
  cast.say("the lead data scientist has signed under conditions, the SRE without");

  const reopened = cast.pipeline.until(
    id,
    "the release to be taken back",
    ({ status, timeline, stage }) =>
      status === "in-review" && stage?.open === true && timeline.some(({ type }) => type === "seat-reopened"),
  );
  const { result: promotion, asked } = await asking(() => scoresFromEndpoint(cast.stack, endpoint), reopened);
  cast.say(`applications asked ${asked.answered + asked.failed} times meanwhile; ${asked.failed} met an error`);
  expect(asked.failed > 0, "some requests met the canary");
  const { timeline } = promotion;
  const started = timeline.find(({ type }) => type === "deployment-started");
  expect(
    started?.summary.includes("on condition that for 1 day it gets at most 10 percent of the traffic") === true,
    `the release was under the conditions: ${started?.summary}`,
  );
  const told = timeline.find(({ type }) => type === "seat-reopened");
  expect(told?.summary.includes(`countersign-${id}-share-errors`) === true, `the alarm is named: ${told?.summary}`);
  cast.say(told.summary);
  expect(promotion.stage?.index === 0, "compliance judged the model too, and is asked again");
  const after = await scoresFromEndpoint(cast.stack, endpoint);
  expect(after.version === before.version, `the endpoint serves ${before.version} again, not ${after.version}`);

  await taken(cast.compliance.decide(id, { ...approval, roles: ["compliance-officer"] }));
  const { explanation } = await stageOpen(cast, id, 1);
  const seats = JSON.stringify(explanation.children[1]);
  expect(
    seats.includes("Filled by Mira Novak."),
    `the SRE judged the infrastructure, and need not sign again: ${seats}`,
  );
  cast.say("the SRE, who judged the infrastructure, need not sign again");
  const reason = "The answers of the canary were errors: the image lacks a table. Please mend the build.";
  await taken(cast.leadDataScientist.decide(id, { result: "reject", reason, roles: ["lead-data-scientist"] }));
  const rejected = await ended(cast, id, "rejected");
  return {
    name: "conditional",
    promotionId: id,
    status: rejected.status,
    explanation: rejected.reason ?? "",
  };
}
