import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { leafHash, merkleRoot } from "../../../core/ledger/merkle.ts";
import { consistencyProofOf } from "../../../core/ledger/merkle-proofs.ts";
import { noteKey } from "../../../core/ledger/note-key.ts";
import {
  type WitnessAnswer,
  type WitnessedHead,
  type WitnessPorts,
  addCheckpoint as witnessed,
} from "../../../core/ledger/witness.ts";
import { formatAddCheckpoint } from "../../../core/ledger/witness-request.ts";
import { addCheckpoint } from "../../../functions/api/add-checkpoint/handler.ts";
import type { Answer } from "../../../functions/api/http.ts";
import { testSigner, verifyEd25519 } from "../../core/ledger/ed25519.ts";
import { apiRequest } from "./api-request.ts";

const log = testSigner("countersign.example/ledger", 1);
const own = testSigner("witness.example/w1", 2);
const now = instantFromMs(Date.UTC(2026, 10, 27));
const leaves = (size: number) => Array.from({ length: size }, (_, at) => leafHash(utf8(String(at))));
const checkpoint = (size: number) => signCheckpoint({ size, root: merkleRoot(leaves(size)) }, log, now);

describe("a head that is not shown to go on", () => {
  it("is no fork by itself, and has nobody called", async () => {
    const { post, lines } = witness();
    expect((await post(0, checkpoint(7))).status).toBe(200);
    // Whoever fetched the newest head before the log itself has shown it.
    expect((await post(7, checkpoint(9), [new Uint8Array(32)])).status).toBe(422);
    expect(lines.at(-1)).toMatchObject(["info", "no proof of consistency", { size: 9, code: "unproven-head" }]);
    expect((await post(7, checkpoint(9), consistencyProofOf(leaves(9), 7))).status).toBe(200);
  });

  it("is one where another of its size was cosigned, which both signatures prove", async () => {
    const { post, lines } = witness();
    expect((await post(0, checkpoint(7))).status).toBe(200);
    const other = signCheckpoint({ size: 7, root: merkleRoot(leaves(8).slice(1)) }, log, now);
    expect((await post(7, other)).status).toBe(409);
    expect(lines.at(-1)).toMatchObject(["error", "the log is forked", { size: 7, code: "ledger-fork" }]);
  });
});

describe("what a witness is shown", () => {
  const text = { "content-type": "text/plain; charset=utf-8" };
  const size = { "content-type": "text/x.tlog.size" };

  it.each<[string, WitnessAnswer, Answer]>([
    ["that it cannot read", { kind: "malformed", why: "No." }, { status: 400, headers: text, text: "No.\n" }],
    ["that the log did not sign", { kind: "not-signed", why: "No." }, { status: 403, headers: text, text: "No.\n" }],
    [
      "of a log that it does not know",
      { kind: "unknown-log", why: "No." },
      { status: 404, headers: text, text: "No.\n" },
    ],
    [
      "behind a size that is not its last",
      { kind: "other-size", size: 7 },
      { status: 409, headers: size, text: "7\n" },
    ],
  ])("%s is answered as the protocol says, and nobody is called", async (_, answer, said) => {
    const lines: unknown[] = [];
    const add = addCheckpoint({ log: (...line) => void lines.push(line), witness: async () => answer });
    expect(await add(apiRequest())).toEqual(said);
    expect(lines).toEqual([]);
  });
});

function witness() {
  let head: WitnessedHead | undefined;
  const ports: WitnessPorts = {
    logs: new Map([[log.origin, [log.publicKey]]]),
    heads: {
      load: async () => head,
      move: async (_, __, next) => {
        head = next;
        return "moved";
      },
    },
    key: noteKey(own.origin, "cosignature/v1", own.publicKey),
    sign: own.sign,
    verify: verifyEd25519,
    clock: () => now,
  };
  const lines: unknown[] = [];
  const answer = addCheckpoint({
    log: (...line) => void lines.push(line),
    witness: (body) => witnessed(body, ports),
  });
  const post = async (oldSize: number, shown: ReturnType<typeof checkpoint>, proof: readonly Uint8Array[] = []) =>
    answer({
      ...{ method: "POST", route: "/add-checkpoint", parameters: {}, query: {}, headers: {} },
      body: formatAddCheckpoint({ oldSize, proof, checkpoint: await shown }),
    });
  return { lines, post };
}
