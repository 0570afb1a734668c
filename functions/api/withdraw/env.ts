import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  /** JSON: the CI systems whose tokens are taken. */
  MACHINE_ISSUERS: name,
  /** Empty where an issuer of the organisation's own is used. */
  REVIEWER_DIRECTORY: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
  OIDC_SUBJECT_CLAIM: v.picklist(["sub", "oid"]),
  PORTAL_CLIENT_ID: name,
  CLI_CLIENT_ID: name,
});
