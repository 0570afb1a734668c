import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  LEDGER_TABLE: name,
  EXCHANGE_BUCKET: name,
  ARTIFACTS_BUCKET: name,
  LEDGER_BUCKET: name,
  /** For how long the bucket keeps what is written now. */
  RETENTION_DAYS: v.pipe(v.string(), v.digits()),
  ATTESTATION_KEY_ID: name,
  ATTESTATION_KEY_IDS: name,
  ATTESTATION_BASE: v.pipe(v.string(), v.url()),
  SERVING_ROLE_ARN: name,
  /** Of the targets' secrets in Secrets Manager; empty where no target has one. */
  TARGET_SECRET_ID: v.string(),
  STATE_MACHINE_ARN: name,
  /** Of what was given up: once all is seen to again, it is taken from there. */
  RESTRICTIONS_QUEUE_URL: v.pipe(v.string(), v.url()),
  REVIEWER_DIRECTORY: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
});
