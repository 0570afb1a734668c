import { describe, expect, it } from "vitest";
import { inspectionOf, logTrustOf, type OpenedPack, openPack } from "../../../core/archive/open-pack.ts";
import { checkedSource, fileStates } from "../../../core/archive/pack/file-states.ts";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { noteKey } from "../../../core/ledger/note-key.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { type Files, resealed, verifyOptions } from "./memory-pack.ts";
import { attestationBase, clientId, issuer } from "./reviewers.ts";
import { headOf, smallPack, withManifest } from "./small-pack.ts";
import { attestationKeyOfPack, keptFiles, keptManifest, policyOf, recordsOf, told } from "./told.ts";

const small = await smallPack();
const opening = (files: Files, over: Partial<VerifyPackOptions> = {}) =>
  openPack(memorySource(files), verifyOptions({ policyOf, ...over }));
async function opened(files: Files, over: Partial<VerifyPackOptions> = {}): Promise<OpenedPack> {
  const pack = await opening(files, over);
  if ("code" in pack) throw new Error(pack.sentence);
  return pack;
}
/** What the parts of the work are done with. */
async function inspection(files: Files, over: Partial<VerifyPackOptions> = {}) {
  const options = verifyOptions({ policyOf, ...over });
  const pack = memorySource(files);
  const states = fileStates(pack.count);
  const source = checkedSource(pack, states, options.startSha256);
  const context = inspectionOf({ pack, source, states, opened: await opened(files, over), options });
  return { context, pack, source, states };
}

describe("a pack", () => {
  it("is opened by its manifest and its keys", async () => {
    const { manifest, keys, trusted } = await opened(keptFiles);
    expect(manifest).toEqual(keptManifest);
    expect(keys.attestation).toEqual([attestationKeyOfPack]);
    expect(trusted.keys).toEqual([attestationKeyOfPack]);
  });

  it("brings the passkeys and delegations that its sign-offs need, where those are verified", async () => {
    const full = await opened(keptFiles);
    expect(full.passkeys.passkeys.size).toBe(3);
    expect(full.delegations.delegations.size).toBe(1);
    expect(await opened(keptFiles, { mode: "checkpoint" })).toMatchObject({
      passkeys: { passkeys: new Map(), findings: [], unchecked: [] },
      delegations: { delegations: new Map(), findings: [], unchecked: [] },
    });
  });

  it("names the records about them, and those that it does not name are not looked for", async () => {
    const unnamed = withManifest(keptFiles, (manifest) => ({
      ...manifest,
      passkeyRecords: [],
      delegationRecords: [],
    }));
    const { passkeys, delegations } = await opened(unnamed);
    expect([passkeys.passkeys.size, delegations.delegations.size]).toEqual([0, 0]);
  });

  it("may leave tokens out on purpose where it says so", async () => {
    const tokens = recordsOf(told.house.facts)
      .filter(({ record }) => record.type.startsWith("delegat"))
      .flatMap(({ record }) => record.attachments.filter(({ name }) => name === "id-token.jwt"));
    const documentsLeftOut = tokens.map(({ sha256, name }) => ({ sha256, name, why: "personal data" }));
    const without = new Map(withManifest(keptFiles, (manifest) => ({ ...manifest, documentsLeftOut })));
    for (const { sha256 } of tokens) without.delete(`blobs/sha256/${sha256}`);
    const { delegations } = await opened(without);
    expect([delegations.delegations.size, delegations.findings, delegations.unchecked.length]).toEqual([1, [], 1]);
  });
});

describe("a pack that cannot be opened", () => {
  it("has no manifest, or none that can be read", async () => {
    expect(await opening(resealed(small, { "manifest.json": undefined }))).toEqual({
      code: "manifest-malformed",
      path: "manifest.json",
      sentence: "The pack has no manifest.json.",
    });
    expect(await opening(resealed(small, { "manifest.json": utf8("{}") }))).toMatchObject({
      code: "manifest-malformed",
      path: "manifest.json",
    });
  });

  it("is of a newer version, by which nothing is wrong with it", async () => {
    expect(await opening(withManifest(small, (manifest) => ({ ...manifest, packVersion: 3 })))).toMatchObject({
      code: "newer-version",
      path: "manifest.json",
    });
  });

  it.each(["keys/attestation.pem", "keys/checkpoint.vkey"])("has no key in %s", async (path) => {
    expect(await opening(resealed(small, { [path]: utf8("no key") }))).toMatchObject({ code: "key-malformed", path });
  });

  it("is not told as wrong where reading it breaks", async () => {
    const broken = {
      ...memorySource(small),
      read: async () => {
        throw new Error("The disk is gone.");
      },
    };
    await expect(openPack(broken, verifyOptions())).rejects.toThrow("The disk is gone.");
  });
});

describe("whose checkpoints count", () => {
  const { origin, publicKey } = MemoryLedger.signer;

  it("is told by the trusted keys that sign logs, under the name of the first", async () => {
    const { trusted, manifest } = await opened(small);
    expect(logTrustOf(trusted, manifest)).toEqual({ origin, keys: [publicKey] });
    const witness = noteKey("witness.example/w1", "cosignature/v1", new Uint8Array(32).fill(7));
    const other = noteKey("other.example/log", "ed25519", new Uint8Array(32).fill(8));
    expect(logTrustOf({ ...trusted, checkpoint: [other, witness, ...trusted.checkpoint] }, manifest)).toEqual({
      origin: "other.example/log",
      keys: [other.publicKey, publicKey],
    });
    expect(logTrustOf({ ...trusted, checkpoint: [] }, manifest)).toEqual({ origin: manifest.log.origin, keys: [] });
  });
});

describe("what the parts of the work are done with", () => {
  it("is the pack, and whose checkpoints count; nothing of promotions where only the log is looked at", async () => {
    const { context, pack, source, states } = await inspection(small, { mode: "checkpoint" });
    expect(context).toMatchObject({ pack, source, states });
    expect(context.log.trust).toEqual({ origin: MemoryLedger.signer.origin, keys: [MemoryLedger.signer.publicKey] });
    expect(context).not.toHaveProperty("promotions");
    expect(context).not.toHaveProperty("since");
    const by = [noteKey(MemoryLedger.signer.origin, "ed25519", new Uint8Array(32).fill(9))];
    expect(context.log.whyNotInForce?.({ size: 1, at: undefined, by })).toMatch(/which the ledger never published\.$/);
    const own = [noteKey(MemoryLedger.signer.origin, "ed25519", MemoryLedger.signer.publicKey)];
    expect(context.log.whyNotInForce?.({ size: 3, at: undefined, by: own })).toBeUndefined();
  });

  it("is what a head stands for that was verified before", async () => {
    const size = Math.min(
      ...[...small.keys()].flatMap((name) => Number(/^log\/checkpoints\/(\d+)$/.exec(name)?.[1] ?? Number.NaN) || []),
    );
    const head = headOf(small, size);
    const goesTo = "2026-11-23T09:00:01.000Z";
    expect((await inspection(small, { since: head })).context.since).toEqual({ size, goesTo });
    // Nobody knows how late the log went on where nobody signed when.
    const [timed] = fromUtf8(head.bytes)
      .split("\n")
      .flatMap((line) => (line.length > 125 ? [line] : []));
    const untimed = utf8(fromUtf8(head.bytes).replace(`${timed}\n`, ""));
    expect((await inspection(small, { since: { ...head, bytes: untimed } })).context.since).toEqual({ size });
  });

  it("takes the pack's word for who signs, where nothing is known from elsewhere", async () => {
    const { context, source } = await inspection(keptFiles);
    const { trust, left, policyOf: policies, source: own } = context.promotions ?? {};
    expect(trust).toMatchObject({
      attestationBase,
      installations: [
        { index: 0, number: 1, issuer, audiences: [clientId] },
        { number: 2, issuer, audiences: [clientId, "cli-client"] },
      ],
      known: {},
      keys: [attestationKeyOfPack],
    });
    expect(trust).not.toHaveProperty("jwks");
    expect([trust?.passkeys.size, trust?.delegations.size, left?.leftOut.size]).toEqual([3, 1, 0]);
    expect([policies, own]).toEqual([policyOf, source]);
  });

  it("takes what is known from elsewhere before the pack's word", async () => {
    const jwks = { keys: [] };
    const known = { attestationBase: "https://other.example", issuers: ["https://i.example"], audiences: ["b"], jwks };
    const { context } = await inspection(small, { known });
    const { attestationBase: base, jwks: keys } = known;
    expect(context.promotions?.trust).toMatchObject({ attestationBase: base, jwks: keys, known });
  });
});
