import { describe, expect, it } from "vitest";
import { keyFact, keyGeneration } from "../../core/attestation/key-record.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { addSeconds, type Instant, msOfInstant } from "../../core/encoding/instant.ts";
import { parseCheckpoint } from "../../core/ledger/checkpoint.ts";
import { cosignNote, formatVerifierKey, noteKey } from "../../core/ledger/note-key.ts";
import { formatSignedNote } from "../../core/ledger/signed-note.ts";
import { createdAt, type Files, resealed } from "../core/archive/memory-pack.ts";
import { attestationBase } from "../core/archive/reviewers.ts";
import { smallFacts, smallPack, wrongWith } from "../core/archive/small-pack.ts";
import { testSigner } from "../core/ledger/ed25519.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

const { origin, publicKey, sign } = MemoryLedger.signer;
const former = testSigner(origin, 11);
const line = (key: Uint8Array) => `${formatVerifierKey(noteKey(origin, "ed25519", key))}\n`;
const [first, second] = [former.publicKey, publicKey].map((key, at) => keyGeneration("checkpoint", at + 1, line(key)));

/** A log whose first checkpoint key was replaced at its beginning, and is retired at its end. */
async function withRetiredKey(): Promise<Files> {
  if (first === undefined || second === undefined) throw new Error("There are two keys.");
  const begun = smallFacts.find(({ id }) => id === "installation/key/checkpoint/1/published");
  const ended = smallFacts.at(-1)?.at ?? expect.unreachable();
  const byFormer = { keyid: first.keyid, sign: async (message: Uint8Array) => await former.sign(message) };
  const byOurs = { keyid: second.keyid, sign: async (message: Uint8Array) => await sign(message) };
  const at = begun?.at ?? expect.unreachable("The log names its keys.");
  const facts = [
    ...(await Promise.all(
      smallFacts.map(async (fact) =>
        fact !== begun
          ? [fact]
          : [
              await keyFact(first, { change: "published" }, at, attestationBase, undefined),
              await keyFact(second, { change: "published" }, at, attestationBase, byFormer),
            ],
      ),
    )),
    await keyFact(first, { change: "retired", until: ended }, ended, attestationBase, byOurs),
  ].flat();
  const pack = await smallPack({ facts });
  return resealed(pack, { "keys/checkpoint.vkey": utf8(line(publicKey) + line(former.publicKey)) });
}

/** With one line more, by a key that its holder kept after it was retired. */
async function dated(files: Files, at: Instant): Promise<Files> {
  const { note } = parseCheckpoint(files.get("log/checkpoint") ?? new Uint8Array());
  const key = noteKey(origin, "cosignature/v1", former.publicKey);
  const more = await cosignNote(note.text, key, former.sign, Math.floor(msOfInstant(at) / 1000));
  const signatures = [...note.signatures, more];
  return resealed(files, { "log/checkpoint": utf8(formatSignedNote({ ...note, signatures })) });
}

const honest = await withRetiredKey();
const younger = await dated(honest, addSeconds(createdAt, 30));
const older = await dated(honest, addSeconds(createdAt, -86_400));

describe("the head of a log whose key was replaced", () => {
  it("holds as its key signed it, beside an older line by the one before too, and is made no younger by that", async () => {
    expect(await wrongWith(honest)).toEqual([]);
    expect(await wrongWith(older)).toEqual([]);
    expect((await wrongWith(younger))[0]).toBe(
      "checkpoint-rejected log/checkpoint: The key that says when the checkpoint was signed is another than the one that signed it.",
    );
  });

  withTool(
    python,
    "is judged so by another program",
    async () => {
      expect(await verdictOn(honest)).toMatchObject({ status: 0 });
      expect(await verdictOn(older)).toMatchObject({ status: 0 });
      const { status, output } = await verdictOn(younger);
      expect(status).toBe(1);
      expect(output).toContain("a checkpoint is dated by another key than the one that signed it");
    },
    () => requireOnThePage(honest),
  );
});
