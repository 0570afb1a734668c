import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  LEDGER_BUCKET: name,
});
