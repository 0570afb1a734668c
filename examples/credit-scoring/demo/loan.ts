import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { approval, ended, expect, isDone, promote, signAll, stageOpen, taken } from "./acts.ts";
import type { Cast } from "./cast.ts";
import { scoresFromEndpoint } from "./endpoint.ts";
import { expectSame, result, type StoryResult } from "./stories.ts";

/** A model of its own, so that nobody waits for the end of the loan. */
const lentModel = "overdraft-scoring";

/** Two people lend the seats that are missing; the candidate runs, nobody ratifies it, and it is taken back. */
export async function loan(cast: Cast): Promise<StoryResult> {
  const deploymentMs = await deployedBefore(cast);
  const before = await scoresFromEndpoint(cast.stack, lentModel);
  const candidate = await promote(cast, "candidate", "2.2.2", undefined, "production", lentModel);
  await taken(cast.compliance.decide(candidate.id, { ...approval, roles: ["compliance-officer"] }));
  await stageOpen(cast, candidate.id, 1);
  const wish = {
    terms: { seconds: lentSeconds(deploymentMs), incident: "https://incidents.example.com/417" },
    reason: "The model in production turns everybody down, and the on-call engineer is on a plane.",
    role: "incident-commander",
  };
  const asked = await cast.incidentCommander.lend(candidate.id, wish);
  expect(isDone(asked, 201), `the request is recorded, not answered ${asked.status}: ${JSON.stringify(asked.body)}`);
  const confirms = { sha256: String(asked.body["id"]) as Sha256 };
  const own = await cast.incidentCommander.lend(candidate.id, { ...wish, confirms });
  expect(own.body["code"] === "not-entitled", `nobody confirms their own request: ${JSON.stringify(own.body)}`);
  // The second one hears of it as everybody concerned does: of what is lent already nobody is told that it is asked for.
  await cast.pipeline.until(candidate.id, "a letter about the request", async () => {
    const subject = `Somebody asks for a loan: ${lentModel} 2.2.2 for production`;
    return (await cast.stack.mails()).some((mail) => mail.subject === subject);
  });
  await taken(cast.secondCommander.lend(candidate.id, { ...wish, confirms }));
  const running = await cast.pipeline.until(
    candidate.id,
    "the lent model",
    ({ loan: lent }) => lent?.given?.runningSince !== undefined,
  );
  expect(running.status === "loaned", `it runs on loan, not ${running.status}`);
  cast.say(running.explanation.why);
  const lent = await scoresFromEndpoint(cast.stack, lentModel);
  expect(lent.version === "2.2.2", `the endpoint serves what is lent, not ${lent.version}`);
  const promotion = await ended(cast, candidate.id, "expired");
  expect(promotion.loan?.given?.takenBackAt !== undefined, "the loan is taken back");
  expectSame(await scoresFromEndpoint(cast.stack, lentModel), before);
  cast.say(`nobody ratified it; the endpoint serves ${before.version} again`);
  return result("loan", promotion);
}

/** What serves when the loan is asked for, by signatures; answers how long its deployment took. */
async function deployedBefore(cast: Cast): Promise<number> {
  const { id } = await promote(cast, "champion", "1.0.0", undefined, "production", lentModel);
  await signAll(cast, id);
  const began = Date.now();
  await ended(cast, id, "deployed");
  return Date.now() - began;
}

/** Long enough to deploy on this machine, busy as it is; what is lent for hours elsewhere is lent for seconds here. */
function lentSeconds(deploymentMs: number): number {
  return Math.max(8, Math.ceil((4 * deploymentMs) / 1000));
}
