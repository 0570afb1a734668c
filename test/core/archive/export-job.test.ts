import { describe, expect, it } from "vitest";
import {
  attemptOf,
  type ExportId,
  type ExportJob,
  exportOfFact,
  exportStanding,
  failedExport,
  isExportId,
  requestedExport,
  startedExport,
} from "../../../core/archive/export-job.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";

const at = "2026-11-24T00:00:00.000Z" as Instant;
const id = "5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f2b11" as ExportId;
const asked = requestedExport({
  id,
  request: { scope: { kind: "everything" }, withoutPersonalData: false },
  by: { issuer: "https://login.example", subject: "sub-cora" },
  byName: "Cora",
  requestedAt: at,
});

function afterAttempts(count: number): ExportJob {
  let job = asked;
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
});
