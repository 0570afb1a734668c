import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { formatVerifierKey, noteKey } from "../core/ledger/note-key.ts";

/**
 * Prints a note verifier key (https://c2sp.org/signed-note) of an Ed25519 key of KMS, whose public half is read from the
 * standard input as `aws kms get-public-key --query PublicKey --output text` gives it:
 * `node scripts/verifier-key.ts [--witness] NAME`.
 */
const { values, positionals } = parseArgs({
  options: { witness: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [name] = positionals;
const spki = Buffer.from((await text(process.stdin)).trim(), "base64");
// An Ed25519 key in SPKI (RFC 8410) is 44 bytes, the key itself the last 32.
if (name === undefined || spki.length !== 44) {
  console.error("Give a name, and the public key of an Ed25519 key as base64 SPKI on the standard input.");
  process.exitCode = 1;
} else {
  const algorithm = values.witness ? "cosignature/v1" : "ed25519";
  console.log(formatVerifierKey(noteKey(name, algorithm, new Uint8Array(spki.subarray(-32)))));
}
