import { type VerifyingKey, verifyingKey } from "../../attestation/dsse.ts";
import { fromUtf8 } from "../../encoding/bytes.ts";
import { Failure } from "../../failure.ts";
import { formatVerifierKey, type NoteKey, parseVerifierKey } from "../../ledger/note-key.ts";
import { namesOf, type PackSource, readWhole } from "../zip/pack-source.ts";
import { attestationKeyPath, checkpointKeyPath, isAttestationKey, keyFolder } from "./pack-layout.ts";

/** The keys that a pack brings along. They are worth as much as the pack: whoever forges one forges the other. */
export interface PackKeys {
  readonly checkpoint: readonly NoteKey[];
  readonly attestation: readonly VerifyingKey[];
}

/** Reads note verifier keys, one a line. Throws `pack-invalid`. */
export function readVerifierKeys(text: string): readonly NoteKey[] {
  const lines = text.split("\n").map((line) => line.trim());
  const keys = lines.filter((line) => line !== "").map(keyOf);
  if (keys.length > 0) return keys;
  throw new Failure("pack-invalid", "There is no checkpoint key.");
}

/**
 * Reads the attestation keys in a text: SPKI in PEM, one or several. Throws `pack-invalid` where there is none.
 *
 * @param name what the text is called, where somebody chose it
 */
export function readPublicKeys(text: string, name?: string): readonly VerifyingKey[] {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?/g) ?? [];
  // The key id is the hash of the PEM as it is signed with: with its final newline.
  const keys = blocks.map((pem) => verifyingKey(pem.endsWith("\n") ? pem : `${pem}\n`));
  if (keys.length > 0) return keys;
  const where = name === undefined ? "There is no" : `${name} has no`;
  throw new Failure("pack-invalid", `${where} public key in PEM (-----BEGIN PUBLIC KEY-----).`);
}

/**
 * The keys in a pack's folder `keys/`. Throws `pack-invalid`, also where a file holds anything beside its keys: nothing
 * else in the pack would tell.
 *
 * @param reading is told each file's name before it is read
 */
export async function keysOfPack(
  source: PackSource,
  reading: (path: string) => void = () => undefined,
): Promise<PackKeys> {
  const text = async (name: string): Promise<string> => {
    reading(name);
    return fromUtf8((await readWhole(source, name)) ?? new Uint8Array());
  };
  const attestation: VerifyingKey[] = [];
  for (const name of namesOf(source, keyFolder)) {
    if (!isAttestationKey(name)) continue;
    const pem = await text(name);
    const [key] = readPublicKeys(pem);
    if (key?.pem !== pem || ![attestationKeyPath(undefined), attestationKeyPath(key.keyid)].includes(name))
      throw new Failure("pack-invalid", `${name} is not the one public key in PEM that it is named for.`);
    attestation.push(key);
  }
  const lines = await text(checkpointKeyPath);
  const checkpoint = readVerifierKeys(lines);
  if (checkpoint.map((key) => `${formatVerifierKey(key)}\n`).join("") !== lines)
    throw new Failure("pack-invalid", `${checkpointKeyPath} holds something else than verifying keys, one a line.`);
  return { attestation, checkpoint };
}

function keyOf(line: string): NoteKey {
  try {
    return parseVerifierKey(line);
  } catch (cause) {
    if (cause instanceof Failure) throw new Failure("pack-invalid", cause.message, { cause });
    throw cause;
  }
}
