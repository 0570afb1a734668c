import { equalBytes, hex } from "../encoding/bytes.ts";
import { msOfInstant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { type BatchLimits, cutBatch, decodeBatch, encodeBatch, type HashedEntry, hashedEntry } from "./batch.ts";
import { maxEntryBytes } from "./entry-bundle.ts";
import { appendToRange, emptyRange, rangeRoot } from "./merkle.ts";
import { type Published, publish, readPublished, refuseFork, tellsOfKey, writeBatch } from "./publish.ts";
import type { Marker, SequencerPorts, SequencerState } from "./sequencer-ports.ts";

/** A fact that belongs in the ledger: its id, unique for what happened, and the bytes of its entry. */
export interface NewEntry {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** An entry that cannot become part of the ledger however often it is tried. */
export interface RefusedEntry {
  readonly id: string;
  readonly code: "too-large" | "differs";
  readonly sentence: string;
}

/** What became of each entry, and how far the published log reaches. */
export interface SequenceOutcome {
  readonly appended: readonly Marker[];
  readonly already: readonly Marker[];
  readonly refused: readonly RefusedEntry[];
  /** Entries under the published checkpoint. */
  readonly size: number;
}

export interface SequenceOptions {
  readonly limits?: BatchLimits;
  /** A long run publishes a checkpoint whenever the last is this old; 5 unless it says so. */
  readonly publishEverySeconds?: number;
}

/** What the table of DynamoDB and tlog-tiles allow. */
const defaultBatchLimits: BatchLimits = { records: 256, bytes: 350_000 };

// Each lost move means that another runner moved on: losing more often in one run is no longer chance.
const maxLosses = 100;

/**
 * Gives each entry the next index of the log, exactly once, and publishes the checkpoint that covers all of them.
 *
 * Each batch is stored, then the state is moved onto it by one conditional write, then its objects and markers are
 * written; whoever finds the state ahead of the published checkpoint finishes that batch before anything else. So two
 * runs at once, duplicates, reordering and a crash between any two steps lose nothing and write nothing twice.
 *
 * Throws `ledger-fork` where the objects contradict the state, `ledger-invalid` where something stored is damaged,
 * `conflict` where other runs kept winning, `unavailable` where neither the log nor the entries tell of the key that signs,
 * or that key has ended; then, and on any error of a port, the same entries can be given again.
 */
export async function sequence(
  entries: readonly NewEntry[],
  ports: SequencerPorts,
  { limits = defaultBatchLimits, publishEverySeconds = 5 }: SequenceOptions = {},
): Promise<SequenceOutcome> {
  const sorted = sortOut(entries);
  let outcome: Omit<SequenceOutcome, "size"> = { appended: [], already: [], refused: sorted.refused };
  let pending = sorted.pending;
  for (let losses = 0; losses < maxLosses; losses += 1) {
    const settled = await settle(ports);
    const known = await knownAmong(pending, ports);
    // Another run has appended some of them since, and may have died before it published: settle what it left first.
    if (known.already.some(({ index }) => index >= settled.state.range.size)) continue;
    await requireKeyTold(known.rest, settled, ports);
    const drained = await drain(known.rest, settled, ports, limits, publishEverySeconds);
    outcome = {
      appended: outcome.appended.concat(drained.appended),
      already: outcome.already.concat(known.already),
      refused: outcome.refused.concat(known.refused),
    };
    pending = drained.rest;
    if (pending.length === 0) return { ...outcome, size: drained.size };
  }
  const sentence = "Other runs of the sequencer kept moving the ledger on; the entries can be given again.";
  throw new Failure("conflict", sentence);
}

/**
 * Signs the latest tree again as of now, so that a reader can tell a quiet log from one whose tail is kept back.
 * Finishes first what an earlier run left. Nothing is written where the checkpoint is younger than `ifOlderThanSeconds`.
 */
export async function republishCheckpoint(
  ports: SequencerPorts,
  { ifOlderThanSeconds = 0 }: { readonly ifOlderThanSeconds?: number } = {},
): Promise<{ readonly size: number; readonly signedAgain: boolean }> {
  const { state, published } = await settle(ports);
  if (!(await tellsOfKey(state.range.size, ports)))
    return { size: published?.checkpoint.size ?? 0, signedAgain: false };
  const age = msOfInstant(ports.clock()) / 1000 - (published?.time ?? 0);
  const signedAgain = published === undefined || age >= ifOlderThanSeconds;
  if (signedAgain) await publish(state.range, published, ports);
  return { size: state.range.size, signedAgain };
}

async function requireKeyTold(rest: readonly HashedEntry[], { state }: Standing, ports: SequencerPorts): Promise<void> {
  if ((await ports.keyHasEnded?.()) === true)
    throw new Failure("unavailable", "The key that signs the log's checkpoints has ended, or is about to.");
  if (rest.some(({ id }) => id === ports.keyEntry) || (await tellsOfKey(state.range.size, ports))) return;
  throw new Failure("unavailable", `The log does not tell of the key that signs its checkpoints: ${ports.keyEntry}.`);
}

/** A state, and the checkpoint that was last seen published. */
interface Standing {
  readonly state: SequencerState;
  readonly published: Published | undefined;
}

/** Appends batch after batch and publishes, until nothing is pending or another run moves the state. */
async function drain(
  entries: readonly HashedEntry[],
  { state, published }: Standing,
  ports: SequencerPorts,
  limits: BatchLimits,
  publishEverySeconds: number,
): Promise<{
  readonly appended: readonly Marker[];
  readonly rest: readonly HashedEntry[];
  readonly size: number;
}> {
  const appended: Marker[] = [];
  let current = state;
  let latest = published;
  let publishedAt = msOfInstant(ports.clock());
  let rest = entries;
  while (rest.length > 0) {
    const taken = cutBatch(rest, current.range.size, limits);
    const moved = await moveOnto(current, taken, ports);
    if (moved === undefined) break;
    current = moved.state;
    appended.push(...moved.markers);
    rest = rest.slice(taken.length);
    // A checkpoint for each batch would cost two writes each; the last one covers them all.
    const now = msOfInstant(ports.clock());
    if (rest.length > 0 && now - publishedAt < publishEverySeconds * 1000) continue;
    if (rest.length > 0 && !(await tellsOfKey(current.range.size, ports))) continue;
    latest = await publish(current.range, latest, ports);
    publishedAt = now;
  }
  return { appended, rest, size: current.range.size };
}

/** The state, with the batch that it names written and published. */
async function settle(ports: SequencerPorts): Promise<Standing> {
  // Before the state: a checkpoint is published after the state has moved, so one read earlier is never ahead of it.
  const published = await readPublished(ports);
  const state = (await ports.store.loadState()) ?? { revision: 0, range: emptyRange };
  const { range, batch } = state;
  if (published !== undefined && published.checkpoint.size > range.size) {
    const what = `A checkpoint of ${published.checkpoint.size} entries is published, and the sequencer knows ${range.size}`;
    throw new Failure("ledger-fork", `${what}: its table is not the one that the ledger was written from.`);
  }
  if (published?.checkpoint.size === range.size) {
    refuseFork(published.checkpoint, range);
    return { state, published };
  }
  if (batch === undefined) return { state, published };
  const stored = decodeBatch(batch, await ports.store.loadBatch(batch.id));
  const after = appendToRange(stored.before, leavesOf(stored.entries));
  if (after.size !== range.size || !equalBytes(rangeRoot(after), rangeRoot(range))) {
    throw new Failure("ledger-invalid", `The batch ${batch.id} does not lead to the state that names it.`);
  }
  await writeBatch(stored, ports);
  // It was left by a run before that: the batch that brings its key's entry is published with this one.
  if (!(await tellsOfKey(range.size, ports))) return { state, published };
  return { state, published: await publish(range, published, ports) };
}

/** Stores the batch, moves the state onto it and writes its objects; `undefined` where another run was first. */
async function moveOnto(
  state: SequencerState,
  taken: readonly HashedEntry[],
  ports: SequencerPorts,
): Promise<{ readonly state: SequencerState; readonly markers: readonly Marker[] } | undefined> {
  const before = state.range;
  const batch = { before, entries: taken };
  const { ref, bytes } = encodeBatch(batch);
  await ports.store.saveBatch(ref.id, bytes);
  const next = { revision: state.revision + 1, range: appendToRange(before, leavesOf(taken)), batch: ref };
  if ((await ports.store.moveState(state.revision, next)) === "lost") return undefined;
  return { state: next, markers: await writeBatch(batch, ports) };
}

function sortOut(entries: readonly NewEntry[]): {
  readonly pending: readonly HashedEntry[];
  readonly refused: readonly RefusedEntry[];
} {
  const pending = new Map<string, HashedEntry>();
  const refused: RefusedEntry[] = [];
  for (const { id, bytes } of entries) {
    if (bytes.length > maxEntryBytes) {
      const sentence = `The record ${id} has ${bytes.length} bytes; the ledger takes ${maxEntryBytes}.`;
      refused.push({ id, code: "too-large", sentence });
      continue;
    }
    const twin = pending.get(id);
    if (twin === undefined) pending.set(id, hashedEntry(id, bytes));
    else if (!equalBytes(twin.bytes, bytes)) refused.push(differs(id));
  }
  return { pending: [...pending.values()], refused };
}

/** Takes out what an earlier batch brought in. Only sound after `settle`, which wrote the markers of every batch so far. */
async function knownAmong(
  pending: readonly HashedEntry[],
  { store }: SequencerPorts,
): Promise<{
  readonly rest: readonly HashedEntry[];
  readonly already: readonly Marker[];
  readonly refused: readonly RefusedEntry[];
}> {
  if (pending.length === 0) return { rest: [], already: [], refused: [] };
  const markers = await store.markers(pending.map(({ id }) => id));
  const rest: HashedEntry[] = [];
  const already: Marker[] = [];
  const refused: RefusedEntry[] = [];
  for (const entry of pending) {
    const marker = markers.get(entry.id);
    if (marker === undefined) rest.push(entry);
    else if (marker.leafHash === hex(entry.leaf)) already.push(marker);
    else refused.push(differs(entry.id));
  }
  return { rest, already, refused };
}

function leavesOf(entries: readonly HashedEntry[]): readonly Uint8Array[] {
  return entries.map(({ leaf }) => leaf);
}

function differs(id: string): RefusedEntry {
  return { id, code: "differs", sentence: `The record ${id} is in the ledger already, with other content.` };
}
