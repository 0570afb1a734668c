import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  LEDGER_TABLE: name,
  ARTIFACTS_BUCKET: name,
  LEDGER_BUCKET: name,
  /** For how long the bucket keeps what is written now. */
  RETENTION_DAYS: v.pipe(v.string(), v.digits()),
  ATTESTATION_KEY_ID: name,
  ATTESTATION_KEY_IDS: name,
  /** Empty where an issuer of the organisation's own is used. */
  REVIEWER_DIRECTORY: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
  OIDC_SUBJECT_CLAIM: v.picklist(["sub", "oid"]),
  PORTAL_CLIENT_ID: name,
  CLI_CLIENT_ID: name,
  PORTAL_URL: v.pipe(v.string(), v.url()),
  ATTESTATION_BASE: v.pipe(v.string(), v.url()),
  LOG_ORIGIN: name,
});
