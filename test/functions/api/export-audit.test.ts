import { beforeAll, describe, expect, it } from "vitest";
import { startSha256 } from "../../../adapters/node-crypto/running-sha256.ts";
import { openZip } from "../../../core/archive/read-zip.ts";
import { verifyPack } from "../../../core/archive/verify-pack.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import { type ExportAuditPorts, exportAudit } from "../../../functions/api/export-audit/handler.ts";
import { cora } from "../../core/archive/house.ts";
import {
  collected,
  ledgerOf,
  type Recorded,
  recordStories,
  settingsOf,
  verifyOptions,
} from "../../core/archive/pack-fixture.ts";
import { MemoryLedger } from "../../core/ledger/memory-ledger.ts";

const now = "2026-11-24T00:00:00.000Z" as Instant;
let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordStories();
});

async function exporting(over: Partial<ExportAuditPorts> & { readonly machine?: Identity } = {}) {
  const { reader } = await ledgerOf(recorded.house.facts, recorded.house.blobs);
  const written = new Map<string, Uint8Array>();
  const facts: Fact[] = [];
  const { machine, ...ports } = over;
  const { attestationBase, issuer, audiences, logOrigin } = settingsOf(recorded);
  const handler = exportAudit({
    now: () => now,
    groups: ["compliance-officers"],
    claimsMachine: () => machine !== undefined,
    verifyMachine: async () => machine ?? cora.identity,
    verifyPerson: async () => ({ ...cora, authenticatedAt: now }),
    settings: { attestationBase, issuer, audiences, logOrigin },
    promotions: {
      load: recorded.house.promotions.load,
      recordFact: async (fact) => {
        facts.push(fact);
        return "recorded";
      },
    },
    ledger: reader,
    attestationKey: async () => recorded.house.attestation.key,
    checkpointKey: async () => MemoryLedger.signer.publicKey,
    startSha256,
    newId: () => "5f0c",
    exports: {
      put: async (name, chunks) => void written.set(name, await collected(chunks)),
      address: async (name, seconds) => `https://exchange.example/${name}?for=${seconds}`,
    },
    ...ports,
  });
  const post = (body: unknown) =>
    handler({
      method: "POST",
      route: "/v1/audit/exports",
      parameters: {},
      query: {},
      headers: { "content-type": "application/json", authorization: "Bearer token" },
      body: utf8(JSON.stringify(body)),
    });
  return { written, facts, post };
}

async function verifiedZip(bytes: Uint8Array) {
  const zip = await openZip({
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  });
  if (zip.kind === "refused") throw new Error(zip.sentence);
  return verifyPack(zip.source, verifyOptions());
}

describe("POST /v1/audit/exports", () => {
  it("packs everything, and answers where it is, what it hashes to and how far it goes", async () => {
    const { post, written } = await exporting();
    const { status, json } = await post({});
    const pack = written.get("audit-5f0c.zip") ?? new Uint8Array();
    expect(status).toBe(201);
    expect(json).toEqual({
      id: "5f0c",
      expiresAt: "2026-11-24T00:15:00.000Z",
      address: "https://exchange.example/audit-5f0c.zip?for=900",
      bytes: pack.length,
      sha256: sha256Hex(pack),
      ledger: {
        origin: MemoryLedger.signer.origin,
        entries: recorded.house.facts.length,
        rootHash: expect.any(String),
      },
    });
    expect(await verifiedZip(pack)).toMatchObject({ holds: true, findings: [] });
  });

  it("records who took what before it gives the address out", async () => {
    const { post, facts } = await exporting({
      exports: {
        put: async (_, chunks) => void (await collected(chunks)),
        address: async () => Promise.reject(new Error("no address")),
      },
    });
    await expect(post({ model: "credit-scoring" })).rejects.toThrow("no address");
    expect(facts).toMatchObject([
      {
        id: "installation/export/5f0c",
        type: "export",
        summary: "Cora exported the audit archive: the model credit-scoring.",
        body: { by: cora.identity, scope: { kind: "model", model: "credit-scoring" } },
      },
    ]);
  });

  it("records the export of one promotion with it", async () => {
    const { post, facts } = await exporting();
    await post({ promotion: recorded.deployed });
    expect(facts).toMatchObject([{ id: `${recorded.deployed}/export/5f0c`, promotion: recorded.deployed }]);
  });

  it("lets a pipeline take its own promotions, one at a time, and no other", async () => {
    const machine = { issuer: "https://ci.example", subject: "machine/credit-scoring-pipeline" };
    const own = await exporting({ machine });
    expect((await own.post({ promotion: recorded.deployed })).status).toBe(201);
    await expect(own.post({})).rejects.toMatchObject({ code: "forbidden" });
    const other = await exporting({ machine: { ...machine, subject: "machine/other" } });
    await expect(other.post({ promotion: recorded.deployed })).rejects.toMatchObject({ code: "not-found" });
    expect(other.written.size).toBe(0);
  });

  it("gives nothing to people without a role", async () => {
    const { post } = await exporting({ groups: ["sre"] });
    await expect(post({})).rejects.toMatchObject({ code: "forbidden" });
  });

  it.each([
    [{ promotion: "x" }, "promotion must be the id of a promotion"],
    [{ model: "a", promotion: "p-00000000000000000000000000000000-1" }, "name a promotion, a model or a time"],
    [{ from: "2026-11-24T00:00:00.000Z" }, "'from' and 'to' go together"],
    [{ from: "2026-11-24T00:00:00.000Z", to: "2026-11-24T00:00:00.000Z" }, "'from' must be before 'to'"],
    [{ everything: true }, "The export cannot be read"],
    [[], "The export cannot be read"],
  ])("refuses %j", async (body, why) => {
    const { post } = await exporting();
    await expect(post(body)).rejects.toMatchObject({ code: "invalid-request", message: expect.stringContaining(why) });
  });

  it("says that there is nothing of a model that was never submitted", async () => {
    const { post, facts } = await exporting();
    await expect(post({ model: "other" })).rejects.toMatchObject({ code: "not-found" });
    expect(facts).toEqual([]);
  });
});
