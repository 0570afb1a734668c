import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

/** What this function needs to know of its deployment. */
export const environment = v.object({
  PROMOTIONS_TABLE: name,
  EXCHANGE_BUCKET: name,
  ARTIFACTS_BUCKET: name,
  /** The role that SageMaker takes on to read the model. */
  SERVING_ROLE_ARN: name,
  /** Of the targets' secrets in Secrets Manager; empty where no target has one. */
  TARGET_SECRET_ID: v.string(),
});
