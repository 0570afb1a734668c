import { sameJson } from "../../encoding/canonical-json.ts";
import type { ArchivedPolicies } from "../../policy/load-policies.ts";
import { isFixedZone } from "./calendar-fit.ts";

/** No zone's clock is further from another database's, nor from UTC. */
const furthestMs = 15 * 3_600_000;

/** How a change tells of a freeze window that is once: by its instants, which a time zone database tells. */
const ofWindow = /^(No longer|New): ('.*': nothing is approved or deployed .*) from (\S+Z) to (\S+Z)(\..*)$/s;

/**
 * Whether changes were told as they are told again, but for when freeze windows that are once begin and end by another time
 * zone database than the reader's. Their own lines of the file have been compared.
 */
export function sameBesideClocks(
  said: readonly string[],
  again: readonly string[],
  versions: readonly Pick<ArchivedPolicies, "matrix">[],
): boolean {
  const windows = versions.flatMap(({ matrix }) => matrix.freezeWindows ?? []);
  if (windows.every(({ when, zone }) => "weekly" in when || isFixedZone(zone))) return false;
  const [others, othersAgain] = [said, again].map((each) => each.filter((line) => !ofWindow.test(line)));
  // One by one: a line that is told as part of another may be read as a comment.
  if (!sameJson(others, othersAgain)) return false;
  const [shown, derived] = [said.flatMap(windowIn), again.flatMap(windowIn)];
  const isShown = (each: WindowShown) => shown.some((one) => one.change === each.change && isNear(one, each));
  // By one database two versions may say the same of a window, and by another one not.
  const isSame = (each: WindowShown) => derived.some((one) => one.change !== each.change && isNear(one, each));
  return (
    shown.every((each) => derived.some((one) => one.change === each.change && isNear(one, each))) &&
    derived.every((each) => isShown(each) || isSame(each))
  );
}

interface WindowShown {
  readonly change: string;
  readonly text: string;
  readonly times: readonly number[];
}

function windowIn(line: string): readonly WindowShown[] {
  const [, change = "", what = "", from = "", until = "", rest = ""] = ofWindow.exec(line) ?? [];
  if (change === "") return [];
  return [{ change, text: `${what} ${rest}`, times: [from, until].map((each) => Date.parse(each)) }];
}

function isNear(one: WindowShown, other: WindowShown): boolean {
  const isClose = (time: number, place: number) => Math.abs(time - (other.times[place] ?? Number.NaN)) <= furthestMs;
  return one.text === other.text && one.times.every(isClose);
}
