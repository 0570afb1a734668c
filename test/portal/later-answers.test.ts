import { p256 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../../core/encoding/bytes.ts";
import { parseCheckpoint } from "../../core/ledger/checkpoint.ts";
import { cosignNote, formatVerifierKey, noteKey } from "../../core/ledger/note-key.ts";
import { formatSignedNote } from "../../core/ledger/signed-note.ts";
import { rawFromDer } from "../../portal/src/audit/verifier/ecdsa-der.ts";
import { knownFrom } from "../../portal/src/audit/verifier/known-keys.ts";
import { type SignatureCheck, withLaterAnswers } from "../../portal/src/audit/verifier/later-answers.ts";
import { verifyFile } from "../../portal/src/audit/verifier/verify-file.ts";
import { webCryptoCheck } from "../../portal/src/audit/verifier/web-crypto.ts";
import { zipOf } from "../cli/pack-on-disk.ts";
import {
  type Files,
  packOf,
  type Recorded,
  recordStories,
  resealed,
  verified,
  verifyOptions,
} from "../core/archive/pack-fixture.ts";
import { documentOf, factWith, withChanged, withDocument } from "../core/archive/retelling.ts";
import { attestationKey, identityProvider } from "../core/archive/reviewers.ts";
import { tamperedDocuments } from "../core/archive/tampering/documents.ts";
import { recordEverything } from "../core/archive/tampering/everything.ts";
import { lies } from "../core/archive/tampering/lies.ts";
import { lyingPack } from "../core/archive/tampering/lying-pack.ts";
import { authenticator } from "../core/attestation/authenticator.ts";
import { testSigner } from "../core/ledger/ed25519.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";

/** Of the tampered records and documents (test/core/archive/tampering) those that rest on cryptography of the browser's, one of each kind. */
const inBrowserToo = ["sign-off", "sign-off-kept", "loan-requested", "verdict", "gates", "stage-decided"] as const;
const documentsInBrowserToo = ["id-token.jwt", "jwks.json", "sign-off.dsse.json", "passkey.json", "people.json"];

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

describe("rules that want an answer at once", () => {
  it("run again with the real answers, and each signature is checked once", async () => {
    const checked: number[] = [];
    const result = await withLaterAnswers(
      async ({ verifyEd25519 }) => [1, 2, 1].map((key) => verifyEd25519(bytes(key), bytes(9), bytes(8))),
      async (asked) => {
        checked.push(asked.kind === "ed25519" ? (asked.publicKey[0] ?? 0) : 0);
        return asked.kind === "ed25519" && asked.publicKey[0] === 1;
      },
    );
    expect(result).toEqual([true, false, true]);
    expect(checked).toEqual([1, 2]);
  });

  it("get the answer to what they ask only once something else was refused", async () => {
    const result = await withLaterAnswers(
      async ({ verifySignature }) => ["one", "two", "three"].find((pem) => verifySignature(pem, bytes(1), bytes(2))),
      async (asked) => asked.kind === "ecdsa-p256" && asked.pem === "three",
    );
    expect(result).toBe("three");
  });

  it("are told no about whatever was never checked", async () => {
    let pass = 0;
    const result = await withLaterAnswers(
      async ({ verifySignature }) => {
        pass += 1;
        return verifySignature(`key ${pass}`, bytes(1), bytes(2));
      },
      async () => true,
    );
    expect(result).toBe(false);
  });

  it("do not mistake one check for another whose parts are cut elsewhere", async () => {
    const asked: SignatureCheck[] = [];
    await withLaterAnswers(
      async ({ verifyEd25519 }) => {
        verifyEd25519(bytes(1, 2), bytes(3), bytes(4));
        verifyEd25519(bytes(1), bytes(2, 3), bytes(4));
      },
      async (one) => {
        asked.push(one);
        return true;
      },
    );
    expect(asked).toHaveLength(2);
  });
});

describe("an ECDSA signature in DER", () => {
  const secret = p256.utils.randomSecretKey(new Uint8Array(48).fill(7));

  it("becomes r and s as WebCrypto takes them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (message) => {
        const der = p256.sign(message, secret, { format: "der" });
        expect([...(rawFromDer(der) ?? [])]).toEqual([...p256.Signature.fromBytes(der, "der").toBytes("compact")]);
      }),
    );
  });

  it("is refused in every other spelling", () => {
    const der = p256.sign(bytes(1), secret, { format: "der" });
    const spellings = [
      bytes(),
      der.subarray(0, -1),
      bytes(...der, 0),
      bytes(0x30, 0x81, der.length - 2, ...der.subarray(2)),
      bytes(0x30, 6, 2, 1, 0, 2, 1, 0x80),
      bytes(0x30, 8, 2, 2, 0, 1, 2, 2, 0, 1),
      bytes(0x30, 6, 2, 1, 1, 3, 1, 1),
    ];
    expect(spellings.map(rawFromDer)).toEqual(spellings.map(() => undefined));
  });
});

describe("a pack, by WebCrypto and by the command line", () => {
  let recorded: Recorded;
  let files: Files;
  beforeAll(async () => {
    recorded = await recordStories();
    files = await packOf(recorded);
  });

  const flip = (name: string, at: number): Files => {
    const copy = files.get(name)?.slice() ?? new Uint8Array();
    const place = at < 0 ? copy.length + at : at;
    copy[place] = (copy[place] ?? 0) ^ 1;
    return resealed(files, { [name]: copy });
  };
  const firstOf = (folder: string) => [...files.keys()].find((name) => name.startsWith(folder)) ?? "";

  it.each([
    ["as it was exported", () => files, {}],
    ["with another's attestation key", () => files, { attestationKeys: [attestationKey().key] }],
    [
      "with another's checkpoint key",
      () => files,
      { checkpointKeys: [noteKey(MemoryLedger.signer.origin, "ed25519", testSigner("x", 9).publicKey)] },
    ],
    ["with another's key set", () => files, { jwks: identityProvider().jwks }],
    ["with a flipped record", () => flip(firstOf("records/"), 40), {}],
    ["with a flipped document", () => flip(firstOf("blobs/"), 10), {}],
    ["with a flipped tile", () => flip(firstOf("log/tile/0/"), 0), {}],
    ["with the checkpoint's signature flipped", () => flip("log/checkpoint", -10), {}],
    ["with a cut manifest", () => resealed(files, { "manifest.json": undefined }), {}],
  ] as const)("comes to the same result, %s", async (_, pack, known) => {
    const file = new File([new Uint8Array(await zipOf(pack()))], "audit-pack.zip");
    const { now } = verifyOptions();
    const inBrowser = await verifyFile(file, { known, now, subtle: crypto.subtle, onRead: () => undefined });
    expect(inBrowser.result).toEqual(await verified(pack(), { known }));
  });

  /** What the browser says, which is what the command line says. */
  async function said(pack: Files, known: Parameters<typeof verifyFile>[1]["known"] = {}) {
    const file = new File([new Uint8Array(await zipOf(pack))], "audit-pack.zip");
    const { now } = verifyOptions();
    const { result } = await verifyFile(file, { known, now, subtle: crypto.subtle, onRead: () => undefined });
    expect(result).toEqual(await verified(pack, { known }));
    return result;
  }

  it("comes to the same result with passkeys and delegations, and where a passkey's answer was forged", async () => {
    const told = await recordEverything();
    expect((await said(await packOf(told))).holds).toBe(true);
    const signed = told.house.facts.find(({ type, body }) => type === "sign-off" && body["passkey"] !== undefined);
    const { signature } = authenticator().assertion("another");
    const forged = withChanged(told.house, signed ?? expect.unreachable(), "passkey.json", (answer) => {
      return { ...answer, signature };
    });
    const { findings } = await said(await packOf(told, forged));
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: "sign-off-invalid",
        sentence: expect.stringContaining("its signature does not fit the public key"),
      }),
    );
  });

  it.each(inBrowserToo)("says of a service that lies what the command line says: %s", async (type) => {
    const told = await recordEverything();
    const { tell, code, sentence } = lies[type];
    const { holds, findings } = await said(await lyingPack(told, tell(told)));
    expect(holds).toBe(false);
    expect(findings).toContainEqual(expect.objectContaining({ code, sentence: expect.stringMatching(sentence) }));
  });

  it.each(documentsInBrowserToo)("says of a document that is none what the command line says: %s", async (name) => {
    const told = await recordEverything();
    const { of, code, sentence, change = () => utf8("{}") } = tamperedDocuments[name] ?? expect.unreachable();
    const fact = factWith(told.house, of, name);
    const bytes = change(documentOf(told.house, fact, name), told);
    const { holds, findings } = await said(await lyingPack(told, withDocument(told.house, fact, name, bytes)));
    expect(holds).toBe(false);
    expect(findings).toContainEqual(expect.objectContaining({ code, sentence: expect.stringMatching(sentence) }));
  });

  it("asks for the witnesses whose keys were pasted among the others", async () => {
    const witness = testSigner("witness.example/w1", 5);
    const key = noteKey(witness.origin, "cosignature/v1", witness.publicKey);
    const known = knownFrom({
      keys: formatVerifierKey(key),
      jwks: "",
      issuers: "",
      audiences: " portal,cli ",
      origins: "",
      subjectClaims: [],
    });
    expect(known).toEqual({ witnessKeys: [key], audiences: ["portal", "cli"] });
    const missing = await said(files, { witnessKeys: [key] });
    expect(missing.findings.map(({ code }) => code)).toEqual(["checkpoint-not-witnessed"]);
    const { note } = parseCheckpoint(files.get("log/checkpoint") ?? bytes());
    const line = await cosignNote(note.text, key, witness.sign, Date.UTC(2026, 10, 24) / 1000);
    const cosigned = utf8(formatSignedNote({ ...note, signatures: [...note.signatures, line] }));
    const seen = await said(resealed(files, { "log/checkpoint": cosigned }), { witnessKeys: [key] });
    expect([seen.holds, seen.log?.witnesses]).toEqual([
      true,
      [{ key: `witness.example/w1+${key.keyId}`, at: "2026-11-24T00:00:00.000Z" }],
    ]);
  });

  it("refuses what is no zip as the command line does", async () => {
    const file = new File(["not a zip"], "audit-pack.zip");
    const { now } = verifyOptions();
    const { result } = await verifyFile(file, { known: {}, now, subtle: crypto.subtle, onRead: () => undefined });
    expect(result.findings.map(({ code, path }) => ({ code, path }))).toEqual([
      { code: "container-refused", path: "audit-pack.zip" },
    ]);
  });

  it("throws where the browser does not know an algorithm: that says nothing about the pack", async () => {
    const subtle = {
      importKey: async () => {
        throw new DOMException("Unrecognized name.", "NotSupportedError");
      },
    } as unknown as SubtleCrypto;
    const sound = { publicKey: new Uint8Array(32).fill(7), signature: new Uint8Array(64).fill(7) };
    const asked = { kind: "ed25519", message: bytes(), ...sound } as const;
    await expect(webCryptoCheck(subtle)(asked)).rejects.toMatchObject({ code: "unavailable" });
    await expect(webCryptoCheck(undefined)(asked)).rejects.toThrow("only on pages that come by https");
  });
});
