import { describe, expect, it } from "vitest";
import { keysOfPack, readPublicKeys, readVerifierKeys } from "../../../core/archive/pack/pack-keys.ts";
import { isAttestationKey } from "../../../core/archive/pack/pack-layout.ts";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import type { LedgerKey } from "../../../core/archive/people/ledger-keys.ts";
import { headInForce, type TrustedKeys, trustKeys, whyHeadNotInForce } from "../../../core/archive/trust-keys.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { verifyingKey } from "../../../core/attestation/dsse.ts";
import { keyFact, keyGeneration } from "../../../core/attestation/key-record.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Bytes, sha256Hex } from "../../../core/encoding/sha256.ts";
import { type Checkpoint, parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { formatVerifierKey, noteKey } from "../../../core/ledger/note-key.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { testSigner } from "../ledger/ed25519.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { codeOf, refused } from "../refusal.ts";
import { type Files, resealed, verifyOptions } from "./memory-pack.ts";
import { attestationKey } from "./reviewers.ts";
import { smallFacts, smallPack, withManifest, wrongWith } from "./small-pack.ts";
import { attestationKeyOfPack, keptManifest, told } from "./told.ts";

const whole = await smallPack();
const { origin, publicKey } = MemoryLedger.signer;
const ours = noteKey(origin, "ed25519", publicKey);
const stranger = noteKey(origin, "ed25519", testSigner(origin, 9).publicKey);
const line = (key: typeof ours) => `${formatVerifierKey(key)}\n`;
const other = attestationKey().key;
/** A log that names no keys of the service. */
const unnamed = await smallPack({ facts: smallFacts.filter(({ type }) => type !== "key") });
const namesNone = [
  "key-unpublished keys/checkpoint.vkey: The ledger does not name its checkpoint keys, which it does from its beginning.",
  "key-unpublished keys/: The ledger does not name its attestation keys, which it does from its beginning.",
];
const text = (files: Files, name: string) => fromUtf8(files.get(name) ?? new Uint8Array());

describe("the keys that a reader knows", () => {
  it("count, and those of the pack are bound to them", async () => {
    const known = { checkpointKeys: [ours], attestationKeys: [attestationKeyOfPack] };
    expect(await wrongWith(whole, { known })).toEqual([]);
    expect(await wrongWith(unnamed, { known })).toEqual(namesNone);
  });

  it("make any other of the pack a foreign one", async () => {
    const found = await wrongWith(whole, { known: { checkpointKeys: [stranger] } });
    expect(found).toContain(
      `key-foreign keys/checkpoint.vkey: The pack brings the checkpoint key ${ours.name}+${ours.keyId}, which is not the one that was given, nor bound to it.`,
    );
    expect(found.some((each) => each.startsWith("checkpoint-rejected"))).toBe(true);
    const attested = await wrongWith(whole, { known: { attestationKeys: [other] } });
    expect(attested).toContain(
      `key-foreign keys/: The pack brings the attestation key ${attestationKeyOfPack.keyid}, which is not the one that was given, nor bound to it.`,
    );
    expect(attested.join("\n")).toContain("signed with a key that is not trusted here");
  });
});

describe("the keys of a pack", () => {
  it("are those that its log published", async () => {
    const found = await wrongWith(resealed(whole, { "keys/attestation.pem": utf8(other.pem) }));
    expect(found).toEqual(
      expect.arrayContaining([
        `key-unpublished keys/: The pack brings the attestation key ${other.keyid}, which the ledger never published.`,
        `file-missing keys/: The ledger published the attestation key ${attestationKeyOfPack.keyid}, which the pack does not bring.`,
      ]),
    );
    const both = resealed(whole, { "keys/checkpoint.vkey": utf8(line(ours) + line(stranger)) });
    expect(await wrongWith(both)).toEqual([
      `key-unpublished keys/checkpoint.vkey: The pack brings the checkpoint key ${stranger.name}+${stranger.keyId}, which the ledger never published.`,
    ]);
  });

  it("are named by the log, whatever of it is looked at", async () => {
    expect(await wrongWith(unnamed)).toEqual(namesNone);
    expect(await wrongWith(unnamed, { mode: "checkpoint" })).toEqual(namesNone);
    const facts = smallFacts.filter(({ type }) => type !== "key");
    const part = await smallPack({ facts, scope: { kind: "promotion", promotion: told.rejected } });
    expect(await wrongWith(part)).toEqual(namesNone);
  });

  it("are told by records that can be read", async () => {
    const [, first] = smallFacts;
    if (first === undefined) throw new Error("There is no key.");
    const facts = smallFacts.map((fact) =>
      fact === first ? { ...fact, body: { ...fact.body, generation: 2 } } : fact,
    );
    const found = await wrongWith(await smallPack({ facts }));
    expect(found[0]).toMatch(/^key-record-invalid records\/1\.json: /);
  });

  it("are in the manifest by their records", async () => {
    const found = await wrongWith(withManifest(whole, (manifest) => ({ ...manifest, keyRecords: [] })));
    const otherKeys = "manifest-differs manifest.json: The manifest names other records of keys than there are.";
    expect(found.toSorted()).toEqual([...namesNone, otherKeys].toSorted());
  });

  it("that signed the head of the log were in force then", async () => {
    const late = smallFacts.map((fact) =>
      fact.id.includes("key/checkpoint/")
        ? { ...fact, body: { ...fact.body, key: line(stranger), keyid: sha256Hex(utf8(line(stranger))) } }
        : fact,
    );
    const found = await wrongWith(await smallPack({ facts: late }));
    expect(found.join("\n")).toMatch(/key-unpublished keys\/checkpoint\.vkey/);
    expect(found.join("\n")).toMatch(/checkpoint-rejected log\/checkpoint/);
  });
});

describe("the key that signed the head", () => {
  const { checkpoint } = parseCheckpoint(whole.get("log/checkpoint") ?? new Uint8Array());
  const history: LedgerKey = {
    ...{ role: "checkpoint", generation: 1, text: line(ours), keyid: sha256Hex(utf8(line(ours))), index: 1 },
  };
  const trusted = (over: Partial<TrustedKeys> = {}): TrustedKeys => ({
    ...{ checkpoint: [ours], checkpointHistory: [history], keys: [], keyHistory: [], findings: [], unchecked: [] },
    ...over,
  });
  const judged = (
    over: Partial<TrustedKeys> = {},
    files: Files = whole,
    head: { checkpoint?: Checkpoint } = { checkpoint },
  ) => headInForce(memorySource(files), trusted(over), head, verifyOptions());

  it("was published, and not retired", async () => {
    expect(await judged()).toEqual([]);
    const until = "2026-11-23T09:00:02.000Z" as Instant;
    expect(await judged({ checkpointHistory: [{ ...history, until }] })).toEqual([
      {
        code: "key-not-in-force",
        path: "log/checkpoint",
        sentence: `It is signed with the checkpoint key 1, which was retired at ${until}.`,
      },
    ]);
  });

  it("is one of the log's", async () => {
    expect(await judged({ checkpoint: [stranger] })).toEqual([
      {
        code: "checkpoint-rejected",
        path: "log/checkpoint",
        sentence: "No key that is trusted has signed the note.",
      },
    ]);
  });

  it("is not judged where the log names no keys, or there is no head", async () => {
    expect(await judged({ checkpoint: [stranger], checkpointHistory: [] })).toEqual([]);
    expect(await judged({ checkpoint: [stranger] }, whole, {})).toEqual([]);
    expect(await judged({ checkpoint: [stranger] }, resealed(whole, { "log/checkpoint": undefined }))).toEqual([]);
  });
});

describe("keys that follow each other", () => {
  const base = "https://countersign.example";
  const [old, next] = [attestationKey(), attestationKey()];
  const logs = [testSigner(origin, 11), testSigner(origin, 12)] as const;
  const note = (at: 0 | 1) => noteKey(origin, "ed25519", logs[at].publicKey);
  const attestations = [old, next].map(({ key: { pem } }, at) => keyGeneration("attestation", at + 1, pem));
  const checkpoints = ([0, 1] as const).map((at) => keyGeneration("checkpoint", at + 1, line(note(at))));
  /** The trust in a pack of these records of keys, each vouched for by the key before it. */
  async function trust(known: VerifyPackOptions["known"], named = base) {
    const at = "2026-11-23T09:00:00.000Z" as Instant;
    const published = { change: "published" } as const;
    const [a1, a2] = attestations;
    const [c1, c2] = checkpoints;
    if (a1 === undefined || a2 === undefined || c1 === undefined || c2 === undefined) throw new Error("Two of each.");
    const facts = [
      await keyFact(a1, published, at, base, undefined),
      await keyFact(c1, published, at, base, undefined),
      await keyFact(a2, published, at, base, {
        keyid: a1.keyid,
        sign: async (message) => old.sign(sha256Bytes(message)),
      }),
      await keyFact(c2, published, at, base, { keyid: c1.keyid, sign: async (message) => await logs[0].sign(message) }),
    ];
    const files = new Map(facts.map((fact, index) => [`records/${index}.json`, ledgerEntry(fact)]));
    const manifest = { ...keptManifest, keyRecords: [0, 1, 2, 3, 9] };
    const pack = { attestation: [old.key, next.key], checkpoint: [note(0), note(1)] };
    return await trustKeys(memorySource(files), manifest, pack, named, verifyOptions({ known }));
  }

  it("are trusted from the first on, where nothing is known beforehand", async () => {
    const { keys, checkpoint, findings } = await trust({});
    expect([keys, checkpoint]).toEqual([
      [old.key, next.key],
      [note(0), note(1)],
    ]);
    expect(findings).toEqual([]);
  });

  it("are each trusted once, with what is known: what it vouches for, and what it does not", async () => {
    const first = await trust({ attestationKeys: [old.key], checkpointKeys: [note(0)] });
    expect([first.keys, first.checkpoint, first.findings]).toEqual([[old.key, next.key], [note(0), note(1)], []]);
    // The one before was not retired by it, so it vouches for nothing.
    const last = await trust({ attestationKeys: [next.key], checkpointKeys: [note(1)] });
    expect([last.keys, last.checkpoint]).toEqual([[next.key], [note(1)]]);
    expect(last.findings.map(({ code }) => code)).toEqual(["key-foreign", "key-foreign"]);
  });

  it("are bound to each other under the deployment's own address", async () => {
    const elsewhere = await trust({}, "https://other.example");
    expect(elsewhere.findings.filter(({ code }) => code === "key-record-invalid")).toHaveLength(2);
  });
});

describe("a checkpoint", () => {
  const key = (over: Partial<LedgerKey>): LedgerKey => ({
    ...{ role: "checkpoint", generation: 1, text: line(ours), keyid: sha256Hex(utf8(line(ours))), index: 1 },
    ...over,
  });
  const until = "2026-11-23T12:00:00.000Z" as Instant;
  const before = "2026-11-23T11:59:59.000Z" as Instant;
  const why = (history: readonly LedgerKey[], at: Instant | undefined, by = [ours]) =>
    whyHeadNotInForce(history, { size: 14, at, by });

  it("counts under a key that was in force", () => {
    expect(why([], until)).toBeUndefined();
    expect(why([key({})], until)).toBeUndefined();
    expect(why([key({ until })], before)).toBeUndefined();
    expect(why([key({ until })], until)).toBe(`It is signed with the checkpoint key 1, which was retired at ${until}.`);
    expect(why([key({})], until, [stranger])).toMatch(/which the ledger never published\.$/);
  });

  it("needs one such signature of several", () => {
    expect(why([key({})], until, [stranger, ours])).toBeUndefined();
    expect(why([key({ until })], until, [ours, stranger])).toMatch(/which was retired at/);
  });
});

describe("the files of keys", () => {
  const found = (changes: Readonly<Record<string, Uint8Array | undefined>>) => wrongWith(resealed(whole, changes));

  it("hold one key in PEM each, and are named for it", async () => {
    const pem = text(whole, "keys/attestation.pem");
    const wrong = (name: string) => [
      `key-malformed ${name}: ${name} is not the one public key in PEM that it is named for.`,
    ];
    const elsewhere = `keys/attestation-${"0".repeat(64)}.pem`;
    expect(await found({ [elsewhere]: utf8(pem) })).toEqual(wrong(elsewhere));
    expect(await found({ "keys/attestation.pem": utf8(`${pem}more\n`) })).toEqual(wrong("keys/attestation.pem"));
    expect(await found({ "keys/attestation.pem": utf8(pem + other.pem) })).toEqual(wrong("keys/attestation.pem"));
    expect(await found({ "keys/attestation.pem": utf8("no key") })).toEqual([
      "key-malformed keys/attestation.pem: There is no public key in PEM (-----BEGIN PUBLIC KEY-----).",
    ]);
    expect(isAttestationKey(elsewhere)).toBe(true);
    expect(await found({ [`keys/attestation-${attestationKeyOfPack.keyid}.pem`]: utf8(pem) })).toEqual([]);
  });

  it("hold verifying keys, one a line, and nothing else", async () => {
    const keys = text(whole, "keys/checkpoint.vkey");
    const wrong =
      "key-malformed keys/checkpoint.vkey: keys/checkpoint.vkey holds something else than verifying keys, one a line.";
    for (const changed of [`${keys}\n`, ` ${keys}`, keys.trimEnd()])
      expect(await found({ "keys/checkpoint.vkey": utf8(changed) })).toEqual([wrong]);
    expect(await found({ "keys/checkpoint.vkey": utf8("") })).toEqual([
      "key-malformed keys/checkpoint.vkey: There is no checkpoint key.",
    ]);
    expect(await found({ "keys/checkpoint.vkey": undefined })).toEqual([
      "key-malformed keys/checkpoint.vkey: There is no checkpoint key.",
    ]);
    const [broken] = await found({ "keys/checkpoint.vkey": utf8("name+0+x\n") });
    expect(broken).toMatch(/^key-malformed keys\/checkpoint\.vkey: /);
  });

  it("are told as they are read", async () => {
    const names: string[] = [];
    const { attestation, checkpoint } = await keysOfPack(memorySource(whole), (name) => void names.push(name));
    expect(names).toEqual(["keys/attestation.pem", "keys/checkpoint.vkey"]);
    expect(attestation).toEqual([attestationKeyOfPack]);
    expect(checkpoint).toEqual([ours]);
    expect((await refused(keysOfPack(memorySource(new Map())))).code).toBe("pack-invalid");
  });
});

describe("keys that somebody gives", () => {
  it("are public keys in PEM, several in one text, with or without a last line's end", () => {
    const { pem } = attestationKeyOfPack;
    expect(readPublicKeys(`# ours\n${pem}${other.pem.trimEnd()}`)).toEqual([attestationKeyOfPack, other]);
    expect(readPublicKeys(pem)).toEqual([verifyingKey(pem)]);
    expect(codeOf(() => readPublicKeys("-----BEGIN PUBLIC KEY-----\n"))).toEqual({
      code: "pack-invalid",
      sentence: "There is no public key in PEM (-----BEGIN PUBLIC KEY-----).",
    });
    expect(codeOf(() => readPublicKeys("{}", "package.json"))).toMatchObject({
      sentence: "package.json has no public key in PEM (-----BEGIN PUBLIC KEY-----).",
    });
  });

  it("are verifying keys, one a line", () => {
    expect(readVerifierKeys(`\n  ${line(ours)}\n${line(stranger)}`)).toEqual([ours, stranger]);
    for (const none of ["", " \n"])
      expect(codeOf(() => readVerifierKeys(none)).sentence).toBe("There is no checkpoint key.");
    expect(codeOf(() => readVerifierKeys("ours")).code).toBe("pack-invalid");
  });
});
