import { describe, expect, it } from "vitest";
import { type ExportId, requestedExport, startedExport } from "../../../core/archive/export/export-job.ts";
import { cora, now } from "../../core/promotion/promotion-in-review.ts";
import { open } from "./tables.ts";

describe("exports", () => {
  const asked = requestedExport({
    id: "5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f2b11" as ExportId,
    request: { scope: { kind: "everything" }, withoutPersonalData: false },
    by: cora.identity,
    byName: cora.name,
    requestedAt: now,
  });

  it("come back as they were written, once for each id, and are moved by one of two who move them at once", async () => {
    const { exports } = await open();
    expect(await exports.load(asked.id)).toBeUndefined();
    await exports.create(asked);
    await expect(exports.create(asked)).rejects.toThrow("an export's id is taken");
    expect(await exports.load(asked.id)).toEqual(asked);
    const next = startedExport(asked, now) ?? asked;
    const outcomes = await Promise.all([exports.move(next), exports.move(next)]);
    expect(outcomes.toSorted()).toEqual(["lost", "moved"]);
    expect(await exports.load(asked.id)).toEqual(next);
  });
});
