import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { CheckpointSigner } from "./checkpoint.ts";
import type { CompactRange } from "./merkle.ts";

/** Where the sequencer stands: one item, moved by one conditional write for each batch. */
export interface SequencerState {
  /** 0 while there is no item yet; each move adds one. */
  readonly revision: number;
  /** The tree with `batch` in it. */
  readonly range: CompactRange;
  /** The batch that moved the state here, whose objects may not have been written yet. */
  readonly batch?: BatchRef;
}

/** Which stored batch a state means. */
export interface BatchRef {
  /** SHA-256 of the stored bytes. */
  readonly id: Sha256;
  readonly firstIndex: number;
  readonly count: number;
}

/** Which entry a fact became: what makes telling it again harmless. */
export interface Marker {
  readonly id: string;
  readonly index: number;
  readonly leafHash: Sha256;
}

/** The sequencer's table. Every read must be strongly consistent. */
export interface SequencerStore {
  readonly loadState: () => Promise<SequencerState | undefined>;
  /** Keeps the bytes of a batch under the hash of them; the same again is no error. May split or compress them. */
  readonly saveBatch: (id: Sha256, bytes: Uint8Array) => Promise<void>;
  /** The bytes of a batch. The batch that the state names must not expire. */
  readonly loadBatch: (id: Sha256) => Promise<Uint8Array | undefined>;
  /** Puts `next` only where the revision is still `expectedRevision` (0: only where there is no item). */
  readonly moveState: (expectedRevision: number, next: SequencerState) => Promise<"moved" | "lost">;
  /** The markers there are for these ids, by id. */
  readonly markers: (ids: readonly string[]) => Promise<ReadonlyMap<string, Marker>>;
  /** Writes markers; each is only ever written with one and the same content. */
  readonly writeMarkers: (markers: readonly Marker[]) => Promise<void>;
}

/** The checkpoint alias as it was read, and what tells this version of it from the next (an ETag). */
export interface AliasVersion {
  readonly bytes: Uint8Array;
  readonly version: string;
}

/** The ledger's objects. Reads must see every write that was answered before. */
export interface LedgerObjects {
  /** Writes an object unless there is one (`If-None-Match: *`). */
  readonly putNew: (path: string, bytes: Uint8Array, contentType: string) => Promise<"created" | "exists">;
  readonly get: (path: string) => Promise<Uint8Array | undefined>;
  readonly getAlias: (path: string) => Promise<AliasVersion | undefined>;
  /**
   * Replaces an alias only where it is still of `expected` version (`If-Match`), or not there where that is `undefined`
   * (`If-None-Match: *`): a slow writer must never put an old checkpoint over a newer one. Answers the new version.
   */
  readonly replaceAlias: (
    path: string,
    bytes: Uint8Array,
    expected: string | undefined,
    contentType: string,
  ) => Promise<{ readonly version: string } | "changed">;
}

/** All that the sequencer works with. */
export interface SequencerPorts {
  readonly store: SequencerStore;
  readonly objects: LedgerObjects;
  readonly signer: CheckpointSigner;
  readonly clock: () => Instant;
  /** The id of the entry that tells of the signer's key, where the log began with another: no tree without it is signed. */
  readonly keyEntry?: string;
  /** Whether the signer's key has ended, or is about to: a checkpoint that it signs later is refused for good. */
  readonly keyHasEnded?: () => Promise<boolean>;
}
