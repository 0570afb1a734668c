import { equalBytes, hex } from "../encoding/bytes.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { appendToRange, type CompactRange, emptyRange, rangeRoot } from "./merkle.ts";
import type { Marker, SequencerStore } from "./sequencer-ports.ts";
import { type LogSource, type VerifyLogOptions, verifyLog } from "./verify-log.ts";

/** What became of the sequencer's table. */
export interface RebuiltTable {
  /** Entries that it knew before. */
  readonly before: number;
  /** Entries of the published log, which it knows now. */
  readonly size: number;
  /** Markers that it lacked. */
  readonly markers: number;
}

/**
 * Writes into the sequencer's table what it lacks of the published log: after it was restored to an earlier time, or was lost.
 * Nothing that is there is changed but the state, and that only where it goes on to the published tree: what the table says of the
 * log must be true of it.
 *
 * Throws `ledger-invalid` where the log does not hold, or reaches beyond what is published; `ledger-fork` where the table was that
 * of another log, or knows more than this one; `conflict` where somebody moved the state meanwhile.
 */
export async function rebuildTable(
  source: LogSource,
  verification: Pick<VerifyLogOptions, "trust" | "verify">,
  { store, idOf }: { readonly store: SequencerStore; readonly idOf: (entry: Uint8Array) => string },
): Promise<RebuiltTable> {
  const before = await store.loadState();
  const known = before?.range ?? emptyRange;
  let range = emptyRange;
  let isOurs = known.size === 0;
  const {
    findings: [finding],
    checkpoint,
  } = await verifyLog(source, { ...verification, visit: (_first, _entries, leaves) => append(leaves) });
  if (finding !== undefined || checkpoint === undefined)
    throw new Failure("ledger-invalid", `The log does not hold: ${finding?.sentence ?? "it has no checkpoint."}`);
  if (!isOurs)
    throw new Failure(
      "ledger-fork",
      `The table knows ${known.size} entries, and they are not those with which the log of ${range.size} begins.`,
    );
  let written = 0;
  // Not before all of it holds: the first time nothing is written.
  await verifyLog(source, {
    ...verification,
    visit: async (first, entries, leaves) => {
      written += await mark(entries.map((entry, at) => markerOf(entry, leaves[at], first + at)));
    },
  });
  const revision = before?.revision ?? 0;
  if (known.size < range.size && (await store.moveState(revision, { revision: revision + 1, range })) === "lost")
    throw new Failure("conflict", "The state was moved by somebody else: run it once more.");
  return { before: known.size, size: range.size, markers: written };

  function append(leaves: readonly Uint8Array[]): void {
    const left = known.size - range.size;
    if (left > 0 && left <= leaves.length) isOurs = sameTree(appendToRange(range, leaves.slice(0, left)), known);
    range = appendToRange(range, leaves);
  }

  function markerOf(entry: Uint8Array, leaf: Uint8Array = new Uint8Array(), index: number): Marker {
    return { id: idOf(entry), index, leafHash: hex(leaf) as Sha256 };
  }

  async function mark(markers: readonly Marker[]): Promise<number> {
    const there = await store.markers(markers.map(({ id }) => id));
    const missing = markers.filter(({ id }) => !there.has(id));
    await store.writeMarkers(missing);
    return missing.length;
  }
}

function sameTree(one: CompactRange, other: CompactRange): boolean {
  return one.size === other.size && equalBytes(rangeRoot(one), rangeRoot(other));
}
