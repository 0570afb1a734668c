import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  REPLAYS_TABLE: name,
  STATE_MACHINE_ARN: name,
  /** Empty where an issuer of the organisation's own is used. */
  REVIEWER_DIRECTORY: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
  /** JSON: the CI systems whose tokens are taken. */
  MACHINE_ISSUERS: name,
});
