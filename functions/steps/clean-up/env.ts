import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  WATCH_SECONDS: v.pipe(v.string(), v.digits()),
});

export type Environment = v.InferOutput<typeof environment>;
