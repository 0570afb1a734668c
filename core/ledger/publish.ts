import { equalBytes, hex, utf8 } from "../encoding/bytes.ts";
import { msOfInstant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { planAppend, readOpenEdge } from "./append-plan.ts";
import type { Batch } from "./batch.ts";
import {
  type Checkpoint,
  clockSkewSeconds,
  formatCheckpointBody,
  parseCheckpoint,
  signCheckpoint,
} from "./checkpoint.ts";
import { type CompactRange, rangeRoot } from "./merkle.ts";
import { cosignatureTime, noteKey } from "./note-key.ts";
import type { AliasVersion, LedgerObjects, Marker, SequencerPorts } from "./sequencer-ports.ts";
import { formatSignedNote, type NoteSignature } from "./signed-note.ts";
import { checkpointContentType, checkpointPath, keptCheckpointPath, tileContentType } from "./tiles.ts";

/** The published checkpoint, as far as the sequencer needs it. */
export interface Published {
  readonly checkpoint: Checkpoint;
  /** Seconds since the Unix epoch at which the log signed it; 0 where it does not say. */
  readonly time: number;
  /** What witnesses have signed of it: their cosignatures hold whenever the log signs the same head again. */
  readonly cosignatures: readonly NoteSignature[];
  readonly version: string;
}

// Each time around, somebody else has published: more often than this is no longer chance.
const maxAttempts = 20;

/** What the checkpoint alias says; `undefined` before the first publication. */
export async function readPublished(ports: SequencerPorts): Promise<Published | undefined> {
  const alias = await ports.objects.getAlias(checkpointPath);
  return alias === undefined ? undefined : published(alias, ports);
}

/**
 * Writes the entries and tiles of a batch, and its markers beside them: the state names the batch already, so whoever
 * finds it unpublished writes both again before it asks for a marker. Doing it again, or at the same time as somebody
 * else, changes nothing. Throws `ledger-fork` where an object is there with other bytes.
 */
export async function writeBatch(batch: Batch, { objects, store }: SequencerPorts): Promise<readonly Marker[]> {
  const { before, entries } = batch;
  const edge = await readOpenEdge(before, entries.length, objects.get);
  const plan = planAppend(edge, entries);
  const markers = entries.map(({ id, leaf }, at) => ({ id, index: before.size + at, leafHash: hex(leaf) as Sha256 }));
  await Promise.all([
    ...plan.objects.map(({ path, bytes }) => putOnce(objects, path, bytes, tileContentType)),
    store.writeMarkers(markers),
  ]);
  return markers;
}

/**
 * Signs the head of the tree `range` and publishes it: kept under its size first, then as the latest, unless a later
 * one is there already. Throws `ledger-fork` where another tree of this size has been published.
 */
export async function publish(
  range: CompactRange,
  known: Published | undefined,
  ports: SequencerPorts,
): Promise<Published> {
  const { objects, signer } = ports;
  const now = ports.clock();
  const head: Checkpoint = { origin: signer.origin, size: range.size, root: rangeRoot(range), extensions: [] };
  const bytes = await signCheckpoint(head, signer, now);
  if (known?.checkpoint.size !== range.size) await keepCheckpoint(objects, head, bytes);

  const time = Math.floor(msOfInstant(now) / 1000);
  let latest = known;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    if (latest !== undefined) {
      refuseFork(latest.checkpoint, range);
      if (latest.checkpoint.size > head.size) return latest;
      if (latest.checkpoint.size === head.size && latest.time >= time) return latest;
    }
    const cosignatures = latest?.checkpoint.size === head.size ? latest.cosignatures : [];
    const alias = cosignatures.length === 0 ? bytes : withSignatures(bytes, cosignatures);
    const outcome = await objects.replaceAlias(checkpointPath, alias, latest?.version, checkpointContentType);
    if (outcome !== "changed") return { checkpoint: head, time, cosignatures, version: outcome.version };
    latest = await readPublished(ports);
  }
  throw new Failure(
    "conflict",
    `The checkpoint of ${head.size} entries could not be published: others kept changing it.`,
  );
}

/**
 * Whether a tree of so many entries tells of the key that would sign it, and that has not ended. A checkpoint by a key that is
 * published only behind it, or that was retired by then, is refused for good. Only sound where the markers of all its entries are written.
 */
export async function tellsOfKey(
  size: number,
  { store, keyEntry, keyHasEnded }: Pick<SequencerPorts, "store" | "keyEntry" | "keyHasEnded">,
): Promise<boolean> {
  if ((await keyHasEnded?.()) === true) return false;
  if (keyEntry === undefined) return true;
  const marker = (await store.markers([keyEntry])).get(keyEntry);
  return marker !== undefined && marker.index < size;
}

/** Throws `ledger-fork` where a checkpoint of a tree's size has another root. */
export function refuseFork(checkpoint: Checkpoint, range: CompactRange): void {
  if (checkpoint.size !== range.size || equalBytes(checkpoint.root, rangeRoot(range))) return;
  throw new Failure("ledger-fork", `The published checkpoint is the head of another tree of ${range.size} entries.`);
}

async function keepCheckpoint(objects: LedgerObjects, head: Checkpoint, bytes: Uint8Array): Promise<void> {
  const path = keptCheckpointPath(head.size);
  if ((await objects.putNew(path, bytes, checkpointContentType)) === "created") return;
  // The signatures differ with the time and the key; the head they sign must not.
  const kept = await readExisting(objects, path);
  if (parseCheckpoint(kept).note.text === formatCheckpointBody(head)) return;
  throw new Failure("ledger-fork", `${path} is the head of another tree.`);
}

async function putOnce(objects: LedgerObjects, path: string, bytes: Uint8Array, contentType: string): Promise<void> {
  if ((await objects.putNew(path, bytes, contentType)) === "created") return;
  if (equalBytes(await readExisting(objects, path), bytes)) return;
  throw new Failure("ledger-fork", `${path} is there already with other bytes.`);
}

/** An object that a write found in its way. One that cannot be read is still being written by somebody: no fork yet. */
async function readExisting(objects: LedgerObjects, path: string): Promise<Uint8Array> {
  const bytes = await objects.get(path);
  if (bytes === undefined) throw new Failure("unavailable", `${path} is being written by another run.`);
  return bytes;
}

function withSignatures(bytes: Uint8Array, more: readonly NoteSignature[]): Uint8Array {
  const { text, signatures } = parseCheckpoint(bytes).note;
  return utf8(formatSignedNote({ text, signatures: [...signatures, ...more] }));
}

/**
 * The time is read as it stands: it only decides whether a newer one is worth publishing. One that is to come counts as none,
 * or whoever may write the alias could have the head never signed again.
 */
function published({ bytes, version }: AliasVersion, { signer, clock }: SequencerPorts): Published {
  const { origin, publicKey } = signer;
  const { checkpoint, note } = parseCheckpoint(bytes);
  if (checkpoint.origin !== origin) {
    throw new Failure("ledger-invalid", `The published checkpoint is that of ${checkpoint.origin}, not of ${origin}.`);
  }
  const { keyId } = noteKey(origin, "cosignature/v1", publicKey);
  const timed = note.signatures.find((signature) => signature.name === origin && signature.keyId === keyId);
  const cosignatures = note.signatures.filter(({ name }) => name !== origin);
  const time = (timed && cosignatureTime(timed.signature)) ?? 0;
  const isAhead = time > msOfInstant(clock()) / 1000 + clockSkewSeconds;
  return { checkpoint, time: isAhead ? 0 : time, cosignatures, version };
}
