import { describe, expect, it } from "vitest";
import { verifyWitnesses } from "../../../core/archive/verify-witnesses.ts";
import { memorySource, type PackSource } from "../../../core/archive/zip/pack-source.ts";
import { concatBytes, utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { type CheckpointSigner, parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { type NoteKey, noteKey } from "../../../core/ledger/note-key.ts";
import { addCheckpoint, type WitnessedHead } from "../../../core/ledger/witness.ts";
import { formatAddCheckpoint } from "../../../core/ledger/witness-request.ts";
import { testSigner, verifyEd25519 } from "../ledger/ed25519.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { resealed, verifyOptions } from "./memory-pack.ts";
import { smallPack, verifiedPack } from "./small-pack.ts";

const whole = await smallPack();
const head = whole.get("log/checkpoint") ?? new Uint8Array();
const seenAt = instantFromMs(Date.UTC(2026, 10, 24));

interface Witness {
  readonly key: NoteKey;
  readonly sign: CheckpointSigner["sign"];
}

function witness(seed: number): Witness {
  const { origin, publicKey, sign } = testSigner(`witness.example/w${seed}`, seed);
  return { key: noteKey(origin, "cosignature/v1", publicKey), sign };
}

const [first, second] = [witness(2), witness(3)];

/** The lines that a witness adds to the log's head. */
async function cosigned({ key, sign }: Witness): Promise<Uint8Array> {
  let kept: WitnessedHead | undefined;
  const answer = await addCheckpoint(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: head }), {
    logs: new Map([[MemoryLedger.signer.origin, [MemoryLedger.signer.publicKey]]]),
    heads: {
      load: async () => kept,
      move: async (_, __, next) => {
        kept = next;
        return "moved";
      },
    },
    ...{ key, sign, verify: verifyEd25519, clock: () => seenAt },
  });
  if (answer.kind !== "cosigned") throw new Error(answer.kind);
  return utf8(answer.lines);
}
const byFirst = resealed(whole, { "log/checkpoint": concatBytes([head, await cosigned(first)]) });
const name = ({ key }: Witness) => `${key.name}+${key.keyId}`;

async function told(files: typeof whole, ...witnesses: readonly Witness[]) {
  const known = { witnessKeys: witnesses.map(({ key }) => key) };
  const { findings, log } = await verifiedPack(files, { mode: "checkpoint", known });
  return { findings, witnesses: log?.witnesses };
}
const missing = (wanted: Witness) => ({
  code: "checkpoint-not-witnessed",
  path: "log/checkpoint",
  sentence: `The witness ${name(wanted)} has not cosigned the checkpoint. A pack that is exported a little later may say more.`,
});

describe("the log's head", () => {
  const { checkpoint } = parseCheckpoint(head);
  const options = (...witnesses: readonly Witness[]) =>
    verifyOptions({ known: { witnessKeys: witnesses.map(({ key }) => key) } });
  const logKey = noteKey(checkpoint.origin, "ed25519", MemoryLedger.signer.publicKey);
  const unread: PackSource = {
    ...memorySource(whole),
    read: async () => {
      throw new Error("It was read.");
    },
  };

  it("is read again only where somebody asks who has seen it, and there is one", async () => {
    const nothing = { findings: [], witnesses: [] };
    expect(await verifyWitnesses(unread, [logKey], { checkpoint }, options())).toEqual(nothing);
    expect(await verifyWitnesses(unread, [logKey], { checkpoint }, verifyOptions())).toEqual(nothing);
    expect(await verifyWitnesses(unread, [logKey], {}, options(first))).toEqual(nothing);
    await expect(verifyWitnesses(unread, [logKey], { checkpoint }, options(first))).rejects.toThrow("It was read.");
    const gone = memorySource(resealed(whole, { "log/checkpoint": undefined }));
    expect(await verifyWitnesses(gone, [logKey], { checkpoint }, options(first))).toEqual(nothing);
  });

  it("was seen by nobody where it is not signed with the log's own key", async () => {
    const other = noteKey(checkpoint.origin, "ed25519", second.key.publicKey);
    const { findings, witnesses } = await verifyWitnesses(
      memorySource(byFirst),
      [other],
      { checkpoint },
      options(first),
    );
    expect(findings).toEqual([
      {
        code: "checkpoint-not-witnessed",
        path: "log/checkpoint",
        sentence: "No key of the log that is trusted has signed the checkpoint.",
      },
    ]);
    expect(witnesses).toEqual([]);
  });
});

describe("the witnesses that somebody asks for", () => {
  it("have seen the log's head, and when is told", async () => {
    expect(await told(byFirst, first)).toEqual({ findings: [], witnesses: [{ key: name(first), at: seenAt }] });
  });

  it("are all asked for: each that has not cosigned is named", async () => {
    expect(await told(byFirst, first, second)).toEqual({
      findings: [missing(second)],
      witnesses: [{ key: name(first), at: seenAt }],
    });
    expect(await told(whole, first, second)).toEqual({ findings: [missing(first), missing(second)], witnesses: [] });
  });

  it("are not looked for where nobody asks, or where there is no head that they could have seen", async () => {
    expect(await told(byFirst)).toEqual({ findings: [], witnesses: [] });
    const { findings, witnesses } = await told(resealed(whole, { "log/checkpoint": utf8("no note\n") }), first);
    expect(findings.map(({ code }) => code)).not.toContain("checkpoint-not-witnessed");
    expect(witnesses).toEqual([]);
  });
});
