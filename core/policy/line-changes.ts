import { asRead } from "./as-read.ts";

/** A line of a text, from 0. */
interface Line {
  readonly side: "former" | "proposed";
  readonly at: number;
}

/** More places than this are not compared one by one: what lies between the first and the last difference is told as gone, and as new. */
const mostCompared = 4_000_000;

/**
 * What one text has and the other has not, line by line (by `\n`), in the order of both: a line that moved is gone at one place and new at
 * another, since the same line says something else below another one. What is not told is a common subsequence of both, and the heaviest: the
 * less a line is indented, the more it weighs, so that the beginning of an entry stays rather than what moved into it; of several the
 * one that comes of telling what is gone before what is new. Blank lines are not told. Before the first change below
 * less indented lines, those that it is below and the change before was not. Each line as it is read (`asRead`).
 */
export function lineChanges(name: string, former: string, proposed: string): readonly string[] {
  if (former === proposed) return [];
  const [before, after] = [former.split("\n"), proposed.split("\n")];
  const { steps, place } = aligned(before, after);
  const parents = { former: parentsIn(before), proposed: parentsIn(after) };
  const told: string[] = [];
  let below: readonly string[] = [];
  for (const { side, at } of steps) {
    const lines = side === "former" ? before : after;
    const line = lines[at] ?? "";
    if (isBlank(line)) continue;
    const above = ancestorsOf(parents[side], at).map((parent) => ({
      ...place({ side, at: parent }),
      text: lines[parent] ?? "",
    }));
    const known = above.findIndex(({ key }, depth) => key !== below[depth]);
    for (const { stays, text } of known < 0 ? [] : above.slice(known))
      if (stays) told.push(`${name}: … ${asRead(text)}`);
    below = above.map(({ key }) => key);
    told.push(`${name}: ${side === "former" ? "−" : "+"} ${asRead(line)}`);
  }
  return told.length > 0 ? told : [`${name}: blank lines, and nothing else.`];
}

interface Place {
  /** The same for a line that is in both, whichever is asked about. */
  readonly key: string;
  readonly stays: boolean;
}

/** The changes in order, and what becomes of any line. */
function aligned(
  before: readonly string[],
  after: readonly string[],
): { readonly steps: readonly Line[]; readonly place: (line: Line) => Place } {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let [end, afterEnd] = [before.length, after.length];
  while (end > start && afterEnd > start && before[end - 1] === after[afterEnd - 1]) {
    end -= 1;
    afterEnd -= 1;
  }
  const same = new Map<number, number>();
  for (let at = 0; at < start; at += 1) same.set(at, at);
  for (let at = end; at < before.length; at += 1) same.set(at + afterEnd - end, at);
  const [rows, columns] = [end - start, afterEnd - start];
  const common =
    rows * columns > mostCompared ? undefined : weights(before.slice(start, end), after.slice(start, afterEnd));
  const steps: Line[] = [];
  let [row, column] = [0, 0];
  while (row < rows || column < columns) {
    const isCommon = row < rows && column < columns && before[start + row] === after[start + column];
    if (common !== undefined && isCommon) {
      same.set(start + column, start + row);
      row += 1;
      column += 1;
    } else if (
      row < rows &&
      (column === columns || common === undefined || common(row + 1, column) >= common(row, column + 1))
    ) {
      steps.push({ side: "former", at: start + row });
      row += 1;
    } else {
      steps.push({ side: "proposed", at: start + column });
      column += 1;
    }
  }
  const gone = new Set(steps.flatMap(({ side, at }) => (side === "former" ? [at] : [])));
  const place = ({ side, at }: Line): Place => {
    const former = side === "former" ? at : same.get(at);
    return former === undefined ? { key: `new ${at}`, stays: false } : { key: `${former}`, stays: !gone.has(former) };
  };
  return { steps, place };
}

/** What the heaviest common subsequence weighs of what begins at a line of each. */
function weights(before: readonly string[], after: readonly string[]): (row: number, column: number) => number {
  const width = after.length + 1;
  const table = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number) => table[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1)
    for (let column = after.length - 1; column >= 0; column -= 1)
      table[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + weightOf(before[row] ?? "")
          : Math.max(at(row + 1, column), at(row, column + 1));
  return at;
}

/**
 * Of each line the one nearest before it that is less indented, and neither blank nor a comment; in one pass, since texts are as long as
 * whoever proposes them likes.
 */
function parentsIn(lines: readonly string[]): readonly (number | undefined)[] {
  const open: { readonly at: number; readonly depth: number }[] = [];
  return lines.map((line, at) => {
    const depth = indentOf(line);
    const isBeside = isBlank(line) || /^[ \t]*#/.test(line);
    // What is no less indented than a line that others may stand below is above nothing that comes after it.
    const place = isBeside ? open.findLastIndex((each) => each.depth < depth) : undefined;
    if (place !== undefined) return open[place]?.at;
    while ((open.at(-1)?.depth ?? -1) >= depth) open.pop();
    const parent = open.at(-1)?.at;
    open.push({ at, depth });
    return parent;
  });
}

/** The lines that a line is below, the outermost first. */
function ancestorsOf(parents: readonly (number | undefined)[], of: number): readonly number[] {
  const found: number[] = [];
  for (let at = parents[of]; at !== undefined; at = parents[at]) found.push(at);
  return found.reverse();
}

function weightOf(line: string): number {
  return isBlank(line) ? 1 : Math.max(1, 16 - indentOf(line));
}

function indentOf(line: string): number {
  return line.length - line.replace(/^[ \t]+/, "").length;
}

function isBlank(line: string): boolean {
  return /^[ \t\r]*$/.test(line);
}
