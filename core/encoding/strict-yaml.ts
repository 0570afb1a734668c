import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, type Scalar } from "yaml";
import type { Json } from "./canonical-json.ts";

/** Keys and indexes from the root of a document down to one of its values. */
export type YamlPath = readonly (string | number)[];

/** What is wrong with a file, and the line (from 1) where it is. */
interface YamlProblem {
  readonly line: number;
  readonly sentence: string;
}

export type StrictYaml =
  | {
      readonly kind: "read";
      readonly value: Json;
      /** The line (from 1) where the value at `path` begins; where nothing is there, the line of what encloses it. */
      readonly lineOf: (path: YamlPath) => number;
    }
  | { readonly kind: "refused"; readonly problems: readonly YamlProblem[] };

const maximumLength = 1_000_000;
const maximumDepth = 40;

const unread = "Nothing behind it was read: look at the indentation, the brackets and the quotes here and just before.";

/**
 * Reads one YAML 1.2 document (core schema) as plain JSON values and keeps the line of each. Refused, because they
 * make a policy mean something else than a reviewer reads: a key given twice, anchors, aliases, merge keys, tags,
 * more than one document, keys that are not text, `.nan` and `.inf`, text that is no Unicode, and anything over 1 MB or 40 levels.
 */
export function readStrictYaml(text: string): StrictYaml {
  if (text.length > maximumLength) return refused(1, `The file has more than ${maximumLength} characters.`);
  const lineCounter = new LineCounter();
  // For each key the library would go through the whole map.
  const uniqueKeys = false;
  // For each mistake it would copy its line, and one that has thousands may be as long as the file.
  const prettyErrors = false;
  const options = { version: "1.2", schema: "core", merge: false, uniqueKeys, prettyErrors, lineCounter } as const;
  const documents = parseAllDocuments(text, options);
  if ("empty" in documents) return refused(1, "The file is empty.");
  const [document, second] = documents;
  if (document === undefined) return refused(1, "The file is empty.");
  const line = (offset: number) => Math.max(1, lineCounter.linePos(offset).line);
  if (second !== undefined) return refused(line(second.range[0]), "The file holds more than one document.");
  const [first] = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (first !== undefined) {
    // All that the library complains of behind it follows from it: one wrong indentation, hundreds of complaints.
    return refused(line(first.pos[0]), `${first.message}. ${unread}`);
  }
  const complaints = document.warnings.map(({ pos, message }) => ({ line: line(pos[0]), sentence: `${message}.` }));
  if (complaints.length > 0) return { kind: "refused", problems: complaints };
  if (document.contents === null) return refused(1, "The file is empty.");

  const lines = new Map<string, number>();
  const problems: YamlProblem[] = [];
  const value = plain(document.contents, [], { line, lines, problems });
  if (problems.length > 0) return { kind: "refused", problems };
  return { kind: "read", value, lineOf: (path) => nearestLine(lines, path) };
}

interface Walk {
  readonly line: (offset: number) => number;
  readonly lines: Map<string, number>;
  readonly problems: YamlProblem[];
}

function plain(node: Node, path: YamlPath, walk: Walk): Json {
  const line = walk.line(node.range?.[0] ?? 0);
  const problem = (sentence: string): null => {
    walk.problems.push({ line, sentence });
    return null;
  };
  // The line of a member is that of its key, set by the enclosing map before it descends.
  if (!walk.lines.has(key(path))) walk.lines.set(key(path), line);
  if (path.length > maximumDepth) return problem(`The values are nested deeper than ${maximumDepth} levels.`);
  if (isAlias(node)) return problem("Aliases (*name) are not taken: write the value out.");
  if (node.anchor !== undefined) return problem("Anchors (&name) are not taken: write the value out.");
  if (node.tag !== undefined && !node.tag.startsWith("tag:yaml.org,2002:"))
    return problem(`The tag ${node.tag} is not taken.`);
  if (isSeq<Node>(node)) return node.items.map((item, index) => plain(item, [...path, index], walk));
  if (isMap<Scalar, Node | null>(node)) {
    const members = new Map<string, Json>();
    for (const { key: name, value } of node.items) {
      if (!isScalar(name) || !isKey(name.value)) {
        const keyLine = isNode(name) ? walk.line(name.range?.[0] ?? 0) : line;
        const comma =
          isScalar(name) && typeof name.value === "number" ? " (the decimal sign of a number is a point)" : "";
        walk.problems.push({ line: keyLine, sentence: `Every key must be plain text${comma}.` });
        continue;
      }
      const memberLine = walk.line(name.range?.[0] ?? 0);
      if (members.has(name.value)) {
        walk.problems.push({ line: memberLine, sentence: "Map keys must be unique." });
        continue;
      }
      const memberPath = [...path, name.value];
      walk.lines.set(key(memberPath), memberLine);
      members.set(name.value, value === null ? null : plain(value, memberPath, walk));
    }
    // fromEntries defines own properties, so `__proto__` is a key like any other.
    return Object.fromEntries(members);
  }
  if (!isScalar(node)) return problem("The value is neither text, number, list nor map.");
  return scalar(node.value, problem);
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed() && value !== "<<";
}

function scalar(value: unknown, problem: (sentence: string) => null): Json {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string")
    return value.isWellFormed() ? value : problem("The text holds half of a surrogate pair, which is no character.");
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return problem(`${String(value)} is not a number that JSON can carry.`);
}

function nearestLine(lines: ReadonlyMap<string, number>, path: YamlPath): number {
  for (let length = path.length; length >= 0; length--) {
    const line = lines.get(key(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

function key(path: YamlPath): string {
  return JSON.stringify(path);
}

function refused(line: number, sentence: string): StrictYaml {
  return { kind: "refused", problems: [{ line, sentence }] };
}
