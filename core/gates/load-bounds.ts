import {
  complain,
  complainOfNoNumber,
  entriesOf,
  fieldsOf,
  itemsOf,
  list,
  type Place,
} from "../encoding/policy-file.ts";
import { metricName } from "./metric-name.ts";
import type { Bound, MeasureBounds } from "./thresholds.ts";

/** Bounds by name, each for a value and where wanted for its confidence interval. */
export function boundsOf(place: Place | undefined, check: (name: string, at: Place) => void = () => {}): MeasureBounds {
  return membersOf(place, (at, name) => {
    check(name, at);
    const { min, max, interval } = fieldsOf(at, [], ["min", "max", "interval"]);
    const bound = boundOf(at, min, max);
    if (interval === undefined) return bound;
    const ends = fieldsOf(interval, [], ["min", "max"]);
    return { ...bound, interval: boundOf(interval, ends.min, ends.max) };
  });
}

/** The members of a map that must have some, each read by `read`. */
export function membersOf<Value>(
  place: Place | undefined,
  read: (at: Place, name: string) => Value,
): Readonly<Record<string, Value>> {
  if (place === undefined) return {};
  const entries = entriesOf(place);
  if (entries?.length === 0) complain(place, "Nothing is asked for here: leave the field out or name a bound.");
  return Object.fromEntries((entries ?? []).map(([name, at]) => [name, read(at, name)]));
}

/** Complains about a metric that is called otherwise here. */
export function requireMetricName(name: string, at: Place): void {
  const known = metricName(name);
  if (known !== name) complain(at, `The metric is called '${known}' here.`);
}

/** A number of `least` or more. */
export function numberFrom(place: Place | undefined, least: number): number {
  const value = numberOf(place);
  if (place !== undefined && value !== undefined && value < least) complain(place, `This must be ${least} or more.`);
  return value ?? least;
}

function numberOf(place: Place | undefined): number | undefined {
  if (place === undefined) return undefined;
  if (typeof place.value === "number") return place.value;
  complainOfNoNumber(place);
  return undefined;
}

export function wholeNumberOf(place: Place | undefined): number {
  const value = numberOf(place);
  if (place === undefined || value === undefined) return 0;
  if (!Number.isSafeInteger(value) || value < 0) complain(place, "This must be a whole number, 0 or more.");
  return value;
}

/** A list of names out of a closed set, each once. */
export function namesOf<Name extends string>(place: Place | undefined, known: readonly Name[]): readonly Name[] {
  const names: Name[] = [];
  for (const item of itemsOf(place)) {
    const name = known.find((candidate) => candidate === item.value);
    if (name === undefined) complain(item, `This must be one of ${list(known)}.`);
    else if (names.includes(name)) complain(item, `'${name}' is listed twice.`);
    else names.push(name);
  }
  return names;
}

function boundOf(place: Place, min: Place | undefined, max: Place | undefined): Bound {
  const low = numberOf(min);
  const high = numberOf(max);
  if (min === undefined && max === undefined) complain(place, "A bound has 'min', 'max' or both.");
  if (low !== undefined && high !== undefined && low > high)
    complain(place, `No number lies between ${low} and ${high}.`);
  return { ...(low === undefined ? {} : { min: low }), ...(high === undefined ? {} : { max: high }) };
}
