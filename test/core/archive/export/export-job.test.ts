import { describe, expect, it } from "vitest";
import {
  attemptOf,
  type ExportId,
  type ExportJob,
  exportOfFact,
  exportStanding,
  failedExport,
  finishedExport,
  isExportId,
  requestedExport,
  startedExport,
} from "../../../../core/archive/export/export-job.ts";
import type { PackScope } from "../../../../core/archive/pack/pack-manifest.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";

const at = "2026-11-24T00:00:00.000Z" as Instant;
const id = "5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f2b11" as ExportId;
const asked = requestedExport({
  id,
  request: { scope: { kind: "everything" }, withoutPersonalData: false },
  by: { issuer: "https://login.example", subject: "sub-cora" },
  byName: "Cora",
  requestedAt: at,
});

function afterAttempts(count: number, from = asked): ExportJob {
  let job = from;
  for (let attempt = 1; attempt <= count; attempt += 1) job = startedExport(job, at) ?? job;
  return job;
}

describe("an export", () => {
  it("is found again by the fact that it was asked for, and by no other", () => {
    expect(exportOfFact(asked.history[0]?.id)).toBe(id);
    expect(exportOfFact(`installation/export/${id}`)).toBeUndefined();
    expect(exportOfFact("installation/export-requested/------------------------------------")).toBeUndefined();
    expect(isExportId(id.toUpperCase())).toBe(false);
  });

  it("starts three times at most, and never after its end", () => {
    expect(attemptOf(afterAttempts(3))).toBe(3);
    expect(startedExport(afterAttempts(3), at)).toBeUndefined();
    expect(startedExport(failedExport(afterAttempts(1), "Nothing.", at), at)).toBeUndefined();
    expect(() => attemptOf(asked)).toThrow("has no attempt");
  });

  it("counts as running while another attempt may come, and as failed once the last was cut off", () => {
    const later = addSeconds(at, 3600);
    expect(exportStanding(afterAttempts(2), later)).toEqual({ status: "running", attempt: 2, startedAt: at });
    expect(exportStanding(afterAttempts(3), addSeconds(at, 959))).toMatchObject({ status: "running" });
    expect(exportStanding(afterAttempts(3), addSeconds(at, 960))).toEqual({
      status: "failed",
      finishedAt: "2026-11-24T00:16:00.000Z",
      reason: expect.stringContaining("within the 15 minutes that an export may take"),
    });
  });

  it("that nobody begins within an hour came to nothing, and is not begun later by whoever was told to be patient", () => {
    const notBegun = {
      status: "failed",
      reason: expect.stringContaining("Nobody has begun to write it within an hour"),
    };
    const hour = addSeconds(at, 3600);
    expect(exportStanding(asked, addSeconds(hour, -1))).toEqual({ status: "queued" });
    expect(startedExport(asked, addSeconds(hour, -1))).toMatchObject({ state: { attempt: 1 } });
    expect(exportStanding(asked, hour)).toEqual({ ...notBegun, finishedAt: hour });
    expect(startedExport(asked, hour)).toBeUndefined();
    // The same of an attempt that was cut off, where no other comes: an hour after it could have ended.
    const last = addSeconds(at, 960 + 3600);
    expect(exportStanding(afterAttempts(2), addSeconds(last, -1))).toMatchObject({ status: "running" });
    expect(exportStanding(afterAttempts(2), last)).toEqual({ ...notBegun, finishedAt: last });
    expect(startedExport(afterAttempts(2), last)).toBeUndefined();
  });
});

describe("what is told of an export", () => {
  const by = { issuer: "https://login.example", subject: "sub-cora" };
  const scoped = (scope: PackScope, withoutPersonalData = false) =>
    requestedExport({ id, request: { scope, withoutPersonalData }, by, byName: "Cora", requestedAt: at });
  const pack = {
    file: `${id}.zip`,
    bytes: 1000,
    sha256: "0".repeat(64) as Sha256,
    ledger: { origin: "log", entries: 14, rootHash: "AA==" },
  };

  it.each<[PackScope, string]>([
    [{ kind: "everything" }, "everything"],
    [{ kind: "model", model: "credit-scoring" }, "the model credit-scoring"],
    [{ kind: "since", size: 7, root: "0".repeat(64) }, "what came after entry 7"],
    [{ kind: "time", from: at, to: addSeconds(at, 60) }, `${at} to ${addSeconds(at, 60)}`],
  ])("is its scope: %j", (scope, text) => {
    const job = scoped(scope, true);
    expect(job).toMatchObject({ id, revision: 1, by, byName: "Cora", requestedAt: at, state: { kind: "queued" } });
    expect(job.history).toEqual([
      {
        id: `installation/export-requested/${id}`,
        type: "export-requested",
        at,
        summary: `Cora asked for an export of the audit archive: ${text}.`,
        body: { scope, withoutPersonalData: true, by },
        attachments: [],
      },
    ]);
    const later = addSeconds(at, 60);
    const done = finishedExport(afterAttempts(1, job), pack, later);
    expect(done).toMatchObject({ revision: 3, state: { kind: "done", at: later, pack } });
    expect(done.history).toHaveLength(2);
    expect(done.history[1]).toEqual({
      id: `installation/export/${id}`,
      type: "export",
      at: later,
      summary: `Cora exported the audit archive: ${text}.`,
      body: { scope, withoutPersonalData: true, by, ledgerSize: 14, pack: { sha256: pack.sha256, bytes: 1000 } },
      attachments: [],
    });
  });

  it("belongs to the promotion that it is about, where it is about one", () => {
    const promotion = `p-${"0".repeat(32)}-1` as PromotionId;
    const [fact] = scoped({ kind: "promotion", promotion }).history;
    expect(fact).toMatchObject({
      id: `${promotion}/export-requested/${id}`,
      promotion,
      summary: "Cora asked for an export of the audit archive: this promotion.",
    });
    expect(scoped({ kind: "everything" }).history[0]).not.toHaveProperty("promotion");
    expect(exportOfFact(fact?.id)).toBe(id);
  });

  it("stands as queued, running, done for 29 days, or failed with why", () => {
    expect(exportStanding(asked, at)).toEqual({ status: "queued" });
    const done = finishedExport(afterAttempts(1), pack, at);
    const keptUntil = addSeconds(at, 29 * 86_400);
    expect(exportStanding(done, at)).toEqual({ status: "done", finishedAt: at, keptUntil, pack });
    expect(exportStanding(done, addSeconds(keptUntil, -1))).toHaveProperty("pack");
    expect(exportStanding(done, keptUntil)).toEqual({ status: "done", finishedAt: at, keptUntil });
    const failed = failedExport(afterAttempts(1), "It was too large.", at);
    expect(failed).toMatchObject({ revision: 3, state: { kind: "failed", at, reason: "It was too large." } });
    expect(exportStanding(failed, at)).toEqual({ status: "failed", finishedAt: at, reason: "It was too large." });
    expect(startedExport(done, at)).toBeUndefined();
  });

  it("has an id of its own form, and of no other", () => {
    for (const wrong of [`${id}0`, ` ${id}`, id.slice(1), `x${id.slice(1)}`, 7, undefined])
      expect(isExportId(wrong)).toBe(false);
    for (const wrong of [7, undefined, `installation/export-requested/${id}/x`, id])
      expect(exportOfFact(wrong)).toBeUndefined();
  });
});
