import { beforeAll, describe, expect, it } from "vitest";
import { ed25519Pem } from "../../../core/archive/export/key-files.ts";
import type { PackFindingCode } from "../../../core/archive/pack/pack-findings.ts";
import { blobPath, recordPath } from "../../../core/archive/pack/pack-layout.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { parseCheckpoint, signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { formatVerifierKey, noteKey } from "../../../core/ledger/note-key.ts";
import type { LedgerRecord } from "../../../core/promotion/fact.ts";
import { testSigner } from "../ledger/ed25519.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { createdAt, type Files, packOf, type Recorded, recordStories, resealed, verified } from "./pack-fixture.ts";
import { flipped } from "./retelling.ts";
import { attestationKey, identityProvider } from "./reviewers.ts";

let recorded: Recorded;
let files: Files;
/** One promotion's pack: the rest of the log is in it by hashes alone. */
let part: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded);
  part = await packOf(recorded, { scope: { kind: "promotion", promotion: recorded.rejected } });
});

const ours = noteKey(MemoryLedger.signer.origin, "ed25519", MemoryLedger.signer.publicKey);

function bytesOf(name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`The pack has no ${name}.`);
  return bytes;
}

function records(): readonly { readonly index: number; readonly record: LedgerRecord }[] {
  return [...files].flatMap(([name, bytes]) => {
    const index = /^records\/(\d+)\.json$/.exec(name)?.[1];
    return index === undefined ? [] : [{ index: Number(index), record: JSON.parse(fromUtf8(bytes)) as LedgerRecord }];
  });
}

function recordOf(type: LedgerRecord["type"], promotion = recorded.deployed) {
  const found = records().find(({ record }) => record.type === type && record.promotion === promotion);
  if (found === undefined) throw new Error(`There is no ${type} record.`);
  return found;
}

function documentOf(type: LedgerRecord["type"], name: string, promotion = recorded.deployed): Sha256 {
  const attachment = recordOf(type, promotion).record.attachments.find((each) => each.name === name);
  if (attachment === undefined) throw new Error(`There is no ${name}.`);
  return attachment.sha256;
}

async function codes(changed: Files, over: Parameters<typeof verified>[1] = {}): Promise<readonly PackFindingCode[]> {
  const result = await verified(changed, over);
  expect(result.holds).toBe(false);
  return [...new Set(result.findings.map(({ code }) => code))].toSorted();
}

/** What each promotion comes to. */
async function outcomes(changed: Files): Promise<readonly string[]> {
  return (await verified(changed)).promotions.map(({ outcome }) => outcome);
}

// Sums are compared alike in both modes, and the one that stops there takes a sixth of the time.
describe("a careless change, with SHA256SUMS as it was", () => {
  it("of any one file is named with the file", async () => {
    for (const [name, bytes] of part) {
      const result = await verified(new Map(part).set(name, flipped(bytes)), { mode: "checkpoint" });
      expect(result.holds, name).toBe(false);
      const paths = result.findings.map(({ path }) => path);
      // A changed line of SHA256SUMS shows at the file that it is about.
      if (name !== "SHA256SUMS") expect(paths, name).toContain(name);
    }
  });

  it("the loss of any one file is named with the file", async () => {
    for (const name of part.keys()) {
      const rest = new Map(part);
      rest.delete(name);
      const result = await verified(rest, { mode: "checkpoint" });
      expect(
        result.findings.some(({ path }) => path === name),
        name,
      ).toBe(true);
    }
  });

  it("one file more is named", async () => {
    const result = await verified(new Map(files).set("records/99999.json", utf8("{}")));
    expect(result.findings.map(({ code, path }) => `${code} ${path}`)).toContain("file-unexpected records/99999.json");
  });
});

describe("a careful change, with SHA256SUMS made to fit", () => {
  it.each(["whole", "part"])(
    "of any one file is still noticed (%s)",
    async (which) => {
      const pack = which === "whole" ? files : part;
      for (const [name, bytes] of pack) {
        if (name === "SHA256SUMS") continue;
        const result = await verified(resealed(pack, { [name]: flipped(bytes) }));
        expect(result.holds, name).toBe(false);
      }
      // A pack is verified once for each of its files.
    },
    60_000,
  );

  it("the loss of any one file is still noticed, but for a checkpoint of a time before the newest", async () => {
    for (const name of files.keys()) {
      if (name === "SHA256SUMS" || name.startsWith("log/checkpoints/")) continue;
      const result = await verified(resealed(files, { [name]: undefined }));
      expect(result.holds, name).toBe(false);
    }
  }, 60_000);

  it.each([
    ["the size of the log", { log: { size: 1 } }],
    ["the root of the log", { log: { root: "0".repeat(64) } }],
    ["the number of records", { records: 1 }],
    ["the promotions", { promotions: [] }],
    ["what was left out", { recordsLeftOut: 3 }],
    ["what tells of the installation", { installationRecords: [] }],
    ["the identity provider, of which the log tells", { issuer: "https://login.other" }],
    ["the scope", { scope: { kind: "promotion", promotion: "p-00000000000000000000000000000000-1" } }],
    ["the version of before", { packVersion: 1 }],
    ["a later version", { packVersion: 3 }],
  ])("another word in the manifest: %s", async (_, over) => {
    const manifest = JSON.parse(fromUtf8(bytesOf("manifest.json"))) as Record<string, object>;
    const log = { ...manifest["log"], ...("log" in over ? over.log : {}) };
    const changed = canonicalJsonBytes({ ...manifest, ...over, log });
    expect((await verified(resealed(files, { "manifest.json": changed }))).holds).toBe(false);
  });

  it("a record with another reason in it does not have its leaf hash", async () => {
    const { index, record } = recordOf("stage-decided");
    const changed = utf8(fromUtf8(bytesOf(recordPath(index))).replace(record.summary, "Nobody had to sign."));
    expect(await codes(resealed(files, { [recordPath(index)]: changed }))).toContain("record-changed");
  });

  it("two records that changed places are both named", async () => {
    const [a, b] = [recordPath(3), recordPath(4)];
    const result = await verified(resealed(files, { [a]: bytesOf(b), [b]: bytesOf(a) }));
    const changed = result.findings.filter(({ code }) => code === "record-changed").map(({ path }) => path);
    expect(changed).toEqual([a, b]);
  });

  it("a document with other bytes under its old digest", async () => {
    const path = blobPath(documentOf("sign-off", "id-token.jwt"));
    const result = await verified(resealed(files, { [path]: flipped(bytesOf(path)) }));
    expect(result.findings).toContainEqual(
      expect.objectContaining({ code: "document-changed", path, promotion: recorded.deployed }),
    );
    expect(result.promotions.map(({ outcome }) => outcome)).toEqual(["FAILED", "PASSED", "PASSED"]);
  });

  it("a key set that was swapped against another", async () => {
    const path = blobPath(documentOf("sign-off", "jwks.json"));
    expect(await codes(resealed(files, { [path]: utf8('{"keys":[]}') }))).toEqual(
      ["document-changed", "quorum-differs", "sign-off-invalid", "verdict-differs"].toSorted(),
    );
  });

  it("a policy that was swapped against one that lets everything pass", async () => {
    const path = blobPath(documentOf("gates", "gates.wasm"));
    expect(await codes(resealed(files, { [path]: flipped(bytesOf(path)) }))).toContain("document-changed");
  });

  it("the table, the report, a statement for tools, the script", async () => {
    const views = [
      "records.csv",
      "promotions.csv",
      "sign-offs.csv",
      "parquet/records/records.parquet",
      "parquet/promotions/promotions.parquet",
      "parquet/sign-offs/sign-offs.parquet",
      `report/${recorded.deployed}.html`,
      `attestations/${recorded.deployed}.intoto.jsonl`,
      "verify.sh",
      "README.txt",
    ];
    for (const name of views) {
      const changed = bytesOf(name).map((byte, at, all) => (at === all.indexOf(0x65) ? 0x33 : byte));
      const result = await verified(resealed(files, { [name]: changed }));
      expect(result.findings.map(({ code, path }) => ({ code, path }))).toEqual([{ code: "view-differs", path: name }]);
    }
  });

  it("a tail that was cut off, with an older checkpoint in its place", async () => {
    const sizes = [...files.keys()].flatMap((name) => /^log\/checkpoints\/(\d+)$/.exec(name)?.[1] ?? []).map(Number);
    const older = sizes.toSorted((a, b) => a - b)[0] ?? 0;
    const result = await verified(resealed(files, { "log/checkpoint": bytesOf(`log/checkpoints/${older}`) }));
    const found = result.findings.map(({ code }) => code);
    expect(found).toContain("beyond-checkpoint");
    expect(found).toContain("manifest-differs");
    expect(found).toContain("record-unproven");
  });

  it("an old pack is told by its age, where one is asked for", async () => {
    const now = addSeconds(createdAt, 40 * 86_400);
    expect(await codes(files, { now, maxAgeSeconds: 86_400 })).toEqual(["checkpoint-too-old"]);
    expect((await verified(files, { now })).holds).toBe(true);
  });
});

describe("other keys", () => {
  /** The checkpoint signed again by somebody else, with their keys beside it. */
  async function signedBySomebodyElse(): Promise<Files> {
    const other = testSigner(MemoryLedger.signer.origin, 9);
    const { checkpoint } = parseCheckpoint(bytesOf("log/checkpoint"));
    const kept = Object.fromEntries(
      [...files.keys()].filter((name) => name.startsWith("log/checkpoints/")).map((name) => [name, undefined]),
    );
    return resealed(files, {
      ...kept,
      "log/checkpoint": await signCheckpoint(checkpoint, other, createdAt),
      "keys/checkpoint.vkey": utf8(`${formatVerifierKey(noteKey(other.origin, "ed25519", other.publicKey))}\n`),
      "keys/checkpoint.pem": utf8(ed25519Pem(other.publicKey)),
    });
  }

  it("a log that somebody else signed is refused by the key that is known", async () => {
    const forged = await signedBySomebodyElse();
    expect(await codes(forged, { known: { checkpointKeys: [ours] } })).toEqual(
      expect.arrayContaining(["checkpoint-rejected", "key-foreign"]),
    );
  });

  it("without a known key it says that the keys are the pack's own", async () => {
    const result = await verified(await signedBySomebodyElse());
    expect(result.unchecked.map(({ sentence }) => sentence).join(" ")).toContain("Taken from the pack itself");
    // The log itself names its keys: whoever signs it otherwise has to tell it otherwise as well.
    expect(result.findings.map(({ code }) => code)).toContain("key-unpublished");
  });

  it("statements by another key than the known one count for nothing", async () => {
    const result = await verified(files, { known: { attestationKeys: [attestationKey().key] } });
    expect(new Set(result.findings.map(({ code }) => code))).toEqual(
      new Set(["key-foreign", "sign-off-invalid", "quorum-differs", "verdict-differs"]),
    );
  });

  it("tokens that the known key set did not sign count for nothing", async () => {
    // Under the name of the one that did.
    const { jwks } = identityProvider();
    const result = await verified(files, { known: { jwks } });
    expect(result.findings.filter(({ code }) => code === "sign-off-invalid")).toHaveLength(5);
  });

  it("tokens by a key of which the known set has not even the name are told by it, and by nothing else", async () => {
    const { jwks } = identityProvider("key-2");
    const { findings } = await verified(files, { known: { jwks } });
    expect(findings.map(({ code }) => code)).toEqual(["sign-in-key-foreign"]);
  });

  it("tokens of another identity provider than the known one count for nothing", async () => {
    const result = await verified(files, { known: { issuers: ["https://login.other"] } });
    expect(result.findings.find(({ code }) => code === "sign-off-invalid")?.sentence).toBe(
      "The token comes from another issuer.",
    );
  });
});

describe("one promotion's trouble", () => {
  it("is not another's", async () => {
    const path = blobPath(documentOf("blocked", "evidence-summary.json", recorded.blocked));
    expect(await outcomes(resealed(files, { [path]: undefined }))).toEqual(["PASSED", "PASSED", "FAILED"]);
  });

  it("but the log's is everybody's", async () => {
    expect(await outcomes(resealed(files, { "log/checkpoint": flipped(bytesOf("log/checkpoint"), 2) }))).toEqual([
      "FAILED",
      "FAILED",
      "FAILED",
    ]);
  });
});
