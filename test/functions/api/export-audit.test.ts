import { describe, expect, it } from "vitest";
import { type ExportId, finishedExport, startedExport } from "../../../core/archive/export/export-job.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import { type ExportAuditPorts, exportAudit } from "../../../functions/api/export-audit/handler.ts";
import { cora, dana, id as promotion, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { MemoryExportJobs } from "../memory-export-jobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const now = "2026-11-24T00:00:00.000Z" as Instant;
const id = "5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f2b11" as ExportId;
const { requester } = promotionInReview().manifest;

function exporting(over: Partial<ExportAuditPorts> & { readonly machine?: Identity } = {}) {
  const jobs = new MemoryExportJobs();
  const { machine, ...ports } = over;
  const handler = exportAudit({
    now: () => now,
    groups: ["compliance-officers"],
    claimsMachine: () => machine !== undefined,
    verifyMachine: async () => machine ?? cora.identity,
    verifyPerson: async () => ({ ...cora, authenticatedAt: now }),
    promotions: new MemoryPromotions([promotionInReview()]),
    jobs,
    newId: () => id,
    address: async (file, seconds) => `https://exchange.example/${file}?for=${seconds}`,
    ...ports,
  });
  const request = { query: {}, headers: { "content-type": "application/json", authorization: "Bearer token" } };
  const post = (body: unknown) =>
    handler({
      ...request,
      method: "POST",
      route: "/v1/audit/exports",
      parameters: {},
      body: utf8(JSON.stringify(body)),
    });
  const get = (parameter: string = id) =>
    handler({
      ...request,
      method: "GET",
      route: "/v1/audit/exports/{id}",
      parameters: { id: parameter },
      body: new Uint8Array(),
    });
  return { jobs, post, get };
}

function newIds() {
  let made = 0;
  const next = (): ExportId => {
    made += 1;
    return `${id.slice(0, -2)}${String(made).padStart(2, "0")}` as ExportId;
  };
  return { next };
}

/** An export of everything that is done, as `who` finds it at `at`. */
async function finished(over: Partial<ExportAuditPorts> = {}) {
  const world = exporting(over);
  await exporting({ jobs: world.jobs }).post({});
  const running = startedExport(world.jobs.stored(id), now);
  if (running === undefined) throw new Error("It does not start.");
  const ledger = { origin: "countersign.example/ledger", entries: 12, rootHash: "r" };
  const pack = { file: "audit-1.zip", bytes: 6, sha256: sha256Hex(utf8("a pack")), ledger };
  world.jobs.put(finishedExport(running, pack, now));
  return { ...world, pack };
}

describe("POST /v1/audit/exports", () => {
  it("answers at once where to look, and keeps what was asked with the fact that it was", async () => {
    const { post, jobs } = exporting();
    const { status, headers, json } = await post({ model: "credit-scoring", withoutPersonalData: true });
    expect([status, headers?.["location"]]).toEqual([202, `/v1/audit/exports/${id}`]);
    expect(json).toEqual({
      id,
      self: `/v1/audit/exports/${id}`,
      request: { model: "credit-scoring", withoutPersonalData: true },
      requestedAt: now,
      status: "queued",
    });
    expect(jobs.stored(id).history).toMatchObject([
      {
        id: `installation/export-requested/${id}`,
        type: "export-requested",
        summary: "Cora asked for an export of the audit archive: the model credit-scoring.",
        body: { by: cora.identity, scope: { kind: "model", model: "credit-scoring" }, withoutPersonalData: true },
      },
    ]);
  });

  it("is one export where the same is asked for again before it is begun, and another afterwards", async () => {
    const ids = newIds();
    const { post, jobs } = exporting({ newId: ids.next });
    const idOf = async (body: unknown) => ((await post(body)).json as { readonly id: ExportId }).id;
    const first = await idOf({ model: "credit-scoring" });
    expect(await idOf({ model: "credit-scoring" })).toBe(first);
    expect(await idOf({ model: "churn" })).not.toBe(first);
    jobs.put(startedExport(jobs.stored(first), now) ?? expect.unreachable());
    expect(await idOf({ model: "credit-scoring" })).not.toBe(first);
    expect(jobs.all()).toHaveLength(3);
  });

  it("is another one where nobody began the first for ten minutes: its event may have been given up, and nobody will", async () => {
    const clock = { at: now };
    const { post } = exporting({ now: () => clock.at, newId: newIds().next });
    const idAfter = async (seconds: number) => {
      clock.at = addSeconds(now, seconds);
      return ((await post({})).json as { readonly id: ExportId }).id;
    };
    const first = await idAfter(0);
    expect(await idAfter(599)).toBe(first);
    const second = await idAfter(600);
    expect(second).not.toBe(first);
    expect(await idAfter(660)).toBe(second);
  });

  it("is one of five at most that one person has under way; others are given theirs", async () => {
    const clock = { at: now };
    const ids = newIds();
    const { post, jobs } = exporting({ now: () => clock.at, newId: ids.next });
    for (let at = 0; at < 5; at += 1) await post({ model: `model-${at}` });
    await expect(post({})).rejects.toMatchObject({
      code: "unavailable",
      message: "5 exports of yours are under way: ask again when one of them is done.",
    });
    const other = exporting({
      jobs,
      newId: ids.next,
      verifyPerson: async () => ({ ...dana, groups: cora.groups, authenticatedAt: now }),
    });
    expect((await other.post({})).status).toBe(202);
    // What nobody begins within an hour takes nobody's place.
    clock.at = addSeconds(now, 3600);
    expect((await post({})).status).toBe(202);
    expect(jobs.all()).toHaveLength(7);
  });

  it("is one of five also where they all come at once", async () => {
    const { post, jobs } = exporting({ newId: newIds().next });
    const came = await Promise.allSettled(Array.from({ length: 12 }, (_, at) => post({ model: `model-${at}` })));
    expect(came.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    expect(jobs.all()).toHaveLength(5);
  });

  it("takes nobody's place for more than a minute where it died before it was asked for", async () => {
    const clock = { at: now };
    const create = async () => Promise.reject(new Error("It died."));
    const { jobs } = exporting();
    const broken = { load: jobs.load, recentOf: jobs.recentOf, noteRecent: jobs.noteRecent, create };
    const { post } = exporting({ now: () => clock.at, newId: newIds().next, jobs: broken });
    for (let at = 0; at < 5; at += 1) await expect(post({})).rejects.toThrow("It died.");
    await expect(post({})).rejects.toMatchObject({ code: "unavailable" });
    clock.at = addSeconds(now, 60);
    await expect(post({})).rejects.toThrow("It died.");
  });

  it.each([
    [
      { from: now, to: addSeconds(now, 1) },
      { kind: "time", from: now, to: addSeconds(now, 1) },
    ],
    [{ since: { size: 12, root: "0".repeat(64) } }, { kind: "since", size: 12, root: "0".repeat(64) }],
    [{}, { kind: "everything" }],
    [{ promotion }, { kind: "promotion", promotion }],
  ])("of %j is told as it was asked for, and kept as what it is of", async (asked, scope) => {
    const { post, jobs } = exporting();
    expect((await post(asked)).json).toMatchObject({ request: { ...asked, withoutPersonalData: false } });
    expect(jobs.stored(id).request).toEqual({ scope, withoutPersonalData: false });
  });

  it("is of no promotion that is not there", async () => {
    const { post, jobs } = exporting();
    await expect(post({ promotion: `p-${"0".repeat(32)}-1` })).rejects.toMatchObject({ code: "not-found" });
    expect(jobs.all()).toEqual([]);
  });

  it("keeps the export of one promotion with its facts", async () => {
    const { post, jobs } = exporting();
    await post({ promotion });
    expect(jobs.stored(id).history).toMatchObject([{ id: `${promotion}/export-requested/${id}`, promotion }]);
  });

  it("lets a pipeline take its own promotions, one at a time, and no other", async () => {
    const own = exporting({ machine: requester });
    expect((await own.post({ promotion, withoutPersonalData: true })).status).toBe(202);
    await expect(own.post({})).rejects.toMatchObject({
      code: "forbidden",
      message:
        "A pipeline may export its own promotions only: name one as 'promotion' (countersign export --promotion).",
    });
    const other = exporting({ machine: { ...requester, subject: "machine/other" } });
    await expect(other.post({ promotion })).rejects.toMatchObject({ code: "not-found" });
    expect(other.jobs.all()).toEqual([]);
  });

  it("gives no pipeline people's sign-ins, with which it could read as they do", async () => {
    const own = exporting({ machine: requester });
    await expect(own.post({ promotion })).rejects.toMatchObject({
      code: "forbidden",
      message:
        "A pipeline is given packs without personal data only: say 'withoutPersonalData' (countersign export --without-personal-data).",
    });
    expect(own.jobs.all()).toEqual([]);
  });

  it("gives nothing to people without a role", async () => {
    const { post, get } = exporting({ groups: ["sre"] });
    await expect(post({})).rejects.toMatchObject({ code: "forbidden" });
    await expect(get()).rejects.toMatchObject({ code: "forbidden" });
  });

  it.each([
    [{ promotion: "x" }, "promotion must be the id of a promotion"],
    [
      { model: "a", promotion: "p-00000000000000000000000000000000-1" },
      "name a promotion, a model, a time or an earlier head",
    ],
    [{ from: "2026-11-24T00:00:00.000Z" }, "'from' and 'to' go together"],
    [{ from: "2026-11-24T00:00:00.000Z", to: "2026-11-24T00:00:00.000Z" }, "'from' must be before 'to'"],
    [{ everything: true }, "The export cannot be read: everything is not a field of this request."],
    [[], "The export cannot be read: the body must be an object."],
    [null, "The export cannot be read: the body must be an object."],
    ["everything", "The export cannot be read: the body must be an object."],
    [{ to: "2026-11-24T00:00:00.000Z" }, "The export cannot be read: 'from' and 'to' go together."],
    [
      { since: { size: 1, root: "0".repeat(64) }, withoutPersonalData: true },
      "The export cannot be read: what came since an earlier head comes with every record: nothing can be left out.",
    ],
    [{ since: { size: 0, root: "0".repeat(64) } }, "size must be at least 1"],
  ])("refuses %j", async (body, why) => {
    const { post } = exporting();
    await expect(post(body)).rejects.toMatchObject({ code: "invalid-request", message: expect.stringContaining(why) });
  });
});

describe("GET /v1/audit/exports/{id}", () => {
  it("gives an address of its own to whoever asked, for a while", async () => {
    const { get, pack } = await finished();
    const { sha256, bytes, ledger } = pack;
    expect((await get()).json).toMatchObject({
      status: "done",
      finishedAt: now,
      keptUntil: "2026-12-23T00:00:00.000Z",
      pack: {
        address: "https://exchange.example/audit-1.zip?for=900",
        expiresAt: "2026-11-24T00:15:00.000Z",
        sha256,
        bytes,
        ledger,
      },
    });
  });

  it("says that a pack is no longer kept instead of giving an address that leads nowhere", async () => {
    const { get } = await finished({ now: () => addSeconds(now, 29 * 86_400) });
    const { json } = await get();
    expect(json).toMatchObject({ status: "done", keptUntil: "2026-12-23T00:00:00.000Z" });
    expect(json).not.toHaveProperty("pack");
  });

  it("says when to look again for as long as it is not done", async () => {
    const { jobs, post, get } = exporting();
    await post({});
    const waiting = { status: 200, headers: { "retry-after": "2" } };
    expect(await get()).toMatchObject({ ...waiting, json: { status: "queued" } });
    jobs.put(startedExport(jobs.stored(id), now) ?? expect.unreachable());
    expect(await get()).toMatchObject({ ...waiting, json: { status: "running" } });
    expect(await (await finished()).get()).not.toHaveProperty("headers");
  });

  it("knows nothing of it for whoever has the same subject at another issuer", async () => {
    const { identity } = cora;
    const { get } = await finished({
      verifyPerson: async () => ({
        ...cora,
        identity: { ...identity, issuer: "https://other.example" },
        authenticatedAt: now,
      }),
    });
    await expect(get()).rejects.toMatchObject({ code: "not-found" });
  });

  it("knows nothing of it for anybody else, nor of ids that never were", async () => {
    const missing = { code: "not-found", message: expect.stringContaining("There is no such export") };
    const { get } = await finished({
      verifyPerson: async () => ({ ...dana, groups: cora.groups, authenticatedAt: now }),
    });
    await expect(get()).rejects.toMatchObject(missing);
    await expect(get("../INSTALLATION")).rejects.toMatchObject(missing);
    const { get: none } = exporting();
    await expect(none()).rejects.toMatchObject(missing);
  });
});
