import { longestChangeSeconds } from "../attestation/installations-in-force.ts";
import { instantFromMs } from "../encoding/instant.ts";
import type { InspectedRecords } from "./inspected-records.ts";
import type { PackFinding, Unchecked } from "./pack/pack-findings.ts";
import { recordPath } from "./pack/pack-layout.ts";
import type { LateRecords } from "./recorded-when.ts";

type Inspected = Pick<
  InspectedRecords,
  "indices" | "times" | "installation" | "installationRecords" | "policyRecords" | "promotionOf"
>;

/**
 * Settings that are told of behind what they were in force for. Whatever appends to the log puts them before anything else that it
 * appends, so that what comes before them is no later than the change took. Otherwise an application would be named, as of then,
 * once somebody has decided in it.
 */
export function settingsDatedBack({ indices, times, installationRecords }: Inspected): readonly PackFinding[] {
  const settings = new Set(installationRecords);
  const findings: PackFinding[] = [];
  let latest = Number.NEGATIVE_INFINITY;
  for (const [place, index] of indices.entries()) {
    const said = times[place] ?? Number.NaN;
    if (settings.has(index) && said + longestChangeSeconds * 1000 < latest) {
      const sentence = `${recordPath(index)} tells of the installation as of ${instantFromMs(said)}, and stands in the log behind what was at ${instantFromMs(latest)}: it was told afterwards.`;
      findings.push({ code: "order", path: recordPath(index), sentence });
    }
    if (said > latest) latest = said;
  }
  return findings;
}

/** That records of no promotion came late: what archives them may have stood still, and what they say of their time is told by them alone. */
export function lateOfInstallation(
  { installation, policyRecords, promotionOf }: Inspected,
  late: LateRecords,
): readonly Unchecked[] {
  const came = installation.filter((index) => late.has(index));
  const [first] = came;
  if (first === undefined) return [];
  const policies = policyRecords.filter((index) => late.has(index) && promotionOf(index) === undefined);
  const besides =
    policies.length === 0
      ? ""
      : ` Policies that a deployment put in force are among them: ${policies.map(recordPath).join(", ")}.`;
  const others = came.length === 1 ? "" : ` and ${came.length - 1} others of no promotion`;
  const sentence = `Whether ${recordPath(first)}${others} were as early as they say is told by them alone: the log had them more than a quarter of an hour later.${besides}`;
  return [{ sentence }];
}
