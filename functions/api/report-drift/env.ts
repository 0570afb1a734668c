import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  EXCHANGE_BUCKET: name,
  ARTIFACTS_BUCKET: name,
  LEDGER_BUCKET: name,
  STATE_MACHINE_ARN: name,
  REVIEWER_DIRECTORY: name,
  OIDC_ISSUER: v.pipe(v.string(), v.url()),
  /** JSON: the CI systems whose tokens are taken. */
  MACHINE_ISSUERS: name,
});

export type Environment = v.InferOutput<typeof environment>;
