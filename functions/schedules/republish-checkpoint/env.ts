import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  LEDGER_TABLE: name,
  LEDGER_BUCKET: name,
  CHECKPOINT_KEY_ID: name,
  CHECKPOINT_KEY_IDS: name,
  LOG_ORIGIN: name,
  /** A checkpoint that is older is signed again. */
  CHECKPOINT_SECONDS: v.pipe(v.string(), v.digits()),
});

export type Environment = v.InferOutput<typeof environment>;
