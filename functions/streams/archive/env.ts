import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  LEDGER_TABLE: name,
  LEDGER_BUCKET: name,
  /** For how long the bucket keeps what is written now. */
  RETENTION_DAYS: v.pipe(v.string(), v.digits()),
  OBJECT_LOCK_MODE: v.picklist(["COMPLIANCE", "GOVERNANCE"]),
  /** Each version of the log's latest checkpoint is kept for so long; what it says stays under its size. */
  ALIAS_RETENTION_DAYS: v.pipe(v.string(), v.digits()),
  CHECKPOINT_KEY_ID: name,
  CHECKPOINT_KEY_IDS: name,
  EVENT_BUS_NAME: name,
  LOG_ORIGIN: name,
  ATTESTATION_BASE: v.pipe(v.string(), v.url()),
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
  OIDC_SUBJECT_CLAIM: v.picklist(["sub", "oid"]),
  PORTAL_CLIENT_ID: name,
  CLI_CLIENT_ID: name,
  PORTAL_URL: v.pipe(v.string(), v.url()),
});
