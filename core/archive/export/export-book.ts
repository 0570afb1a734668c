import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { type ExportId, type ExportJob, isUnderWay } from "./export-job.ts";

/** What one requester asked for lately: written before an export is, so that of two that ask at once each sees the other. */
export interface ExportBook {
  readonly revision: number;
  readonly asked: readonly AskedExport[];
}

/** An export by its id, and when it was asked for. */
export interface AskedExport {
  readonly id: ExportId;
  readonly at: Instant;
}

/** Until what was entered is there: longer than the function that writes both may take. */
const enteringSeconds = 60;

/** Whether what was entered takes its requester's place still. `job` is `undefined` where it is not there, or not yet. */
export function takesPlace({ at }: AskedExport, job: ExportJob | undefined, now: Instant): boolean {
  return job === undefined ? now < addSeconds(at, enteringSeconds) : isUnderWay(job, now);
}
