import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  LEDGER_BUCKET: name,
  EXCHANGE_BUCKET: name,
  ATTESTATION_KEY_ID: name,
  ATTESTATION_KEY_IDS: name,
  CHECKPOINT_KEY_ID: name,
  CHECKPOINT_KEY_IDS: name,
  ATTESTATION_BASE: v.pipe(v.string(), v.url()),
  LOG_ORIGIN: name,
  /** JSON: `[{"url","key"}]`, submission prefix and verifier key of each witness. */
  WITNESSES: name,
});
