import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  LEDGER_TABLE: name,
  LEDGER_BUCKET: name,
  OBJECT_LOCK_MODE: v.picklist(["COMPLIANCE", "GOVERNANCE"]),
  /** Each version of the log's latest checkpoint is kept for so long; what it says stays under its size. */
  ALIAS_RETENTION_DAYS: v.pipe(v.string(), v.digits()),
  CHECKPOINT_KEY_ID: name,
  CHECKPOINT_KEY_IDS: name,
  LOG_ORIGIN: name,
  /** A checkpoint that is older is signed again. */
  CHECKPOINT_SECONDS: v.pipe(v.string(), v.digits()),
});
