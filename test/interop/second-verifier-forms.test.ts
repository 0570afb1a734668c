import { spawnSync } from "node:child_process";
import * as v from "valibot";
import { expect } from "vitest";
import { bodies } from "../../core/archive/documents/fact-bodies.ts";
import type { Json } from "../../core/encoding/canonical-json.ts";
import type { FactType } from "../../core/promotion/fact.ts";
import { told } from "../core/archive/told.ts";
import { withTool } from "./programs.ts";
import { python, secondVerifier } from "./second-verifier.ts";

// What a body says is in its form, or its record is refused: what one verifier takes and the other does not is for whoever writes the
// log to choose. Each member of each kind of record is told in many other ways, and both look at the form of all of them.

const promotion = (attempt: number) => `p-${"0".repeat(32)}-${attempt}`;
/** The first: left out. */
const values: readonly (Json | undefined)[] = [
  ...[undefined, null, true, false, [], {}, [[]], [null], { a: 1 }, ["x", "x"], "", "x", "0", "\u0661"],
  ...[0, 1, -1, 0.5, 1.5, 50, 51, 100, 101, 181 * 86_400, 2 ** 53, 1e300],
  ...[2000, 2001, 4000, 4001].map((length) => "x".repeat(length)),
  ...["a", "A"].map((digit) => digit.repeat(64)),
  ...["2026-11-22T17:03:00.000Z", "2026-11-22T17:03:00Z", "2026-02-30T00:00:00.000Z", "1969-12-31T23:59:59.999Z"],
  ...[0, 1, 999_999, 1_000_000].map(promotion),
];

type Place = readonly (string | number)[];

/** Every place in a body, of lists the first two. */
function placesIn(value: Json | undefined, at: Place = []): readonly Place[] {
  if (typeof value !== "object" || value === null || at.length > 4) return [at];
  const inside = Array.isArray(value) ? [...value.slice(0, 2).entries()] : Object.entries(value);
  // Something more than it says, as well.
  const more = Array.isArray(value) ? [] : [[...at, "more"]];
  return [at, ...more, ...inside.flatMap(([name, each]) => placesIn(each as Json, [...at, name]))];
}

function withValue(value: unknown, [name, ...rest]: Place, next: Json | undefined): unknown {
  if (name === undefined) return next;
  const copy: Record<string | number, unknown> = structuredClone(Object(value));
  if (rest.length > 0 || next !== undefined) copy[name] = withValue(copy[name], rest, next);
  else if (Array.isArray(copy)) copy.splice(Number(name), 1);
  else delete copy[name];
  return copy;
}

/** By which forms our rules read a body; none of what is for people. */
function formsOf(type: FactType, body: Readonly<Record<string, unknown>>): readonly (keyof typeof bodies)[] {
  if (type.startsWith("passkey-")) return ["passkey"];
  if (type === "delegated" || type === "delegation-revoked") return ["delegation"];
  if (type === "deployment-started") return [type, "served", "release"];
  const judged = type === "blocked" && (body["step"] === "gates" || body["step"] === "matrix");
  if (judged) return ["blocked", "gates"];
  return Object.hasOwn(bodies, type) ? [type as keyof typeof bodies] : [];
}

/** What is no matter of the form for ours: held against the document that it names, or refused where a deployment begins. */
function isElsewhere(type: FactType, place: string): boolean {
  return (
    (["gates", "blocked"].includes(type) && place === "policy") || `${type} ${place}` === "deployment-started verdict"
  );
}

interface Told {
  readonly type: FactType;
  readonly place: string;
  readonly body: unknown;
  /** Whether our rules take it. */
  readonly taken: boolean;
}

function toldOtherwise(): readonly Told[] {
  const found = new Map<string, Told>();
  for (const { type, body } of told.house.facts) {
    // Both have readers of their own (docs/keys.md, what the log begins with).
    if (type === "key" || type === "installation") continue;
    for (const at of placesIn(body).slice(1))
      for (const [which, value] of values.entries()) {
        const place = at.join(".");
        const name = `${type} ${Object.keys(body).join()} ${place.replaceAll(/\d+/g, "#")} ${which}`;
        if (found.has(name) || isElsewhere(type, place)) continue;
        const next = withValue(body, at, value) as Readonly<Record<string, unknown>>;
        const taken = formsOf(type, next).every((form) => v.safeParse<v.GenericSchema>(bodies[form], next).success);
        found.set(name, { type, place, body: next, taken });
      }
  }
  return [...found.values()];
}

const check = `
import json, sys
sys.path.insert(0, ${JSON.stringify(secondVerifier)})
from encoding import Wrong
from forms import check_body
for line in sys.stdin:
    each = json.loads(line)
    try:
        check_body({"id": "x", **each})
        print(1)
    except Wrong:
        print(0)
`;

withTool(
  python,
  "both verifiers take the same for the form of what a record says",
  () => {
    const all = toldOtherwise();
    const input = all.map(({ type, body }) => JSON.stringify({ type, body })).join("\n");
    const { stdout, stderr } = spawnSync("python3", ["-c", check], { input, encoding: "utf8", maxBuffer: 2 ** 28 });
    expect(stderr).toBe("");
    const answers = stdout.trimEnd().split("\n");
    expect(answers).toHaveLength(all.length);
    expect(new Set(answers)).toEqual(new Set(["0", "1"]));
    const apart = all.filter(({ taken }, at) => (answers[at] === "1") !== taken);
    expect(apart.map(({ type, place, taken, body }) => ({ type, place, taken, body })).slice(0, 5)).toEqual([]);
  },
  () => {
    expect(toldOtherwise().length).toBeGreaterThan(10_000);
  },
);
