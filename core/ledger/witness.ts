import { equalBytes } from "../encoding/bytes.ts";
import { type Instant, msOfInstant } from "../encoding/instant.ts";
import { sha256Bytes } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { checkCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { verifyConsistency } from "./merkle-proofs.ts";
import { cosignNote, type NoteKey, type SignEd25519, type VerifyEd25519 } from "./note-key.ts";
import { formatSignatureLines, parseAddCheckpoint } from "./witness-request.ts";

/** The head of a log that a witness has cosigned last. */
export interface WitnessedHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** What a witness works with. */
export interface WitnessPorts {
  /** Public keys (32 bytes) of each log that is watched, by its origin. */
  readonly logs: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly heads: {
    readonly load: (origin: string) => Promise<WitnessedHead | undefined>;
    /** Puts `next` only where the head is still `expected`: two requests at once must never take the log back. */
    readonly move: (
      origin: string,
      expected: WitnessedHead | undefined,
      next: WitnessedHead,
    ) => Promise<"moved" | "lost">;
  };
  readonly key: NoteKey;
  readonly sign: SignEd25519;
  readonly verify: VerifyEd25519;
  readonly clock: () => Instant;
}

/** What a witness answers; each has its HTTP status in https://c2sp.org/tlog-witness. */
export type WitnessAnswer =
  | { readonly kind: "cosigned"; readonly origin: string; readonly size: number; readonly lines: string }
  | { readonly kind: "malformed"; readonly why: string }
  | { readonly kind: "unknown-log"; readonly why: string }
  | { readonly kind: "not-signed"; readonly why: string }
  /** The size that the witness has cosigned last. */
  | { readonly kind: "other-size"; readonly size: number }
  /** The log signed two trees that cannot be one log's: what the witness is there to see. */
  | { readonly kind: "forked"; readonly origin: string; readonly size: number; readonly why: string }
  | { readonly kind: "bad-proof"; readonly origin: string; readonly size: number; readonly why: string };

/**
 * Answers a log that asks for a cosignature: cosigns the head of a tree that goes on from the one that was cosigned last,
 * and no other. The new head is kept before the signature is given out.
 */
export async function addCheckpoint(body: Uint8Array, ports: WitnessPorts): Promise<WitnessAnswer> {
  const read = readOrWhy(body);
  if (typeof read === "string") return { kind: "malformed", why: read };
  const { request, origin, text } = read;
  const keys = ports.logs.get(origin);
  if (keys === undefined) return { kind: "unknown-log", why: "This log is not watched here." };
  const check = await checkCheckpoint(request.checkpoint, { origin, keys, extensions: "taken" }, ports.verify);
  if (check.status === "rejected") return { kind: "not-signed", why: check.why };

  const { size, root } = check.checkpoint;
  const { oldSize, proof } = request;
  if (oldSize > size) return { kind: "malformed", why: "The old tree is larger than the new one." };
  const latest = await ports.heads.load(origin);
  if (oldSize !== (latest?.size ?? 0)) return { kind: "other-size", size: latest?.size ?? 0 };
  const oldRoot = latest?.root ?? sha256Bytes();
  if (oldSize === size && !equalBytes(oldRoot, root)) {
    return { kind: "forked", origin, size, why: "Another tree of this size was cosigned before." };
  }
  if (!verifyConsistency({ oldSize, oldRoot, size, root, proof })) {
    const why = `The proof does not show that the tree of ${size} entries begins with the ${oldSize} that were cosigned.`;
    return { kind: "bad-proof", origin, size, why };
  }
  // Before it moves on: a larger tree that is cosigned meanwhile is not to have the earlier time of the two.
  const seconds = Math.floor(msOfInstant(ports.clock()) / 1000);
  if ((await ports.heads.move(origin, latest, { size, root })) === "lost") {
    return { kind: "other-size", size: (await ports.heads.load(origin))?.size ?? 0 };
  }
  const line = await cosignNote(text, ports.key, ports.sign, seconds);
  return { kind: "cosigned", origin, size, lines: formatSignatureLines(text, [line]) };
}

function readOrWhy(body: Uint8Array) {
  try {
    const request = parseAddCheckpoint(body);
    const { checkpoint, note } = parseCheckpoint(request.checkpoint);
    return { request, origin: checkpoint.origin, text: note.text };
  } catch (error) {
    if (error instanceof Failure && error.code === "ledger-invalid") return error.message;
    throw error;
  }
}
