import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  /** JSON: the CI systems whose tokens are taken. */
  MACHINE_ISSUERS: name,
  /** Of the targets' secrets in Secrets Manager; empty where no target has one. */
  TARGET_SECRET_ID: v.string(),
});
