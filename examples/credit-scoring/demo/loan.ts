import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { limitHere } from "../../../local/limit-here.ts";
import { approval, ended, expect, isDone, promote, stageOpen, taken } from "./acts.ts";
import type { Cast } from "./cast.ts";
import { scoresFromEndpoint } from "./endpoint.ts";
import { expectSame, result, type StoryResult } from "./stories.ts";

const endpoint = "credit-scoring";
/** Long enough to deploy, also on a busy machine; what is lent for hours elsewhere is lent for seconds here. */
const lentSeconds = () => Math.ceil(limitHere(15_000) / 1000);

/** Two people lend the seats that are missing; the candidate runs, nobody ratifies it, and it is taken back. */
export async function loan(cast: Cast): Promise<StoryResult> {
  const before = await scoresFromEndpoint(cast.stack, endpoint);
  const candidate = await promote(cast, "candidate", "2.2.2");
  await taken(cast.compliance.decide(candidate.id, { ...approval, roles: ["compliance-officer"] }));
  await stageOpen(cast, candidate.id, 1);
  const wish = {
    terms: { seconds: lentSeconds(), incident: "https://incidents.example.com/417" },
    reason: "The model in production turns everybody down, and the on-call engineer is on a plane.",
    role: "incident-commander",
  };
  const asked = await cast.incidentCommander.lend(candidate.id, wish);
  expect(isDone(asked, 201), `the request is recorded, not answered ${asked.status}: ${JSON.stringify(asked.body)}`);
  const confirms = { sha256: String(asked.body["id"]) as Sha256 };
  const own = await cast.incidentCommander.lend(candidate.id, { ...wish, confirms });
  expect(own.body["code"] === "not-entitled", `nobody confirms their own request: ${JSON.stringify(own.body)}`);
  await taken(cast.secondCommander.lend(candidate.id, { ...wish, confirms }));
  const running = await cast.pipeline.until(
    candidate.id,
    "the lent model",
    ({ loan: lent }) => lent?.given?.runningSince !== undefined,
  );
  expect(running.status === "loaned", `it runs on loan, not ${running.status}`);
  cast.say(running.explanation.why);
  const lent = await scoresFromEndpoint(cast.stack, endpoint);
  expect(lent.version === "2.2.2", `the endpoint serves what is lent, not ${lent.version}`);
  const promotion = await ended(cast, candidate.id, "expired");
  expect(promotion.loan?.given?.takenBackAt !== undefined, "the loan is taken back");
  expectSame(await scoresFromEndpoint(cast.stack, endpoint), before);
  cast.say(`nobody ratified it; the endpoint serves ${before.version} again`);
  return result("loan", promotion);
}
