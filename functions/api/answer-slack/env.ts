import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  REPLAYS_TABLE: name,
  LINK_KEY_ID: name,
  /** Of the channels' secrets in Secrets Manager; empty where no channel has one. */
  CHANNEL_SECRET_ID: v.string(),
  PORTAL_URL: v.pipe(v.string(), v.url()),
  /** Empty where an issuer of the organisation's own is used. */
  REVIEWER_DIRECTORY: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
});
