import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  LEDGER_TABLE: name,
  REPLAYS_TABLE: name,
  ATTESTATION_KEY_ID: name,
  ATTESTATION_KEY_IDS: name,
  /** Empty where an issuer of the organisation's own is used. */
  REVIEWER_DIRECTORY: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
  OIDC_SUBJECT_CLAIM: v.picklist(["sub", "oid"]),
  PORTAL_CLIENT_ID: name,
  CLI_CLIENT_ID: name,
  ATTESTATION_BASE: v.pipe(v.string(), v.url()),
});
