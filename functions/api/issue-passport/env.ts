import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  LEDGER_BUCKET: name,
  ATTESTATION_KEY_ID: name,
  ATTESTATION_KEY_IDS: name,
  ATTESTATION_BASE: v.pipe(v.string(), v.url()),
  PASSPORT_KEY_ID: name,
  PORTAL_URL: v.pipe(v.string(), v.url()),
  /** JSON: the CI systems whose tokens are taken. */
  MACHINE_ISSUERS: name,
});
