import { expect } from "vitest";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { NewEntry, SequenceOptions } from "../../../core/ledger/sequence.ts";
import { verifyLog } from "../../../core/ledger/verify-log.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { MemoryLedger } from "./memory-ledger.ts";

export const fact = (id: string): NewEntry => ({ id, bytes: utf8(`what happened: ${id}`) });
export const facts = (count: number, from = 0) => Array.from({ length: count }, (_, i) => fact(`fact ${from + i}`));
export const small: SequenceOptions = { limits: { records: 5, bytes: 350_000 } };

/** The published log, held against everything that is promised of it; `unfinished` where a run died and nobody came after. */
export async function entriesOf(ledger: MemoryLedger, unfinished = false): Promise<readonly string[]> {
  const entries: string[] = [];
  const visit = (_: number, bundle: readonly Uint8Array[]) => void entries.push(...bundle.map(fromUtf8));
  const { trust } = MemoryLedger;
  const { findings } = await verifyLog(ledger.source(), { trust, verify: verifyEd25519, visit });
  expect(findings.filter(({ code }) => !(unfinished && code === "beyond-checkpoint"))).toEqual([]);
  return entries;
}

/** Exactly these facts, each once, each where its marker says. */
export async function expectExactly(ledger: MemoryLedger, expected: readonly NewEntry[]): Promise<void> {
  const entries = await entriesOf(ledger);
  expect([...entries].sort()).toEqual(expected.map(({ bytes }) => fromUtf8(bytes)).sort());
  expect(ledger.markers.size).toBe(expected.length);
  for (const { id, bytes } of expected) expect(entries[ledger.markers.get(id)?.index ?? -1]).toBe(fromUtf8(bytes));
}

export const publishedSize = ({ alias }: MemoryLedger) => alias && parseCheckpoint(alias.bytes).checkpoint.size;
