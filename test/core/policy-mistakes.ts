import type { Json } from "../../core/encoding/canonical-json.ts";
import { type Loaded, list, pathText } from "../../core/encoding/policy-file.ts";

type Step = string | number;

/** What may stand in a place instead of what belongs there; `undefined` leaves a field out. */
const others: readonly (readonly [string, Json | undefined])[] = [
  ["left out", undefined],
  ["null", null],
  ["''", ""],
  ["'¿?'", "¿?"],
  ["-1.5", -1.5],
  ["[]", []],
  ["{}", {}],
];

/**
 * What is said where one thing in a policy file is left out or of the wrong kind, for every place below its field `part`:
 * a line for each place and complaint, with what leads to it. `ok` where it is no mistake.
 *
 * @param growing lists that complaints quote and that may become longer, by the name that stands for them here
 */
export function mistakesTable(
  document: Readonly<Record<string, Json>>,
  part: string,
  load: (text: string) => Loaded<unknown>,
  growing: Readonly<Record<string, readonly string[]>> = {},
): string {
  const shortened = (sentence: string) =>
    Object.entries(growing).reduce((text, [name, names]) => text.replaceAll(list(names), `<${name}>`), sentence);
  const places = placesIn(document).filter(([first]) => first === part);
  const lines = places.flatMap((path) => {
    const said = others
      .filter(([, other]) => other !== undefined || typeof path.at(-1) === "string")
      .map(([what, other]): readonly [string, string] => {
        // JSON is YAML.
        const loaded = load(JSON.stringify(replaced(document, path, other)));
        if (loaded.kind === "loaded") return ["ok", what];
        const complaints = loaded.problems.map(({ path: at, sentence }) => `    ${at}: ${shortened(sentence)}`);
        return [complaints.join("\n"), what];
      });
    const byComplaint = Map.groupBy(said, ([complaint]) => complaint);
    return [...byComplaint].map(([complaint, all]) => {
      const head = `${pathText(path)} = ${all.map(([, what]) => what).join(" | ")}`;
      return complaint === "ok" ? `${head}: ok` : `${head}\n${complaint}`;
    });
  });
  return `${lines.join("\n")}\n`;
}

function placesIn(value: Json, path: readonly Step[] = []): readonly (readonly Step[])[] {
  const members: readonly (readonly [Step, Json])[] = Array.isArray(value)
    ? value.map((item: Json, index): [Step, Json] => [index, item])
    : typeof value === "object" && value !== null
      ? Object.entries(value).map(([name, member]): [Step, Json] => [name, member as Json])
      : [];
  return members.flatMap(([step, member]) => [[...path, step], ...placesIn(member, [...path, step])]);
}

function replaced(value: Json, [step, ...rest]: readonly Step[], by: Json | undefined): Json {
  if (Array.isArray(value))
    return value.map((item: Json, index) => (index === step ? inPlaceOf(item, rest, by) : item)) as Json;
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Json>>).flatMap(([name, member]): [string, Json][] => {
      if (name !== step) return [[name, member]];
      return rest.length === 0 && by === undefined ? [] : [[name, inPlaceOf(member, rest, by)]];
    }),
  );
}

function inPlaceOf(value: Json, rest: readonly Step[], by: Json | undefined): Json {
  return rest.length === 0 ? (by ?? null) : replaced(value, rest, by);
}
