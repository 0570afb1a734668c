import type { LogFinding } from "./log-findings.ts";
import { isTreeSize } from "./merkle.ts";
import { checkpointPath, keptCheckpointPath, parseTilePath, pathOf, tileWidth, widthAt } from "./tiles.ts";

/** What a list of paths says about the log, before any object is read. */
export interface ListedLog {
  /** Widths of the partial objects, by the path of the full one. */
  readonly partials: ReadonlyMap<string, readonly number[]>;
  /** Sizes for which a checkpoint is kept, ascending. */
  readonly keptSizes: readonly number[];
  readonly findings: readonly LogFinding[];
}

/**
 * Sorts the paths of a log whose checkpoint covers `size` entries. Paths outside `checkpoint`, `checkpoints/` and
 * `tile/` are none of the log's.
 */
export async function listLog(paths: Iterable<string> | AsyncIterable<string>, size: number): Promise<ListedLog> {
  const partials = new Map<string, number[]>();
  const keptSizes: number[] = [];
  const findings: LogFinding[] = [];
  for await (const path of paths) {
    if (path === checkpointPath) continue;
    if (path.startsWith("checkpoints/")) {
      const kept = keptSizeOf(path);
      if (kept === undefined) findings.push(unknown(path));
      else if (kept > size) findings.push(beyond(path, size));
      else keptSizes.push(kept);
    } else if (path.startsWith("tile/")) {
      const name = parseTilePath(path);
      if (name === undefined) findings.push(unknown(path));
      else if (name.width > widthAt(name.kind === "tile" ? name.level : 0, name.index, size)) {
        findings.push(beyond(path, size));
      } else if (name.width < tileWidth) {
        const full = pathOf({ ...name, width: tileWidth });
        const widths = partials.get(full);
        if (widths === undefined) partials.set(full, [name.width]);
        else widths.push(name.width);
      }
    }
  }
  return { partials, keptSizes: keptSizes.sort((a, b) => a - b), findings };
}

function keptSizeOf(path: string): number | undefined {
  const size = Number(path.slice("checkpoints/".length));
  return isTreeSize(size) && keptCheckpointPath(size) === path ? size : undefined;
}

function unknown(path: string): LogFinding {
  return { code: "unknown-object", path, sentence: `${path} is no object of a tiled log.` };
}

function beyond(path: string, size: number): LogFinding {
  const sentence = `${path} belongs to a log of more than the ${size} entries that the checkpoint covers.`;
  return { code: "beyond-checkpoint", path, sentence };
}
