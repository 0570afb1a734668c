import { utf8 } from "../../encoding/bytes.ts";
import { canonicalJson, type Json } from "../../encoding/canonical-json.ts";
import type { AnswerPlaces } from "../../promotion/shadow.ts";
import { type JsonLimits, readStrictJson } from "../strict-json.ts";

/** What one answer says; `null` where that cannot be read. */
export interface Answer {
  readonly score: number | null;
  readonly decision: string | null;
}

/** A body as data capture writes it down. */
export interface CapturedBody {
  readonly encoding: "CSV" | "JSON";
  readonly data: string;
}

const limits: JsonLimits = { bytes: 1024 * 1024, depth: 32, values: 100_000 };
/** Answers to one request that are looked at. */
const mostAnswers = 1000;

/** The answers of a body, row by row; `undefined` where it is not of the form that the plan names. */
export function answersIn({ encoding, data }: CapturedBody, places: AnswerPlaces = {}): readonly Answer[] | undefined {
  return encoding === "CSV" ? csvAnswers(data, places) : jsonAnswers(data, places);
}

/** A line for each row; its score is what stands first. */
function csvAnswers(text: string, { threshold }: AnswerPlaces): readonly Answer[] | undefined {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (lines.length > mostAnswers) return undefined;
  return lines.map((line) => {
    const first = line.split(",")[0]?.trim() ?? "";
    const score = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(first) ? finite(Number(first)) : null;
    return { score, decision: decided(score, threshold, line.trim() || null) };
  });
}

function jsonAnswers(text: string, places: AnswerPlaces): readonly Answer[] | undefined {
  const document = readStrictJson(utf8(text), limits);
  if (document.kind === "problem") return undefined;
  const rows = places.list === undefined ? [document.value] : valueAt(document.value, places.list);
  if (!Array.isArray(rows) || rows.length === 0 || rows.length > mostAnswers) return undefined;
  return rows.map((row: Json) => {
    const at = places.score === undefined ? row : valueAt(row, places.score);
    const score = typeof at === "number" ? finite(at) : null;
    if (places.decision === undefined) return { score, decision: decided(score, places.threshold, canonicalJson(row)) };
    const decision = valueAt(row, places.decision);
    return { score, decision: decision === undefined || decision === null ? null : canonicalJson(decision) };
  });
}

/** Which side of the threshold; without one the whole answer is the decision. */
function decided(score: number | null, threshold: number | undefined, whole: string | null): string | null {
  if (threshold === undefined) return whole;
  return score === null ? null : String(score >= threshold);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** What a JSON pointer leads to (RFC 6901 section 4), in members of its own only. */
function valueAt(value: Json, pointer: string): Json | undefined {
  const steps = pointer.split("/").slice(1);
  let at: Json | undefined = value;
  for (const step of steps) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as { readonly [key: string]: Json })[name];
  }
  return at;
}
