import { Failure } from "../failure.ts";
import type { Json } from "./canonical-json.ts";
import { slugPattern } from "./slug.ts";
import { readStrictYaml, type YamlPath } from "./strict-yaml.ts";

/** What is wrong with a policy file, and where: the line (from 1) and the path such as `rules[0].stages[1].name`. */
export interface PolicyProblem {
  readonly line: number;
  readonly path: string;
  readonly sentence: string;
}

/** A policy file that was read, or everything that is wrong with it at once. */
export type Loaded<Value> =
  | { readonly kind: "loaded"; readonly value: Value }
  | { readonly kind: "refused"; readonly problems: readonly PolicyProblem[] };

/**
 * As what a policy file is read. What is in force and what was archived were taken by the rules of their time: a rule that comes
 * later keeps new files out alone, or a newer version would answer nobody, and refuse the records of before.
 */
export type Reading = "new" | "in-force" | "archived";

/** A value in a policy file together with where it stands. */
export interface Place {
  readonly value: Json;
  readonly path: YamlPath;
  readonly file: PolicyFile;
}

interface PolicyFile {
  readonly reading: Reading;
  readonly lineOf: (path: YamlPath) => number;
  readonly problems: PolicyProblem[];
}

const durationPattern = /^([0-9]{1,6})([smhd])$/;
const longestFound = 60;
const secondsIn = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * Reads YAML with `read`. The readers below note a problem and go on with a stand-in, so that one run names
 * everything; the value is handed out only if there was none.
 */
export function readPolicyFile<Value>(text: string, reading: Reading, read: (root: Place) => Value): Loaded<Value> {
  const yaml = readStrictYaml(text);
  if (yaml.kind === "refused") {
    return { kind: "refused", problems: yaml.problems.map(({ line, sentence }) => ({ line, path: "", sentence })) };
  }
  const file: PolicyFile = { reading, lineOf: yaml.lineOf, problems: [] };
  const value = read({ value: yaml.value, path: [], file });
  if (file.problems.length === 0) return { kind: "loaded", value };
  return { kind: "refused", problems: file.problems.toSorted((a, b) => a.line - b.line) };
}

/** The value, or a `Failure` `invalid-policy` that lists every problem with its line. */
export function requireLoaded<Value>(fileName: string, loaded: Loaded<Value>): Value {
  if (loaded.kind === "loaded") return loaded.value;
  throw new Failure("invalid-policy", describeProblems(fileName, loaded.problems));
}

/** One line for each problem, in the form that editors turn into links: `matrix.yaml:12: rules[0]: …` */
export function describeProblems(fileName: string, problems: readonly PolicyProblem[]): string {
  return problems
    .map(({ line, path, sentence }) => `${fileName}:${line}: ${path === "" ? "" : `${path}: `}${sentence}`)
    .join("\n");
}

/** Nobody reads more at once, and each may tell of every name that the file knows. */
const mostProblems = 1000;

/** Notes a problem at a place. */
export function complain(place: Place, sentence: string): void {
  if (place.file.problems.length >= mostProblems) return;
  place.file.problems.push({ line: lineOf(place), path: pathText(place.path), sentence });
}

/** Complains about what is no number, and says what is there instead. */
export function complainOfNoNumber(place: Place): void {
  const { value } = place;
  const text = typeof value === "string" && value.length <= longestFound ? ` '${value}'` : "";
  const found = typeof value === "string" ? `the text${text}` : value === null ? "empty" : undefined;
  complain(place, `This must be a number${found === undefined ? "" : `; it is ${found}`}.`);
}

/** The line of a place, from 1. */
export function lineOf(place: Place): number {
  return place.file.lineOf(place.path);
}

/** The fields of a map; complains about what is missing and what nobody knows. */
export function fieldsOf<Name extends string>(
  place: Place | undefined,
  required: readonly Name[],
  optional: readonly Name[] = [],
): Partial<Record<Name, Place>> {
  const fields: Partial<Record<Name, Place>> = {};
  if (place === undefined) return fields;
  const known: readonly string[] = [...required, ...optional];
  const entries = entriesOf(place);
  if (entries === undefined) return fields;
  for (const [name, field] of entries) {
    if (known.includes(name)) fields[name as Name] = field;
    else complain(field, `'${name}' is not a field here; known are ${list(known)}.`);
  }
  for (const name of required) {
    if (fields[name] === undefined) complain(place, `The field '${name}' is missing.`);
  }
  return fields;
}

/** The members of a map in the order of the file, or `undefined` with a complaint where it is none. */
export function entriesOf(place: Place): readonly (readonly [string, Place])[] | undefined {
  const { value } = place;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    complain(place, "This must be a map of fields.");
    return undefined;
  }
  return Object.entries(value).map(([name, member]) => [name, within(place, name, member as Json)]);
}

/** The items of a list; complains about anything else and about an empty list. */
export function itemsOf(place: Place | undefined): readonly Place[] {
  if (place === undefined) return [];
  const { value } = place;
  if (!Array.isArray(value)) complain(place, "This must be a list.");
  else if (value.length === 0) complain(place, "The list is empty.");
  else return value.map((item: Json, index) => within(place, index, item));
  return [];
}

/** Text of 1 to `maximum` characters without control characters. */
export function textOf(place: Place | undefined, maximum = 200): string {
  if (place === undefined) return "";
  const { value } = place;
  if (typeof value !== "string") complain(place, "This must be text; put it in quotes if it looks like a number.");
  else if (value.trim() === "" || value.length > maximum || /\p{Cc}/u.test(value))
    complain(place, `This must be 1 to ${maximum} characters on one line.`);
  else return value;
  return "";
}

/** A name of lower-case letters, digits and dashes. */
export function slugOf(place: Place | undefined): string {
  const text = textOf(place);
  if (place !== undefined && text !== "" && !slugPattern.test(text)) complain(place, slugRule(text));
  return text;
}

/** Complains about a map's key that is not a name of lower-case letters, digits and dashes. */
export function requireSlug(name: string, place: Place): void {
  if (!slugPattern.test(name)) complain(place, slugRule(name));
}

/** A whole number from 1 to `maximum`; `absent` where the field is not there. */
export function countOf(place: Place | undefined, absent: number, maximum: number): number {
  if (place === undefined) return absent;
  const { value } = place;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maximum) return value;
  complain(place, `This must be a whole number from 1 to ${maximum}.`);
  return absent;
}

/** Seconds of a duration such as `90m`, `4h` or `5d`, between the bounds given in seconds. */
export function secondsOf(place: Place | undefined, minimum: number, maximum: number): number {
  if (place === undefined) return minimum;
  const match = typeof place.value === "string" ? durationPattern.exec(place.value) : null;
  if (match === null) {
    complain(place, "This must be a duration: a whole number with s, m, h or d, such as 90m, 4h or 5d.");
    return minimum;
  }
  const seconds = Number(match[1]) * secondsIn[match[2] as keyof typeof secondsIn];
  if (seconds >= minimum && seconds <= maximum) return seconds;
  complain(place, `The duration must be between ${durationText(minimum)} and ${durationText(maximum)}.`);
  return minimum;
}

/** Seconds in the largest unit that divides them: `90m`, `5d`. */
export function durationText(seconds: number): string {
  if (seconds === 0) return "0m";
  const unit = (["d", "h", "m"] as const).find((candidate) => seconds % secondsIn[candidate] === 0) ?? "s";
  return `${seconds / secondsIn[unit]}${unit}`;
}

const unitWords = { s: "second", m: "minute", h: "hour", d: "day" } as const;

/** As `durationText`, for people: `90 minutes`, `5 days`. */
export function durationWords(seconds: number): string {
  const text = durationText(seconds);
  const count = Number.parseInt(text, 10);
  const unit = unitWords[text.slice(-1) as keyof typeof unitWords];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** A list of words that are known, each once. */
export function wordsOf<Word extends string>(place: Place, known: readonly Word[]): readonly Word[] {
  const words = itemsOf(place).map((item) => {
    const word = known.find((candidate) => candidate === item.value);
    if (word === undefined) complain(item, `This must be one of ${list(known)}.`);
    return word;
  });
  const understood = words.filter((word) => word !== undefined);
  refuseRepeats(place, understood);
  return understood;
}

/** Complains about the first name that stands twice. */
export function refuseRepeats(place: Place, names: readonly string[]): void {
  const before = new Set<string>();
  const repeated = names.find((name) => name !== "" && before.size === before.add(name).size);
  if (repeated !== undefined) complain(place, `'${repeated}' stands here twice.`);
}

/** `a, b and c`, each in quotes. */
export function list(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  const last = quoted.pop();
  if (last === undefined) return "none";
  return quoted.length === 0 ? last : `${quoted.join(", ")} and ${last}`;
}

function within(place: Place, step: string | number, value: Json): Place {
  return { value, path: [...place.path, step], file: place.file };
}

/** A path as people write it: `rules[0].stages[1].name`. */
export function pathText(path: YamlPath): string {
  return path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );
}

function slugRule(name: string): string {
  return `The name '${name}' may hold lower-case letters, digits and dashes only (at most 63, not beginning with a dash).`;
}
