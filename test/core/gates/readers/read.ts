import { utf8 } from "../../../../core/encoding/bytes.ts";
import type { Reading } from "../../../../core/gates/evidence-reader.ts";
import type { EvidenceFacts } from "../../../../core/gates/facts.ts";
import { readerFor } from "../../../../core/gates/readers/registry.ts";
import type { EvidenceKind } from "../../../../core/promotion/freeze-manifest.ts";

/** What the reader of a kind and format makes of a document: JSON, or a text as it stands. */
export function reading(kind: EvidenceKind, format: string, document: unknown): Reading {
  const reader = readerFor(kind, format);
  if (reader === undefined) throw new Error(`no reader for ${kind} ${format}`);
  return reader.read(utf8(typeof document === "string" ? document : JSON.stringify(document)), "doc");
}

export function facts(kind: EvidenceKind, format: string, document: unknown): EvidenceFacts {
  const result = reading(kind, format, document);
  if (result.kind === "unreadable") throw new Error(`${result.where}: ${result.sentence}`);
  return result.facts;
}

/** Name → value of what was measured. */
export function numbers(found: EvidenceFacts): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...(found.metrics ?? []), ...(found.measures ?? [])].map(({ name, value }) => [name, value]),
  );
}

/** Where and why of each gap. */
export function gaps(found: EvidenceFacts): readonly string[] {
  return (found.gaps ?? []).map(({ subject, where, why }) => `${subject.join(".")}: ${where} ${why}`);
}
