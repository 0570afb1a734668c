import { equalBytes } from "../../encoding/bytes.ts";
import { madeBy, versionIn } from "../../encoding/generation.ts";
import { addSeconds } from "../../encoding/instant.ts";
import { durationText } from "../../encoding/policy-file.ts";
import { Failure } from "../../failure.ts";
import { shadowReportGenerations } from "../../gates/gate-generations.ts";
import { readObservations } from "../../gates/shadow/report.ts";
import { runUnder, type ShadowPlan, shadowObservationsName, shadowReportName } from "../../promotion/shadow.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readJson } from "../documents/json-document.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";

/**
 * Makes the report of a run in shadow again, from what was kept of both models' answers. That these are what the models
 * answered cannot be told from a pack: the requests themselves are about people and are not kept.
 */
export async function recheckShadowRun(step: Step, read: ReadDocument): Promise<readonly string[]> {
  const { record, after, requirements } = step;
  const { state } = bodyOf("shadow-run", record);
  if (state === "over") return overTooSoon(step);
  if (state !== "reported") return [];
  const report = await read(attachmentNamed(record, shadowReportName).sha256);
  const kept = await read(attachmentNamed(record, shadowObservationsName).sha256);
  if (report === undefined || kept === undefined) return ["The report of the run in shadow is not in the pack."];
  const version = versionIn(readJson(shadowReportName, report), "reportVersion");
  const make = madeBy(shadowReportName, version, shadowReportGenerations);
  try {
    const observations = readObservations(kept);
    const run = after.shadow;
    const wrong: string[] = [];
    if (!equalBytes(make(observations), report))
      wrong.push("What both models answered in the run in shadow does not make the report that was recorded.");
    if (
      observations.promotion !== after.id ||
      observations.plan !== run?.plan ||
      observations.beside !== run.beside ||
      observations.from !== run.since ||
      observations.until !== run.endedAt
    )
      wrong.push("The observations of the run in shadow are of another run than the recorded one.");
    if (requirements !== undefined && runUnder(requirements.rule.shadow, run) === undefined)
      wrong.push("The candidate ran in shadow by another plan than its rule has.");
    return wrong;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [error.message];
  }
}

/** The shortest that a run may last by its plan: its duration, or as long as it may take at all. */
export function shortestRunSeconds({ durationSeconds, withinSeconds }: ShadowPlan): number {
  return Math.min(durationSeconds, withinSeconds);
}

/** A run by another plan than its rule's is told by its report; of one that did not begin none can be. */
function overTooSoon({ record, after, requirements }: Step): readonly string[] {
  const body = bodyOf("shadow-run", record);
  const plan = requirements?.rule.shadow;
  const since = runUnder(plan, after.shadow)?.since;
  if (body.state !== "over" || plan === undefined || since === undefined) return [];
  const until = addSeconds(record.at, clockToleranceSeconds);
  const least = shortestRunSeconds(plan);
  const lasted = `The run in shadow is said to be over at ${record.at}, and it began at ${since}`;
  if (until < addSeconds(since, least)) return [`${lasted}: its plan asks for ${durationText(least)}.`];
  if (body.requests >= plan.requests || until >= addSeconds(since, plan.withinSeconds)) return [];
  const asked = `${plan.requests} requests, or ${durationText(plan.withinSeconds)}`;
  return [`${lasted}, after ${body.requests} requests: its plan asks for ${asked}.`];
}
