import { type ExportId, requestedExport } from "../../../../core/archive/export/export-job.ts";
import { cora, now } from "../../promotion/promotion-in-review.ts";

/** An export of everything that somebody has asked for, and nobody begun. */
export const askedExport = requestedExport({
  id: "5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f2b11" as ExportId,
  request: { scope: { kind: "everything" }, withoutPersonalData: false },
  by: cora.identity,
  byName: cora.name,
  requestedAt: now,
});
