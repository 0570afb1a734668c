import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  /** Of the events about facts that people could not be told of. */
  UNDELIVERED_QUEUE_URL: v.pipe(v.string(), v.url()),
  EVENT_BUS_NAME: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
  OIDC_SUBJECT_CLAIM: v.picklist(["sub", "oid"]),
  PORTAL_CLIENT_ID: name,
  CLI_CLIENT_ID: name,
});
