import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  EXCHANGE_BUCKET: name,
  LEDGER_BUCKET: name,
  /** For how long the bucket keeps what is written now. */
  RETENTION_DAYS: v.pipe(v.string(), v.digits()),
  STATE_MACHINE_ARN: name,
  REVIEWER_DIRECTORY: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
  /** JSON: the CI systems whose tokens are taken. */
  MACHINE_ISSUERS: name,
});
