import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64, fromBase64 } from "../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import {
  type CheckpointTrust,
  checkCheckpoint,
  formatCheckpointBody,
  parseCheckpoint,
  parseCheckpointBody,
  signCheckpoint,
} from "../../../core/ledger/checkpoint.ts";
import { cosignNote, noteKey, parseVerifierKey, signNote } from "../../../core/ledger/note-key.ts";
import { formatSignedNote } from "../../../core/ledger/signed-note.ts";
import { testSigner, verifyEd25519 } from "./ed25519.ts";

const now = instantFromMs(Date.UTC(2026, 10, 22, 17, 3, 0));
const log = testSigner("countersign.example/ledger", 1);
const witness = testSigner("witness.example/w1", 2);
const witnessKey = noteKey(witness.origin, "cosignature/v1", witness.publicKey);
const root = fromBase64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
const trust: CheckpointTrust = { origin: log.origin, keys: [log.publicKey] };
const signed = () => signCheckpoint({ size: 7, root }, log, now);
const check = (bytes: Uint8Array, override: Partial<CheckpointTrust> = {}) =>
  checkCheckpoint(bytes, { ...trust, ...override }, verifyEd25519);

async function cosigned(): Promise<Uint8Array> {
  const { note } = parseCheckpoint(await signed());
  const line = await cosignNote(note.text, witnessKey, witness.sign, 1_800_000_000);
  return utf8(formatSignedNote({ ...note, signatures: [...note.signatures, line] }));
}

describe("the text of a checkpoint", () => {
  // The example of https://c2sp.org/tlog-checkpoint
  const text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

  it("reads as its specification shows", () => {
    const checkpoint = { origin: "example.com/behind-the-sofa", size: 20_852_163, root, extensions: [] };
    expect(parseCheckpointBody(text)).toEqual(checkpoint);
    expect(formatCheckpointBody(checkpoint)).toBe(text);
  });

  it("keeps the extension lines of other logs", () => {
    expect(parseCheckpointBody(`${text}one\ntwo\n`).extensions).toEqual(["one", "two"]);
  });

  it.each([
    ["two lines", "example.com\n1\n", "it has fewer than three lines"],
    ["no final newline", text.slice(0, -1), "it does not end in a newline"],
    ["no origin", `\n1\n${base64(root)}\n`, "one of its lines is empty"],
    ["an empty extension", `${text}\n`, "one of its lines is empty"],
    ["a size with a leading zero", text.replace("2085", "02085"), "its size is not a whole number"],
    ["a negative size", text.replace("2085", "-2085"), "its size is not a whole number"],
    [
      "a size that is too large to count",
      text.replace("20852163", "9007199254740993"),
      "its size is not a whole number",
    ],
    ["a root that is too short", text.replace("CsUY", ""), "its root is not a SHA-256 hash"],
    ["a root in other spelling", text.replace("q2I=", "q2J="), "its root is not base64"],
  ])("is refused with %s", (_, body, why) => {
    expect(() => parseCheckpointBody(body)).toThrow(why);
  });

  it("is never written so that it could not be read", () => {
    const good = { origin: "log", size: 1, root, extensions: [] };
    expect(() => formatCheckpointBody({ ...good, origin: "" })).toThrow("lines is empty or broken");
    expect(() => formatCheckpointBody({ ...good, extensions: ["a\nb"] })).toThrow("lines is empty or broken");
    expect(() => formatCheckpointBody({ ...good, size: -1 })).toThrow("its size cannot be -1");
    expect(() => formatCheckpointBody({ ...good, root: root.subarray(1) })).toThrow("its root is not");
  });

  it("reads back as it was written", () => {
    const line = fc.stringMatching(/^[ -~]+$/);
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const checkpoint = fc.record({ origin: line, size: fc.maxSafeNat(), root: hash, extensions: fc.array(line) });
    fc.assert(
      fc.property(checkpoint, (written) => {
        expect(parseCheckpointBody(formatCheckpointBody(written))).toEqual(written);
      }),
    );
  });
});

describe("a signed checkpoint", () => {
  it("verifies, and says when the log signed it", async () => {
    const expected = { status: "verified", checkpoint: { origin: log.origin, size: 7, root, extensions: [] }, at: now };
    expect(await check(await signed())).toMatchObject(expected);
  });

  it("has one text however often it is published", async () => {
    const later = await signCheckpoint({ size: 7, root }, log, instantFromMs(Date.UTC(2027, 0, 1)));
    expect(parseCheckpoint(later).note.text).toBe(parseCheckpoint(await signed()).note.text);
    expect(await check(later)).toMatchObject({ at: "2027-01-01T00:00:00.000Z" });
  });

  it("of a public log and its witness verifies as it was published", async () => {
    // arche2025h1.staging.ct.transparency.dev, cosigned by remora.n621.de, as fetched by other implementations' tests.
    const published = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
`;
    const logKey = parseVerifierKey(
      "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
    );
    const remora = parseVerifierKey("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");
    const origin = "arche2025h1.staging.ct.transparency.dev";
    const theirs = { origin, keys: [logKey.publicKey], witnesses: [remora], witnessesNeeded: 1 };
    const result = await check(utf8(published), theirs);
    expect(result).toMatchObject({ status: "verified", checkpoint: { size: 1_432_088_532 } });
    expect(result).toMatchObject({ witnesses: [{ key: remora, at: instantFromMs(0x6a122120 * 1000) }] });
    const changed = utf8(published.replace("1432088532", "1432088533"));
    expect(await check(changed, theirs)).toMatchObject({ status: "rejected", code: "bad-signature" });
  });

  it("is rejected for another size, another root, another log", async () => {
    const text = fromUtf8(await signed());
    expect(await check(utf8(text.replace("\n7\n", "\n8\n")))).toMatchObject({ code: "bad-signature" });
    expect(await check(utf8(text.replace("CsUY", "DsUY")))).toMatchObject({ code: "bad-signature" });
    const other = { code: "other-log", why: expect.stringContaining("not of other.example") };
    expect(await check(await signed(), { origin: "other.example" })).toMatchObject(other);
  });

  it("of ours has no lines beyond the three, and of another log it may", async () => {
    const text = formatCheckpointBody({ origin: log.origin, size: 7, root, extensions: ["more"] });
    const plain = noteKey(log.origin, "ed25519", log.publicKey);
    const longer = utf8(formatSignedNote({ text, signatures: [await signNote(text, plain, log.sign)] }));
    const why = "The checkpoint has lines that this log signs none of: origin, size and root are all.";
    expect(await check(longer)).toEqual({ status: "rejected", code: "malformed", why });
    expect(await check(longer, { extensions: "taken" })).toMatchObject({ status: "verified" });
  });

  it("is rejected when a key signed that is not trusted", async () => {
    const imposter = testSigner(log.origin, 9);
    const bytes = await signCheckpoint({ size: 7, root }, imposter, now);
    expect(await check(bytes)).toMatchObject({ code: "no-known-key" });
  });

  it("verifies under any of the keys that the log has had", async () => {
    const successor = testSigner(log.origin, 5);
    const keys = [log.publicKey, successor.publicKey];
    expect(await check(await signed(), { keys })).toMatchObject({ status: "verified" });
    expect(await check(await signCheckpoint({ size: 7, root }, successor, now), { keys })).toMatchObject({ at: now });
  });

  it("is rejected when only the time is signed, or only a witness has signed", async () => {
    const { note } = parseCheckpoint(await cosigned());
    const without = (keyId: string) => note.signatures.filter((s) => s.keyId !== keyId);
    const plain = noteKey(log.origin, "ed25519", log.publicKey).keyId;
    const bytes = utf8(formatSignedNote({ ...note, signatures: without(plain) }));
    expect(await check(bytes)).toMatchObject({ code: "no-known-key" });
    expect(await check(bytes, { witnesses: [witnessKey] })).toMatchObject({ code: "no-known-key" });
  });

  it("is dated by the log, never by a witness", async () => {
    const result = await check(await cosigned(), { witnesses: [witnessKey], witnessesNeeded: 1 });
    expect(result).toMatchObject({ at: now, witnesses: [{ at: instantFromMs(1_800_000_000_000) }] });
  });

  it("is never dated by one key and signed by another: whoever has an old key could make an old head young", async () => {
    const former = testSigner(log.origin, 3);
    const keys = [former.publicKey, log.publicKey];
    const { note } = parseCheckpoint(await signed());
    const timed = noteKey(former.origin, "cosignature/v1", former.publicKey);
    const later = await cosignNote(note.text, timed, former.sign, Date.UTC(2026, 11, 24) / 1000);
    const dated = utf8(formatSignedNote({ ...note, signatures: [...note.signatures, later] }));
    expect(await check(dated, { keys })).toMatchObject({
      status: "rejected",
      why: expect.stringMatching(/is another/),
    });
    const plain = await signNote(note.text, noteKey(former.origin, "ed25519", former.publicKey), former.sign);
    const both = utf8(formatSignedNote({ ...note, signatures: [...note.signatures, later, plain] }));
    const { signedBy, at } = Object(await check(both, { keys }));
    expect([signedBy, at]).toEqual([[noteKey(former.origin, "ed25519", former.publicKey)], "2026-12-24T00:00:00.000Z"]);
  });

  it("has no age where the log did not sign one", async () => {
    const text = formatCheckpointBody({ origin: log.origin, size: 7, root, extensions: [] });
    const signature = await signNote(text, noteKey(log.origin, "ed25519", log.publicKey), log.sign);
    const result = await check(utf8(formatSignedNote({ text, signatures: [signature] })));
    expect(result).not.toHaveProperty("at");
    expect(result).toMatchObject({ status: "verified" });
  });

  it("is rejected when witnesses are missing, and one witness does not count twice", async () => {
    const missing = { code: "too-few-witnesses", why: "0 of the 1 witnesses needed have cosigned the checkpoint." };
    expect(await check(await signed(), { witnesses: [witnessKey], witnessesNeeded: 1 })).toMatchObject(missing);
    const { note } = parseCheckpoint(await cosigned());
    const twin = noteKey("witness.example/w2", "cosignature/v1", witness.publicKey);
    const line = await cosignNote(note.text, twin, witness.sign, 1_800_000_000);
    const bytes = utf8(formatSignedNote({ ...note, signatures: [...note.signatures, line] }));
    const result = await check(bytes, { witnesses: [witnessKey, twin], witnessesNeeded: 2 });
    expect(result).toMatchObject({ code: "too-few-witnesses" });
  });

  it("is rejected, not thrown, where it is no checkpoint at all", async () => {
    expect(await check(utf8("nothing"))).toMatchObject({ status: "rejected", code: "malformed" });
    expect(await check(new Uint8Array())).toMatchObject({ status: "rejected", code: "malformed" });
  });
});
