import { Failure } from "../core/failure.ts";
import { type Checkpoint, parseCheckpoint } from "../core/ledger/checkpoint.ts";
import { fileBytes } from "./file-failure.ts";

/** A checkpoint that somebody kept in a file. Throws a refusal that names the file where it is none. */
export async function keptCheckpoint(
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly checkpoint: Checkpoint }> {
  const bytes = await fileBytes(path);
  try {
    return { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const sentence = `${path} is no checkpoint, such as a pack's log/checkpoint: ${cause.message}`;
    throw new Failure(cause.code, sentence, { cause });
  }
}
