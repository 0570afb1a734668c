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
 * of another log, knows more than this one, or places an entry where it is not; `conflict` where somebody moved the state meanwhile.
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
  const [misplaced, ...others] = await misplacedMarkers();
  if (misplaced !== undefined)
    throw new Failure(
      "ledger-fork",
      `The table says of '${misplaced.id}' that it is the entry ${misplaced.index} with the hash ${misplaced.leafHash}, which the log does not have${others.length === 0 ? "" : `; of ${others.length} more it says the like`}.`,
    );
  let written = 0;
  // Not before all of it holds: the first time nothing is written.
  await eachMarker(async (markers) => {
    written += await mark(markers);
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

  /** What the table says of entries of the log that is not true of any: of one that is there twice it may say either. */
  async function misplacedMarkers(): Promise<readonly Marker[]> {
    const apart = new Map<string, Marker>();
    await eachMarker(async (markers) => {
      const there = await store.markers(markers.map(({ id }) => id));
      for (const marker of markers) {
        const said = there.get(marker.id);
        if (said !== undefined && !isSame(said, marker)) apart.set(said.id, said);
      }
    });
    if (apart.size === 0) return [];
    await eachMarker(async (markers) => {
      for (const marker of markers) {
        const said = apart.get(marker.id);
        if (said !== undefined && isSame(said, marker)) apart.delete(marker.id);
      }
    });
    return [...apart.values()];
  }

  async function eachMarker(look: (markers: readonly Marker[]) => Promise<void>): Promise<void> {
    await verifyLog(source, {
      ...verification,
      visit: (first, entries, leaves) => look(entries.map((entry, at) => markerOf(entry, leaves[at], first + at))),
    });
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

function isSame(one: Marker, other: Marker): boolean {
  return one.index === other.index && one.leafHash === other.leafHash;
}

function sameTree(one: CompactRange, other: CompactRange): boolean {
  return one.size === other.size && equalBytes(rangeRoot(one), rangeRoot(other));
}
