import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  LEDGER_BUCKET: name,
  /** JSON: `[{"url","key"}]`, submission prefix and verifier key of each witness. */
  WITNESSES: name,
});

export type Environment = v.InferOutput<typeof environment>;
