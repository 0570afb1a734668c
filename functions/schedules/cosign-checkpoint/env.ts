import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  LEDGER_BUCKET: name,
  OBJECT_LOCK_MODE: v.picklist(["COMPLIANCE", "GOVERNANCE"]),
  /** Each version of the log's latest checkpoint is kept for so long; what it says stays under its size. */
  ALIAS_RETENTION_DAYS: v.pipe(v.string(), v.digits()),
  /** JSON: `[{"url","key"}]`, submission prefix and verifier key of each witness. */
  WITNESSES: name,
});
