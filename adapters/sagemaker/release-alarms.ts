import type { AlarmKeeper } from "../../core/deployment/alarms.ts";
import type { CleanedUp, Deployment } from "../../core/deployment/deployment-target.ts";
import { Failure } from "../../core/failure.ts";
import type { Release } from "../../core/promotion/traffic.ts";
import { ownAlarmNames } from "./release-config.ts";

/** A release that is watched by an alarm that is raised, or is not there, would go back at once or never. */
export async function requireQuiet(
  alarms: Pick<AlarmKeeper, "read">,
  { alarms: watched }: Pick<Release, "alarms">,
): Promise<void> {
  const readings = await alarms.read(watched?.kind === "named" ? watched.names : []);
  const wrong = readings.find(({ state }) => state === "missing" || state === "ALARM");
  if (wrong === undefined) return;
  const how = wrong.state === "missing" ? "is not there" : "is raised already";
  throw new Failure("deployment-refused", `The alarm '${wrong.name}', which is to watch the release, ${how}.`);
}

/** Removes the alarms that were made for a release, where one had begun, and looks which of them are still there. */
export async function removeAlarms(alarms: AlarmKeeper, deployment: Deployment | undefined): Promise<CleanedUp> {
  const names = deployment === undefined ? [] : ownAlarmNames(deployment);
  const removed = await alarms.remove(names);
  const left = (await alarms.read(names)).filter(({ state }) => state !== "missing");
  return { removed, left: left.map(({ name }) => name) };
}
