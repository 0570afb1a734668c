import { equalBytes } from "../encoding/bytes.ts";
import type { Instant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { type Checkpoint, type CheckpointTrust, checkCheckpoint } from "./checkpoint.ts";
import { type ListedLog, listLog } from "./listed-log.ts";
import type { LogFinding } from "./log-findings.ts";
import { appendToRange, type CompactRange, emptyRange, rangeRoot } from "./merkle.ts";
import type { NoteKey, VerifyEd25519 } from "./note-key.ts";
import { readBundle } from "./read-bundle.ts";
import { rebuildTree, type TreeRebuild } from "./rebuild-tree.ts";
import { readOpenTiles } from "./tile-proofs.ts";
import { checkpointPath, keptCheckpointPath, type ReadObject, tileWidth, widthAt } from "./tiles.ts";

/** The objects of a log, wherever they are. */
export interface LogSource {
  /** Every path there is; what is not the log's is skipped. */
  readonly paths: Iterable<string> | AsyncIterable<string>;
  readonly read: ReadObject;
}

/** What the log is held against, and who looks at its entries on the way. */
export interface VerifyLogOptions {
  readonly trust: CheckpointTrust;
  readonly verify: VerifyEd25519;
  /** Why nobody who signed a checkpoint that was kept could sign it then; trusted keys may always, unless this is given. */
  readonly whyNotInForce?: (signed: SignedHead) => string | undefined;
  /** A head that has been verified before: entries below it are not read again, but must still be the same. */
  readonly since?: { readonly size: number; readonly root: Uint8Array };
  /** Gets every entry once with its leaf hash, a bundle at a time and in order, as views that stay valid. */
  readonly visit?: (
    firstIndex: number,
    entries: readonly Uint8Array[],
    leaves: readonly Uint8Array[],
  ) => void | Promise<void>;
}

/** Of which tree a checkpoint is the head, who signed it, and when the log says so. */
export interface SignedHead {
  readonly size: number;
  readonly at: Instant | undefined;
  readonly by: readonly NoteKey[];
}

/** What a verification came to; the log holds where there is no finding. */
export interface LogVerification {
  readonly findings: readonly LogFinding[];
  /** Absent where no checkpoint could be trusted: then nothing else was looked at. */
  readonly checkpoint?: Checkpoint;
  /** When the log last signed that this was its latest tree. */
  readonly at?: Instant;
  /** The checkpoints that were kept and hold, by rising size. */
  readonly kept?: readonly TimedHead[];
}

/** A tree of so many entries was the latest at that time: no entry of it is younger, and none beyond it was there yet. */
export interface TimedHead {
  readonly size: number;
  readonly at: Instant;
}

// Bundles and tiles that are asked for together: enough to hide a slow source, little enough to stay small.
const bundlesAtOnce = 16;

/**
 * Verifies a whole log from its objects: the checkpoint's signature; every entry against the tiles, every tile against
 * the one below, the root against the checkpoint; every checkpoint that was kept; nothing missing, nothing left over.
 * Linear in time, flat in memory. Damage is a finding; only a source that cannot be read throws.
 */
export async function verifyLog(source: LogSource, options: VerifyLogOptions): Promise<LogVerification> {
  const head = await source.read(checkpointPath);
  if (head === undefined) return { findings: [found("checkpoint-missing", checkpointPath, "There is no checkpoint.")] };
  const check = await checkCheckpoint(head, options.trust, options.verify);
  if (check.status === "rejected") return { findings: [found("checkpoint-rejected", checkpointPath, check.why)] };

  const { checkpoint } = check;
  const listed = await listLog(source.paths, checkpoint.size);
  const findings = [...listed.findings];
  const roots = new Map<number, Uint8Array>();
  const kept: TimedHead[] = [];
  const begun = await begin(checkpoint, options.since, source.read);
  if ("code" in begun) findings.push(begun);
  else {
    const wanted = [...new Set([...listed.keptSizes, options.since?.size ?? 0])].sort((a, b) => a - b);
    const input = {
      ...begun,
      read: source.read,
      partials: listed.partials,
      report: (f: LogFinding) => findings.push(f),
    };
    const range = await walk(checkpoint.size, wanted, roots, input, options.visit);
    if (range !== undefined && !equalBytes(rangeRoot(range), checkpoint.root)) {
      findings.push(
        found("root-mismatch", checkpointPath, "The entries do not make the tree that the checkpoint signs for."),
      );
    }
    findings.push(...earlierDiffers(roots, options.since));
    findings.push(...(await checkKept(listed, roots, source.read, options, kept)));
  }
  return { findings, checkpoint, ...(check.at === undefined ? {} : { at: check.at }), kept };
}

/** Of a log that had more entries than it has; nobody can tell which of the two it was. */
export function shrunkSentence(before: number, now: number): string {
  return `The log had ${before} entries before, and has ${now} here: this is older than the checkpoint that was given, or entries were taken away.`;
}

type Start = Pick<Parameters<typeof rebuildTree>[0], "start" | "openAbove">;
type Walk = Parameters<typeof rebuildTree>[0];

/** Where the walk begins: at nothing, or at the bundle in which the earlier head lies. */
async function begin(
  checkpoint: Checkpoint,
  since: VerifyLogOptions["since"],
  read: ReadObject,
): Promise<Start | LogFinding> {
  if (since !== undefined && since.size > checkpoint.size) {
    return found("earlier-mismatch", checkpointPath, shrunkSentence(since.size, checkpoint.size));
  }
  if (since === undefined || since.size < tileWidth) return { start: emptyRange, openAbove: [] };
  try {
    return await readOpenTiles(checkpoint.size, Math.floor(since.size / tileWidth), read);
  } catch (error) {
    if (!(error instanceof Failure && error.code === "ledger-invalid")) throw error;
    return found("earlier-mismatch", checkpointPath, `The tree as it was cannot be built again. ${error.message}`);
  }
}

/** Goes through all bundles; notes the root at each size in `wanted`. `undefined` where entries are lost and the tree with them. */
async function walk(
  size: number,
  wanted: readonly number[],
  roots: Map<number, Uint8Array>,
  input: Walk,
  visit: VerifyLogOptions["visit"],
): Promise<CompactRange | undefined> {
  const tree: TreeRebuild = rebuildTree(input);
  let range = input.start;
  let next = 0;
  const add = (leaves: readonly Uint8Array[]) => {
    const first = range.size;
    for (let at = wanted[next]; at !== undefined && at <= first + leaves.length; at = wanted[next]) {
      next += 1;
      if (at < range.size) continue;
      range = appendToRange(range, leaves.slice(range.size - first, at - first));
      roots.set(at, rangeRoot(range));
    }
    range = appendToRange(range, leaves.slice(range.size - first));
  };
  // The root that the walk begins with may be wanted too.
  add([]);
  for (let bundle = range.size / tileWidth; bundle * tileWidth < size; bundle += bundlesAtOnce) {
    const indices = Array.from({ length: bundlesAtOnce }, (_, i) => bundle + i).filter((i) => i * tileWidth < size);
    const read = await Promise.all(indices.map((index) => readBundle(index, widthAt(0, index, size), input)));
    for (const [i, index] of indices.entries()) {
      const { entries, leaves } = read[i] ?? {};
      if (leaves === undefined) return undefined;
      await tree.addBundle(leaves);
      add(leaves);
      if (entries !== undefined) await visit?.(index * tileWidth, entries, leaves);
    }
  }
  await tree.finish();
  return range;
}

function earlierDiffers(
  roots: ReadonlyMap<number, Uint8Array>,
  since: VerifyLogOptions["since"],
): readonly LogFinding[] {
  const root = since && roots.get(since.size);
  if (since === undefined || root === undefined || equalBytes(root, since.root)) return [];
  const sentence = `The first ${since.size} entries are not those of the earlier checkpoint.`;
  return [found("earlier-mismatch", checkpointPath, sentence)];
}

/** Holds every kept checkpoint against the tree of its size, as far as the walk has seen it; those that hold are `held`. */
async function checkKept(
  { keptSizes }: ListedLog,
  roots: ReadonlyMap<number, Uint8Array>,
  read: ReadObject,
  { trust, verify, whyNotInForce }: VerifyLogOptions,
  held: TimedHead[],
): Promise<readonly LogFinding[]> {
  const findings: LogFinding[] = [];
  for (const size of keptSizes) {
    const root = roots.get(size);
    if (root === undefined) continue;
    const path = keptCheckpointPath(size);
    const bytes = (await read(path)) ?? new Uint8Array();
    const check = await checkCheckpoint(bytes, { ...trust, witnessesNeeded: 0 }, verify);
    const why =
      check.status === "rejected"
        ? check.why
        : check.at === undefined
          ? `${path} does not say when it was signed, and the log says so with each.`
          : whyNotInForce?.({ size, at: check.at, by: check.signedBy });
    if (why !== undefined) findings.push(found("kept-checkpoint-rejected", path, why));
    if (check.status === "rejected") continue;
    if (check.checkpoint.size !== size || !equalBytes(check.checkpoint.root, root)) {
      findings.push(found("kept-checkpoint-mismatch", path, `${path} is not the head of the first ${size} entries.`));
    } else if (why === undefined && check.at !== undefined) held.push({ size, at: check.at });
  }
  return findings;
}

function found(code: LogFinding["code"], path: string, sentence: string): LogFinding {
  return { code, path, sentence };
}
