import { parseCheckpoint } from "../../ledger/checkpoint.ts";
import type { NoteKey } from "../../ledger/note-key.ts";
import { checkpointPath } from "../../ledger/tiles.ts";
import type { LedgerReader } from "./write-pack.ts";

/**
 * Whether each of these witnesses has cosigned the newest checkpoint, as it says itself: whoever verifies the pack looks whether that
 * is true.
 */
export async function witnessed(
  ledger: Pick<LedgerReader, "get">,
  witnesses: readonly Pick<NoteKey, "name" | "keyId">[],
): Promise<boolean> {
  if (witnesses.length === 0) return true;
  const head = await ledger.get(checkpointPath);
  if (head === undefined) return false;
  const { signatures } = parseCheckpoint(head).note;
  return witnesses.every(({ name, keyId }) => signatures.some((each) => each.name === name && each.keyId === keyId));
}
