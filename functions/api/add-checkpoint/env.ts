import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  HEADS_TABLE: name,
  WITNESS_KEY_ID: name,
  /** The name in the witness's verifier key. */
  WITNESS_NAME: name,
  /** JSON: note verifier keys of the logs that are watched. */
  WATCHED_LOGS: name,
});
