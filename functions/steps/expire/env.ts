import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  /** Empty where an issuer of the organisation's own is used. */
  REVIEWER_DIRECTORY: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
});
