import { text } from "node:stream/consumers";
import { Command } from "commander";
import { formatVerifierKey, noteKey } from "../core/ledger/note-key.ts";

const program = new Command("node scripts/verifier-key.ts")
  .description(
    "Prints a note verifier key (https://c2sp.org/signed-note) of an Ed25519 key of KMS, whose public half is read from the standard input as `aws kms get-public-key --query PublicKey --output text` gives it.",
  )
  .argument("<name>", "of the log or the witness, as in its signatures")
  .option("--witness", "for the cosignatures of a witness rather than a log's checkpoints", false)
  .allowExcessArguments(false)
  .parse();
const { witness } = program.opts<{ readonly witness: boolean }>();
const [name = ""] = program.args;
const spki = Buffer.from((await text(process.stdin)).trim(), "base64");
// An Ed25519 key in SPKI (RFC 8410) is 44 bytes, the key itself the last 32.
if (spki.length !== 44) {
  program.error("error: the standard input is not the public key of an Ed25519 key as base64 SPKI");
}
const algorithm = witness ? "cosignature/v1" : "ed25519";
console.log(formatVerifierKey(noteKey(name, algorithm, new Uint8Array(spki.subarray(-32)))));
