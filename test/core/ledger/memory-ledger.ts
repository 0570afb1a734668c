import { equalBytes } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { type CheckpointTrust, parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type {
  AliasVersion,
  LedgerObjects,
  Marker,
  SequencerPorts,
  SequencerState,
  SequencerStore,
} from "../../../core/ledger/sequencer-ports.ts";
import type { LogSource } from "../../../core/ledger/verify-log.ts";
import { testSigner } from "./ed25519.ts";

/** Stands between the sequencer and each call of a port: may delay it, or fail before or after it was done. */
export type Guard = <T>(what: string, act: () => T) => Promise<T>;

const unhindered: Guard = async (_, act) => act();

/** The table and the bucket in memory, with the conditional writes that the real ones have. */
export class MemoryLedger {
  static readonly signer = testSigner("countersign.example/ledger", 1);
  static readonly trust: CheckpointTrust = {
    origin: MemoryLedger.signer.origin,
    keys: [MemoryLedger.signer.publicKey],
  };

  state: SequencerState | undefined;
  readonly batches = new Map<string, Uint8Array>();
  readonly markers = new Map<string, Marker>();
  readonly objects = new Map<string, Uint8Array>();
  alias: AliasVersion | undefined;
  now = Date.UTC(2026, 10, 22);
  puts = 0;

  clone(): MemoryLedger {
    const twin = new MemoryLedger();
    twin.state = this.state;
    twin.alias = this.alias;
    twin.now = this.now;
    for (const [id, bytes] of this.batches) twin.batches.set(id, bytes);
    for (const [id, marker] of this.markers) twin.markers.set(id, marker);
    for (const [path, bytes] of this.objects) twin.objects.set(path, bytes);
    return twin;
  }

  ports(guard: Guard = unhindered): SequencerPorts {
    const { origin, publicKey, sign } = MemoryLedger.signer;
    return {
      store: this.#store(guard),
      objects: this.#objects(guard),
      signer: { origin, publicKey, sign: async (message) => await await guard("sign", () => sign(message)) },
      clock: () => instantFromMs(this.now),
    };
  }

  source(): LogSource {
    const alias = this.alias;
    const paths = alias === undefined ? [...this.objects.keys()] : [...this.objects.keys(), "checkpoint"];
    return { paths, read: async (path) => (path === "checkpoint" ? alias?.bytes : this.objects.get(path)) };
  }

  #store(guard: Guard): SequencerStore {
    return {
      loadState: () => guard("loadState", () => this.state),
      saveBatch: (id, bytes) => guard("saveBatch", () => void this.batches.set(id, bytes)),
      loadBatch: (id) => guard("loadBatch", () => this.batches.get(id)),
      moveState: (expected, next) =>
        guard("moveState", () => {
          if ((this.state?.revision ?? 0) !== expected) return "lost" as const;
          this.state = next;
          return "moved" as const;
        }),
      markers: (ids) =>
        guard("markers", () => {
          const known = ids.flatMap((id) => this.markers.get(id) ?? []);
          return new Map(known.map((marker) => [marker.id, marker]));
        }),
      writeMarkers: (markers) =>
        guard("writeMarkers", () => {
          for (const marker of markers) {
            const known = this.markers.get(marker.id);
            if (known !== undefined && known.index !== marker.index) throw new Error(`${marker.id} has two indices`);
            this.markers.set(marker.id, marker);
          }
        }),
    };
  }

  #objects(guard: Guard): LedgerObjects {
    return {
      putNew: (path, bytes) =>
        guard(`putNew ${path}`, () => {
          this.puts += 1;
          if (this.objects.has(path)) return "exists" as const;
          this.objects.set(path, bytes.slice());
          return "created" as const;
        }),
      get: (path) => guard(`get ${path}`, () => this.objects.get(path)),
      getAlias: () => guard("getAlias", () => this.alias),
      replaceAlias: (_, bytes, expected) =>
        guard("replaceAlias", () => {
          this.puts += 1;
          if (this.alias?.version !== expected) return "changed" as const;
          if (this.alias !== undefined) this.#refuseToGoBack(this.alias.bytes, bytes);
          this.alias = { bytes: bytes.slice(), version: `${Number(expected ?? 0) + 1}` };
          return { version: this.alias.version };
        }),
    };
  }

  #refuseToGoBack(before: Uint8Array, after: Uint8Array): void {
    const [old, next] = [parseCheckpoint(before).checkpoint, parseCheckpoint(after).checkpoint];
    const forked = old.size === next.size && !equalBytes(old.root, next.root);
    if (next.size < old.size || forked) throw new Error(`the checkpoint went from ${old.size} to ${next.size}`);
  }
}

/** A process that dies at its `at`-th call, before or after the call was done; nothing it still has under way goes on. */
export function dyingGuard(
  at: number,
  when: "before" | "after",
): { readonly guard: Guard; readonly died: () => boolean } {
  let calls = 0;
  let dead = false;
  const guard: Guard = async (what, act) => {
    calls += 1;
    if (dead) throw new Error(`${what}: the process is dead`);
    if (calls < at) return act();
    dead = true;
    if (when === "after") act();
    throw new Error(`${what}: died ${when} call ${at}`);
  };
  return { guard, died: () => dead };
}
