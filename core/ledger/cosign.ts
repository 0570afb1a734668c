import { utf8 } from "../encoding/bytes.ts";
import { type Instant, msOfInstant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { clockSkewSeconds, parseCheckpoint, type ReadCheckpoint } from "./checkpoint.ts";
import { checkNote, cosignatureTime, type NoteKey, type VerifyEd25519 } from "./note-key.ts";
import type { AliasVersion, LedgerObjects } from "./sequencer-ports.ts";
import { formatSignedNote, type NoteSignature } from "./signed-note.ts";
import { proveFromTiles } from "./tile-proofs.ts";
import { checkpointContentType, checkpointPath } from "./tiles.ts";
import { formatAddCheckpoint, parseSignatureLines, parseSize } from "./witness-request.ts";

// The log signs a head again once a minute at most.
const maxAttempts = 3;

/** A witness, as a log reaches it. */
export interface Witness {
  /** Of type cosignature/v1. */
  readonly key: NoteKey;
  /** Sends the body of `add-checkpoint`. Throws `unavailable` where no answer came. */
  readonly send: (body: Uint8Array) => Promise<{ readonly status: number; readonly body: Uint8Array }>;
}

/** What came of asking one witness. */
export interface WitnessOutcome {
  readonly witness: string;
  /**
   * `refused`: it holds the log for forked, or its answer is none of a witness. `silent`: it did not answer, or is too busy.
   * `ahead`: it has cosigned a larger tree that was published meanwhile.
   */
  readonly outcome: "cosigned" | "cosigned-before" | "ahead" | "refused" | "silent";
  readonly why?: string;
}

export interface CosignPorts {
  readonly objects: Pick<LedgerObjects, "get" | "getAlias" | "replaceAlias">;
  readonly witnesses: readonly Witness[];
  readonly verify: VerifyEd25519;
  readonly clock: () => Instant;
}

/**
 * Shows the published checkpoint to each witness, and adds to it the cosignatures that they give. Beside the log's way:
 * nothing is appended later because a witness is slow, and a checkpoint that was published meanwhile is never replaced
 * by an older one: its turn is the next time.
 */
export async function cosignPublished(ports: CosignPorts): Promise<readonly WitnessOutcome[]> {
  const alias = await ports.objects.getAlias(checkpointPath);
  if (alias === undefined) return [];
  const read = parseCheckpoint(alias.bytes);
  const asked = await Promise.all(ports.witnesses.map((witness) => ask(witness, read, alias, ports)));
  const lines = asked.flatMap(({ line }) => line ?? []);
  if (lines.length > 0) await add(lines, read.note.text, alias, ports);
  return asked.map(({ line: _, ...outcome }) => outcome);
}

/** A cosignature holds for the head, however often the log signs that again while it is asked for; a new head is shown next. */
async function add(
  lines: readonly NoteSignature[],
  text: string,
  alias: AliasVersion,
  { objects }: CosignPorts,
): Promise<void> {
  let latest: AliasVersion | undefined = alias;
  for (let attempt = 0; attempt < maxAttempts && latest !== undefined; attempt += 1) {
    const { note } = parseCheckpoint(latest.bytes);
    if (note.text !== text) return;
    const others = note.signatures.filter((signature) => !lines.some((line) => sameKey(line, signature)));
    const bytes = utf8(formatSignedNote({ text, signatures: [...others, ...lines] }));
    const outcome = await objects.replaceAlias(checkpointPath, bytes, latest.version, checkpointContentType);
    if (outcome !== "changed") return;
    latest = await objects.getAlias(checkpointPath);
  }
}

/** What a witness, or the gateway before it, answers whatever was asked: it says nothing of the log (RFC 6585, 4; RFC 9110, 15.6). */
function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Seconds since the Unix epoch at which the log says that it signed; 0 where it does not say. */
function signedAt(signatures: readonly NoteSignature[], origin: string): number {
  const own = signatures.filter(({ name }) => name === origin);
  return Math.max(0, ...own.map(({ signature }) => cosignatureTime(signature) ?? 0));
}

type KeyName = Pick<NoteSignature, "name" | "keyId">;

function sameKey(one: KeyName, other: KeyName): boolean {
  return one.name === other.name && one.keyId === other.keyId;
}

type Asked = WitnessOutcome & { readonly line?: NoteSignature };

async function ask(
  { key, send }: Witness,
  { checkpoint, note }: ReadCheckpoint,
  alias: AliasVersion,
  { objects, verify, clock }: CosignPorts,
): Promise<Asked> {
  const witness = key.name;
  // The log signs an old head again and keeps what witnesses signed: they are to say anew that it is the newest.
  const before = note.signatures.find((signature) => sameKey(signature, key));
  const since = before === undefined ? undefined : (cosignatureTime(before.signature) ?? 0);
  if (since !== undefined && since >= signedAt(note.signatures, checkpoint.origin) && !isAhead(since))
    return { witness, outcome: "cosigned-before" };
  try {
    // Nothing is remembered here: the witness says itself where it stands.
    let answer = await submit(0);
    if (answer.status === 409) {
      const size = parseSize(answer.body);
      if (size > checkpoint.size) return await ahead(size);
      if (size > 0) answer = await submit(size);
    }
    const said = `It answered ${answer.status}.`;
    if (isPassing(answer.status)) return { witness, outcome: "silent", why: said };
    if (answer.status !== 200) return refused(said);
    const answered = parseSignatureLines(note.text, answer.body);
    const line = answered.signatures.find((signature) => sameKey(signature, key));
    const check = await checkNote(answered, [key], verify);
    if (line === undefined || check.status === "rejected") return refused("Its cosignature does not verify.");
    // Published, it would be in every pack of this head, and of a time to come to whoever asks for this witness.
    if (isAhead(cosignatureTime(line.signature) ?? 0)) return refused("Its cosignature is of a time to come.");
    return { witness, outcome: "cosigned", line };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.code === "unavailable" ? { witness, outcome: "silent", why: error.message } : refused(error.message);
  }

  function isAhead(seconds: number): boolean {
    return seconds > msOfInstant(clock()) / 1000 + clockSkewSeconds;
  }

  /** Whoever shows a witness our checkpoints has them from here: by now the larger one must be published. */
  async function ahead(size: number): Promise<Asked> {
    const newer = await objects.getAlias(checkpointPath);
    const published = newer === undefined ? 0 : parseCheckpoint(newer.bytes).checkpoint.size;
    if (published >= size) return { witness, outcome: "ahead" };
    return refused(`It has cosigned a tree of ${size} entries, and the log has published ${published}.`);
  }

  function refused(why: string): Asked {
    return { witness, outcome: "refused", why };
  }

  async function submit(oldSize: number) {
    const proof = await proveFromTiles(checkpoint.size, objects.get).consistency(oldSize);
    return await send(formatAddCheckpoint({ oldSize, proof, checkpoint: alias.bytes }));
  }
}
