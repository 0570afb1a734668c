import * as v from "valibot";

const name = v.pipe(v.string(), v.nonEmpty());

export const environment = v.object({
  PROMOTIONS_TABLE: name,
  PASSPORT_KEY_IDS: name,
  PORTAL_URL: v.pipe(v.string(), v.url()),
});
