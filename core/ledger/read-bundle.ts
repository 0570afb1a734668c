import { equalBytes } from "../encoding/bytes.ts";
import { Failure } from "../failure.ts";
import { decodeBundle } from "./entry-bundle.ts";
import type { LogFinding } from "./log-findings.ts";
import { hashLength, leafHash, splitHashes } from "./merkle.ts";
import { entriesPath, type ReadObject, tilePath, tileWidth } from "./tiles.ts";

/** Where bundles come from, and who hears what is wrong with them. */
export interface BundleSource {
  readonly read: ReadObject;
  /** Widths of partial objects, by the path of the full one. */
  readonly partials: ReadonlyMap<string, readonly number[]>;
  readonly report: (finding: LogFinding) => void;
}

/** The entries of one bundle and their hashes; only the hashes, from the tile, where the bundle is lost. */
export async function readBundle(
  index: number,
  width: number,
  { read, partials, report }: BundleSource,
): Promise<{ readonly entries?: readonly Uint8Array[]; readonly leaves?: readonly Uint8Array[] }> {
  const path = entriesPath(index, width);
  const bytes = await read(path);
  if (bytes === undefined)
    report({ code: "entries-missing", path, sentence: `The entries from ${index * tileWidth} on are missing.` });
  else {
    try {
      const entries = decodeBundle(bytes, width);
      for (const part of partials.get(entriesPath(index)) ?? []) {
        if (part !== width) await checkPartial(entriesPath(index, part), bytes, entries, part, { read, report });
      }
      return { entries, leaves: entries.map(leafHash) };
    } catch (error) {
      if (!(error instanceof Failure && error.code === "ledger-invalid")) throw error;
      report({ code: "entries-malformed", path, sentence: `${path} cannot be read. ${error.message}` });
    }
  }
  const tile = await read(tilePath(0, index, width));
  return tile?.length === width * hashLength ? { leaves: splitHashes(tile) } : {};
}

async function checkPartial(
  path: string,
  bundle: Uint8Array,
  entries: readonly Uint8Array[],
  width: number,
  { read, report }: Pick<BundleSource, "read" | "report">,
): Promise<void> {
  const length = entries.slice(0, width).reduce((sum, entry) => sum + 2 + entry.length, 0);
  const bytes = await read(path);
  if (bytes !== undefined && equalBytes(bytes, bundle.subarray(0, length))) return;
  report({ code: "partial-mismatch", path, sentence: `${path} is not the beginning of its bundle.` });
}
