import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  EXCHANGE_BUCKET: name,
  ARTIFACTS_BUCKET: name,
  LEDGER_BUCKET: name,
  /** For how long the bucket keeps what is written now. */
  RETENTION_DAYS: v.pipe(v.string(), v.digits()),
});
