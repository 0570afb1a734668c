import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  LEDGER_TABLE: name,
  LEDGER_BUCKET: name,
  CHECKPOINT_KEY_ID: name,
  CHECKPOINT_KEY_IDS: name,
  EVENT_BUS_NAME: name,
  LOG_ORIGIN: name,
  ATTESTATION_BASE: v.pipe(v.string(), v.url()),
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
  PORTAL_CLIENT_ID: name,
  CLI_CLIENT_ID: name,
  PORTAL_URL: v.pipe(v.string(), v.url()),
});

export type Environment = v.InferOutput<typeof environment>;
