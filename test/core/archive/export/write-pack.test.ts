import { describe, expect, it } from "vitest";
import { ed25519Pem } from "../../../../core/archive/export/key-files.ts";
import { type LedgerReader, type PackSettings, writePack } from "../../../../core/archive/export/write-pack.ts";
import { blobPath, recordPath } from "../../../../core/archive/pack/pack-layout.ts";
import { packVersion, readPackManifest } from "../../../../core/archive/pack/pack-manifest.ts";
import { fromUtf8, hex, utf8 } from "../../../../core/encoding/bytes.ts";
import type { Instant } from "../../../../core/encoding/instant.ts";
import { leafHash } from "../../../../core/ledger/merkle.ts";
import { formatVerifierKey, noteKey } from "../../../../core/ledger/note-key.ts";
import { testSigner } from "../../ledger/ed25519.ts";
import { MemoryLedger } from "../../ledger/memory-ledger.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { refused } from "../../refusal.ts";
import { collected, type Files, packOf, settingsOf } from "../memory-pack.ts";
import { packIn } from "../packs-in-version.ts";
import { attestationKey } from "../reviewers.ts";
import { attestationKeyOfPack, keptFiles, keptManifest, told } from "../told.ts";

// The ledger bucket of the kept pack: what an export of it makes again is the kept pack, as of the newest version, to the byte.
const ledgerWith = (over: ReadonlyMap<string, Uint8Array | undefined> = new Map()): LedgerReader => ({
  get: async (path) =>
    over.has(path) ? over.get(path) : keptFiles.get(path.startsWith("blobs/") ? path : `log/${path}`),
  list: async function* (prefix) {
    for (const name of keptFiles.keys()) if (name.startsWith(`log/${prefix}`)) yield name.slice("log/".length);
  },
});
const settings = (over: Partial<PackSettings> = {}): PackSettings =>
  settingsOf(
    { house: { ...told.house, attestation: { key: attestationKeyOfPack } } },
    { now: keptManifest.createdAt, ...over },
  );
async function packed(over: Partial<PackSettings> = {}, ledger = ledgerWith()): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  for await (const { name, content } of writePack(ledger, settings(over))) {
    expect(files.has(name), name).toBe(false);
    files.set(name, content instanceof Uint8Array ? content : await collected(content));
  }
  return files;
}
const namesIn = (files: Files, folder: string) => [...files.keys()].filter((name) => name.startsWith(folder));
const manifestOf = (files: Files) => readPackManifest(files.get("manifest.json") ?? new Uint8Array());
const entriesOf = (wanted: (fact: (typeof told.house.facts)[number]) => boolean): readonly number[] =>
  told.house.facts.flatMap((fact, index) => (wanted(fact) ? [index] : []));

describe("a pack of everything", () => {
  it("is made again as it was, file by file", async () => {
    const files = await packed();
    const kept = await packIn(keptFiles, packVersion);
    expect([...files.keys()].toSorted()).toEqual([...kept.keys()].toSorted());
    const lines = (pack: Files) =>
      fromUtf8(pack.get("SHA256SUMS") ?? utf8(""))
        .split("\n")
        .toSorted();
    expect(lines(files)).toEqual(lines(kept));
    for (const [name, bytes] of files)
      if (name !== "SHA256SUMS") expect(hex(bytes) === hex(kept.get(name) ?? utf8("")), name).toBe(true);
  });

  it("has no checkpoint of a larger log than its own", async () => {
    const ledger = ledgerWith(new Map([["checkpoints/9999", utf8("later")]]));
    const later: LedgerReader = {
      ...ledger,
      list: async function* (prefix) {
        yield* ledger.list(prefix);
        if (prefix === "checkpoints/") yield "checkpoints/9999";
      },
    };
    expect([...(await packed({}, later)).keys()]).not.toContain("log/checkpoints/9999");
  });

  it("waits for many objects at once, of whatever there is much", async () => {
    const most = new Map<string, number>();
    const waiting = new Map<string, number>();
    const slow: LedgerReader = {
      ...ledgerWith(),
      get: async (path) => {
        const [kind = ""] = path.split("/");
        waiting.set(kind, (waiting.get(kind) ?? 0) + 1);
        most.set(kind, Math.max(most.get(kind) ?? 0, waiting.get(kind) ?? 0));
        // As long as whatever else is to begin: each read is some 30 ms on AWS, and an export has 900 s.
        for (let turn = 0; turn < 500; turn += 1) await undefined;
        waiting.set(kind, (waiting.get(kind) ?? 0) - 1);
        return ledgerWith().get(path);
      },
    };
    await packed({}, slow);
    const kept = [...keptFiles.keys()].filter((name) => name.startsWith("log/checkpoints/")).length;
    expect(most.get("checkpoints")).toBe(Math.min(kept, 48));
    expect(most.get("blobs")).toBeGreaterThan(8);
  });

  it("leaves out documents that are gone, for verification to name", async () => {
    const [lost] = told.house.facts.flatMap(({ attachments }) => attachments);
    if (lost === undefined) throw new Error("There are no documents.");
    const files = await packed({}, ledgerWith(new Map([[blobPath(lost.sha256), undefined]])));
    expect(files.has(blobPath(lost.sha256))).toBe(false);
    expect(manifestOf(files).documentsLeftOut).toEqual([]);
  });

  it("is not made of a log that cannot be read", async () => {
    expect(await refused(packed({}, ledgerWith(new Map([["checkpoint", undefined]]))))).toEqual({
      code: "not-found",
      sentence: "The ledger is still empty.",
    });
    const tile = namesIn(keptFiles, "log/tile/0/")[0]?.slice("log/".length) ?? "";
    expect(await refused(packed({}, ledgerWith(new Map([[tile, undefined]]))))).toEqual({
      code: "ledger-invalid",
      sentence: `The ledger lacks ${tile}.`,
    });
  });
});

describe("a pack of a part", () => {
  it("of one promotion has its records, those of the keys and what they rest on, and a proof of each", async () => {
    const files = await packed({ scope: { kind: "promotion", promotion: told.deployed } });
    const manifest = manifestOf(files);
    const keys = entriesOf(({ type }) => type === "key");
    const own = entriesOf(({ promotion }) => promotion === told.deployed);
    const passkey = told.house.facts.find(({ type, promotion, body }) => {
      return type === "sign-off" && promotion === told.deployed && "passkey" in body;
    })?.body["passkey"] as unknown as { readonly id: string };
    const passkeys = entriesOf(({ type, body }) => type.startsWith("passkey-") && body["passkey"] === passkey.id);
    const delegations = entriesOf(({ type }) => type.startsWith("delegat"));
    const installations = entriesOf(({ type }) => type === "installation");
    const all = [...installations, ...keys, ...own, ...passkeys, ...delegations].toSorted((a, b) => a - b);
    expect(namesIn(files, "records/")).toEqual(all.map(recordPath));
    expect(namesIn(files, "proofs/")).toEqual(all.map((index) => `proofs/${index}.tlog-proof`));
    expect(manifest).toMatchObject({
      scope: { kind: "promotion", promotion: told.deployed },
      records: all.length,
      promotions: [told.deployed],
      installationRecords: installations,
      keyRecords: keys,
      passkeyRecords: passkeys,
      delegationRecords: delegations,
      recordsLeftOut: told.house.facts.length - all.length,
      documentsLeftOut: [],
    });
    expect(manifest).not.toHaveProperty("personalRecordsLeftOut");
    expect(namesIn(files, "log/checkpoints/")).toEqual([]);
    expect(namesIn(files, "log/tile/entries/")).toEqual([]);
    expect(namesIn(files, "log/tile/0/")).toEqual(namesIn(keptFiles, "log/tile/0/").slice(-1));
    const blobs = new Set(
      all.flatMap((index) => told.house.facts[index]?.attachments.map(({ sha256 }) => blobPath(sha256)) ?? []),
    );
    expect(new Set(namesIn(files, "blobs/"))).toEqual(blobs);
    expect(namesIn(files, "report/")).toEqual([`report/${told.deployed}.html`]);
  });

  it("of what came since a checkpoint has every record from there on, and whole promotions", async () => {
    const all = told.house.facts.length;
    const sizes = namesIn(keptFiles, "log/checkpoints/").map((name) => Number(/\d+$/.exec(name)?.[0]));
    const size = Math.max(...sizes.filter((each) => each < all));
    const root = fromUtf8(keptFiles.get(`log/checkpoints/${size}`) ?? utf8("")).split("\n")[2] ?? "";
    const scope = { kind: "since", size, root: Buffer.from(root, "base64").toString("hex") } as const;
    const files = await packed({ scope });
    const own = entriesOf(
      ({ promotion, type }) => promotion === told.reopened || ["installation", "key"].includes(type),
    );
    const records = namesIn(files, "records/").map((name) => Number(/\d+/.exec(name)?.[0]));
    for (const index of [...own, size, all - 1]) expect(records).toContain(index);
    expect(namesIn(files, "log/")).toEqual(["log/checkpoint"]);
    expect(namesIn(files, "proofs/since")).toEqual(["proofs/since.add-checkpoint"]);
    expect(await refused(packed({ scope, withoutPersonalData: true }))).toEqual({
      code: "invalid-request",
      sentence: "A pack of what came since a checkpoint holds every record: nothing is left out.",
    });
    expect(await refused(packed({ scope: { ...scope, root: "0".repeat(64) } }))).toEqual({
      code: "conflict",
      sentence: `The ledger's first ${size} entries are not those of that checkpoint. It is another ledger's, or this one was altered since.`,
    });
    expect(await refused(packed({ scope: { ...scope, size: all + 1 } }))).toEqual({
      code: "conflict",
      sentence: `The ledger has ${all} entries, and that checkpoint ${all + 1}. It is another ledger's, or this one was altered since.`,
    });
    expect(await refused(packed({ scope: { ...scope, size: all } }))).toMatchObject({ code: "conflict" });
    const head = (fromUtf8(files.get("log/checkpoint") ?? utf8("")).split("\n")[2] ?? "").trim();
    const newest = { ...scope, size: all, root: Buffer.from(head, "base64").toString("hex") };
    expect(await refused(packed({ scope: newest }))).toEqual({
      code: "not-found",
      sentence: `The ledger has ${all} entries: none since that checkpoint.`,
    });
  });

  it("is not made where nothing is in scope", async () => {
    const nothing = { code: "not-found", sentence: "The ledger holds nothing of what was asked for." };
    expect(await refused(packed({ scope: { kind: "model", model: "other" } }))).toEqual(nothing);
    const [from, to] = ["2030-01-01T00:00:00.000Z", "2031-01-01T00:00:00.000Z"] as [Instant, Instant];
    expect(await refused(packed({ scope: { kind: "time", from, to } }))).toEqual(nothing);
  });
});

describe("a pack without personal data", () => {
  it("names what it leaves out: documents once, by their digest, and records by their leaf hash", async () => {
    const files = await packed({ withoutPersonalData: true });
    const { documentsLeftOut, personalRecordsLeftOut = [], records, recordsLeftOut } = manifestOf(files);
    const personal = ["id-token.jwt", "people.json", "people.yaml", "channels.yaml"];
    const digests = new Set(
      told.house.facts.flatMap(({ attachments }) =>
        attachments.flatMap(({ name, sha256 }) => (personal.includes(name) ? [sha256] : [])),
      ),
    );
    expect(documentsLeftOut.map(({ sha256 }) => sha256).toSorted()).toEqual([...digests].toSorted());
    expect(new Set(documentsLeftOut.map(({ why }) => why))).toEqual(
      new Set(["It holds personal data and was left out at the request of whoever exported the pack."]),
    );
    for (const { sha256 } of documentsLeftOut) expect(files.has(blobPath(sha256))).toBe(false);
    const letters = entriesOf(({ type }) => /^(?:notification-|link-opened|export)/.test(type));
    expect(personalRecordsLeftOut).toEqual(
      letters.map((index) => ({
        index,
        type: told.house.facts[index]?.type,
        leafHash: hex(leafHash(keptFiles.get(recordPath(index)) ?? utf8(""))),
      })),
    );
    expect([records, recordsLeftOut]).toEqual([told.house.facts.length - letters.length, letters.length]);
    for (const index of letters) expect(files.has(recordPath(index))).toBe(false);
    expect(namesIn(files, "log/checkpoints/")).toEqual([]);
    expect(namesIn(files, "proofs/")).toHaveLength(records);
  });
});

describe("the keys in a pack", () => {
  const { origin, publicKey } = MemoryLedger.signer;
  const other = testSigner(origin, 7).publicKey;
  const line = (key: Uint8Array) => `${formatVerifierKey(noteKey(origin, "ed25519", key))}\n`;

  /** Of a log that names no keys of the service. */
  const unnamed = (over: Partial<PackSettings>) => {
    const facts = told.house.facts.filter(({ type, promotion }) => promotion === told.withdrawn && type !== "key");
    return packOf({ house: { ...told.house, facts, attestation: { key: attestationKeyOfPack } } }, over);
  };

  it("begin with the one that signed this very checkpoint", async () => {
    const files = await unnamed({ checkpointKeys: [other, publicKey] });
    expect(fromUtf8(files.get("keys/checkpoint.vkey") ?? utf8(""))).toBe(line(publicKey) + line(other));
    expect(fromUtf8(files.get("keys/checkpoint.pem") ?? utf8(""))).toBe(ed25519Pem(publicKey));
  });

  it("are the newest attestation key, and older ones by their ids", async () => {
    const older = { ...attestationKeyOfPack, keyid: digestOf("older") };
    const files = await unnamed({ attestationKeys: [attestationKeyOfPack, older] });
    expect(namesIn(files, "keys/attestation")).toEqual(["keys/attestation.pem", `keys/attestation-${older.keyid}.pem`]);
  });

  it("are those that the log published: a new one is known before its record is there", async () => {
    const newer = attestationKey().key;
    const files = await packed({ attestationKeys: [newer, attestationKeyOfPack], checkpointKeys: [other, publicKey] });
    expect(namesIn(files, "keys/attestation")).toEqual(["keys/attestation.pem"]);
    expect(fromUtf8(files.get("keys/attestation.pem") ?? utf8(""))).toBe(attestationKeyOfPack.pem);
    expect(fromUtf8(files.get("keys/checkpoint.vkey") ?? utf8(""))).toBe(line(publicKey));
  });

  it("are in PEM as openssl reads it", () => {
    expect(ed25519Pem(publicKey)).toMatch(/^-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA/);
  });
});
