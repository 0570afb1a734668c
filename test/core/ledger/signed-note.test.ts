import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64, fromBase64 } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import {
  checkNote,
  cosignNote,
  formatVerifierKey,
  noteKey,
  parseVerifierKey,
  signNote,
} from "../../../core/ledger/note-key.ts";
import { formatSignedNote, isKeyName, parseSignedNote } from "../../../core/ledger/signed-note.ts";
import { refused, told } from "../refusal.ts";
import { signerFromSeed, testSigner, verifyEd25519 } from "./ed25519.ts";

// golang.org/x/mod/sumdb/note, note_test.go and the package's documentation
const peter = parseVerifierKey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
const peterPrivate = fromBase64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").subarray(1);
const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const line =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const published = utf8(`${text}\n${line}`);

const check = (bytes: Uint8Array, ...keys: Parameters<typeof checkNote>[1]) =>
  checkNote(parseSignedNote(bytes), keys, verifyEd25519);

describe("a signed note", () => {
  it("verifies as published by the Go project", async () => {
    expect(await check(published, peter)).toEqual({ status: "verified", signatures: [{ key: peter }] });
  });

  it("is signed to the very bytes that the Go project published", async () => {
    const signature = await signNote(text, peter, signerFromSeed("PeterNeumann", peterPrivate).sign);
    expect(utf8(formatSignedNote({ text, signatures: [signature] }))).toEqual(published);
  });

  it("is rejected when one letter was changed", async () => {
    const changed = utf8(`${text.replace("cryptography", "cryptographY")}\n${line}`);
    expect(await check(changed, peter)).toMatchObject({ status: "rejected", code: "bad-signature" });
  });

  it("is rejected when nobody trusted has signed it, even under the same name", async () => {
    const namesake = noteKey("PeterNeumann", "ed25519", testSigner("x", 1).publicKey);
    expect(await check(published, namesake)).toMatchObject({ status: "rejected", code: "no-known-key" });
    expect(await check(published)).toMatchObject({ status: "rejected", code: "no-known-key" });
  });

  it("may carry signatures by strangers, whatever they are", async () => {
    const stranger = `— stranger.example ${base64(new Uint8Array(2500))}\n`;
    expect(await check(utf8(`${text}\n${stranger}${line}`), peter)).toMatchObject({ status: "verified" });
  });

  it("is rejected as a whole for one bad signature by a known key", async () => {
    const [alice, bob] = [testSigner("alice", 1), testSigner("bob", 2)];
    const keys = [noteKey("alice", "ed25519", alice.publicKey), noteKey("bob", "ed25519", bob.publicKey)] as const;
    const good = await signNote(text, keys[0], alice.sign);
    const bad = await signNote("something else\n", keys[1], bob.sign);
    const bytes = utf8(formatSignedNote({ text, signatures: [good, bad] }));
    expect(await check(bytes, keys[0])).toMatchObject({ status: "verified" });
    expect(await check(bytes, ...keys)).toMatchObject({ code: "bad-signature", why: expect.stringContaining("bob") });
  });

  it("keeps empty lines in its text", () => {
    const poem = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";
    expect(parseSignedNote(utf8(`${poem}\n${line}`)).text).toBe(poem);
  });

  it.each([
    ["nothing", ""],
    ["no signature", `${text}\n`],
    ["no blank line", text + line],
    ["no final newline", `${text}\n${line.slice(0, -1)}`],
    ["a carriage return", `${text.replace("\n", "\r\n")}\n${line}`],
    ["a tab", `${text.replace(" ", "\t")}\n${line}`],
    ["a hyphen for the dash", `${text}\n${line.replace("—", "-")}`],
    ["two spaces", `${text}\n${line.replace(" x08", "  x08")}`],
    ["a space after the signature", `${text}\n${line.replace("=\n", "= \n")}`],
    ["a name with a plus", `${text}\n${line.replace("Peter", "Peter+")}`],
    ["a name with a no-break space", `${text}\n${line.replace("Peter", "Peter\u00a0")}`],
    ["base64 without its padding", `${text}\n${line.replace("=", "")}`],
    ["base64 of other spelling", `${text}\n${line.replace("AM=", "AN=")}`],
    ["a key id and no signature", `${text}\n— PeterNeumann x08gow==\n`],
    ["a line of text among the signatures", `${text}\n${line}and so on\n`],
    ["too many signatures", `${text}\n${line.repeat(65)}`],
  ])("is refused with %s", (_, note) => {
    expect(() => parseSignedNote(utf8(note))).toThrow(expect.objectContaining({ code: "ledger-invalid" }));
  });

  it("is refused where it is not UTF-8", () => {
    const bytes = Uint8Array.of(...published.subarray(0, 10), 0xff, ...published.subarray(10));
    expect(() => parseSignedNote(bytes)).toThrow("is not UTF-8");
  });

  it("is refused where it is very long", () => {
    expect(() => parseSignedNote(utf8(`${"a".repeat(300_000)}\n\n${line}`))).toThrow("longer than");
  });

  it("is never written so that it could not be read", () => {
    const signature = { name: "a", keyId: "00000000", signature: new Uint8Array(64) };
    expect(() => formatSignedNote({ text: "no newline", signatures: [signature] })).toThrow(
      "does not end in a newline",
    );
    expect(() => formatSignedNote({ text, signatures: [] })).toThrow("no signature");
    expect(() => formatSignedNote({ text, signatures: [{ ...signature, name: "a b" }] })).toThrow("name");
    expect(() => formatSignedNote({ text, signatures: [{ ...signature, keyId: "0" }] })).toThrow("key id");
  });

  it("reads back as it was written", () => {
    const name = fc.string({ minLength: 1, unit: "grapheme" }).filter(isKeyName);
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 });
    const keyId = fc.stringMatching(/^[0-9a-f]{8}$/);
    const signatures = fc.array(fc.record({ name, keyId, signature: bytes }), { minLength: 1, maxLength: 5 });
    const lines = fc.array(fc.stringMatching(/^[ -~]*$/), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lines, signatures, (body, signed) => {
        const note = { text: `${body.join("\n")}\n`, signatures: signed };
        expect(parseSignedNote(utf8(formatSignedNote(note)))).toEqual(note);
      }),
    );
  });
});

describe("a verifying key", () => {
  it.each([
    ["of the Go project", "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"],
    ["with a plus in its base64", "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6"],
    ["of a witness", "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"],
  ])("%s reads back as it was published", (_, key) => {
    expect(formatVerifierKey(parseVerifierKey(key))).toBe(key);
  });

  it.each([
    ["of two parts", "bananas.sigstore.dev+12344556", "it is not <name>+<id>+<base64>"],
    ["that is not base64", "rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!", "its last part is not base64"],
    ["of an unknown type", "rekor.sigstore.dev+12345678+AwEB", "its type is neither"],
    ["cut short", "rekor.sigstore.dev+12345678+AQEB", "an Ed25519 key has 32 bytes, not 2"],
    [
      "with another key's id",
      "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "its id is not that of the key",
    ],
    ["with a space in its name", "A B+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "its name is empty"],
  ])("%s is refused", (_, key, why) => {
    expect(() => parseVerifierKey(key)).toThrow(why);
  });
});

describe("a signer that answers something else", () => {
  const { origin, publicKey } = testSigner("log.example/ledger", 5);
  const short = async () => new Uint8Array(63);

  it("signs nothing", async () => {
    const said = "signature-invalid: The signer did not answer an Ed25519 signature.";
    expect(told(await refused(signNote(text, noteKey(origin, "ed25519", publicKey), short)))).toBe(said);
    expect(told(await refused(cosignNote(text, noteKey(origin, "cosignature/v1", publicKey), short, 1)))).toBe(said);
  });
});

describe("keys that share a name and an id by accident", () => {
  it("may each have signed", async () => {
    const signer = testSigner("log.example/ledger", 5);
    const own = noteKey(signer.origin, "ed25519", signer.publicKey);
    const twin = { ...own, publicKey: testSigner("log.example/ledger", 6).publicKey };
    const note = { text, signatures: [await signNote(text, own, signer.sign)] };
    expect(await checkNote(note, [twin, own], verifyEd25519)).toEqual({
      status: "verified",
      signatures: [{ key: own }],
    });
    const elsewhere = { ...own, name: "other.example/ledger" };
    expect(await checkNote(note, [elsewhere], verifyEd25519)).toMatchObject({
      code: "no-known-key",
      why: "No key that is trusted has signed the note.",
    });
  });
});

describe("a cosignature", () => {
  const signer = testSigner("witness.example/w1", 3);
  const key = noteKey(signer.origin, "cosignature/v1", signer.publicKey);
  const cosigned = async (time: number) =>
    utf8(formatSignedNote({ text, signatures: [await cosignNote(text, key, signer.sign, time)] }));

  it("says when it was made", async () => {
    const result = await check(await cosigned(1_679_315_147), key);
    expect(result).toEqual({ status: "verified", signatures: [{ key, time: 1_679_315_147 }] });
  });

  it("is rejected when its time was changed", async () => {
    const note = parseSignedNote(await cosigned(1_679_315_147));
    const signatures = note.signatures.map((s) => ({
      ...s,
      signature: s.signature.map((b, i) => (i === 7 ? b ^ 1 : b)),
    }));
    expect(await checkNote({ ...note, signatures }, [key], verifyEd25519)).toMatchObject({ code: "bad-signature" });
  });

  it("is rejected when it says a time after the year 9999, or none", async () => {
    const note = parseSignedNote(await cosigned(253_402_300_800));
    expect(await checkNote(note, [key], verifyEd25519)).toMatchObject({ code: "bad-signature" });
    const plain = { name: key.name, keyId: key.keyId, signature: await signer.sign(utf8(text)) };
    expect(await checkNote({ text, signatures: [plain] }, [key], verifyEd25519)).toMatchObject({
      code: "bad-signature",
    });
  });
});
