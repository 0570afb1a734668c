import { pemOfSpki, type VerifyingKey } from "../../attestation/dsse.ts";
import { concatBytes, utf8 } from "../../encoding/bytes.ts";
import { parseCheckpoint } from "../../ledger/checkpoint.ts";
import { formatVerifierKey, noteKey } from "../../ledger/note-key.ts";
import { attestationKeyPath, checkpointKeyPath, checkpointPemPath } from "../pack/pack-layout.ts";
import type { PackFile } from "../zip/write-zip.ts";

/** The keys that the service has. */
export interface PublicKeys {
  readonly logOrigin: string;
  /** The newest first; at least one. */
  readonly attestationKeys: readonly VerifyingKey[];
  /** Raw Ed25519 keys of the log, the newest first; at least one. */
  readonly checkpointKeys: readonly Uint8Array[];
}

/**
 * The files of the keys in a pack. `head`: its checkpoint; `published`: keys as the records of the log have them. A new key is
 * known to the service before its record is in the log, and signs nothing until then.
 */
export function* keyFiles(
  settings: PublicKeys,
  head: Uint8Array,
  published: ReadonlySet<unknown>,
): Generator<PackFile> {
  const { attestationKeys, logOrigin } = settings;
  for (const [at, { keyid, pem }] of publishedOf(attestationKeys, published, ({ pem }) => pem).entries()) {
    yield { name: attestationKeyPath(at === 0 ? undefined : keyid), content: utf8(pem) };
  }
  const signed = new Set(parseCheckpoint(head).note.signatures.map(({ keyId }) => keyId));
  const keys = settings.checkpointKeys.map((key) => noteKey(logOrigin, "ed25519", key));
  const brought = publishedOf(keys, published, (key) => `${formatVerifierKey(key)}\n`);
  // The key that signed this very checkpoint comes first: right after a rotation it is still the one before.
  const ordered = brought.toSorted((a, b) => Number(signed.has(b.keyId)) - Number(signed.has(a.keyId)));
  yield { name: checkpointKeyPath, content: utf8(ordered.map((key) => `${formatVerifierKey(key)}\n`).join("")) };
  const [first] = ordered;
  if (first !== undefined) yield { name: checkpointPemPath, content: utf8(ed25519Pem(first.publicKey)) };
}

function publishedOf<Key>(keys: readonly Key[], published: ReadonlySet<unknown>, text: (key: Key) => string) {
  const own = keys.filter((key) => published.has(text(key)));
  return own.length === 0 ? keys : own;
}

/** A raw Ed25519 key as SPKI in PEM (RFC 8410 section 4). */
export function ed25519Pem(publicKey: Uint8Array): string {
  const prefix = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
  return pemOfSpki(concatBytes([prefix, publicKey]));
}
